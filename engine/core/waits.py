"""Steps that have to do with time: waits and groups with a time limit. Owns their instants; reads no clock, the driver says when they began."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.core.commands import AwaitEvent, Begin, Limit, Note, Outcome, Result, StepError, WaitUntil
from engine.core.ended import Ended, Walk, around, type_name
from engine.core.scope import Scope
from engine.core.statuses import StepStatus
from engine.core.times import NotAnInstant, instant_ms, iso, lasting
from engine.errors import ExpressionError
from engine.flow.durations import NotADuration, milliseconds
from engine.flow.model import AwaitedEvent, GroupStep, Secret, WaitStep
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.core.steps import Walker


def group(walker: Walker, step: GroupStep, scope: Scope, path: str) -> Walk:
    since = len(scope.own)
    if step.timeout_ms is None:
        result = yield from walker.through(step.steps, scope, f"{path}.")
        scope.skip(step.steps)
        return (yield from around(step, path, result, scope.outputs(since)))
    begun = cast(int, (yield Begin(path=path, uses="group")))
    limit = Limit(
        path=path,
        steps=lambda: walker.through(step.steps, scope, f"{path}."),
        prefix=f"{path}.",
        ends_at=begun + step.timeout_ms,
    )
    result = cast(Result, (yield limit))
    scope.skip(step.steps, StepStatus.SKIPPED if result.cut is None else StepStatus.CANCELLED)
    if result.cut is not None:
        message = f"the group was not through within {lasting(step.timeout_ms)}"
        place = str(step.places.get("timeout", step.place))
        result = Result(failure=StepError(step=path, kind="timeout", message=message, place=place), cut=result.cut)
    return (yield from around(step, path, result, scope.outputs(since)))


def wait(step: WaitStep, scope: Scope, path: str) -> Walk:
    if step.event is not None:
        return (yield from _event(step, step.event, scope, path))
    if step.until is not None:
        return (yield from _until(path, _instant(step, scope), "its time", step.secure))
    return (yield from pause(path, _duration(step, scope), "its time", step.secure))


def pause(path: str, lasts_ms: int, reason: str, secure: frozenset[Secret] = frozenset()) -> Walk:
    """Nothing to do for so long, from when this was come to. Noted when it is over: a replay must not look at the clock for that."""
    begun = cast(int, (yield Begin(path=path, uses="wait")))
    return (yield from _until(path, begun + lasts_ms, reason, secure))


def _until(path: str, at: int, reason: str, secure: frozenset[Secret]) -> Walk:
    yield WaitUntil(path=path, uses="wait", attempt=1, at=at, reason=reason)
    output: Json = {"until": iso(at)}
    yield Note(path=path, uses="wait", status=StepStatus.SUCCEEDED, output=output, secure=secure)
    return Ended(status=StepStatus.SUCCEEDED, output=output)


def _event(step: WaitStep, awaited: AwaitedEvent, scope: Scope, path: str) -> Walk:
    ends_at = None
    if step.timeout_ms is not None:
        ends_at = cast(int, (yield Begin(path=path, uses="wait"))) + step.timeout_ms

    def matches(event: JsonObject) -> bool:
        try:
            return awaited.condition is None or awaited.condition.truth({**scope.context, "event": event})
        except ExpressionError:
            return False

    outcome = cast(Outcome, (yield AwaitEvent(path=path, step=step, matches=matches, ends_at=ends_at)))
    return Ended(status=outcome.status, output=outcome.output, error=outcome.error)


def _duration(step: WaitStep, scope: Scope) -> int:
    if isinstance(step.duration, int):
        return step.duration
    assert step.duration is not None, "the loader takes a wait with for, until or event only"
    try:
        return milliseconds(step.duration.render(scope.context))
    except NotADuration as error:
        raise ExpressionError(f"wait for: {error}", place=step.places.get("wait.for", step.place)) from None


def _instant(step: WaitStep, scope: Scope) -> int:
    assert step.until is not None
    value = step.until.evaluate(scope.context)
    if not isinstance(value, str):
        raise ExpressionError(
            f"wait until needs an instant as text, but {step.until.text} is {type_name(value)}", place=step.until.place
        )
    try:
        return instant_ms(value)
    except NotAnInstant as error:
        raise ExpressionError(f"wait until: {error}", place=step.until.place) from None
