"""What starts a flow: the deliveries that can come through its triggers, a person, or another flow. Owns asking the triggers; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.check.schema import deliveries, from_schema
from engine.expressions import Expression
from engine.expressions.types import (
    ANY_OBJECT,
    INTEGER,
    NULL,
    TEXT,
    Fields,
    Object,
    Type,
    looped_over,
    record,
    union,
    words,
)
from engine.expressions.types_conditions import facts_of
from engine.expressions.types_infer import infer
from engine.expressions.types_marks import TYPED, marked
from engine.expressions.types_narrow import Environment, bake
from engine.flow.model import AwaitedEvent, Trigger
from engine.flow.words import MANUAL
from engine.sdk.connector import AnyTrigger, Connector
from engine.sdk.inbound import InboundTrigger

BY_FLOW = "a run that another flow starts"


def _started(event: str, payload: Type, label: str) -> Type:
    by = (*TEXT, *NULL)
    fields = {"event": words(event), "payload": payload, "created_at": TEXT, "created_by": by}
    return (Object(Fields(fields, label=label), event=event),)


_BY_HAND = _started(MANUAL, ANY_OBJECT, MANUAL)
CALLED: Type = _started("flow", record({}, BY_FLOW), BY_FLOW)
"""The trigger of a run that another flow has started."""


def delivered(
    triggers: Iterable[Trigger],
    catalogue: Mapping[str, Connector],
    names: Mapping[str, Type],
    *,
    judged: bool = True,
    split: bool = True,
) -> Type:
    """The ``trigger`` of expressions; with ``judged`` only what passes each trigger's own if, with ``split`` with the item of ``split_on``.

    ``names``: what else ``split_on`` can read. ``()`` when nothing can pass.
    """
    found: list[Type] = []
    for trigger in triggers:
        one = told_by(trigger, catalogue)
        if one is None:
            return ANY_OBJECT
        if split and trigger.split_on is not None:
            one = _split(one, trigger.split_on, names)
        if judged and trigger.condition is not None:
            one = passing(one, trigger.condition, "trigger")
        found.append(one)
    return union(*found)


def told_by(listener: Trigger | AwaitedEvent, catalogue: Mapping[str, Connector]) -> Type | None:
    """What a trigger delivers of the events that were chosen; None when that is not known."""
    if listener.uses == MANUAL:
        return _BY_HAND
    declared = declared_as(listener, catalogue)
    if declared is None:
        return None
    if declared.schema is not None:
        try:
            found = from_schema(declared.delivery_schema(dict(listener.given)), listener.uses)
        except ValueError:
            # What is wrong under with is a finding of its own.
            pass
        else:
            found = _sent(found) if isinstance(declared, InboundTrigger) else found
            return _told_apart(found, tuple(declared.carries))
    events = chosen_events(declared, listener)
    return tuple(
        one
        for one in deliveries(declared, listener.uses)
        if not isinstance(one, Object) or not one.event or one.event in events
    )


def _told_apart(found: Type, events: tuple[str, ...]) -> Type:
    """A trigger that tells of one event is known by it among others."""
    if len(events) != 1:
        return found
    named = (member.with_field("event", words(events[0])) for member in found if isinstance(member, Object))
    return tuple(Object(member.shape, member.changes, events[0]) for member in named) or found


def _sent(found: Type) -> Type:
    """Whoever knows the address and its secret passes on what others have typed."""
    for name in ("payload", "query", "headers"):
        found = tuple(
            member.with_field(name, marked(field, TYPED))
            if isinstance(member, Object) and (field := member.field(name)) is not None
            else member
            for member in found
        )
    return found


def passing(given: Type, condition: Expression, root: str) -> Type:
    """What of ``given``, which the condition calls ``root``, can pass it; each alternative keeps its own facts."""
    for path, keep in facts_of(condition.tree, True).items():
        if path[0] == root:
            given = bake(given, path[1:], keep)
    return given


def _split(given: Type, split_on: Expression, names: Mapping[str, Type]) -> Type:
    found = infer(split_on, Environment(names={**names, "trigger": given}), lambda problem: None)
    item = looped_over(found)
    return tuple(
        member.with_field("item", item).with_field("index", INTEGER) if isinstance(member, Object) else member
        for member in given
    )


def declared_as(listener: Trigger | AwaitedEvent, catalogue: Mapping[str, Connector]) -> AnyTrigger | None:
    connector, _, name = listener.uses.partition(".")
    return catalogue[connector].triggers.get(name) if connector in catalogue else None


def chosen_events(declared: AnyTrigger, listener: Trigger | AwaitedEvent) -> frozenset[str]:
    """Those of the trigger's events that its ``with`` asks for; all of them when it cannot be asked."""
    try:
        asked = frozenset(
            event for event in declared.carries if declared.accepts(dict(listener.given), {"event": event})
        )
    except ValueError:
        # What is wrong under with is a finding of its own.
        asked = frozenset()
    return asked or frozenset(declared.carries)
