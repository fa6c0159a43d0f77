"""Which steps and variables an expression can see from where it stands."""

from __future__ import annotations

import pytest

from tests.unit.check.support import brief, flow

LATER = "has not ended before this; its result is not known here"


def note(step_id: str, text: str = "a") -> str:
    return f"{{id: {step_id}, uses: shop.write_note, with: {{text: '{text}'}}}}"


def messages(*lines: str) -> list[str]:
    return brief(flow("steps:", *lines))


def test_a_step_is_seen_after_it_and_not_before_or_in_itself() -> None:
    assert messages(f"  - {note('a')}", f"  - {note('b', '{{ steps.a.output.uri }}')}") == []
    assert messages(f"  - {note('a', '{{ steps.^b.output.uri }}')}", f"  - {note('b')}") == [f"E207 the step b {LATER}"]
    assert messages(f"  - {note('a', '{{ steps.^a.status }}')}") == [f"E207 the step a {LATER}"]


def test_a_branch_is_seen_after_its_if_but_not_from_the_other_branch() -> None:
    found = messages(
        "  - id: choice",
        "    if: trigger.payload.id == 'x'",
        f"    then: [{note('a')}]",
        f"    else: [{note('b', '{{ steps.^a.status }}')}]",
        f"  - {note('c', '{{ steps.a.status }} {{ steps.b.output.uri | default(1) }}')}",
    )
    assert found == ["E207 the step a is in the other branch, which is skipped whenever this one runs"]


def test_a_foreach_is_seen_inside_by_iteration_and_outside_as_a_list() -> None:
    found = messages(
        "  - id: each",
        "    foreach: trigger.payload.lines",
        f"    steps: [{note('a')}, {note('b', '{{ steps.a.output.uri }} {{ steps.^each.output }}')}]",
        f"  - {note('c', '{{ steps.each.output[0].a.uri }} {{ steps.each.output[0].^x }} {{ steps.^a.output }} {{ ^item }}')}",
    )
    assert found == [
        f"E207 the step each {LATER}",
        "E201 steps.each.output[0] has no field 'x' on the step each",
        "E207 the step a is inside of the foreach each; outside, read the list steps.each.output",
        "E204 item is the variable of the foreach each and known inside of it only",
    ]


def test_error_is_known_in_handlers_and_in_retry_and_nowhere_else() -> None:
    found = messages(
        "  - id: a",
        "    uses: shop.write_note",
        "    if: ^error.kind",
        "    with: {text: '{{ ^error.kind }}'}",
        "    retry: {if: error.status == 503 and error.^kid}",
        f"    on_error: [{note('b', '{{ error.kind }} {{ steps.a.error.message }} {{ error.^stauts }}')}]",
        f"  - {note('c', '{{ steps.b.status }} {{ ^error.kind }}')}",
    )
    unknown = "E204 error is known in handlers (on_error), in finally and in retry.if only"
    assert found == [
        unknown,
        unknown,
        "E201 error has no field 'kid'; did you mean 'kind'?",
        "E201 error has no field 'stauts'; did you mean 'status'?",
        unknown,
    ]


def test_the_flows_handler_sees_every_step_and_the_outputs_see_the_handlers() -> None:
    text = flow(
        f"steps: [{note('a')}]",
        f"on_error: [{note('tell', '{{ steps.a.status }} {{ error.step }}')}]",
        "outputs: {x: '{{ steps.tell.status }} {{ steps.a.output.uri }} {{ ^error.step }}'}",
    )
    assert [line.split()[0] for line in brief(text)] == ["E204"]


@pytest.mark.parametrize("part", ["output", "status", "error", "output.uri", "output.order.id | default(1)"])
def test_a_step_has_an_output_a_status_and_an_error(part: str) -> None:
    assert messages(f"  - {note('a')}", f"  - {note('b', 'x {{ steps.a.' + part + ' }}')}") == []


def test_the_output_of_a_set_an_if_and_a_stop() -> None:
    found = messages(
        "  - {id: one, set: {a: 1}}",
        "  - {id: two, if: steps.one.output.a, then: [{id: three, set: {b: 1}}]}",
        f"  - {note('c', '{{ steps.one.output.^x }} {{ steps.two.output.^x }} {{ steps.three.output.b | default(1) }}')}",
    )
    assert found == [
        "E201 steps.one.output has no field 'x' on the step one",
        "E201 steps.two.output is true or false and has no field 'x'",
    ]


def test_a_variable_is_seen_after_it_is_set_in_branches_handlers_and_serial_loops_too() -> None:
    found = messages(
        "  - {id: a, set: {x: 1, y: '{{ vars.x }} {{ vars.^z }}', z: 1}}",
        "  - {id: b, if: vars.x, then: [{id: c, set: {p: 1}}], else: [{id: d, set: {q: 1, r: '{{ vars.^p }}'}}]}",
        "  - {id: e, foreach: '{{ [1] }}', steps: [{id: f, set: {s: 1}}], on_error: [{id: g, set: {t: 1}}]}",
        f"  - {note('h', '{{ vars.p }} {{ vars.q }} {{ vars.s }} {{ vars.t }} {{ vars.u | default(1) }}')}",
    )
    assert found == ["E211 the variable 'z' is not set before this", "E211 the variable 'p' is not set before this"]


def test_an_alias_belongs_to_one_connector() -> None:
    text = flow("steps:", f"  - {note('a')}", "  - {id: b, uses: crm.list_people, connection: ^both}").replace(
        "{shop: shop}", "{both: x}"
    )
    text = text.replace("uses: shop.order,", "uses: shop.order, connection: both,").replace(
        "uses: shop.write_note,", "uses: shop.write_note, connection: both,"
    )
    assert brief(text) == ["E217 the connection 'both' is used for shop already; crm.list_people needs one of crm"]
