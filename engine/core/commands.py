"""What the interpreter asks for and what it is told. Owns these values, the whole vocabulary between deciding and doing.

The interpreter is a generator: it yields a Command, the driver does it (or finds it done in the journal) and sends the result.

    Call       → Outcome            one attempt of an action step
    Note       → None               a step without effects has an outcome; record it with the next commit
    Begin      → int                the instant from which the step's time counts (milliseconds since the epoch); recorded, so that it stays
    WaitUntil  → None               nothing to do before that instant (milliseconds since the epoch, the database's clock)
    AwaitEvent → Outcome            the first event that matches, or failed with kind ``timeout``
    StartFlow  → Outcome            start a run of another flow once, and, if wanted, wait for its end
    Branch     → dict[int, Result]  run these generators, at most ``limit`` at a time, in order of start; those that were not begun or were cut are missing
    Limit      → Result             run this generator until it is through, or cut it

A generator returns its Result: how that list of steps ended. Where a Branch or a Limit cuts a generator, it is closed where it stands,
before the next thing that is not in the journal yet; the Note of the step that holds it records that, so that a replay is cut there too:
by the innermost Branch or Limit whose step has ended, where a Note with ``cut`` is that of a Limit (until has both at one path).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.core.statuses import RunStatus, StepStatus
from engine.flow.model import ActionStep, FlowStep, Join, Secret, WaitStep
from engine.strictjson import Json, JsonObject

OWN_KINDS = {
    "expression": "an expression did not fit the data",
    "stopped": "a stop step ended the run as failed",
    "limit": "a loop with until ran max_iterations times and its condition was still false",
    "cancelled": "a sub-flow was cancelled, or replaced by a newer run",
    "poisoned": "a sub-flow was put aside, because worker after worker stopped in it",
}
"""Kinds of errors that no service reports. ``timeout`` is also that of a time limit in the flow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepError:
    """Why a step failed. ``kind`` is one of engine.sdk.errors.Kind or of OWN_KINDS. ``place`` is ``file:line:column``."""

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
    key: str | None = None
    """The author's idempotency key; None: the engine's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """The step at ``path`` is through without a call. ``uses`` is the kind of step (``if``, ``set`` …) or the action it would have called.

    ``cut``: why what it holds was cut, for a replay.
    """

    path: str
    uses: str
    status: StepStatus
    output: Json = None
    error: StepError | None = None
    cut: Cut | None = None
    secure: frozenset[Secret] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Begin:
    """The step at ``path`` is come to. Its time counts from the first time that this was said, in any segment."""

    path: str
    uses: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitUntil:
    """Attempt number ``attempt`` of the step at ``path`` may start at ``at``.

    What has ended is not asked for the time again: inside of it this is passed when that attempt, or the step's Note, is recorded, else cut.
    """

    path: str
    uses: str
    attempt: int
    at: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AwaitEvent:
    """Wait at ``path`` for an event of the subscription that ``step.event`` names.

    Events count from the start of the run, in the order of arrival, each at most once in a run. ``matches`` judges one of them; an event
    that its condition does not fit is none. ``ends_at``: milliseconds since the epoch; None: no limit. The outcome's output is the event.
    """

    path: str
    step: WaitStep
    matches: Callable[[JsonObject], bool]
    ends_at: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StartFlow:
    """Start a run of ``step.flow`` with the inputs ``given``, once.

    Waited for: the outcome is the child's (its outputs; its error with its path). Else succeeded with ``{"run": id}``. A flow that is
    not deployed, inputs that do not fit and a line of callers that is too deep are failures of kind ``invalid``.
    """

    path: str
    step: FlowStep
    given: JsonObject


Cut: TypeAlias = Literal["timeout", "cancelled", "lost"]
"""Why a list of steps was cut: its time was up, the run was to end, or another branch was through first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How a list of steps ended.

    ``failure``: the error that nobody dealt with. ``stopped``: a stop step's (status, message). ``cut``: it did not get to its end.
    All None: through to the end. ``outputs``: the outputs by step id of the scope that ended (an iteration, a branch).
    ``variables``: those that an iteration left, for the iterations after it. ``last``: the loop is over with this iteration.
    """

    failure: StepError | None = None
    uncertain: bool = False
    stopped: tuple[RunStatus, str | None] | None = None
    cut: Cut | None = None
    outputs: Mapping[str, Json] | None = None
    variables: Mapping[str, Json] | None = None
    last: bool = False

    @property
    def through(self) -> bool:
        return self.failure is None and self.stopped is None and self.cut is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """Run children ``0 … count-1``; ``child(i)`` makes the generator when it is child i's turn; its steps' paths begin with ``prefix(i)``.

    ``join`` ``all``: after a failure, a stop or the last iteration no further child begins, and those that have to wait are cut. ``any``:
    the same once one is through or stopped, while failures only count when all have failed; no call leaves after that.
    ``iterations``: a child that is through is recorded as a row of its own at ``path[i]`` with its outputs and variables, and its Result comes
    from there without running it again; ``resumed(result)`` is told of it, in order of index. ``secure``: that row's output is kept sealed.
    """

    path: str
    count: int
    child: Callable[[int], Steps]
    prefix: Callable[[int], str]
    limit: int
    join: Join = "all"
    iterations: bool = False
    resumed: Callable[[Result], None] | None = None
    secure: frozenset[Secret] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """Run ``steps`` as what the step at ``path`` holds, and cut it when ``ends_at`` comes.

    A call under way gets no more time than is left, and ends as any call; nothing new begins then. ``cancellable``: a request to
    end the run cuts here too, so that what comes behind still runs.
    """

    path: str
    steps: Callable[[], Steps]
    prefix: str
    ends_at: int | None = None
    cancellable: bool = False


Command: TypeAlias = Call | Note | Begin | WaitUntil | AwaitEvent | StartFlow | Branch | Limit
Reply: TypeAlias = "Outcome | Mapping[int, Result] | Result | int | None"
Steps: TypeAlias = "Generator[Command, Reply, Result]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How the run ended: a final status, its outputs and, unless it succeeded, why."""

    status: RunStatus
    outputs: JsonObject | None = None
    error: StepError | None = None
    message: str | None = None
