"""The journal's values. Owns what goes in and out of the journal; knows no SQL.

Times are milliseconds since the epoch, UTC, by the database's clock. JSON is given and returned as values, kept as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from engine import strictjson
from engine.core.commands import Cut
from engine.core.statuses import RunStatus, StepStatus
from engine.flow.model import OnLimit, Secret
from engine.strictjson import Json, JsonObject

HIDDEN = "hidden (secure)"
"""What every view shows in the place of a value that is kept sealed."""

Purpose: TypeAlias = Literal["start", "wait"]
Settled: TypeAlias = Literal["happened", "did_not_happen"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A worker's leave to execute a run. A higher number always wins.

    ``lane`` and ``parent`` (the run that waits for this one) are the run's own; pass the claim on as it came.
    """

    run_id: str
    number: int
    lane: str | None = field(default=None, compare=False)
    parent: str | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """What a fenced write tells its segment."""

    now: int
    cancel_requested: bool = False
    paused: bool = False
    """The run's flow is paused: no further call may leave. ``paused_connections``: names of the owner's on which none may."""
    paused_connections: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One execution of a flow version."""

    id: str
    flow: str
    digest: str
    owner: str
    status: RunStatus
    event_id: str
    inputs: JsonObject
    created_at: int
    due_at: int | None
    started_at: int | None = None
    ended_at: int | None = None
    outputs: JsonObject | None = None
    error: JsonObject | None = None
    message: str | None = None
    waiting_for: str | None = None
    claim_no: int = 0
    cancel_requested: bool = False
    parent_run: str | None = None
    """The run that started this one, by its step at ``parent_path``; ``depth``: how many callers stand above (0: none)."""
    parent_path: str | None = None
    depth: int = 0
    lane: str | None = None
    held: bool = False
    """Waits for a place in its lane; nothing rings or claims it before."""
    trigger_item: Json = None
    """With split_on: the run's item, and its index in the list."""
    trigger_index: int | None = None
    paused: bool = False
    """Its flow is paused; nothing rings or claims it before that is resumed."""
    idle_claims: int = 0
    """Claims in a row, up to the last one, in which no attempt ended."""
    key_base: str | None = None
    """What the steps' idempotency keys are made from; None: the run's id."""
    origin_run: str | None = None
    """The run that this one does again; ``origin_path``: from that step on (None: from the start)."""
    origin_path: str | None = None
    rerun_by: str | None = None
    """The last run that did this one again."""
    unsettled: JsonObject | None = None
    """Of a run that does another again: paths of steps whose outcome was unknown there, with the idempotency keys that they had."""
    purging: bool = False  # some of its steps may be gone

    @property
    def version(self) -> str:
        return self.digest[:12]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRow:
    """One attempt of a step, as recorded. What ``secure`` names is sealed (``engine.journal.seal.open_json``); views take ``shown_*``."""

    path: str
    attempt: int
    uses: str
    status: StepStatus
    connection: str | None = None
    given: Json = None
    output: Json = None
    error: JsonObject | None = None
    started_at: int | None = None
    ended_at: int | None = None
    waiting_for: str | None = None
    begun_at: int | None = None
    cut: Cut | None = None
    secure: frozenset[Secret] = frozenset()
    settled: Settled | None = None
    """What a person said of an uncertain attempt, and ``settled_at`` when. The status stays."""
    settled_at: int | None = None

    @property
    def shown_given(self) -> Json:
        return HIDDEN if "inputs" in self.secure and self.given is not None else self.given

    @property
    def shown_output(self) -> Json:
        return HIDDEN if "outputs" in self.secure and self.output is not None else self.output


@dataclass(frozen=True, kw_only=True, slots=True)
class StepChange:
    """Insert or update the attempt (path, attempt).

    ``given``, ``connection`` (the connection's *name*), ``begun_at`` (milliseconds since the epoch, the segment's word), ``cut`` and an
    empty ``secure`` keep what is there. ``started_at`` is set when the status first becomes one that has started (any but WAITING); ``ended_at``
    when it is final. ``waiting_for`` is replaced. A final attempt is never changed: ClaimLost's cousin, a programming error, raises RuntimeError.
    ``secure`` says what of ``given`` and ``output`` is sealed; who writes the change has sealed it.

    Folding takes rows out of what ``claim`` loads, in the same transaction, for good, and only after all changes of the call are written.
    ``folds``: every row below ``path`` (``path.…``, at any depth). ``folds_iterations``: the rows ``path[i]`` themselves for these i, which must be
    through and have folded what is below them. It costs one look-up per i: give each i once.
    """

    path: str
    attempt: int
    uses: str
    status: StepStatus
    connection: str | None = None
    given: Json = None
    output: Json = None
    error: JsonObject | None = None
    waiting_for: str | None = None
    begun_at: int | None = None
    cut: Cut | None = None
    secure: frozenset[Secret] = frozenset()
    folds: bool = False
    folds_iterations: range = range(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedRun:
    """All that a segment needs to go on: the run, the event's JSON, the version's source, and every recorded attempt that is not folded.

    ``trigger`` has ``item`` and ``index`` besides what the event says when the run is one of a ``split_on``.
    """

    claim: Claim
    run: Run
    now: int
    trigger: JsonObject
    source: str
    file: str
    steps: tuple[StepRow, ...]


class EventSource(StrEnum):
    """Where an event came from."""

    WEBHOOK = "webhook"
    MANUAL = "manual"
    SCHEDULE = "schedule"
    FLOW = "flow"
    RECOVERED = "recovered"
    """Asked for at the service after its deliveries had failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventOutcome:
    """What one flow made of an event: the run that it started, or why none. ``reason`` is words for the author."""

    flow: str
    digest: str
    trigger: str
    run_id: str | None = None
    reason: str | None = None

    @property
    def version(self) -> str:
        return self.digest[:12]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """Where runs that may not be under way at once stand in line: those whose ``key`` is equal, of whatever version.

    ``limit``, ``on_limit``, ``max_queued``: what this run's version says; a held run is let go by its own limit.
    """

    key: str
    limit: int
    on_limit: OnLimit
    max_queued: int | None = None

    @staticmethod
    def key_of(flow_id: str, value: Json = None) -> str:
        """The key for a flow and what its ``concurrency.key`` yielded (None: the whole flow); equal for equal values."""
        return f"{flow_id}:{strictjson.canonical(value)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRun:
    """A run to be started by an event. ``item`` and ``index`` (None: no split_on) go to its trigger.

    ``key_base``: of two runs with the same one only the first is started. None: from the event, or the run's id when that has no subscription."""

    flow: str
    digest: str
    trigger: str
    owner: str
    inputs: JsonObject = field(default_factory=dict)
    lane: Lane | None = None
    item: Json = None
    index: int | None = None
    key_base: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """An accepted delivery. ``body`` is the raw text as received; ``error`` says why a signed body could not be read.

    ``runs`` are started and ``refusals`` are kept with it, all in the transaction that stores the event.
    """

    subscription_id: str | None
    source: EventSource
    dedupe_key: str
    body: bytes
    event: JsonObject | None
    runs: tuple[NewRun, ...] = ()
    refusals: tuple[EventOutcome, ...] = ()
    stale: bool = False
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """What became of a NewEvent. ``duplicate``: the event was known; nothing was stored and nothing started.

    ``run_ids``: queued and to be rung. ``held``: runs that wait for a place in their lane. ``refused``: why a lane took a run not in;
    stored among the event's outcomes. The NewEvent's own refusals are not repeated here.
    """

    event_id: str
    duplicate: bool
    run_ids: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    refused: tuple[EventOutcome, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One stored delivery. Of a schedule's events ``subscription_id`` is its ``ScheduleRow.source``."""

    id: str
    subscription_id: str | None
    source: EventSource
    dedupe_key: str
    received_at: int
    body: bytes
    event: JsonObject | None = None
    stale: bool
    error: str | None
    outcomes: tuple[EventOutcome, ...]
    repeats: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowRow:
    """A deployed flow and its active version."""

    id: str
    name: str
    owner: str
    enabled: bool
    digest: str
    source: str
    file: str
    deployed_at: int
    paused: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionRow:
    """A stored connection. ``health``: ``unknown``, ``ok`` or ``failed``."""

    id: str
    owner: str
    name: str
    connector: str
    settings: JsonObject
    secrets: Mapping[str, str] = field(repr=False)
    """Sealed; open them with ``engine.journal.seal``."""
    facts: JsonObject
    health: str
    health_message: str | None
    created_at: int
    updated_at: int
    paused: bool = False


class SubscriptionState(StrEnum):
    """Where a subscription stands, on our side."""

    PENDING = "pending"
    ACTIVE = "active"
    FAILED = "failed"
    REMOVING = "removing"


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionRow:
    """A webhook that a connection's service delivers to us; shared by all flows whose trigger has the same connection, uses and with."""

    id: str
    owner: str
    connection: str
    uses: str
    given: JsonObject
    callback_url: str
    signing_key: str | None = field(repr=False)
    """Sealed; None until the first attempt to subscribe."""
    state: SubscriptionState
    remote_uri: str | None
    detail: str | None
    created_at: int
    updated_at: int
    checked_at: int | None = None
    good_at: int | None = None
    """When the service last said that it delivers to us."""
    gap_from: int | None = None
    """What may have been missed since then is still to be asked for; None: nothing."""
    gap_note: str | None = None
    """What the last closing of a gap found, and what it could not recover, for people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """A part of a flow that needs a subscription. ``start``: ``trigger`` is the id of a trigger, which listens to it.

    ``wait``: a step awaits its events, and ``trigger`` is ``wait:`` and the step's path; it keeps the subscription but starts nothing.
    ``left_at``: the flow has gone over to another subscription since; what comes through this one starts its runs for a moment more, but does not keep it.
    """

    subscription_id: str
    flow: str
    trigger: str
    purpose: Purpose = "start"
    left_at: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundFlow:
    """An enabled flow that listens to a subscription, with its active version."""

    flow: FlowRow
    trigger: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionAtWork:
    """A version that runs are pinned to which are not over; the owner is theirs."""

    flow: str
    owner: str
    digest: str
    source: str
    file: str


def with_item(event: JsonObject, item: Json, index: int | None) -> JsonObject:
    """The trigger of a run: the event and, where it was split, the run's part of it."""
    return event if index is None else {**event, "item": item, "index": index}
