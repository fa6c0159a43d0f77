"""The journal's values. Owns what goes in and out of the journal; knows no SQL.

Times are milliseconds since the epoch, UTC, by the database's clock. JSON is given and returned as values, kept as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.core.statuses import RunStatus, StepStatus
from engine.strictjson import Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A worker's leave to execute a run. A higher number always wins."""

    run_id: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """What a fenced write tells its segment."""

    now: int
    cancel_requested: bool = False


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

    @property
    def version(self) -> str:
        return self.digest[:12]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRow:
    """One attempt of a step, as recorded."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class StepChange:
    """Insert or update the attempt (path, attempt).

    ``given`` and ``connection`` (the connection's *name*) are kept when None. ``started_at`` is set when the status first becomes one that has
    started (any but WAITING); ``ended_at`` when it is final. ``waiting_for`` is replaced. A final attempt is never changed: ClaimLost's cousin,
    a programming error, raises RuntimeError.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedRun:
    """All that a segment needs to go on: the run, the event's JSON, the version's source, and every recorded attempt."""

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
class NewRun:
    """A run to be started by an event."""

    flow: str
    digest: str
    trigger: str
    owner: str
    inputs: JsonObject = field(default_factory=dict)


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
    """What became of a NewEvent. ``duplicate``: the event was known; nothing was stored and ``run_ids`` is empty."""

    event_id: str
    duplicate: bool
    run_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One stored delivery."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """A trigger of a flow that listens to a subscription. ``trigger`` is the trigger's id in the flow."""

    subscription_id: str
    flow: str
    trigger: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundFlow:
    """An enabled flow that listens to a subscription, with its active version."""

    flow: FlowRow
    trigger: str
