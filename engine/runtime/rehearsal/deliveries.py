"""Reads what starts a test and what comes while it runs. Owns samples with changes and literal events, and whether a service could
deliver them.

The values of ``set`` replace or add fields; a path is names with dots and positions, ``payload.questions_and_answers.0.answer``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from engine.check.hints import did_you_mean, or_one_of
from engine.check.schema import fields_of, of_model
from engine.core.times import iso
from engine.errors import NotFoundError
from engine.expressions.types import Type, member_field, union, without
from engine.flow import codes as loader
from engine.flow.model import AwaitedEvent, Flow, Trigger, WaitStep, all_steps
from engine.flow.node import Node
from engine.flow.words import MANUAL
from engine.runtime.rehearsal import codes
from engine.runtime.rehearsal.cases import Arrival, Delivered
from engine.runtime.rehearsal.mocks import span_of
from engine.runtime.rehearsal.start import declared_trigger, may_come, shape_problems
from engine.sdk.connector import Connector
from engine.strictjson import Json, JsonObject

FORM = "trigger: {sample: calendly/invitee.created}"
EVENTS_FORM = "events: followed by   - {at: 2h, sample: calendly/invitee.canceled}"

Listener: TypeAlias = Trigger | AwaitedEvent
"""What of a flow an event may come for."""


def sample_named(name: str, catalogue: Mapping[str, Connector]) -> tuple[str, JsonObject]:
    """(connector, event) of ``<connector>/<sample>``, or of ``<sample>`` when only one connector has it. Raises NotFoundError."""
    named, slash, sample = name.partition("/")
    if slash and named not in catalogue:
        raise NotFoundError(f"there is no connector {named!r} installed{or_one_of(named, catalogue)}")
    wanted = sample if slash else name
    holders = [catalogue[named]] if slash else list(catalogue.values())
    found = [connector for connector in holders if wanted in connector.samples]
    if len(found) == 1:
        return found[0].name, found[0].samples[wanted]
    if found:
        raise NotFoundError(f"more than one connector has a sample {name!r}; write <connector>/{name}")
    known = [f"{connector.name}/{key}" for connector in holders for key in connector.samples]
    near = did_you_mean(name, known)
    remedy = None if near else f"Samples: {', '.join(known) or 'none'}"
    raise NotFoundError(f"there is no sample {name!r}{near}", remedy=remedy)


def delivered_of(
    node: Node | None, flow: Flow, catalogue: Mapping[str, Connector], *, manual: bool, started_at: int
) -> Delivered:
    """What starts the test; started by hand without an event when nothing is said, or ``trigger: manual``."""
    by_hand = Delivered(event=manual_event(started_at), manual=True)
    if node is None or node.data == MANUAL or not node.is_mapping(FORM) or not isinstance(node.data, Mapping):
        return by_hand
    sample = node.child("sample")
    if sample is None:
        delivered = Delivered(event=node.data, manual=manual)
    else:
        node.keys_are("a trigger of a test", ("sample", "set"))
        found = _sampled(sample, node.optional("set"), flow.triggers, catalogue)
        if found is None:
            return by_hand
        delivered = Delivered(event=found[1], connector=found[0], manual=manual)
    if not manual:
        _judge_shape(node, node.child("set"), delivered, flow.triggers, catalogue)
    return delivered


def manual_event(at: int) -> JsonObject:
    """What a run sees as its trigger that a person starts without an event."""
    return {"event": MANUAL, "payload": {}, "created_at": iso(at), "created_by": None}


def arrivals_of(node: Node | None, flows: Sequence[Flow], catalogue: Mapping[str, Connector]) -> tuple[Arrival, ...]:
    """The events that come while the run is under way. ``flows``: the flow and those that are executed with it."""
    steps = (step for flow in flows for step in all_steps(flow))
    waits = [step.event for step in steps if isinstance(step, WaitStep) and step.event is not None]
    items = node.items(EVENTS_FORM) if node is not None else ()
    found = (_arrival(item, waits, catalogue) for item in items)
    return tuple(arrival for arrival in found if arrival is not None)


def _arrival(node: Node, waits: Sequence[AwaitedEvent], catalogue: Mapping[str, Connector]) -> Arrival | None:
    if not node.is_mapping(EVENTS_FORM):
        return None
    node.keys_are("an event of a test", ("at", "sample", "set", "event"))
    at, sample, whole = node.child("at"), node.child("sample"), node.child("event")
    at_ms = span_of(at) if at is not None else 0
    if (sample is None) == (whole is None):
        node.refuse(loader.MISSING_KEY, "an event is either   sample: …   (with set: …), or the   event: {…}   itself")
        return None
    delivered: Delivered | None = None
    if sample is not None:
        found = _sampled(sample, node.optional("set"), waits, catalogue)
        delivered = Delivered(event=found[1], connector=found[0]) if found is not None else None
    elif whole is not None and whole.is_mapping("event: {…}") and isinstance(whole.data, Mapping):
        delivered = Delivered(event=whole.data)
    if delivered is None:
        return None
    if not any(may_come(wait, delivered) for wait in waits):
        node.refuse(codes.WRONG_EVENT, "no step waits for this event (wait: {event: …}), so that it changes nothing")
    _judge_shape(whole or node, node.child("set"), delivered, waits, catalogue)
    return Arrival(at_ms=at_ms or 0, event=delivered.event, connector=delivered.connector)


def _sampled(
    node: Node, changes: Node | None, listeners: Sequence[Listener], catalogue: Mapping[str, Connector]
) -> tuple[str, JsonObject] | None:
    name = node.text(FORM)
    if name is None:
        return None
    try:
        connector, event = sample_named(name, catalogue)
    except NotFoundError as error:
        node.refuse(codes.NO_SAMPLE, f"{error.message}; {error.remedy}" if error.remedy else error.message)
        return None
    changed = copy.deepcopy(event)
    if changes is not None and changes.is_mapping("set: {payload.email: ann@guests.example}"):
        shapes = _deliveries(listeners, connector, catalogue)
        for path, child in changes.children():
            changed = cast(JsonObject, _change(changed, path, child, shapes))
    return connector, changed


def _deliveries(listeners: Sequence[Listener], connector: str, catalogue: Mapping[str, Connector]) -> list[Type]:
    """What those of that connector may be delivered."""
    found = [declared_trigger(each.uses, catalogue) for each in listeners if each.uses.startswith(f"{connector}.")]
    return [of_model(trigger.delivery) for trigger in found if trigger is not None]


def _change(event: Json, path: str, node: Node, shapes: list[Type]) -> Json:
    parts = [int(part) if re.fullmatch(r"\d+", part) else part for part in path.split(".")]
    wrong = [message for shape in shapes if (message := _unknown(shape, parts))]
    if wrong and len(wrong) == len(shapes):
        node.refuse(codes.WRONG_EVENT, wrong[0], node.key_place)
        return event
    try:
        return _with(event, parts, node.data)
    except LookupError:
        node.refuse(codes.WRONG_EVENT, f"the sample has nothing at {path} that could be set", node.key_place)
        return event


def _unknown(shape: Type, parts: list[str | int]) -> str | None:
    at = shape
    for number, part in enumerate(parts):
        inside = (member_field(member, part) for member in at)
        found = without(union(*(each for each in inside if each is not None and without(each, "absent"))), "absent")
        if not found:
            whole = ".".join(map(str, parts[:number])) or "a delivery"
            return f"{whole} has no field {part!r}{did_you_mean(str(part), fields_of(at))}"
        at = found
    return None


def _with(value: Json, parts: list[str | int], new: Json) -> Json:
    """``value`` with ``new`` at ``parts``; objects on the way that are absent or null are made. Raises LookupError."""
    if not parts:
        return new
    first, rest = parts[0], parts[1:]
    if isinstance(value, list) and isinstance(first, int) and first <= len(value):
        inside = value[first] if first < len(value) else None
        return [*value[:first], _with(inside, rest, new), *value[first + 1 :]]
    if value is None and isinstance(first, str):
        value = {}
    if not isinstance(value, Mapping):
        raise LookupError
    return {**value, str(first): _with(value.get(str(first)), rest, new)}


def _judge_shape(
    node: Node,
    changes: Node | None,
    delivered: Delivered,
    listeners: Sequence[Listener],
    catalogue: Mapping[str, Connector],
) -> None:
    """A finding when the event fits none of the deliveries that are listened to."""
    for error in shape_problems(delivered, listeners, catalogue):
        detail = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(map(str, detail["loc"]))
        at = node
        for part in detail["loc"]:
            at = at.child(str(part)) or at
        changed = (
            next((child for path, child in changes.children() if name.startswith(path)), None) if changes else None
        )
        (changed or at).refuse(codes.WRONG_EVENT, f"no service delivers this: {name}: {detail['msg']}")
        return
