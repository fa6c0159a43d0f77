"""The flow as a value. Owns the tree that the loader builds and that the checker and the interpreter read; does nothing.

Everything is frozen. Expressions are compiled once, when a version is loaded. ``Place`` says where a node stands in the author's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.errors import Place
from engine.expressions import Expression, Value
from engine.strictjson import Json

InputType = Literal["string", "integer", "number", "boolean", "list", "object"]
Backoff = Literal["fixed", "exponential"]
StopStatus = Literal["succeeded", "failed", "cancelled"]
Join = Literal["all", "any"]
OnLimit = Literal["queue", "skip", "replace"]
OnUncertain = Literal["fail", "retry", "skip"]
Secret = Literal["inputs", "outputs"]

DEFAULT_TIMEOUT_MS = 30_000


@dataclass(frozen=True, kw_only=True, slots=True)
class InputSpec:
    """A typed parameter of a flow. Without a default it must be given."""

    type: InputType
    default: Json = None
    required: bool = False
    description: str = ""
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """How often and how fast an attempt is repeated. Durations are milliseconds."""

    max_attempts: int = 3
    backoff: Backoff = "exponential"
    interval_ms: int = 2_000
    max_interval_ms: int = 60_000
    jitter: bool = True
    condition: Expression | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Concurrency:
    """How many runs with the same ``key`` may be under way. ``max_queued`` is for ``queue`` only; None: as many as come."""

    key: Expression | None = None
    limit: int = 1
    on_limit: OnLimit = "queue"
    max_queued: int | None = None
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """What can start a run. ``uses`` is ``<connector>.<trigger>`` or ``manual``; ``connection`` is the alias; ``given`` is constant JSON.

    ``split_on`` yields a list of which every item starts a run of its own (``trigger.item``, ``trigger.index``).
    """

    id: str
    uses: str
    connection: str
    given: Mapping[str, Json]
    condition: Expression | None
    split_on: Expression | None = None
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    id: str
    place: Place
    guard: Expression | None = None
    on_error: OnError = "fail"
    secure: frozenset[Secret] = frozenset()
    """What of the step is kept sealed and shown nowhere."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Places of this step's own keys (``uses``, ``with``, ``with.invitee``, ``foreach`` …), for findings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionStep(_Step):
    """Calls ``uses`` (``<connector>.<action>``) on the connection behind the alias. ``timeout_ms`` is per attempt.

    ``idempotency_key`` renders to the text that the service may tell repetitions by; None: the engine's own, of run and path.
    """

    uses: str
    connection: str
    given: Value
    retry: Retry = Retry(max_attempts=1)
    timeout_ms: int = DEFAULT_TIMEOUT_MS
    idempotency_key: Value | None = None
    on_uncertain: OnUncertain = "fail"

    @property
    def connector(self) -> str:
        return self.uses.partition(".")[0]

    @property
    def action(self) -> str:
        return self.uses.partition(".")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class IfStep(_Step):
    """``if`` with ``then`` and ``else``: one of two lists of steps. The ids inside are visible after it."""

    condition: Expression
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SwitchStep(_Step):
    """The steps of the case that equals the value's text, else ``default``; ids inside are visible after it.

    Its output is the case that was taken, null for the default. Numbers, booleans and null are compared by their JSON text.
    """

    value: Expression
    cases: Mapping[str, tuple[Step, ...]]
    default: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeachStep(_Step):
    """One iteration of ``steps`` per item; ids inside are visible inside only. Its output is a list of ``{id: output}``."""

    items: Expression
    variable: str = "item"
    max_parallel: int = 1
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UntilStep(_Step):
    """Repeats ``steps`` until ``condition``, judged after each round, is true; both limits hold. Durations are milliseconds.

    Ids inside are visible inside and to the condition; ``loop.index`` counts rounds from 0. Its output is the last round's ``{id: output}``.
    """

    condition: Expression
    max_iterations: int
    timeout_ms: int
    interval_ms: int = 0
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParallelStep(_Step):
    """Branches side by side, joined when ``all`` are through or the first ``any`` of them is. Ids inside are visible after it.

    Its output is ``{branch: {id: output}}``, with ``any`` of the branch that won only.
    """

    branches: Mapping[str, tuple[Step, ...]]
    join: Join = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupStep(_Step):
    """Steps with an ``on_error`` and a time limit of their own; ids inside are visible after it. Its output is ``{id: output}``."""

    steps: tuple[Step, ...]
    timeout_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetStep(_Step):
    """Sets variables (``vars.name``) for the steps after it."""

    values: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class StopStep(_Step):
    """Ends the run here."""

    status: StopStatus
    message: Value | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AwaitedEvent:
    """The event that a wait waits for, named like a trigger. ``condition`` sees it as ``event``."""

    uses: str
    connection: str
    given: Mapping[str, Json]
    condition: Expression | None
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitStep(_Step):
    """Holds the run, not a worker: for a ``duration``, ``until`` an instant (ISO 8601 text), or for an ``event``: exactly one of them.

    ``duration``: milliseconds, or a value that renders to a duration's text. ``timeout_ms`` belongs to ``event``; None: no limit of its own.
    """

    duration: int | Value | None = None
    until: Expression | None = None
    event: AwaitedEvent | None = None
    timeout_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowStep(_Step):
    """Starts a run of another deployed flow with ``given`` as its inputs; with ``wait`` its outputs are this step's output."""

    flow: str
    given: Value
    wait: bool = True


Step: TypeAlias = (
    ActionStep
    | IfStep
    | SwitchStep
    | ForeachStep
    | UntilStep
    | ParallelStep
    | GroupStep
    | SetStep
    | WaitStep
    | FlowStep
    | StopStep
)
OnError: TypeAlias = "Literal['fail', 'continue'] | tuple[Step, ...]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """One version of a flow. ``digest`` is the SHA-256 (hex) of ``source``, the file's text. ``timeout_ms`` is for the whole run.

    ``on_error``: None fails the run, ``()`` and more are the handler's steps. With ``continues`` a failure ends the run as succeeded.
    """

    id: str
    name: str
    description: str
    labels: tuple[str, ...]
    connections: Mapping[str, str]
    inputs: Mapping[str, InputSpec]
    variables: Mapping[str, Value]
    triggers: tuple[Trigger, ...]
    steps: tuple[Step, ...]
    on_error: tuple[Step, ...] | None
    outputs: Mapping[str, Value]
    continues: bool = False
    lastly: tuple[Step, ...] = ()
    """``finally``: steps that run at the end, however the run ends."""
    timeout_ms: int | None = None
    concurrency: Concurrency | None = None
    digest: str
    source: str
    file: str
    places: Mapping[str, Place]

    @property
    def version(self) -> str:
        """The short form that people see."""
        return self.digest[:12]


def inner_lists(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The lists of steps that a step holds, in the order of the file, each with what follows the step's path (``""`` or ``.branch``).

    Its handler is not among them.
    """
    match step:
        case IfStep():
            yield "", step.then
            yield "", step.otherwise
        case SwitchStep():
            for steps in step.cases.values():
                yield "", steps
            yield "", step.default
        case ForeachStep() | UntilStep() | GroupStep():
            yield "", step.steps
        case ParallelStep():
            for branch, steps in step.branches.items():
                yield f".{branch}", steps
        case ActionStep() | SetStep() | WaitStep() | FlowStep() | StopStep():
            pass


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, depth first, in the order of the file, handlers included."""
    for step in steps:
        yield step
        for _, inner in inner_lists(step):
            yield from walk(inner)
        if isinstance(step.on_error, tuple):
            yield from walk(step.on_error)


def all_steps(flow: Flow) -> Iterator[Step]:
    """Every step of the flow, those of its own ``on_error`` and ``finally`` last."""
    yield from walk(flow.steps)
    yield from walk(flow.on_error or ())
    yield from walk(flow.lastly)
