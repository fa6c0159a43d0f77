"""Paths into deliveries and outputs: what exists passes, what cannot exist is found, what the schema leaves open is left alone."""

from __future__ import annotations

import pytest

from tests.unit.check.support import brief, flow, reading


@pytest.mark.parametrize(
    "path",
    [
        "trigger",
        "trigger.payload",
        "trigger.payload.lines[0].sku",
        "trigger.payload.lines[inputs].sku",
        "trigger['payload']['person'].email",
        "trigger.payload.buyer.email | default('')",
        "trigger.payload.buyer.vat if trigger.payload.buyer is defined and trigger.payload.buyer is not none else ''",
        "trigger.payload.labels.whatever",
        "trigger.payload.extra.what.ever[3]",
        "trigger.payload.parent.parent.parent.id is defined",
        "trigger.payload.person.email[0]",
        "(trigger.payload.person.name | default('', true)).upper()",
        "trigger.payload.lines[0:2]",
        "trigger.payload[trigger.event]",
        "steps",
        "vars",
        "flow.version",
    ],
)
def test_a_path_that_may_exist_passes(path: str) -> None:
    assert brief(reading(path)) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("trigger.^payloud.id", "E201 trigger has no field 'payloud' on shop.order; did you mean 'payload'?"),
        (
            "trigger.payload.lines.^sku",
            "E201 trigger.payload.lines is a list and has no field 'sku'; name an item, as in [0], or use foreach",
        ),
        (
            "trigger.payload.lines[0].^skus",
            "E201 trigger.payload.lines[0] has no field 'skus' on shop.order; did you mean 'sku'?",
        ),
        (
            "trigger.payload['^lins']",
            "E201 trigger.payload has no field 'lins' on shop.order; did you mean 'lines'?",
        ),
        ("trigger.payload.id.^x", "E201 trigger.payload.id is text and has no field 'x'"),
        ("trigger.payload.labels.a.^b", "E201 trigger.payload.labels.a is text and has no field 'b'"),
        ("trigger.payload.person[^0]", "E201 trigger.payload.person is an object on shop.order and has no items"),
        (
            "trigger.payload.person.email.^x",
            "E201 trigger.payload.person.email is text and has no field 'x'",
        ),
        (
            "trigger.payload.buyer.^phone if trigger.payload.buyer | default(none) else ''",
            "E201 trigger.payload.buyer has no field 'phone' on shop.order",
        ),
        ("run.^idd", "E201 run has no field 'idd'; did you mean 'id'?"),
        ("flow.^name", "E201 flow has no field 'name'"),
        ("inputs.^x", "E209 there is no input 'x'"),
        (
            "^payload.id",
            "E204 there is nothing called payload here; there are flow, inputs, run, steps, trigger, vars",
        ),
        ("^s.output", "E204 there is nothing called s here; did you mean steps.s.output?"),
        ("^loop.index", "E204 loop is known inside of a foreach or an until only"),
        ("trigger.payload.person.email.^splt('@')", "E220 there is no method called 'splt'; did you mean 'split'?"),
        (
            "trigger.payload.^persn.email | default('')",
            "W301 trigger.payload has no field 'persn' on shop.order; unless the service sends it all the same, the fallback is always taken; did you mean 'person'?",
        ),
    ],
)
def test_a_path_that_cannot_exist_is_found(path: str, expected: str) -> None:
    assert brief(reading(path)) == [expected]


def two_triggers(path: str) -> str:
    return flow("  - {uses: shop.refund}", f'steps: [{{id: s, set: {{v: "{{{{{path}}}}}"}}}}]')


def test_with_several_triggers_a_path_must_exist_on_each() -> None:
    assert brief(two_triggers("trigger.payload.person.email")) == []
    assert brief(two_triggers("trigger.payload.^amount")) == [
        "E201 trigger.payload has no field 'amount' on shop.order"
    ]
    assert brief(two_triggers("trigger.payload.^lines")) == ["E201 trigger.payload has no field 'lines' on shop.refund"]


@pytest.mark.parametrize(
    "path",
    [
        "trigger.payload.amount | default(0)",
        "trigger.payload.amount is defined",
        "trigger.payload.amount if trigger.payload.amount is defined else 0",
        "trigger.payload.amount if 'amount' in trigger.payload else 0",
        "trigger.payload.amount is undefined or trigger.payload.amount > 1",
    ],
)
def test_with_several_triggers_a_guarded_path_may_exist_on_one(path: str) -> None:
    assert brief(two_triggers(path)) == []


def test_the_if_of_a_trigger_knows_its_own_delivery_only_and_no_run() -> None:
    text = flow(
        "  - {uses: shop.refund, if: trigger.payload.amount > 1 and trigger.payload.^lines and ^run.id and ^vars.x}",
        "steps: [{id: s, set: {v: 1}}]",
    )
    assert brief(text) == [
        "E201 trigger.payload has no field 'lines' on shop.refund",
        "E204 there is no run yet when this is judged",
        "E204 there is no run yet when this is judged",
    ]


def test_a_loops_variable_has_the_fields_of_the_lists_items() -> None:
    text = flow(
        "steps:",
        "  - id: s",
        "    foreach: trigger.payload.lines",
        "    as: line",
        "    steps: [{id: t, set: {v: '{{ line.sku }} {{ line.^skus }} {{ loop.^first }}'}}]",
    )
    assert brief(text) == [
        "E201 line has no field 'skus' on shop.order; did you mean 'sku'?",
        "E201 loop has no field 'first'",
    ]


def test_a_loop_over_a_computed_list_knows_its_items_too() -> None:
    text = flow(
        "steps:",
        "  - {id: s, foreach: trigger.payload.lines | reverse, steps: [{id: t, set: {v: '{{ item.sku }} {{ item.^any }}'}}]}",
    )
    assert brief(text) == ["E201 item has no field 'any' on shop.order"]


@pytest.mark.parametrize(
    "items", ["trigger.payload.labels", "trigger.payload.person", "steps.one.output", "steps.one.status"]
)
def test_a_loop_over_what_is_no_list_is_found(items: str) -> None:
    text = flow(
        "steps:", "  - {id: one, set: {a: 1}}", f"  - {{id: s, foreach: ^{items}, steps: [{{id: t, set: {{v: 1}}}}]}}"
    )
    (found,) = brief(text)
    assert found.startswith(f"E210 foreach needs a list, but {items} is ")


@pytest.mark.parametrize(
    "items", ["trigger.payload.extra.list", "vars.list", "inputs.list", "trigger.payload.labels | items"]
)
def test_a_loop_over_what_may_be_a_list_passes(items: str) -> None:
    text = flow(
        "inputs: {list: {type: list, default: []}}",
        "variables: {list: []}",
        f"steps: [{{id: s, foreach: {items}, steps: [{{id: t, set: {{v: 1}}}}]}}]",
    )
    assert brief(text) == []
