"""What an event makes of a flow: a run, or the reasons why none. Owns judging the triggers as ingest does, on values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from engine.flow.model import Flow, Trigger
from engine.runtime.rehearsal.cases import Delivered
from engine.runtime.starting import Refused, item_event, split, why_not
from engine.sdk.connector import AnyTrigger, Connector
from engine.strictjson import JsonObject, dump


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """``trigger`` is the id of the trigger that takes the event, None without one. ``reasons``: why no run starts, by trigger.

    ``event``: what the run sees as ``trigger``; with ``split_on`` that of the first item for which a run starts.
    """

    runs: bool
    event: JsonObject = field(default_factory=dict)
    trigger: str | None = None
    reasons: tuple[str, ...] = ()


def start(flow: Flow, delivered: Delivered, inputs: JsonObject, catalogue: Mapping[str, Connector]) -> Started:
    """The first trigger of the flow that takes the event. ``inputs``: with their defaults."""
    if delivered.manual or not flow.triggers:
        return Started(runs=True, event=delivered.event)
    reasons: list[str] = []
    for trigger in flow.triggers:
        declared = declared_trigger(trigger, catalogue)
        reason = _refusal(trigger, declared, delivered)
        if reason is None:
            event, reason = _first_item(flow, trigger, delivered.event, inputs)
            if reason is None:
                return Started(runs=True, trigger=trigger.id, event=event)
        reasons.append(f"{trigger.id}: {reason}")
    return Started(runs=False, reasons=tuple(reasons))


def shape_problems(delivered: Delivered, flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[ValidationError]:
    """Why the event fits none of the deliveries that the flow's triggers expect; nothing when it fits one of them."""
    found: list[ValidationError] = []
    for trigger in flow.triggers:
        declared = declared_trigger(trigger, catalogue)
        if declared is None or not _may_come(trigger, delivered):
            continue
        try:
            declared.delivery.model_validate(delivered.event)
            return
        except ValidationError as error:
            found.append(error)
    yield from found


def declared_trigger(trigger: Trigger, catalogue: Mapping[str, Connector]) -> AnyTrigger | None:
    connector, _, name = trigger.uses.partition(".")
    return catalogue[connector].triggers.get(name) if connector in catalogue else None


def _may_come(trigger: Trigger, delivered: Delivered) -> bool:
    return delivered.connector is None or trigger.uses.partition(".")[0] == delivered.connector


def _first_item(flow: Flow, trigger: Trigger, event: JsonObject, inputs: JsonObject) -> tuple[JsonObject, str | None]:
    """The event of the first run, and why there is none: with ``split_on`` why the last item starts none."""
    if trigger.split_on is None:
        return event, why_not(flow, trigger, event, inputs)
    try:
        items = split(flow, trigger, event, inputs)
    except Refused as refused:
        return event, refused.reason
    reason: str | None = None
    for index, item in enumerate(items):
        own = item_event(event, item, index)
        reason = why_not(flow, trigger, own, inputs)
        if reason is None:
            return own, None
    return event, f"no item starts a run: {reason}"


def _refusal(trigger: Trigger, declared: AnyTrigger | None, delivered: Delivered) -> str | None:
    """Why the event is none of the trigger's; None when it is. The words are those that ingest keeps with an event."""
    event = delivered.event
    if declared is None or not _may_come(trigger, delivered):
        return f"{trigger.uses} does not deliver it"
    if not declared.accepts(trigger.given, event):
        return f"the trigger asks for {dump(trigger.given)}, and this event is none of them"
    try:
        declared.delivery.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"not in the shape of {trigger.uses}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None
