"""What is asked of a timer: that its slots go on, are the same for everybody, and become events of its own model. Owns these checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import ValidationError

from engine.sdk.timer import TimerTrigger
from engine.strictjson import JsonObject

_INSTANTS = (0, 999_999_999_999, 1_774_746_000_000, 1_774_746_000_001, 1_792_890_000_000, 1_800_000_000_000)
"""Among them the change to summer time in Europe in March 2026, and the one back in October 2026."""
_SLOTS = 20


def parameters_fit_their_model(trigger: TimerTrigger, given: JsonObject) -> None:
    try:
        trigger.given.model_validate(given)
    except ValidationError as error:
        raise AssertionError(
            f"call conformance(connector, given={{{trigger.name!r}: [...]}}) with parameters that will do: {error}"
        ) from None


def slots_come_one_after_the_other(trigger: TimerTrigger, given: JsonObject) -> None:
    for instant in _INSTANTS:
        last = instant
        for _ in range(_SLOTS):
            slot = trigger.next_after(given, last)
            if slot is None:
                break
            assert slot > last, f"the slot after {last} must be later, not {slot}"
            last = slot


def a_slot_is_the_same_from_wherever_one_looks(trigger: TimerTrigger, given: JsonObject) -> None:
    for instant in _INSTANTS:
        slot = trigger.next_after(given, instant)
        assert slot == trigger.next_after(given, instant), "the same question must have the same answer"
        if slot is not None:
            assert trigger.next_after(given, slot - 1) == slot, f"the slot {slot} is not there just before it comes"


def an_event_has_the_shape_of_its_model(trigger: TimerTrigger, given: JsonObject) -> None:
    for instant in _INSTANTS:
        slot = trigger.next_after(given, instant)
        for missed in (False, True) if slot is not None else ():
            event = trigger.event(given, slot or 0, missed)
            assert _read(trigger, event) == event, "the delivery model changes an event"
            assert trigger.accepts(given, event), "a timer must accept its own events"


def _read(trigger: TimerTrigger, event: JsonObject) -> JsonObject:
    try:
        return trigger.delivery.model_validate(event).to_json()
    except ValidationError as error:
        raise AssertionError(f"the event is not in the shape of the delivery model: {error}") from None


def catching_up_is_one_of_three(trigger: TimerTrigger, given: JsonObject) -> None:
    assert trigger.catch_up(given) in ("none", "last", "all")


CHECKS: Sequence[Callable[[TimerTrigger, JsonObject], None]] = (
    parameters_fit_their_model,
    slots_come_one_after_the_other,
    a_slot_is_the_same_from_wherever_one_looks,
    an_event_has_the_shape_of_its_model,
    catching_up_is_one_of_three,
)
