"""What conditions, branches, stops, handlers and events teach about what comes after them."""

from __future__ import annotations

import pytest

from tests.unit.check.support import brief, flow

NOTE = "uses: shop.write_note, with: {text: a}"
BUYER = "{{ trigger.payload.buyer.name }}"


def codes_of(*lines: str) -> list[str]:
    return [line.split()[0] for line in brief(flow("steps:", *lines))]


READ = "set: {v: '{{ trigger.payload.buyer.email | default(1) }} {{ trigger.payload.parent.id }}'}"


@pytest.mark.parametrize(
    "lines",
    [
        (f"  - {{id: a, if: trigger.payload.parent | default(none), {READ}}}",),
        (f"  - {{id: a, if: trigger.payload.parent is defined and trigger.payload.parent is not none, {READ}}}",),
        (
            "  - {id: a, if: trigger.payload.parent | default(none) is none, stop: {status: succeeded}}",
            f"  - {{id: b, {READ}}}",
        ),
        (
            "  - id: a",
            "    if: trigger.payload.parent is undefined or trigger.payload.parent is none",
            "    then: [{id: c, stop: {status: failed}}]",
            f"    else: [{{id: b, {READ}}}]",
            f"  - {{id: d, {READ}}}",
        ),
    ],
)
def test_a_test_holds_from_there_on(lines: tuple[str, ...]) -> None:
    assert codes_of(*lines) == []


@pytest.mark.parametrize(
    "condition", ["trigger.payload.id == 'x'", "not trigger.payload.parent | default(none)", "run.attempt > 1"]
)
def test_another_test_does_not_help(condition: str) -> None:
    text = flow("steps:", f"  - {{id: a, if: {condition}, set: {{v: '{{{{ trigger.payload.^parent.id }}}}'}}}}")
    assert [line.split()[0] for line in brief(text)] == ["E205"]


def test_the_same_condition_teaches_the_same_again() -> None:
    first = f"  - {{id: a, if: trigger.payload.id == 'x', {NOTE}}}"
    again = "  - {id: b, if: trigger.payload.id == 'x' and run.attempt == 1, set: {v: '{{ steps.a.output.uri }}'}}"
    other = "  - {id: c, if: trigger.payload.id == 'y', set: {v: '{{ steps.a.^output.uri }}'}}"
    assert codes_of(first, again, other) == ["E219"]


def test_a_condition_on_a_variable_teaches_nothing_after_the_variable_has_changed() -> None:
    lines = (
        "  - {id: z, set: {go: '{{ run.attempt > 1 }}'}}",
        f"  - {{id: a, if: vars.go, {NOTE}}}",
        "  - {id: y, set: {go: '{{ run.attempt > 2 }}'}}",
        "  - {id: b, if: vars.go, set: {v: '{{ steps.a.^output.uri }}'}}",
    )
    assert codes_of(*lines) == ["E219"]


def test_a_failed_step_has_no_output_and_a_handler_that_stops_leaves_none() -> None:
    failing = f"  - {{id: a, {NOTE}, on_error: continue}}"
    read = "  - {id: b, set: {v: '{{ steps.a.^output.uri }}'}}"
    assert codes_of(failing, read) == ["E219"]
    stopping = f"  - {{id: a, {NOTE}, on_error: [{{id: c, stop: {{status: failed}}}}]}}"
    assert codes_of(stopping, read.replace("^", "")) == []


def test_a_stop_ends_the_way_it_stands_on() -> None:
    lines = ("  - {id: a, stop: {status: failed}}", "  - ^{id: b, set: {v: 1}}")
    assert codes_of(*lines) == ["W304"]


def test_events_that_were_not_chosen_never_come() -> None:
    text = flow("steps: [{id: a, if: trigger.event == ^'order.paid', set: {v: 1}}]").replace("^'order", "'^order")
    assert [line.split()[0] for line in brief(text)] == ["W305"]
