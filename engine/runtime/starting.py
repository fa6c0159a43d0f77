"""What an event starts: of one flow's trigger the runs, each with its item and its lane, or the reasons why none. Owns these decisions; pure.

The reasons are kept with the event, in words for the author.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import ExpressionError
from engine.flow.model import Flow, InputSpec, Trigger
from engine.journal.records import EventOutcome, Lane, NewRun
from engine.strictjson import Json, JsonObject

MOST_ITEMS = 1_000
"""Runs that one event starts at most through ``split_on``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused(Exception):
    """No run; ``reason`` says why."""

    reason: str


def starts(flow: Flow, trigger: Trigger, event: JsonObject, *, owner: str) -> Sequence[NewRun | EventOutcome]:
    """Runs in the order of the items, then why there are no others, each reason once with how many items it holds for."""

    def refuse(reason: str) -> EventOutcome:
        return EventOutcome(flow=flow.id, digest=flow.digest, trigger=trigger.id, reason=reason)

    try:
        inputs = inputs_of_events(flow)
        items = _items(flow, trigger, event, inputs)
    except Refused as refused:
        return [refuse(refused.reason)]
    runs: list[NewRun] = []
    reasons: dict[str, list[int]] = {}
    for index, item in items:
        try:
            runs.append(_run(flow, trigger, event, inputs, owner, item, index))
        except Refused as refused:
            reasons.setdefault(refused.reason, []).append(index or 0)
    split = trigger.split_on is not None
    return [*runs, *(refuse(_of_items(why, found, len(items)) if split else why) for why, found in reasons.items())]


def inputs_of_events(flow: Flow) -> JsonObject:
    """The inputs' defaults. Raises Refused when one has none: an event gives no inputs."""
    missing = [name for name, spec in flow.inputs.items() if spec.required]
    if missing:
        raise Refused(reason=f"the input {missing[0]!r} has no default, and an event gives none")
    return defaults(flow.inputs)


def defaults(specs: Mapping[str, InputSpec]) -> dict[str, Json]:
    return {name: spec.default for name, spec in specs.items() if not spec.required}


def split(flow: Flow, trigger: Trigger, event: JsonObject, inputs: JsonObject) -> Sequence[Json]:
    """The items of ``split_on``. Raises Refused."""
    assert trigger.split_on is not None
    where = trigger.split_on.place
    try:
        found = trigger.split_on.evaluate_for_loop(_context(flow, event, inputs))
    except ExpressionError as error:
        raise Refused(reason=f"split_on failed: {error.message} ({error.place})") from None
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise Refused(reason=f"split_on needs a list, and got {_kind(found)} ({where})")
    if not found:
        raise Refused(reason=f"split_on found no item ({where})")
    if len(found) > MOST_ITEMS:
        raise Refused(
            reason=f"split_on found {len(found):,} items, and an event starts at most {MOST_ITEMS:,} runs; none was started ({where})"
        )
    return found


def item_event(event: JsonObject, item: Json, index: int) -> JsonObject:
    """The ``trigger`` of the run of one item."""
    return {**event, "item": item, "index": index}


def why_not(flow: Flow, trigger: Trigger, event: JsonObject, inputs: JsonObject) -> str | None:
    """Why the trigger's ``if`` lets no run start; None when it does."""
    if trigger.condition is None:
        return None
    try:
        if trigger.condition.truth(_context(flow, event, inputs)):
            return None
    except ExpressionError as error:
        return f"if failed: {error.message} ({error.place})"
    return f"if was false: {trigger.condition.text} ({trigger.condition.place})"


def lane_of(flow: Flow, event: JsonObject, inputs: JsonObject) -> Lane | None:
    """The lane of a run with this ``trigger`` and these inputs; None when any number may be under way. Raises Refused."""
    wanted = flow.concurrency
    if wanted is None:
        return None
    value: Json = None
    if wanted.key is not None:
        try:
            value = wanted.key.evaluate(_context(flow, event, inputs))
        except ExpressionError as error:
            raise Refused(reason=f"concurrency.key failed: {error.message} ({error.place})") from None
    key = Lane.key_of(flow.id, value)
    return Lane(key=key, limit=wanted.limit, on_limit=wanted.on_limit, max_queued=wanted.max_queued)


def _items(flow: Flow, trigger: Trigger, event: JsonObject, inputs: JsonObject) -> Sequence[tuple[int | None, Json]]:
    if trigger.split_on is None:
        return [(None, None)]
    return list(enumerate(split(flow, trigger, event, inputs)))


def _run(
    flow: Flow, trigger: Trigger, event: JsonObject, inputs: JsonObject, owner: str, item: Json, index: int | None
) -> NewRun:
    own = event if index is None else item_event(event, item, index)
    reason = why_not(flow, trigger, own, inputs)
    if reason is not None:
        raise Refused(reason=reason)
    return NewRun(
        flow=flow.id,
        digest=flow.digest,
        trigger=trigger.id,
        owner=owner,
        inputs=inputs,
        lane=lane_of(flow, own, inputs),
        item=item,
        index=index,
    )


def _context(flow: Flow, event: JsonObject, inputs: JsonObject) -> JsonObject:
    return {"trigger": event, "inputs": inputs, "flow": {"id": flow.id, "version": flow.version}}


def _of_items(reason: str, indices: Sequence[int], count: int) -> str:
    if len(indices) == count:
        return f"all {count} items: {reason}"
    first = ", ".join(map(str, indices[:5]))
    more = "" if len(indices) <= 5 else f" and {len(indices) - 5} more"
    return f"{'item' if len(indices) == 1 else 'items'} {first}{more} of {count}: {reason}"


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    return {str: "text", bool: "true or false", int: "a number", float: "a number"}.get(type(value), "an object")
