"""What stands under with is judged by the input model, except for what only the run will know."""

from __future__ import annotations

import pytest

from tests.unit.check.support import brief, flow


def given(text: str) -> list[str]:
    return brief(flow("steps:", "  - id: s", "    uses: shop.write_note", f"    with: {text}"))


@pytest.mark.parametrize(
    "text",
    [
        "{text: a}",
        "{text: a, stars: 5, level: error, address: {street: x}, tags: [a]}",
        "{text: '{{ trigger.event }}', stars: '{{ 1 }}', level: '{{ trigger.payload.id }}', address: '{{ trigger.payload }}'}",
        "{text: a, address: {street: '{{ trigger.event }}'}, tags: ['{{ trigger.event }}', b]}",
        "{text: a, tags: '{{ trigger.payload.extra.any }}'}",
        "{text: '{{ trigger.payload.person.name | default(trigger.event, true) }}', stars: '{{ trigger.payload.id | int }}'}",
    ],
)
def test_what_may_be_right_passes(text: str) -> None:
    assert given(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{text: ^1}", ["E214 text of shop.write_note: input should be a valid string"]),
        ("{text: a, level: ^warn}", ["E214 level of shop.write_note: input should be 'info' or 'error'"]),
        ("{text: a, tags: [b, ^1]}", ["E214 tags.1 of shop.write_note: input should be a valid string"]),
        ("{text: a, address: ^{city: x}}", ["E213 address of shop.write_note needs street"]),
        ("{text: a, address: {street: x, ^zip: 1}}", ["E212 address of shop.write_note has no input 'zip'"]),
        (
            "^{^txt: '{{ trigger.event }}'}",
            [
                "E213 shop.write_note needs text",
                "E212 shop.write_note has no input 'txt'; did you mean 'text'?",
            ],
        ),
        (
            "{text: '{{ trigger.event }}', stars: ^0}",
            ["E214 stars of shop.write_note: input should be greater than or equal to 1"],
        ),
    ],
)
def test_what_cannot_be_right_is_found_at_the_word(text: str, expected: list[str]) -> None:
    assert given(text) == expected


def test_a_step_without_with_lacks_what_is_required() -> None:
    assert brief(flow("steps: [{id: s, uses: ^shop.write_note}]")) == ["E213 shop.write_note needs text"]


def test_a_trigger_is_judged_in_the_same_way() -> None:
    text = "id: a\nconnections: {shop: x}\ntriggers:\n  - {uses: shop.order, with: {events: [^order.mad], ^evnts: 1}}\nsteps: [{id: s, set: {v: 1}}]\n"
    assert brief(text) == [
        "E214 events.0 of shop.order: input should be 'order.made' or 'order.paid'",
        "E212 shop.order has no input 'evnts'; did you mean 'events'?",
    ]
