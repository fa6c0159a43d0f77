"""A test file as a value. Owns the tree that the reader builds and the judge reads; does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import Place
from engine.flow.model import Flow
from engine.flow.node import Node
from engine.runtime.rehearsal.answers import Answer
from engine.strictjson import JsonObject

NOT_STARTED = "not_started"
"""The status of a rehearsal whose event starts no run: the trigger asks for other events, or its ``if`` is false."""

NOT_REACHED = "not_reached"
"""The status of a step to which a rehearsed run did not come."""

RUN_ID = "rehearsal"
STARTED_AT = 1_767_268_800_000
"""2026-01-01T12:00:00Z: when a rehearsed run starts, unless the test says otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A mocked failure. ``kind`` is one of engine.sdk.errors.Kind, of a sub-flow also one of the engine's own; ``step``: the child's."""

    kind: str
    message: str
    status: int | None = None
    step: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One mocked answer. ``took_ms``: how long it takes to come, by the virtual clock."""

    answer: Answer | Refusal
    took_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Mock:
    """What a step's attempts are answered: the same each time, or (``by_attempt``) one after another."""

    replies: tuple[Reply, ...]
    by_attempt: bool = False

    def reply(self, attempt: int) -> Reply | None:
        """None when there is no reply for that attempt. ``attempt`` counts from 1."""
        if not self.by_attempt:
            return self.replies[0]
        return self.replies[attempt - 1] if attempt <= len(self.replies) else None


Mocks: TypeAlias = Mapping[str, Mock]
"""By step path, by path without the numbers of iterations, or by step id; the most exact one counts. Of a child: ``call_child.step``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """An event that comes while a run is under way. ``at_ms``: after its start; of a play on a clock, since the epoch."""

    at_ms: int
    event: JsonObject
    connector: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What starts a rehearsal. ``manual``: as ``hookline run`` starts it, without asking the triggers. ``connector``: whose sample it is."""

    event: JsonObject
    connector: str | None = None
    manual: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One test. ``inputs``: those that it gives. ``expect``: the node, so that a difference has its place; None expects success."""

    name: str
    place: Place
    delivered: Delivered
    inputs: JsonObject = field(default_factory=dict)
    mocks: Mocks = field(default_factory=dict)
    expect: Node | None = None
    events: tuple[Arrival, ...] = ()
    cancel_ms: int | None = None
    """When somebody asks the run to end, in milliseconds after its start."""
    item: int | None = None
    """With ``split_on``: the run of that item only."""
    children: Mapping[str, Flow] = field(default_factory=dict)
    """The flows that are called and are executed for real within the test, by id."""
    run_id: str = RUN_ID
    started_at: int = STARTED_AT
    remarks: tuple[str, ...] = ()
    """What whoever reads the result should know of the test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """The tests of one flow."""

    file: str
    flow: Flow
    cases: tuple[Case, ...]
