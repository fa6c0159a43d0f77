"""Sub-flows in a rehearsal. Owns what a child is started with and how its end becomes the outcome of the step that started it."""

from __future__ import annotations

from engine.core.commands import Ending, Outcome, StartFlow, StepError
from engine.core.scope import RunFacts
from engine.core.statuses import RunStatus, StepStatus
from engine.core.times import iso
from engine.errors import UsageError
from engine.flow.model import Flow
from engine.runtime.manual import given_inputs
from engine.runtime.rehearsal.cases import Refusal
from engine.sdk.errors import Kind
from engine.strictjson import JsonObject

DEEPEST = 8
"""How many callers may stand above a run."""

TOO_DEEP = f"flows call each other more than {DEEPEST} deep here; let one of them do more by itself"


def facts_of_child(
    start: StartFlow, child: Flow, caller: Flow, facts: RunFacts, now: int, *, depth: int
) -> RunFacts | Refusal:
    """What the child's run is about, or why it does not start. ``depth``: how many callers stand above the caller."""
    if depth >= DEEPEST:
        return Refusal(kind=Kind.INVALID.value, message=TOO_DEEP)
    try:
        inputs = given_inputs(child, start.given)
    except UsageError as error:
        return Refusal(kind=Kind.INVALID.value, message=str(error))
    instant = iso(now)
    trigger: JsonObject = {"event": "flow", "payload": {}, "created_at": instant, "created_by": caller.id}
    return RunFacts(run_id=f"{facts.run_id}-{start.path}", started_at=now, trigger=trigger, inputs=inputs)


def outcome_of_child(start: StartFlow, ending: Ending | Refusal, ended_at: int) -> Outcome:
    """The step's outcome: the child's outputs, or its error with its path in front."""
    if isinstance(ending, Refusal):
        lost = ending.kind == Kind.UNKNOWN_OUTCOME.value
        return _failed(start, ending.kind, ending.message, ending.step, ended_at, uncertain=lost)
    match ending.status:
        case RunStatus.SUCCEEDED:
            return Outcome(status=StepStatus.SUCCEEDED, output=ending.outputs or {}, ended_at=ended_at)
        case RunStatus.CANCELLED:
            return _failed(start, "cancelled", ending.message or "it was cancelled", None, ended_at)
        case _:
            error = ending.error
            assert error is not None, "a run that failed says why"
            uncertain = ending.status is RunStatus.UNCERTAIN
            return _failed(start, error.kind, error.message, error.step, ended_at, uncertain=uncertain)


def _failed(
    start: StartFlow, kind: str, message: str, step: str | None, ended_at: int, *, uncertain: bool = False
) -> Outcome:
    error = StepError(
        step=start.path if step is None else f"{start.path}/{step}",
        kind=kind,
        message=": ".join((start.step.flow, *((step,) if step is not None else ()), message)),
        place=str(start.step.places.get("flow", start.step.place)),
    )
    return Outcome(status=StepStatus.UNCERTAIN if uncertain else StepStatus.FAILED, error=error, ended_at=ended_at)
