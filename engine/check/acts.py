"""Steps that do one thing: actions, set, stop, waits and calls of flows. Owns what each is given, what it changes, and its output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from engine.check import codes
from engine.check.fitting import Fitting, Taker, type_of_value
from engine.check.hints import or_one_of
from engine.check.schema import described_by, from_schema, input_type, of_model, places_in
from engine.check.scope import ERROR, Scope
from engine.check.starts import passing, told_by
from engine.errors import Finding
from engine.expressions.types import (
    ABSENT_MEMBER,
    ANY,
    NULL,
    TEXT,
    Fields,
    Object,
    Type,
    record,
    words,
)
from engine.expressions.types_marks import SECRET, marked, marks_of
from engine.flow.model import ActionStep, AwaitedEvent, Flow, FlowStep, SetStep, StopStep, WaitStep
from engine.sdk.connector import Action

if TYPE_CHECKING:
    from engine.check.walk import Walk

Act: TypeAlias = ActionStep | SetStep | StopStep | WaitStep | FlowStep
_DURATION = "a duration as text, such as 90m"
_INSTANT = "an instant as text (ISO 8601 with its offset), as parse_time and add give it"


def act(walker: Walk, step: Act, scope: Scope) -> tuple[Scope, Type]:
    """What is known after the step has succeeded, and its output."""
    match step:
        case ActionStep():
            return scope, _action(walker, step, scope)
        case SetStep():
            return _set(walker, step, scope)
        case StopStep():
            return _stop(walker, step, scope)
        case WaitStep():
            return scope, _wait(walker, step, scope)
        case FlowStep():
            return scope, _flow(walker, step, scope)


def _action(walker: Walk, step: ActionStep, scope: Scope) -> Type:
    connector = walker.catalogue.get(step.connector)
    action = connector.actions.get(step.action) if connector is not None else None
    wanted = of_model(action.given, step.uses) if action is not None else ANY
    places = places_in(action.given) if action is not None else {}
    taker = Taker(name=step.uses, destinations=places, hides="inputs" in step.secure)
    Fitting(walker.judge, scope, taker).check(step.given.root, wanted)
    if step.idempotency_key is not None:
        key = Taker(name=f"the step {step.id}")
        Fitting(walker.judge, scope, key).check(step.idempotency_key.root, TEXT, ("idempotency_key",))
    if step.retry.condition is not None:
        walker.judge.type_of(step.retry.condition, scope.with_name("error", ERROR))
    return _answer(step, action) if action is not None else ANY


def _answer(step: ActionStep, action: Action) -> Type:
    """The output's type, with the parts of which the step itself gives the schema."""
    found, given = of_model(action.output, step.uses), step.given.source
    for name, (output, unless) in described_by(action.given).items():
        schema = given.get(name) if isinstance(given, Mapping) and unless not in given else None
        if isinstance(schema, Mapping):
            told = from_schema(schema, f"the step {step.id}")
            found = tuple(one.with_field(output, told) if isinstance(one, Object) else one for one in found)
    return found


def _set(walker: Walk, step: SetStep, scope: Scope) -> tuple[Scope, Type]:
    taker = Taker(name=f"the step {step.id}", hides="outputs" in step.secure, cure="secure: [outputs]")
    for name, value in step.values.items():
        found = type_of_value(value, scope, walker.judge)
        if SECRET in marks_of(found):
            Fitting(walker.judge, scope, taker).check(value.root, ANY, (name,))
        scope = walker.set(scope, name, marked(found, SECRET) if "outputs" in step.secure else found)
    return scope, record({name: scope.variables[name] for name in step.values}, f"the step {step.id}")


def _stop(walker: Walk, step: StopStep, scope: Scope) -> tuple[Scope, Type]:
    if step.message is not None:
        taker = Taker(name=f"the step {step.id}", cure="")
        Fitting(walker.judge, scope, taker).check(step.message.root, ANY, ("message",))
    return replace(scope, dead=True), record({"status": words(step.status), "message": (*TEXT, *NULL)})


def _wait(walker: Walk, step: WaitStep, scope: Scope) -> Type:
    if step.event is not None:
        return _event(walker, step.event, scope)
    taker = Taker(name="wait", hides=True)
    if step.duration is not None and not isinstance(step.duration, int):
        Fitting(walker.judge, scope, taker).check(step.duration.root, TEXT, ("for",), needs=_DURATION)
    if step.until is not None:
        Fitting(walker.judge, scope, taker).check(step.until, TEXT, ("until",), needs=_INSTANT)
    return record({"until": TEXT}, f"the step {step.id}")


def _event(walker: Walk, event: AwaitedEvent, scope: Scope) -> Type:
    told = told_by(event, walker.catalogue)
    if told is None:
        told = ANY
    if event.condition is None:
        return told
    inside = scope.with_name("event", told)
    walker.judge.type_of(event.condition, inside)
    if inside.assume(event.condition, True).dead and not scope.dead:
        walker.never_holds(event.condition, "no event ends this wait: its if never holds")
    return passing(told, event.condition, "event") or told


def _flow(walker: Walk, step: FlowStep, scope: Scope) -> Type:
    known = walker.callees
    called = known.get(step.flow) if known is not None else None
    taker = Taker(name=f"the flow {step.flow}", hides="inputs" in step.secure)
    Fitting(walker.judge, scope, taker).check(step.given.root, _inputs(called) if called is not None else ANY)
    if known is not None and called is None and known.complete:
        message = f"there is no flow {step.flow!r} among the checked files{or_one_of(step.flow, known.ids)}"
        walker.judge.add(Finding(place=step.places.get("flow", step.place), code=codes.NO_FLOW, message=message))
    if not step.wait:
        return record({"run": TEXT}, f"the step {step.id}")
    return known.outputs_of(called) if known is not None and called is not None else ANY


def _inputs(flow: Flow) -> Type:
    fields: dict[str, Type] = {
        name: input_type(spec.type) if spec.required else (*input_type(spec.type), ABSENT_MEMBER)
        for name, spec in flow.inputs.items()
    }
    return (Object(Fields(fields, label=f"the flow {flow.id}")),)
