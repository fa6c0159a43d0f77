"""Every finding code of the loader is documented, and some text produces it, at the place of the wrong word."""

from __future__ import annotations

import re

import pytest

from engine.errors import ExpressionError
from engine.flow import CODES, codes
from tests.unit.flow.reading import brief, findings_of, flow, only, step

PRODUCED: tuple[tuple[str, str | bytes, str, str], ...] = (
    (codes.NOT_TEXT, b"id: \xff", "1:5", "save the file as UTF-8"),
    (codes.TOO_LARGE, "[" * 70, "1:61", "60 levels"),
    (codes.SYNTAX, "id: a: b", "1:6", 'id: "a: b"'),
    (codes.UNQUOTED, step("id: b", "if: {{ x }}", "stop: {status: failed}"), "4:9", 'if: "{{ x }}"'),
    (codes.DUPLICATE_KEY, flow("id: b"), "3:1", "first on line 1"),
    (codes.KEY_NOT_TEXT, flow("variables: {a: {1: x}}"), "3:17", '"1":'),
    (codes.TAG, flow("name: !secret x"), "3:7", "!secret"),
    (codes.NUMBER, flow("outputs: {a: .inf}"), "3:14", "quote it"),
    (codes.ONE_DOCUMENT, "- id: a", "1:1", "begins with id:"),
    (codes.UNKNOWN_KEY, flow("lables: [a]"), "3:1", "did you mean 'labels'"),
    (codes.MISSING_KEY, "steps: [{id: end, stop: {status: failed}}]", "1:1", "id is missing"),
    (codes.WRONG_TYPE, flow("labels: sales"), "3:9", "labels: [sales, demo]"),
    (codes.BAD_ID, step("id: Mark it", "stop: {status: failed}"), "3:9", "mark_it"),
    (codes.TAKEN_ID, step("id: b", "stop: {status: failed}") + "  - {id: b, set: {x: 1}}", "5:10", "already on line 3"),
    (codes.RESERVED_ID, step("id: on_error", "stop: {status: failed}"), "3:9", "reserved"),
    (codes.ONE_KIND, step("id: b", "set: {x: 1}", "stop: {status: failed}"), "5:5", "set and stop"),
    (codes.DURATION, step("id: b", "uses: calendly.get_event_types", "timeout: 30"), "5:14", "did you mean 30s"),
    (codes.BAD_CHOICE, step("id: b", "stop: {status: success}"), "4:20", "did you mean 'succeeded'"),
    (codes.BAD_DEFAULT, flow("inputs: {n: {type: integer, default: '1'}}"), "3:39", "not of type integer"),
    (codes.NOT_CONSTANT, flow("triggers: [{uses: a.b, with: {x: '{{ inputs.y }}'}}]"), "3:35", "no run yet"),
    (codes.UNDECLARED, step("id: b", "uses: crm.add", "connection: crm"), "5:17", "not declared"),
    (codes.BAD_USES, step("id: b", "uses: calendly"), "4:11", "<connector>.<action>"),
    (codes.ALIAS, flow("x-a: &lables [b]", "labels: *labels"), "4:9", "did you mean *lables"),
    (codes.MERGE, flow("x-a: &a 3", "variables:", "  <<: *a", "  b: 1"), "5:7", "merges keys and values only"),
    (codes.INSTANT, step("id: b", "wait: {until: 2026-12-24T18:00:00}"), "4:19", "2026-12-24T18:00:00+01:00"),
    (codes.NO_EFFECT, flow("concurrency: {on_limit: skip, max_queued: 3}"), "3:31", "on_limit: queue"),
    (codes.PARALLEL_SET, step("id: b", "parallel: {one: [{id: c, set: {x: 1}}]}"), "4:30", "the parallel b"),
)


@pytest.mark.parametrize(("code", "source", "place", "words"), PRODUCED, ids=[code for code, *_ in PRODUCED])
def test_a_code_is_found_at_the_wrong_word(code: str, source: str | bytes, place: str, words: str) -> None:
    finding = only(source)
    assert (f"{finding.place.line}:{finding.place.column}", finding.code) == (place, code)
    assert finding.place.file == "flows/a.yaml"
    assert words in finding.message


def test_every_code_is_documented_and_produced() -> None:
    named = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    assert named == set(CODES)
    assert {code for code, *_ in PRODUCED} | {codes.SAME_FLOW} == set(CODES), "test_load.py produces SAME_FLOW"


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_says_what_why_and_what_to_do(code: str) -> None:
    doc = CODES[code]
    assert re.fullmatch(r"E2[345]\d", code)
    assert doc.title
    assert not doc.title.endswith(".")
    assert doc.cause.endswith(".")
    assert doc.cure.endswith(".")


def test_a_wrong_expression_brings_its_own_code_and_place() -> None:
    finding = only(step("id: b", "if: trigger.payload.(", "stop: {status: failed}"))
    assert finding.code == ExpressionError.code
    assert (finding.place.line, finding.place.column) >= (4, 9)


def test_every_wrong_expression_of_one_mapping_is_found() -> None:
    source = step(
        "id: b",
        "uses: calendly.x",
        "with:",
        '  a: "{{ 1 + }}"',
        '  b: ["{{ fine }}", "{{ 2 + }}"]',
        '  c: {d: "x {{ }}"}',
    )
    assert [found.place.line for found in findings_of(source)] == [6, 7, 8]


def test_all_findings_of_a_file_come_at_once_in_its_order() -> None:
    source = """\
id: A
colour: red
triggers:
  - with: {events: 1}
steps:
  - uses: calendly.get_event_type
  - id: b
    foreach: [1, 2]
    steps: []
  - id: b
    uses: calendly.get_event_type
    timeout: 5
    retry: {max_attempts: 0, backof: fixed}
"""
    assert brief(source) == [
        *("1:5 E244", "2:1 E241", "4:5 E242", "6:5 E242", "8:14 E243", "9:12 E243"),
        *("10:9 E245", "12:14 E248", "13:27 E249", "13:30 E241"),
    ]


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        (flow("on: {}"), "3:1", "did you mean 'triggers'"),
        (flow("x: {}"), "3:1", "it has id, name"),
        (step("id: b", "action: calendly.x", "stop: {status: failed}"), "4:5", "it has id, if, on_error, secure, stop"),
        (step("id: b", "uses: calendly.x", "params: {}"), "5:5", "did you mean 'with'"),
        (step("id: b", "set: {x: 1}", "with: {}"), "5:5", "with belongs to a step with uses"),
        (step("id: b", "stop: {status: failed}", "retry: {}"), "5:5", "retry belongs to a step with uses"),
        (step("id: b", "uses: a.b", "max_parallel: 2"), "5:5", "max_parallel belongs to a step with foreach"),
        (step("id: b", "stop: {status: failed}", "timeout: 5s"), "5:5", "timeout belongs to a step with uses"),
        (flow("inputs: {n: {type: integer, required: true}}"), "3:29", "did you mean 'default'"),
    ],
)  # fmt: skip
def test_an_unknown_or_misplaced_key_is_explained(source: str, place: str, words: str) -> None:
    finding = only(source)
    assert finding.code == codes.UNKNOWN_KEY
    assert f"{finding.place.line}:{finding.place.column}" == place
    assert words in finding.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (step("uses: calendly.mark"), "id: mark"),
        (step("set: {x: 1}"), "id: remember"),
        (step("if: 'true'", "then: [{id: check, set: {x: 1}}]"), "id: check"),
        (step("what: 1"), "id: step"),
        ("id: a\nsteps:\n  - {id: mark, set: {x: 1}}\n  - uses: calendly.mark\n", "id: mark_2"),
    ],
)
def test_a_step_without_id_gets_a_suggestion_that_is_free(source: str, expected: str) -> None:
    assert any(
        found.message.endswith(f"write   {expected}")
        for found in findings_of(source)
        if found.code == codes.MISSING_KEY
    )


@pytest.mark.parametrize("wrong", ["Mark", "1st", "mark-it", "mark it", "_x", "é", "x" * 65, 7, True])
def test_ids_that_expressions_cannot_name_are_refused(wrong: object) -> None:
    for source in (step(f"id: {wrong}", "stop: {status: failed}"), flow(f"triggers: [{{id: {wrong}, uses: a.b}}]")):
        assert only(source).code == codes.BAD_ID


@pytest.mark.parametrize(
    "key",
    [
        "inputs: {A-b: {type: string}}",
        "variables: {A-b: 1}",
        "outputs: {A-b: 1}",
        "connections: {A b: c}",
        "connections: {a: B c}",
    ],
)
def test_names_are_checked_too(key: str) -> None:
    assert only(flow(key)).code == codes.BAD_ID


def test_ids_are_unique_over_branches_loops_and_handlers() -> None:
    source = """\
id: a
steps:
  - id: one
    if: inputs.x
    then: [{id: two, set: {x: 1}}]
    else: [{id: two, set: {x: 2}}]
  - id: three
    foreach: inputs.list
    steps: [{id: one, set: {x: 1}}]
  - id: four
    uses: a.b
    on_error: [{id: three, set: {x: 1}}]
on_error: [{id: four, set: {x: 1}}]
"""
    assert brief(source) == [f"{place} {codes.TAKEN_ID}" for place in ("6:17", "9:18", "12:21", "13:17")]


@pytest.mark.parametrize("name", ["trigger", "steps", "loop", "vars", "and", "none"])
def test_a_loop_variable_cannot_take_a_word_that_has_a_meaning(name: str) -> None:
    source = step("id: b", "foreach: inputs.list", f"as: {name}", "steps: [{id: c, set: {x: 1}}]")
    assert only(source).code == codes.RESERVED_ID


def test_a_loop_inside_of_a_loop_needs_another_name() -> None:
    inner = "steps: [{id: c, foreach: item.parts, steps: [{id: d, set: {x: 1}}]}]"
    finding = only(step("id: b", "foreach: inputs.list", inner))
    assert finding.code == codes.RESERVED_ID
    assert "item" in finding.message
    assert findings_of(step("id: b", "foreach: inputs.list", "as: outer", inner)) == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("if:", codes.WRONG_TYPE),
        ("if: ''", codes.WRONG_TYPE),
        ("if: 3", codes.WRONG_TYPE),
        ("if: [a]", codes.WRONG_TYPE),
        ("on_error: retry", codes.BAD_CHOICE),
        ("on_error: []", codes.WRONG_TYPE),
        ("on_error: {}", codes.BAD_CHOICE),
        ("with: text", codes.WRONG_TYPE),
        ("with: [a]", codes.WRONG_TYPE),
        ("retry: 3", codes.WRONG_TYPE),
        ("retry: {}", codes.WRONG_TYPE),
        ("retry: {max_attempts: 1.5}", codes.BAD_CHOICE),
        ("retry: {max_attempts: 101}", codes.BAD_CHOICE),
        ("retry: {max_attempts: true}", codes.BAD_CHOICE),
        ("retry: {backoff: linear}", codes.BAD_CHOICE),
        ("retry: {jitter: 'yes'}", codes.WRONG_TYPE),
        ("retry: {interval: 5}", codes.DURATION),
        ("retry: {interval: 5m, max_interval: 1m}", codes.BAD_CHOICE),
        ("retry: {if: 3}", codes.WRONG_TYPE),
        ("timeout: never", codes.DURATION),
        ("connection: 3", codes.WRONG_TYPE),
    ],
)
def test_a_key_of_an_action_step_with_a_wrong_value(line: str, code: str) -> None:
    finding = only(step("id: b", "uses: calendly.x", line))
    assert finding.code == code
    assert finding.place.line == 5


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("if: 'true'",), codes.ONE_KIND),
        (("if: 'true'", "else: [{id: c, set: {x: 1}}]"), codes.MISSING_KEY),
        (("then: [{id: c, set: {x: 1}}]",), codes.MISSING_KEY),
        (("if: 'true'", "then: []"), codes.WRONG_TYPE),
        (("foreach: inputs.x",), codes.MISSING_KEY),
        (("foreach: inputs.x", "max_parallel: 0", "steps: [{id: c, set: {x: 1}}]"), codes.BAD_CHOICE),
        (("foreach: inputs.x", "max_parallel: 101", "steps: [{id: c, set: {x: 1}}]"), codes.BAD_CHOICE),
        (("foreach: inputs.x", "as: 3", "steps: [{id: c, set: {x: 1}}]"), codes.BAD_ID),
        (("set: {}",), codes.WRONG_TYPE),
        (("set: 3",), codes.WRONG_TYPE),
        (("set: {X: 1}",), codes.BAD_ID),
        (("stop: succeeded",), codes.WRONG_TYPE),
        (("stop: {message: x}",), codes.MISSING_KEY),
        (("stop: {status: failed, message: 3}",), codes.WRONG_TYPE),
        (("stop: {status: failed, reason: x}",), codes.UNKNOWN_KEY),
        (("uses: Calendly.Get",), codes.BAD_USES),
        (("uses: a.b.c",), codes.BAD_USES),
        (("uses: 3",), codes.WRONG_TYPE),
        (("name: x",), codes.UNKNOWN_KEY),
    ],
)
def test_a_step_of_a_wrong_shape(lines: tuple[str, ...], code: str) -> None:
    assert code in {finding.code for finding in findings_of(step("id: b", *lines))}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("name: 3", codes.WRONG_TYPE),
        ("description: [x]", codes.WRONG_TYPE),
        ("labels: [1]", codes.WRONG_TYPE),
        ("connections: [calendly]", codes.WRONG_TYPE),
        ("connections: {calendly: 3}", codes.BAD_ID),
        ("inputs: {n: integer}", codes.WRONG_TYPE),
        ("inputs: {n: {default: 1}}", codes.MISSING_KEY),
        ("inputs: {n: {type: int}}", codes.BAD_CHOICE),
        ("inputs: {n: {type: integer, default: true}}", codes.BAD_DEFAULT),
        ("inputs: {n: {type: string, default: null}}", codes.BAD_DEFAULT),
        ("inputs: {n: {type: string, default: '{{ x }}'}}", codes.NOT_CONSTANT),
        ("triggers: {uses: a.b}", codes.WRONG_TYPE),
        ("triggers: [calendly.invitee]", codes.WRONG_TYPE),
        ("triggers: [{uses: calendly}]", codes.BAD_USES),
        ("triggers: [{uses: a.b, with: x}]", codes.WRONG_TYPE),
        ("triggers: [{uses: a.b, connection: crm}]", codes.UNDECLARED),
        ("triggers: [{uses: a.b, if: 3}]", codes.WRONG_TYPE),
        ("triggers: [{id: x, uses: a.b}, {id: x, uses: a.b}]", codes.TAKEN_ID),
        ("on_error: retry", codes.BAD_CHOICE),
    ],
)
def test_a_key_of_the_flow_with_a_wrong_value(line: str, code: str) -> None:
    finding = only(flow(line))
    assert finding.code == code
    assert finding.place.line == 3
