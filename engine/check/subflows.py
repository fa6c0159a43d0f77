"""Rules about flows that call each other. Owns what a caller gives as constants, circles, and called flows that rely on an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.check import codes
from engine.check.callees import Callees
from engine.check.hints import or_one_of
from engine.check.holes import NO_HOLES
from engine.check.references import Judge
from engine.check.walk import Walk
from engine.errors import Finding, Place
from engine.expressions.render import Constant, ObjectNode
from engine.expressions.types import Type, record
from engine.flow.build import fits
from engine.flow.model import Flow, FlowStep, all_steps
from engine.sdk.connector import Connector

Catalogue = Mapping[str, Connector]
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "object": "an object",
}


def check(flow: Flow, catalogue: Catalogue, callees: Callees) -> Iterator[Finding]:
    for step in all_steps(flow):
        if isinstance(step, FlowStep):
            called = callees.get(step.flow)
            circle = callees.circle(flow.id, step.flow)
            if circle:
                message = f"{flow.id} calls itself: {' → '.join(circle)}"
                yield Finding(place=step.places.get("flow", step.place), code=codes.CALLS_ITSELF, message=message)
            if called is not None:
                yield from _given(step, called)
    callers = [each for each in callees.callers_of(flow.id) if each != flow.id]
    if callers:
        yield from _without_event(flow, catalogue, callees, callers)


def _given(step: FlowStep, called: Flow) -> Iterator[Finding]:
    node = step.given.root
    if not isinstance(node, ObjectNode | Constant):
        return
    given = _fields(node)
    name = f"the flow {called.id}"
    for key, value in given.items():
        spec = called.inputs.get(key)
        if spec is None:
            message = f"{name} has no input {key!r}{or_one_of(key, called.inputs)}"
            yield Finding(place=_at(step, f"with.{key}:"), code=codes.UNKNOWN_GIVEN, message=message)
        elif isinstance(value, Constant) and not fits(value.value, spec.type):
            message = f"{key} of {name} needs {_KINDS[spec.type]}"
            yield Finding(place=_at(step, f"with.{key}"), code=codes.WRONG_GIVEN, message=message)
    for key, spec in called.inputs.items():
        if spec.required and key not in given:
            message = f"{name} needs the input {key}, which has no default"
            yield Finding(place=_at(step, "with"), code=codes.MISSING_GIVEN, message=message)


def _fields(node: ObjectNode | Constant) -> Mapping[str, object]:
    if isinstance(node, ObjectNode):
        return dict(node.fields)
    return {key: Constant(value) for key, value in node.value.items()} if isinstance(node.value, Mapping) else {}


def _at(step: FlowStep, name: str) -> Place:
    return step.places.get(name) or step.places.get("flow", step.place)


def _without_event(flow: Flow, catalogue: Catalogue, callees: Callees, callers: list[str]) -> Iterator[Finding]:
    """What the flow reads of an event although a caller's run has none."""
    judge = Judge(flow, NO_HOLES)
    Walk(flow, catalogue, judge, callees=callees, called=True).flow()
    for place, field in judge.unsent.items():
        message = f"{field} is not there in a run that {' or '.join(callers)} starts; take it as an input, or ask trigger.event != 'flow' before"
        yield Finding(place=place, code=codes.CALLED_WITHOUT, message=message)


def outputs_of(catalogue: Catalogue, flow: Flow, callees: Callees) -> Type:
    """What a caller of the flow gets."""
    walk = Walk(flow, catalogue, Judge(flow, NO_HOLES), callees=callees, called=True)
    walk.flow()
    return record(walk.outputs, f"the flow {flow.id}")
