"""What a run does next. Owns the walk over a flow's steps as a pure generator: yields commands, is sent what came of them.

The same code executes a run, resumes it after a crash (the driver answers from the journal) and rehearses it. It therefore does no
I/O, reads no clock and draws no random number, and makes the same commands in the same order for the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from engine.core.commands import (
    Branch,
    Call,
    Command,
    Ending,
    Note,
    Outcome,
    Reply,
    Result,
    StepError,
    Steps,
    WaitUntil,
)
from engine.core.retry import delay_ms
from engine.core.scope import RunFacts, Scope
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import ExpressionError
from engine.flow.model import ActionStep, Flow, ForeachStep, IfStep, SetStep, Step, StopStep
from engine.strictjson import Json

THROUGH = Result()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ended:
    """How one step ended. ``stopped`` is set when a stop step inside it ends the run."""

    status: StepStatus
    output: Json = None
    error: StepError | None = None
    stopped: Result | None = None


_Walk: TypeAlias = "Generator[Command, Reply, _Ended]"


def interpret(flow: Flow, facts: RunFacts) -> Generator[Command, Reply, Ending]:
    """Walk ``flow`` for one run; the generator returns the Ending."""
    scope = Scope.of_run(facts, flow_id=flow.id, version=flow.version)
    try:
        for name, value in flow.variables.items():
            scope.variables[name] = value.render(scope.context)
    except ExpressionError as error:
        return Ending(status=RunStatus.FAILED, error=_expression_failure("variables", error))
    result = yield from _list(flow.steps, scope, "", facts.run_id)
    scope.skip(flow.steps)
    if result.failure is not None and flow.on_error is not None:
        handled = yield from _list(flow.on_error, scope.handler(result.failure), "on_error.", facts.run_id)
        result = handled if handled.stopped is not None else result
    return _ending(flow, scope, result)


def _ending(flow: Flow, scope: Scope, result: Result) -> Ending:
    if result.failure is not None:
        return Ending(status=RunStatus.UNCERTAIN if result.uncertain else RunStatus.FAILED, error=result.failure)
    status, message = result.stopped or (RunStatus.SUCCEEDED, None)
    if status is RunStatus.FAILED:
        return Ending(
            status=status, message=message, error=StepError(step="stop", kind="stopped", message=message or "stopped")
        )
    if status is RunStatus.CANCELLED:
        return Ending(status=status, message=message)
    scope.skip(flow.on_error or ())
    try:
        outputs = {name: value.render(scope.context) for name, value in flow.outputs.items()}
    except ExpressionError as error:
        return Ending(status=RunStatus.FAILED, error=_expression_failure("outputs", error))
    return Ending(status=RunStatus.SUCCEEDED, outputs=outputs, message=message)


def _list(steps: Sequence[Step], scope: Scope, prefix: str, run_id: str) -> Steps:
    for step in steps:
        result = yield from _step(step, scope, prefix + step.id, run_id)
        if not result.through:
            return result
    return THROUGH


def _step(step: Step, scope: Scope, path: str, run_id: str) -> Steps:
    """One step: its guard, its kind, its record in the scope, its on_error."""
    try:
        if step.guard is not None and not step.guard.truth(scope.context):
            yield from _skip((step,), scope, path.removesuffix(step.id))
            return THROUGH
        ended = yield from _kind(step, scope, path, run_id)
    except ExpressionError as error:
        ended = _Ended(status=StepStatus.FAILED, error=_expression_failure(path, error))
        yield Note(path=path, uses=_uses(step), status=ended.status, error=ended.error)
    scope.ended(step.id, ended.status, ended.output, ended.error)
    if ended.stopped is not None:
        return ended.stopped
    if ended.error is not None:
        return (yield from _on_error(step, ended, scope, path, run_id))
    if isinstance(step.on_error, tuple):
        scope.skip(step.on_error)
    return THROUGH


def _kind(step: Step, scope: Scope, path: str, run_id: str) -> _Walk:
    match step:
        case ActionStep():
            return (yield from _action(step, scope, path, run_id))
        case IfStep():
            return (yield from _if(step, scope, path, run_id))
        case ForeachStep():
            return (yield from _foreach(step, scope, path, run_id))
        case SetStep():
            return (yield from _set(step, scope, path))
        case StopStep():
            return (yield from _stop(step, scope, path))


def _on_error(step: Step, ended: _Ended, scope: Scope, path: str, run_id: str) -> Steps:
    assert ended.error is not None
    if step.on_error == "continue":
        return THROUGH
    if isinstance(step.on_error, tuple):
        return (yield from _list(step.on_error, scope.handler(ended.error), f"{path}.on_error.", run_id))
    return Result(failure=ended.error, uncertain=ended.status is StepStatus.UNCERTAIN)


def _action(step: ActionStep, scope: Scope, path: str, run_id: str) -> _Walk:
    given = step.given.render(scope.context)
    assert isinstance(given, Mapping), "the loader takes only a mapping under with:"
    attempt = 1
    while True:
        outcome = cast(Outcome, (yield Call(path=path, step=step, attempt=attempt, given=given)))
        if outcome.status is not StepStatus.FAILED or outcome.error is None:
            return _Ended(status=outcome.status, output=outcome.output, error=outcome.error)
        context = {**scope.context, "error": outcome.error.to_json()}
        delay = delay_ms(step.retry, outcome.error, context, seed=f"{run_id}/{path}")
        if delay is None:
            return _Ended(status=outcome.status, error=outcome.error)
        attempt += 1
        reason = f"attempt {attempt} of {step.retry.max_attempts} after {outcome.error.kind}"
        yield WaitUntil(path=path, uses=step.uses, attempt=attempt, at=outcome.ended_at + delay, reason=reason)


def _if(step: IfStep, scope: Scope, path: str, run_id: str) -> _Walk:
    decision = step.condition.truth(scope.context)
    taken, other = (step.then, step.otherwise) if decision else (step.otherwise, step.then)
    yield from _skip(other, scope, f"{path}.")
    result = yield from _list(taken, scope, f"{path}.", run_id)
    scope.skip(taken)
    return (yield from _around(path, "if", result, decision))


def _foreach(step: ForeachStep, scope: Scope, path: str, run_id: str) -> _Walk:
    items = step.items.evaluate(scope.context)
    if not isinstance(items, (list, tuple)):
        raise ExpressionError(
            f"foreach needs a list, but {step.items.text} is {_type_name(items)}", place=step.items.place
        )

    def iteration(index: int) -> Steps:
        inner = scope.iteration(step.variable, items[index], index, own_variables=step.max_parallel > 1)
        return _iteration(step, inner, f"{path}[{index}].", run_id)

    if step.max_parallel > 1:
        branch = Branch(path=path, count=len(items), child=iteration, limit=step.max_parallel)
        results = cast("Sequence[Result]", (yield branch))
    else:
        results = yield from _serial(iteration, len(items))
    broken = next((result for result in results if not result.through), THROUGH)
    return (yield from _around(path, "foreach", broken, [dict(result.outputs or {}) for result in results]))


def _serial(iteration: Callable[[int], Steps], count: int) -> Generator[Command, Reply, Sequence[Result]]:
    results: list[Result] = []
    while len(results) < count and (not results or results[-1].through):
        results.append((yield from iteration(len(results))))
    return results


def _iteration(step: ForeachStep, scope: Scope, prefix: str, run_id: str) -> Steps:
    result = yield from _list(step.steps, scope, prefix, run_id)
    scope.skip(step.steps)
    return Result(failure=result.failure, uncertain=result.uncertain, stopped=result.stopped, outputs=scope.outputs())


def _around(path: str, uses: str, result: Result, output: Json) -> _Walk:
    """How a step that holds steps ended: through, stopped inside, or with the failure that came out of it."""
    if result.failure is not None:
        status = StepStatus.UNCERTAIN if result.uncertain else StepStatus.FAILED
        yield Note(path=path, uses=uses, status=status, error=result.failure)
        return _Ended(status=status, error=result.failure)
    yield Note(path=path, uses=uses, status=StepStatus.SUCCEEDED, output=output)
    stopped = result if result.stopped is not None else None
    return _Ended(status=StepStatus.SUCCEEDED, output=output, stopped=stopped)


def _set(step: SetStep, scope: Scope, path: str) -> _Walk:
    """In the order of the file: a later value sees the earlier ones."""
    output: dict[str, Json] = {}
    for name, value in step.values.items():
        output[name] = scope.variables[name] = value.render(scope.context)
    yield Note(path=path, uses="set", status=StepStatus.SUCCEEDED, output=output)
    return _Ended(status=StepStatus.SUCCEEDED, output=output)


def _stop(step: StopStep, scope: Scope, path: str) -> _Walk:
    rendered = step.message.render(scope.context) if step.message is not None else None
    message = None if rendered is None else str(rendered)
    output: Json = {"status": step.status, "message": message}
    yield Note(path=path, uses="stop", status=StepStatus.SUCCEEDED, output=output)
    result = Result(stopped=(RunStatus[step.status.upper()], message))
    return _Ended(status=StepStatus.SUCCEEDED, output=output, stopped=result)


def _skip(steps: Sequence[Step], scope: Scope, prefix: str) -> Generator[Command, Reply, None]:
    for step in steps:
        yield Note(path=prefix + step.id, uses=_uses(step), status=StepStatus.SKIPPED)
        if isinstance(step, IfStep):
            yield from _skip((*step.then, *step.otherwise), scope, f"{prefix}{step.id}.")
    scope.skip(steps)


def _uses(step: Step) -> str:
    match step:
        case ActionStep():
            return step.uses
        case IfStep():
            return "if"
        case ForeachStep():
            return "foreach"
        case SetStep():
            return "set"
        case StopStep():
            return "stop"


def _expression_failure(path: str, error: ExpressionError) -> StepError:
    return StepError(
        step=path, kind="expression", message=error.message, place=str(error.place) if error.place else None
    )


def _type_name(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case _:
            return "an object"
