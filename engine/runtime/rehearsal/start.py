"""What an event makes of a flow: runs, or the reasons why none. Owns judging the triggers as ingest does, on values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from engine.core.commands import AwaitEvent
from engine.flow.model import AwaitedEvent, Flow, Trigger
from engine.runtime.rehearsal.cases import Arrival, Delivered
from engine.runtime.starting import Refused, item_event, split, why_not
from engine.sdk.connector import AnyTrigger, Connector
from engine.strictjson import JsonObject, dump


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """``events``: what each run that starts sees as its ``trigger``. ``trigger``: the id of the one that takes the event, None without one.

    ``reasons``: why no run starts, by trigger; with ``split_on`` by item too.
    """

    events: tuple[JsonObject, ...] = ()
    trigger: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        return bool(self.events)


def start(flow: Flow, delivered: Delivered, inputs: JsonObject, catalogue: Mapping[str, Connector]) -> Started:
    """The first trigger of the flow that takes the event. ``inputs``: with their defaults."""
    if delivered.manual or not flow.triggers:
        return Started(events=(delivered.event,))
    reasons: list[str] = []
    for trigger in flow.triggers:
        declared = declared_trigger(trigger.uses, catalogue)
        reason = _why_not_taken(trigger, declared, delivered)
        if reason is None:
            found = _split(flow, trigger, delivered.event, inputs)
            if found.runs:
                return found
            reasons += found.reasons
        else:
            reasons.append(f"{trigger.id}: {reason}")
    return Started(reasons=tuple(reasons))


def _split(flow: Flow, trigger: Trigger, event: JsonObject, inputs: JsonObject) -> Started:
    """One run, or one for each item, of those for which the trigger's ``if`` holds."""
    if trigger.split_on is None:
        reason = why_not(flow, trigger, event, inputs)
        if reason is not None:
            return Started(reasons=(f"{trigger.id}: {reason}",))
        return Started(events=(event,), trigger=trigger.id)
    try:
        items = split(flow, trigger, event, inputs)
    except Refused as refused:
        return Started(reasons=(f"{trigger.id}: {refused.reason}",))
    events = [item_event(event, item, index) for index, item in enumerate(items)]
    why = [why_not(flow, trigger, each, inputs) for each in events]
    return Started(
        events=tuple(each for each, reason in zip(events, why, strict=True) if reason is None),
        trigger=trigger.id,
        reasons=tuple(
            f"{trigger.id}, item {index}: {reason}" for index, reason in enumerate(why) if reason is not None
        ),
    )


def shape_problems(
    delivered: Delivered, listeners: Sequence[Trigger | AwaitedEvent], catalogue: Mapping[str, Connector]
) -> Iterator[ValidationError]:
    """Why the event fits none of the deliveries that are listened to; nothing when it fits one of them."""
    found: list[ValidationError] = []
    for listener in listeners:
        declared = declared_trigger(listener.uses, catalogue)
        if declared is None or not may_come(listener, delivered):
            continue
        try:
            declared.delivery.model_validate(delivered.event)
            return
        except ValidationError as error:
            found.append(error)
    yield from found


def fits_wait(awaiting: AwaitEvent, arrival: Arrival, catalogue: Mapping[str, Connector]) -> bool:
    """Whether the event is one that the step waits for: of its trigger, chosen by its parameters, and as its ``if`` wants it."""
    awaited = awaiting.step.event
    assert awaited is not None, "only a wait for an event asks"
    declared = declared_trigger(awaited.uses, catalogue)
    if declared is None or not may_come(awaited, Delivered(event=arrival.event, connector=arrival.connector)):
        return False
    try:
        declared.delivery.model_validate(arrival.event)
    except ValidationError:
        return False
    return declared.accepts(awaited.given, arrival.event) and awaiting.matches(arrival.event)


def declared_trigger(uses: str, catalogue: Mapping[str, Connector]) -> AnyTrigger | None:
    """What the connector says about ``<connector>.<trigger>``."""
    connector, _, name = uses.partition(".")
    return catalogue[connector].triggers.get(name) if connector in catalogue else None


def may_come(listener: Trigger | AwaitedEvent, delivered: Delivered) -> bool:
    """Whether the event is of the listener's connector, as far as it says where it is from."""
    return delivered.connector is None or listener.uses.partition(".")[0] == delivered.connector


def _why_not_taken(trigger: Trigger, declared: AnyTrigger | None, delivered: Delivered) -> str | None:
    """None when the event is one that the trigger asks for. The words are those that ingest keeps with an event."""
    event = delivered.event
    if declared is None or not may_come(trigger, delivered):
        return f"{trigger.uses} does not deliver it"
    if not declared.accepts(trigger.given, event):
        return f"the trigger asks for {dump(trigger.given)}, and this event is none of them"
    try:
        declared.delivery.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"not in the shape of {trigger.uses}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None
