"""What the interpreter asks for and what it is told. Owns these values, the whole vocabulary between deciding and doing.

The interpreter is a generator: it yields a Command, the driver does it (or finds it done in the journal) and sends the result.

    Call       → Outcome        one attempt of an action step
    Note       → None           a step without effects has an outcome; record it with the next commit
    WaitUntil  → None           nothing to do before that instant (milliseconds since the epoch, the database's clock)
    Branch     → list[Result]   run these generators, at most ``limit`` at a time, in order of start; stop starting after a failure

A generator returns its Result: how that list of steps ended.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.core.statuses import RunStatus, StepStatus
from engine.flow.model import ActionStep
from engine.strictjson import Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class StepError:
    """Why a step failed. ``kind`` is one of engine.sdk.errors.Kind, or ``expression`` / ``stopped``. ``place`` is ``file:line:column``."""

    step: str
    kind: str
    message: str
    status: int | None = None
    attempt: int = 1
    place: str | None = None

    def to_json(self) -> dict[str, Json]:
        return {
            "step": self.step,
            "kind": self.kind,
            "message": self.message,
            "status": self.status,
            "attempt": self.attempt,
            "place": self.place,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one attempt ended. ``ended_at``: milliseconds since the epoch, the database's clock."""

    status: StepStatus
    output: Json = None
    error: StepError | None = None
    ended_at: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """Perform attempt number ``attempt`` (from 1) of the step at ``path`` with this rendered input."""

    path: str
    step: ActionStep
    attempt: int
    given: JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """The step at ``path`` is through without a call. ``uses`` is ``if``, ``foreach``, ``set``, ``stop`` or the action it would have called."""

    path: str
    uses: str
    status: StepStatus
    output: Json = None
    error: StepError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitUntil:
    """Attempt number ``attempt`` of the step at ``path`` may start at ``at``."""

    path: str
    uses: str
    attempt: int
    at: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How a list of steps ended.

    ``failure``: the error that nobody dealt with. ``stopped``: a stop step's (status, message). Both None: through to the end.
    ``outputs``: the outputs by step id of the scope that ended (an iteration of a foreach).
    """

    failure: StepError | None = None
    uncertain: bool = False
    stopped: tuple[RunStatus, str | None] | None = None
    outputs: Mapping[str, Json] | None = None

    @property
    def through(self) -> bool:
        return self.failure is None and self.stopped is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """Run children ``0 … count-1``; ``child(i)`` makes the generator when it is child i's turn."""

    path: str
    count: int
    child: Callable[[int], Steps]
    limit: int


Command: TypeAlias = Call | Note | WaitUntil | Branch
Reply: TypeAlias = "Outcome | Sequence[Result] | None"
Steps: TypeAlias = "Generator[Command, Reply, Result]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How the run ended: a final status, its outputs and, unless it succeeded, why."""

    status: RunStatus
    outputs: JsonObject | None = None
    error: StepError | None = None
    message: str | None = None
