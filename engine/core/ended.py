"""How a step ended, for the functions that walk over steps. Owns that value and the notes that go with it; decides nothing."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

from engine.core.commands import Command, Note, Reply, Result, StepError
from engine.core.statuses import StepStatus
from engine.errors import ExpressionError
from engine.flow.model import (
    ActionStep,
    FlowStep,
    ForeachStep,
    GroupStep,
    IfStep,
    ParallelStep,
    Secret,
    SetStep,
    Step,
    StopStep,
    SwitchStep,
    UntilStep,
    WaitStep,
    inner_lists,
    walk,
)
from engine.strictjson import Json

THROUGH = Result()
HIDES_OUTPUTS: frozenset[Secret] = frozenset({"outputs"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How one step ended. ``stopped`` is set when a stop step inside it ends the run."""

    status: StepStatus
    output: Json = None
    error: StepError | None = None
    stopped: Result | None = None


Walk: TypeAlias = "Generator[Command, Reply, Ended]"


def around(step: Step, path: str, result: Result, output: Json) -> Walk:
    """How a step that holds steps ended: through, stopped inside, or with the failure that came out of it."""
    if result.failure is not None:
        status = StepStatus.UNCERTAIN if result.uncertain else StepStatus.FAILED
        yield Note(path=path, uses=uses_of(step), status=status, error=result.failure, cut=result.cut)
        return Ended(status=status, error=result.failure)
    yield Note(path=path, uses=uses_of(step), status=StepStatus.SUCCEEDED, output=output, secure=secured(step))
    stopped = result if result.stopped is not None else None
    return Ended(status=StepStatus.SUCCEEDED, output=output, stopped=stopped)


def secured(step: Step) -> frozenset[Secret]:
    """What of the step's row is to be sealed: its own wish, and its outputs when those of a step inside are part of them."""
    if isinstance(step, (IfStep, SwitchStep)) or "outputs" in step.secure:
        return step.secure
    inside = (found for _, steps in inner_lists(step) for found in walk(steps))
    return step.secure | HIDES_OUTPUTS if any("outputs" in found.secure for found in inside) else step.secure


def expression_failure(path: str, error: ExpressionError) -> StepError:
    """An expression's error as the error of the step at ``path``."""
    return StepError(
        step=path, kind="expression", message=error.message, place=str(error.place) if error.place else None
    )


def uses_of(step: Step) -> str:
    """The word for the step in history: its kind, or the action that it calls."""
    match step:
        case ActionStep():
            return step.uses
        case IfStep():
            return "if"
        case SwitchStep():
            return "switch"
        case ForeachStep():
            return "foreach"
        case UntilStep():
            return "until"
        case ParallelStep():
            return "parallel"
        case GroupStep():
            return "group"
        case SetStep():
            return "set"
        case WaitStep():
            return "wait"
        case FlowStep():
            return f"flow {step.flow}"
        case StopStep():
            return "stop"


def type_name(value: Json) -> str:
    """The type of a value in an author's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
