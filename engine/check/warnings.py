"""Warnings that save an evening. Owns what is legal and yet certainly not meant: values that nobody reads, writes that may repeat, circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.check import codes, limits
from engine.check.hints import did_you_mean
from engine.check.references import Judge, unread
from engine.check.scope import Scope
from engine.check.starts import chosen_events, declared_as
from engine.check.walk import Walk
from engine.errors import Finding, Place
from engine.expressions.render import expressions_of
from engine.expressions.types_narrow import equal_to
from engine.flow.model import ActionStep, Flow, SetStep, all_steps
from engine.sdk.connector import Action, Connector, ServiceAction

Catalogue = Mapping[str, Connector]


def check(flow: Flow, catalogue: Catalogue, walk: Walk, judge: Judge) -> Iterator[Finding]:
    # Where a name is wrong, it may be the variable's own.
    if not any(finding.is_error for finding in judge.found):
        yield from _unread(flow, judge)
    for step in all_steps(flow):
        action = _action(step, catalogue) if isinstance(step, ActionStep) else None
        if action is not None and isinstance(step, ActionStep):
            yield from _repeats(step, action)
            yield from _same_key(step)
            yield from _circles(step, action, flow, catalogue, walk.reached.get(step.id))
    yield from limits.check(flow)


def _action(step: ActionStep, catalogue: Catalogue) -> Action | None:
    connector = catalogue.get(step.connector)
    return connector.actions.get(step.action) if connector is not None else None


def _unread(flow: Flow, judge: Judge) -> Iterator[Finding]:
    """A set step whose output is read by its id is read; so is every variable when an expression takes vars whole."""
    for name in unread(flow.variables, judge.variables_read):
        place = flow.places.get(f"variables.{name}:") or flow.places["variables"]
        yield _never_read(name, place, judge)
    for step in all_steps(flow):
        if isinstance(step, SetStep) and not {step.id, "*"} & judge.steps_read:
            for name in unread(step.values, judge.variables_read):
                if name not in flow.variables:
                    yield _never_read(name, step.places.get(f"set.{name}:", step.place), judge)


def _never_read(name: str, place: Place, judge: Judge) -> Finding:
    hint = did_you_mean(name, judge.variables_read)
    return Finding(place=place, code=codes.NEVER_READ, message=f"the variable {name!r} is never read{hint}")


def _repeats(step: ActionStep, action: Action) -> Iterator[Finding]:
    # Who writes at the step itself that an uncertain write is tried again has said that it may repeat.
    said = step.retry.condition is not None or (step.on_uncertain == "retry" and "on_uncertain" in step.places)
    repeats = step.retry.max_attempts > 1 or step.on_uncertain == "retry"
    if said or not repeats or not _harmful_when_repeated(action):
        return
    key = " (it takes no idempotency_key)" if step.idempotency_key is not None else ""
    message = f"{step.uses} may have its effect again on a retry, and cannot be asked whether it had it{key}; say with retry.if when it may repeat"
    yield Finding(place=step.places.get("retry:", step.place), code=codes.MAY_REPEAT, message=message)


def _same_key(step: ActionStep) -> Iterator[Finding]:
    key = step.idempotency_key
    if key is not None and next(expressions_of(key.root), None) is None:
        message = "idempotency_key is the same in every run, so that the service does only what the first one asks for; name in it what the call is about, with {{ }}, or leave it out"
        yield Finding(place=step.places.get("idempotency_key", step.place), code=codes.SAME_KEY, message=message)


def _harmful_when_repeated(action: Action) -> bool:
    """Where the connection's settings have a say (repeatable), nothing is certain: they are not in the file."""
    if action.safe_to_repeat or action.repeatable is not None:
        return False
    return not (isinstance(action, ServiceAction) and action.confirm is not None)


def _circles(
    step: ActionStep, action: Action, flow: Flow, catalogue: Catalogue, scope: Scope | None
) -> Iterator[Finding]:
    for trigger in flow.triggers:
        declared = declared_as(trigger, catalogue)
        connector, _, name = trigger.uses.partition(".")
        if declared is None or connector != step.connector or trigger.connection != step.connection:
            continue
        # A trigger's own if may well break the circle, so that nothing is certain then.
        if trigger.condition is not None or scope is None:
            continue
        for fired in sorted(
            event for by, event in action.fires if by == name and event in chosen_events(declared, trigger)
        ):
            if _comes_here(scope, fired):
                message = f"{step.uses} makes the service tell of {fired}, which starts this flow again"
                yield Finding(place=step.places.get("uses", step.place), code=codes.STARTS_ITSELF, message=message)


def _comes_here(scope: Scope, event: str) -> bool:
    env = scope.environment()
    return not scope.dead and not env.assume({("trigger", "event"): equal_to(event)}).dead
