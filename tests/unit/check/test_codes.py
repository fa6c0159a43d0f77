"""Every code of the checker, with a flow that has it: where it is found, and what it says."""

from __future__ import annotations

import pytest

from engine.check import CODES, codes
from engine.flow.codes import CODES as LOADER_CODES
from tests.unit.check.support import brief, flow, reading

CASES: list[tuple[str, str]] = [
    (
        flow("steps:", "  - {id: s, uses: ^shp.write_note, with: {text: a}, connection: shop}"),
        "E200 there is no connector 'shp' installed; did you mean 'shop'?",
    ),
    (
        reading("trigger.payload.person.^emial"),
        "E201 trigger.payload.person has no field 'emial' on shop.order; did you mean 'email'?",
    ),
    (
        flow("  - {uses: shop.^ordr}", "steps: [{id: s, set: {v: 1}}]"),
        "E202 shop has no trigger 'ordr'; did you mean 'order'?",
    ),
    (
        flow("steps: [{id: s, uses: shop.^order, with: {text: a}}]"),
        "E203 shop has no action 'order'; shop.order is a trigger",
    ),
    (reading("^error.message"), "E204 error is known in handlers (on_error), in finally and in retry.if only"),
    (
        reading("trigger.payload.^buyer"),
        "E205 trigger.payload.buyer may be absent on order.made; test it, or use default()",
    ),
    (reading("steps.^x.output"), "E206 there is no step 'x'"),
    (reading("steps.^s.output"), "E207 the step s has not ended before this; its result is not known here"),
    (
        flow("steps: [{id: s, uses: shop.write_note, with: {text: a}}, {id: t, set: {v: '{{steps.s.^uri}}'}}]"),
        "E208 a step has output, status and error, but no 'uri'; did you mean steps.s.output.uri?",
    ),
    (
        flow("inputs: {hours: {type: integer, default: 1}}", "steps: [{id: s, set: {v: '{{inputs.^hour}}'}}]"),
        "E209 there is no input 'hour'; did you mean 'hours'?",
    ),
    (
        flow("steps:", "  - {id: s, foreach: ^trigger.payload.person.email, steps: [{id: t, set: {v: 1}}]}"),
        "E210 foreach needs a list, but trigger.payload.person.email is text",
    ),
    (reading("vars.^v"), "E211 the variable 'v' is not set before this"),
    (
        flow("steps: [{id: s, uses: shop.write_note, with: {text: a, ^strs: 2}}]"),
        "E212 shop.write_note has no input 'strs'; did you mean 'stars'?",
    ),
    (flow("steps: [{id: s, uses: shop.write_note, with: ^{stars: 2}}]"), "E213 shop.write_note needs text"),
    (
        flow("steps: [{id: s, uses: shop.write_note, with: {text: a, stars: ^9}}]"),
        "E214 stars of shop.write_note: input should be less than or equal to 5",
    ),
    (
        flow("steps: [{id: s, uses: ^crm.list_people}]"),
        "E215 no connection is declared for crm; write   connections: {crm: name-of-a-connection}; declared are shop, name one with connection:",
    ),
    (
        flow("steps: [{id: s, uses: crm.list_people, connection: ^shop}]"),
        "E217 'shop' is the connection of the connector shop; crm.list_people needs one of crm",
    ),
    (
        flow("inputs: {^hours: {type: integer}}", "steps: [{id: s, set: {v: 1}}]"),
        "E218 the input 'hours' has no default, and an event gives no inputs, so that no trigger can start this flow",
    ),
    (
        flow(
            "steps:",
            "  - {id: s, uses: shop.write_note, on_error: continue, with: {text: a}}",
            "  - {id: t, set: {v: '{{steps.s.^output.uri}}'}}",
        ),
        "E219 steps.s.output may be null here (when the step was skipped or failed); ask steps.s.status == 'succeeded' before",
    ),
    (reading("trigger.payload.id | ^uper"), "E220 there is no filter called 'uper'; did you mean 'upper'?"),
    (reading("trigger.payload.lines | ^lower"), "E221 lower needs text, but trigger.payload.lines is a list"),
    (
        reading("trigger.payload.^note | default('')"),
        "W301 trigger.payload has no field 'note' on shop.order; unless the service sends it all the same, the fallback is always taken",
    ),
    (
        "id: a\nconnections: {^shop: shop}\nsteps: [{id: s, set: {v: 1}}]\n",
        "W302 the connection 'shop' is not used",
    ),
    (flow("steps: [{id: s, set: {^total: 1}}]"), "W303 the variable 'total' is never read"),
    (
        flow("steps:", "  - {id: s, if: ^trigger.event != 'order.made', stop: {status: failed}}"),
        "W304 the step s can never run: its if never holds here",
    ),
    (
        flow("steps:", "  - {id: s, if: run.id == ^1, stop: {status: failed}}"),
        "W305 text never equals a number",
    ),
    (
        flow("steps:", "  - {id: s, uses: shop.write_note, ^retry: {max_attempts: 2}, with: {text: a}}"),
        "W310 shop.write_note may have its effect again on a retry, and cannot be asked whether it had it; say with retry.if when it may repeat",
    ),
    (
        flow("steps:", "  - {id: s, uses: ^shop.pay, with: {text: a}}"),
        "W311 shop.pay makes the service tell of order.made, which starts this flow again",
    ),
    (
        flow(
            "steps:",
            "  - {id: s, uses: shop.write_note, with: {text: a, to: 'x {{ ^trigger.payload.remark | trim }}'}}",
        ),
        "W312 this is what a stranger typed and becomes part of the recipient; encode it with | urlencode",
    ),
    (
        flow(
            "steps:",
            "  - {id: s, uses: shop.write_note, secure: [outputs], with: {text: a}}",
            "  - {id: t, uses: shop.write_note, with: {text: '{{ ^steps.s.output.uri }}'}}",
        ),
        "W313 steps.s.output.uri is kept secret where it comes from, and text of shop.write_note is recorded and shown; write secure: [inputs] at the step",
    ),
    (
        flow("timeout: 1h", "steps: [{id: s, wait: {for: ^90m}}]"),
        "W314 this waits 1h30m, but the flow around it ends after 1h",
    ),
    (
        flow("steps:", "  - {id: s, uses: shop.write_note, idempotency_key: ^order, with: {text: a}}"),
        "W316 idempotency_key is the same in every run, so that the service does only what the first one asks for; name in it what the call is about, with {{ }}, or leave it out",
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[expected.split()[0] for _, expected in CASES])
def test_the_code_is_found_at_the_wrong_word_and_alone(text: str, expected: str) -> None:
    assert brief(text, unread=expected.startswith(codes.NEVER_READ)) == [expected]


AMONG_FLOWS = {codes.NO_FLOW, codes.CALLS_ITSELF, codes.CALLED_WITHOUT}
"""Found where flows are checked together: test_constructs.py."""


def test_every_code_has_a_case() -> None:
    assert {expected.split()[0] for _, expected in CASES} == set(CODES) - AMONG_FLOWS


def test_every_code_that_the_rules_can_use_is_documented() -> None:
    used = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    assert used == set(CODES)
    assert all(doc.title and doc.cause.endswith(".") and doc.cure.endswith(".") for doc in CODES.values())


def test_no_code_belongs_to_the_loader_too() -> None:
    assert not set(CODES) & set(LOADER_CODES)
