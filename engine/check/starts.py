"""What starts a flow: the deliveries that can come through its triggers. Owns asking the triggers; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.check.schema import deliveries, from_schema
from engine.expressions.types import ANY_OBJECT, Object, Type, union
from engine.expressions.types_conditions import facts_of
from engine.expressions.types_narrow import bake
from engine.flow.model import Trigger
from engine.sdk.connector import AnyTrigger, Connector


def delivered(triggers: Iterable[Trigger], catalogue: Mapping[str, Connector], *, judged: bool = True) -> Type:
    """The ``trigger`` of expressions; with ``judged`` only what passes each trigger's own if. ``()`` when nothing can pass."""
    found: list[Type] = []
    for trigger in triggers:
        declared = declared_as(trigger, catalogue)
        if declared is None:
            return ANY_OBJECT
        one = _chosen(declared, trigger)
        if judged and trigger.condition is not None:
            for path, keep in facts_of(trigger.condition.tree, True).items():
                if path[0] == "trigger":
                    one = bake(one, path[1:], keep)
        found.append(one)
    return union(*found)


def declared_as(trigger: Trigger, catalogue: Mapping[str, Connector]) -> AnyTrigger | None:
    connector, _, name = trigger.uses.partition(".")
    return catalogue[connector].triggers.get(name) if connector in catalogue else None


def chosen_events(declared: AnyTrigger, trigger: Trigger) -> frozenset[str]:
    """Those of the trigger's events that its ``with`` asks for; all of them when it cannot be asked."""
    try:
        asked = frozenset(
            event for event in declared.carries if declared.accepts(dict(trigger.given), {"event": event})
        )
    except ValueError:
        # What is wrong under with is a finding of its own.
        asked = frozenset()
    return asked or frozenset(declared.carries)


def _chosen(declared: AnyTrigger, trigger: Trigger) -> Type:
    if declared.schema is not None:
        try:
            return from_schema(declared.delivery_schema(dict(trigger.given)), trigger.uses)
        except ValueError:
            # What is wrong under with is a finding of its own.
            pass
    events = chosen_events(declared, trigger)
    return tuple(
        one
        for one in deliveries(declared, trigger.uses)
        if not isinstance(one, Object) or not one.event or one.event in events
    )
