"""Loops and parallel branches. Owns what runs side by side or again, and how their ends become one; starts nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from engine.core import waits
from engine.core.commands import Begin, Branch, Limit, Result, StepError, Steps
from engine.core.ended import THROUGH, Walk, around, expression_failure, secured, type_name
from engine.core.scope import Scope
from engine.core.statuses import StepStatus
from engine.core.times import lasting
from engine.errors import ExpressionError
from engine.flow.model import ForeachStep, ParallelStep, SetStep, UntilStep, walk
from engine.strictjson import Json

if TYPE_CHECKING:
    from engine.core.steps import Walker


def foreach(walker: Walker, step: ForeachStep, scope: Scope, path: str) -> Walk:
    items = step.items.evaluate_for_loop(scope.context)
    if not isinstance(items, (list, tuple)):
        raise ExpressionError(
            f"foreach needs a list, but {step.items.text} is {type_name(items)}", place=step.items.place
        )
    alone = step.max_parallel == 1
    sets = alone and any(isinstance(inner, SetStep) for inner in walk(step.steps))

    def iteration(index: int) -> Steps:
        inner = scope.iteration(index, {step.variable: items[index]}, own_variables=not alone)
        result = yield from walker.through(step.steps, inner, f"{path}[{index}].")
        inner.skip(step.steps)
        return _left(result, inner, dict(scope.variables) if sets else None)

    branch = Branch(
        path=path,
        count=len(items),
        child=iteration,
        prefix=lambda index: f"{path}[{index}].",
        limit=step.max_parallel,
        iterations=True,
        resumed=lambda result: scope.variables.update(result.variables or {}),
        secure=secured(step),
    )
    results = cast("Mapping[int, Result]", (yield branch))
    ended = [results[index] for index in sorted(results)]
    broken = next((result for result in ended if not result.through), THROUGH)
    return (yield from around(step, path, broken, [dict(result.outputs or {}) for result in ended]))


def until(walker: Walker, step: UntilStep, scope: Scope, path: str) -> Walk:
    begun = cast(int, (yield Begin(path=path, uses="until")))
    limit = Limit(
        path=path,
        steps=lambda: _rounds(walker, step, scope, path),
        prefix=f"{path}[",
        ends_at=begun + step.timeout_ms,
    )
    result = cast(Result, (yield limit))
    if result.cut is not None:
        message = f"{step.condition.text} was not true within {lasting(step.timeout_ms)}"
        error = StepError(step=path, kind="timeout", message=message, place=_place(step))
        result = Result(failure=error, cut=result.cut)
    return (yield from around(step, path, result, dict(result.outputs or {})))


def _rounds(walker: Walker, step: UntilStep, scope: Scope, path: str) -> Steps:
    branch = Branch(
        path=path,
        count=step.max_iterations,
        child=lambda index: _round(walker, step, scope, path, index),
        prefix=lambda index: f"{path}[{index}].",
        limit=1,
        iterations=True,
        resumed=lambda result: scope.variables.update(result.variables or {}),
        secure=secured(step),
    )
    results = cast("Mapping[int, Result]", (yield branch))
    final = results[max(results)]
    if final.last or not final.through:
        return final
    message = f"{step.condition.text} was still not true after {step.max_iterations} rounds (max_iterations)"
    return Result(failure=StepError(step=path, kind="limit", message=message, place=_place(step)))


def _round(walker: Walker, step: UntilStep, scope: Scope, path: str, index: int) -> Steps:
    own = f"{path}[{index}]"
    if index > 0 and step.interval_ms:
        yield from waits.pause(
            f"{own}.interval", step.interval_ms, f"round {index + 1} of at most {step.max_iterations}"
        )
    inner = scope.iteration(index, {}, own_variables=False)
    result = yield from walker.through(step.steps, inner, f"{own}.")
    inner.skip(step.steps)
    if not result.through:
        return _left(result, inner, None)
    try:
        last = step.condition.truth(inner.context)
    except ExpressionError as error:
        return Result(failure=expression_failure(path, error))
    return _left(result, inner, dict(scope.variables), last=last)


def _left(result: Result, inner: Scope, variables: Mapping[str, Json] | None, *, last: bool = False) -> Result:
    """The result with what the iteration leaves behind."""
    return Result(
        failure=result.failure,
        uncertain=result.uncertain,
        stopped=result.stopped,
        outputs=inner.outputs(),
        variables=variables,
        last=last,
    )


def parallel(walker: Walker, step: ParallelStep, scope: Scope, path: str) -> Walk:
    names = tuple(step.branches)
    scopes: dict[int, Scope] = {}

    def run(index: int) -> Steps:
        inner = scopes[index] = scope.branch()
        steps = step.branches[names[index]]
        result = yield from walker.through(steps, inner, f"{path}.{names[index]}.")
        if result.through:
            inner.skip(steps)
        return _left(result, inner, None)

    branch = Branch(
        path=path,
        count=len(names),
        child=run,
        prefix=lambda index: f"{path}.{names[index]}.",
        limit=len(names),
        join=step.join,
    )
    results = cast("Mapping[int, Result]", (yield branch))
    for index in sorted(scopes):
        scope.merge(scopes[index])
    for steps in step.branches.values():
        scope.skip(steps, StepStatus.CANCELLED)
    joined, decided = _join(step, results)
    output: dict[str, Json] = {names[index]: dict(results[index].outputs or {}) for index in joined}
    return (yield from around(step, path, decided, output))


def _join(step: ParallelStep, results: Mapping[int, Result]) -> tuple[list[int], Result]:
    """The branches whose outputs count, and how the step ended. Ties are decided by the order of the file, so that a replay agrees."""
    if step.join == "any":
        winner = next((i for i in sorted(results) if results[i].through or results[i].stopped), None)
        if winner is not None:
            won = results[winner]
            return [winner], Result(stopped=won.stopped)
    broken = next((results[i] for i in sorted(results) if not results[i].through), THROUGH)
    decided = Result(failure=broken.failure, uncertain=broken.uncertain, stopped=broken.stopped)
    return sorted(results), decided


def _place(step: UntilStep) -> str:
    return str(step.places.get("until", step.place))
