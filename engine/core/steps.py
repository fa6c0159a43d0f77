"""What one step does next. Owns a list's order, guards, handlers and the kinds of step without time or branches in them.

The walk over a flow is one recursion: ``Walker.through`` walks a list, each kind of step is a function that may walk lists again.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from engine import strictjson
from engine.core import loops, waits
from engine.core.commands import Call, Command, Note, Outcome, Reply, Result, StartFlow, StepError, Steps, WaitUntil
from engine.core.ended import THROUGH, Ended, Walk, around, expression_failure, type_name, uses_of
from engine.core.retry import delay_ms
from engine.core.scope import Scope
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import ExpressionError
from engine.flow.model import (
    ActionStep,
    FlowStep,
    ForeachStep,
    GroupStep,
    IfStep,
    ParallelStep,
    SetStep,
    Step,
    StopStep,
    SwitchStep,
    UntilStep,
    WaitStep,
    inner_lists,
)
from engine.strictjson import Json

ATTEMPTS_WHEN_UNCERTAIN = 3
"""How often ``on_uncertain: retry`` tries at least."""


@dataclass(frozen=True, slots=True)
class Walker:
    """Walks the steps of one run."""

    run_id: str

    def through(self, steps: Sequence[Step], scope: Scope, prefix: str) -> Steps:
        """The steps of a list, one after the other; their paths begin with ``prefix``."""
        for step in steps:
            result = yield from self._step(step, scope, prefix + step.id)
            if not result.through:
                return result
        return THROUGH

    def _step(self, step: Step, scope: Scope, path: str) -> Steps:
        """One step: its guard, its kind, its record in the scope, its on_error."""
        try:
            if step.guard is not None and not step.guard.truth(scope.context):
                yield from skip((step,), scope, path.removesuffix(step.id))
                return THROUGH
            ended = yield from self._kind(step, scope, path)
        except ExpressionError as error:
            ended = Ended(status=StepStatus.FAILED, error=expression_failure(path, error))
            yield Note(path=path, uses=uses_of(step), status=ended.status, error=ended.error)
        scope.ended(step.id, ended.status, ended.output, ended.error)
        if ended.stopped is not None:
            return ended.stopped
        if ended.error is not None:
            return (yield from self._on_error(step, ended, ended.error, scope, path))
        if isinstance(step.on_error, tuple):
            scope.skip(step.on_error)
        return THROUGH

    def _kind(self, step: Step, scope: Scope, path: str) -> Walk:
        match step:
            case ActionStep():
                return (yield from self._action(step, scope, path))
            case IfStep():
                return (yield from self._if(step, scope, path))
            case SwitchStep():
                return (yield from self._switch(step, scope, path))
            case ForeachStep():
                return (yield from loops.foreach(self, step, scope, path))
            case UntilStep():
                return (yield from loops.until(self, step, scope, path))
            case ParallelStep():
                return (yield from loops.parallel(self, step, scope, path))
            case GroupStep():
                return (yield from waits.group(self, step, scope, path))
            case SetStep():
                return (yield from _set(step, scope, path))
            case WaitStep():
                return (yield from waits.wait(step, scope, path))
            case FlowStep():
                return (yield from _flow(step, scope, path))
            case StopStep():
                return (yield from _stop(step, scope, path))

    def _on_error(self, step: Step, ended: Ended, error: StepError, scope: Scope, path: str) -> Steps:
        if step.on_error == "continue" or _left_uncertain(step, ended):
            if isinstance(step.on_error, tuple):
                scope.skip(step.on_error)
            return THROUGH
        if isinstance(step.on_error, tuple):
            return (yield from self.through(step.on_error, scope.handler(error), f"{path}.on_error."))
        return Result(failure=error, uncertain=ended.status is StepStatus.UNCERTAIN)

    def _action(self, step: ActionStep, scope: Scope, path: str) -> Walk:
        given = step.given.render(scope.context)
        assert isinstance(given, Mapping), "the loader takes only a mapping under with:"
        key = None if step.idempotency_key is None else _text(step.idempotency_key.render(scope.context))
        attempt = 1
        while True:
            call = Call(path=path, step=step, attempt=attempt, given=given, key=key)
            outcome = cast(Outcome, (yield call))
            delay = None if outcome.error is None else self._again(step, outcome, outcome.error, scope, path)
            if delay is None or outcome.error is None:
                return Ended(status=outcome.status, output=outcome.output, error=outcome.error)
            attempt += 1
            reason = f"attempt {attempt} of {_most_attempts(step, outcome)} after {outcome.error.kind}"
            yield WaitUntil(path=path, uses=step.uses, attempt=attempt, at=outcome.ended_at + delay, reason=reason)

    def _again(self, step: ActionStep, outcome: Outcome, error: StepError, scope: Scope, path: str) -> int | None:
        """Milliseconds until the next attempt; None when there is none."""
        seed = f"{self.run_id}/{path}"
        if outcome.status is StepStatus.UNCERTAIN:
            if step.on_uncertain != "retry":
                return None
            retry = replace(step.retry, max_attempts=_most_attempts(step, outcome), condition=None)
            return delay_ms(retry, error, scope.context, seed=seed, wanted=True)
        if outcome.status is not StepStatus.FAILED:
            return None
        return delay_ms(step.retry, error, {**scope.context, "error": error.to_json()}, seed=seed)

    def _if(self, step: IfStep, scope: Scope, path: str) -> Walk:
        decision = step.condition.truth(scope.context)
        taken, other = (step.then, step.otherwise) if decision else (step.otherwise, step.then)
        yield from skip(other, scope, f"{path}.")
        result = yield from self.through(taken, scope, f"{path}.")
        scope.skip(taken)
        return (yield from around(step, path, result, decision))

    def _switch(self, step: SwitchStep, scope: Scope, path: str) -> Walk:
        value = step.value.evaluate(scope.context)
        if isinstance(value, (list, tuple, Mapping)):
            raise ExpressionError(
                f"switch needs text, a number, a boolean or null, but {step.value.text} is {type_name(value)}",
                place=step.value.place,
            )
        case = _text(value)
        taken = step.cases.get(case)
        for name, steps in step.cases.items():
            if name != case:
                yield from skip(steps, scope, f"{path}.")
        if taken is not None:
            yield from skip(step.default, scope, f"{path}.")
        steps = step.default if taken is None else taken
        result = yield from self.through(steps, scope, f"{path}.")
        scope.skip(steps)
        return (yield from around(step, path, result, None if taken is None else case))


def _left_uncertain(step: Step, ended: Ended) -> bool:
    return isinstance(step, ActionStep) and ended.status is StepStatus.UNCERTAIN and step.on_uncertain == "skip"


def _most_attempts(step: ActionStep, outcome: Outcome) -> int:
    uncertain = outcome.status is StepStatus.UNCERTAIN
    return max(step.retry.max_attempts, ATTEMPTS_WHEN_UNCERTAIN) if uncertain else step.retry.max_attempts


def _text(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else strictjson.dump(value)


def _set(step: SetStep, scope: Scope, path: str) -> Walk:
    """In the order of the file: a later value sees the earlier ones."""
    output: dict[str, Json] = {}
    for name, value in step.values.items():
        output[name] = scope.variables[name] = value.render(scope.context)
    yield Note(path=path, uses="set", status=StepStatus.SUCCEEDED, output=output, secure=step.secure)
    return Ended(status=StepStatus.SUCCEEDED, output=output)


def _flow(step: FlowStep, scope: Scope, path: str) -> Walk:
    given = step.given.render(scope.context)
    assert isinstance(given, Mapping), "the loader takes only a mapping under with:"
    outcome = cast(Outcome, (yield StartFlow(path=path, step=step, given=given)))
    return Ended(status=outcome.status, output=outcome.output, error=outcome.error)


def _stop(step: StopStep, scope: Scope, path: str) -> Walk:
    rendered = step.message.render(scope.context) if step.message is not None else None
    message = None if rendered is None else str(rendered)
    output: Json = {"status": step.status, "message": message}
    yield Note(path=path, uses="stop", status=StepStatus.SUCCEEDED, output=output, secure=step.secure)
    result = Result(stopped=(RunStatus[step.status.upper()], message))
    return Ended(status=StepStatus.SUCCEEDED, output=output, stopped=result)


def skip(steps: Sequence[Step], scope: Scope, prefix: str) -> Generator[Command, Reply, None]:
    """Note steps that are passed by, with those inside that later expressions may name."""
    for step in steps:
        yield Note(path=prefix + step.id, uses=uses_of(step), status=StepStatus.SKIPPED)
        if not isinstance(step, (ForeachStep, UntilStep)):
            for suffix, inner in inner_lists(step):
                yield from skip(inner, scope, f"{prefix}{step.id}{suffix}.")
    scope.skip(steps)
