"""What a run does, from its variables to its outputs. Owns the frame of a flow around its steps, as a pure generator.

It yields commands and is sent what came of them. The same code executes a run, resumes it after a crash (the driver answers from the
journal) and rehearses it. It therefore does no I/O, reads no clock and draws no random number, and makes the same commands in the same
order for the same answers.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import cast

from engine.core.commands import Command, Ending, Limit, Note, Reply, Result, StepError, Steps
from engine.core.ended import expression_failure
from engine.core.scope import RunFacts, Scope
from engine.core.statuses import RunStatus, StepStatus
from engine.core.steps import Walker
from engine.core.times import lasting
from engine.errors import ExpressionError
from engine.flow.model import Flow

MAIN, HANDLER, LASTLY = "flow", "on_error", "finally"
"""The paths of a flow's own lists of steps; no step can have these ids."""


def interpret(flow: Flow, facts: RunFacts) -> Generator[Command, Reply, Ending]:
    """Walk ``flow`` for one run; the generator returns the Ending."""
    scope = Scope.of_run(facts, flow_id=flow.id, version=flow.version)
    walker = Walker(facts.run_id)
    result = yield from _main(flow, scope, walker, facts)
    if result.failure is not None and flow.on_error is not None:
        result = yield from _handled(flow, scope, walker, result, result.failure)
    else:
        scope.skip(flow.on_error or ())
    ending = _ending(flow, scope, result)
    if flow.lastly:
        ending = yield from _lastly(flow, scope, walker, ending)
    return ending


def _main(flow: Flow, scope: Scope, walker: Walker, facts: RunFacts) -> Steps:
    """The flow's steps, within its time limit and until somebody asks for the run's end."""
    ends_at = None if flow.timeout_ms is None else facts.started_at + flow.timeout_ms
    limit = Limit(path=MAIN, steps=lambda: _steps(flow, scope, walker), prefix="", ends_at=ends_at, cancellable=True)
    result = cast(Result, (yield limit))
    scope.skip(flow.steps, StepStatus.SKIPPED if result.cut is None else StepStatus.CANCELLED)
    if result.cut is None:
        return result
    if result.cut == "timeout":
        message = f"the run was not through within {lasting(flow.timeout_ms or 0)}"
        place = flow.places.get("timeout")
        result = replace(result, failure=StepError(step=MAIN, kind="timeout", message=message, place=str(place)))
    yield _cut(MAIN, result)
    return result


def _steps(flow: Flow, scope: Scope, walker: Walker) -> Steps:
    try:
        for name, value in flow.variables.items():
            scope.variables[name] = value.render(scope.context)
    except ExpressionError as error:
        return Result(failure=expression_failure("variables", error))
    return (yield from walker.through(flow.steps, scope, ""))


def _handled(flow: Flow, scope: Scope, walker: Walker, failed: Result, error: StepError) -> Steps:
    """The flow's on_error: only a stop in it changes how the run ends."""
    steps = flow.on_error or ()
    limit = Limit(
        path=HANDLER,
        steps=lambda: walker.through(steps, scope.handler(error), f"{HANDLER}."),
        prefix=f"{HANDLER}.",
        cancellable=True,
    )
    handled = cast(Result, (yield limit))
    scope.skip(steps, StepStatus.SKIPPED if handled.cut is None else StepStatus.CANCELLED)
    if handled.cut is not None:
        yield _cut(HANDLER, handled)
        return handled
    return handled if handled.stopped is not None else failed


def _cut(path: str, result: Result) -> Note:
    status = StepStatus.CANCELLED if result.failure is None else StepStatus.FAILED
    return Note(path=path, uses=path, status=status, error=result.failure, cut=result.cut)


def _ending(flow: Flow, scope: Scope, result: Result) -> Ending:
    if result.failure is not None and not flow.continues:
        return Ending(status=RunStatus.UNCERTAIN if result.uncertain else RunStatus.FAILED, error=result.failure)
    if result.failure is None and result.cut is not None:
        return Ending(status=RunStatus.CANCELLED, message="cancelled by request")
    status, message = result.stopped or (RunStatus.SUCCEEDED, None)
    if result.failure is not None:
        message = f"ended early, as on_error: continue wants it: {result.failure.step}: {result.failure.message}"
    if status is RunStatus.FAILED:
        return Ending(
            status=status, message=message, error=StepError(step="stop", kind="stopped", message=message or "stopped")
        )
    if status is RunStatus.CANCELLED:
        return Ending(status=status, message=message)
    try:
        outputs = {name: value.render(scope.context) for name, value in flow.outputs.items()}
    except ExpressionError as error:
        return Ending(status=RunStatus.FAILED, error=expression_failure("outputs", error))
    return Ending(status=RunStatus.SUCCEEDED, outputs=outputs, message=message)


def _lastly(flow: Flow, scope: Scope, walker: Walker, ending: Ending) -> Generator[Command, Reply, Ending]:
    """``finally``: it runs to its end however the run ends. A failure in it fails a run that had not failed; a stop ends it only."""
    inner = scope.lastly(ending.status.value, ending.error)
    result = yield from walker.through(flow.lastly, inner, f"{LASTLY}.")
    if result.failure is None or ending.error is not None:
        return ending
    status = RunStatus.UNCERTAIN if result.uncertain else RunStatus.FAILED
    return Ending(status=status, error=result.failure, message=ending.message)
