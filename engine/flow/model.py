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
class Trigger:
    """What can start a run. ``uses`` is ``<connector>.<trigger>``; ``connection`` is the alias; ``given`` is constant JSON."""

    id: str
    uses: str
    connection: str
    given: Mapping[str, Json]
    condition: Expression | None
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    id: str
    place: Place
    guard: Expression | None = None
    on_error: OnError = "fail"
    places: Mapping[str, Place] = field(default_factory=dict)
    """Places of this step's own keys (``uses``, ``with``, ``with.invitee``, ``foreach`` …), for findings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionStep(_Step):
    """Calls ``uses`` (``<connector>.<action>``) on the connection behind the alias. ``timeout_ms`` is per attempt."""

    uses: str
    connection: str
    given: Value
    retry: Retry = Retry(max_attempts=1)
    timeout_ms: int = 30_000

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
class ForeachStep(_Step):
    """One iteration of ``steps`` per item; ids inside are visible inside only. Its output is a list of ``{id: output}``."""

    items: Expression
    variable: str = "item"
    max_parallel: int = 1
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SetStep(_Step):
    """Sets variables (``vars.name``) for the steps after it."""

    values: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class StopStep(_Step):
    """Ends the run here."""

    status: StopStatus
    message: Value | None = None


Step: TypeAlias = ActionStep | IfStep | ForeachStep | SetStep | StopStep
OnError: TypeAlias = "Literal['fail', 'continue'] | tuple[Step, ...]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """One version of a flow. ``digest`` is the SHA-256 (hex) of ``source``, the file's text."""

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
    digest: str
    source: str
    file: str
    places: Mapping[str, Place]

    @property
    def version(self) -> str:
        """The short form that people see."""
        return self.digest[:12]


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, depth first, in the order of the file, handlers included."""
    for step in steps:
        yield step
        if isinstance(step, IfStep):
            yield from walk(step.then)
            yield from walk(step.otherwise)
        elif isinstance(step, ForeachStep):
            yield from walk(step.steps)
        if isinstance(step.on_error, tuple):
            yield from walk(step.on_error)


def all_steps(flow: Flow) -> Iterator[Step]:
    """Every step of the flow, those of its own ``on_error`` last."""
    yield from walk(flow.steps)
    yield from walk(flow.on_error or ())
