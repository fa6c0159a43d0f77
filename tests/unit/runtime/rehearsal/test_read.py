"""Test files: every wrong word is a finding at its place, and all of them are found at once."""

from __future__ import annotations

import pytest

from engine.runtime.rehearsal import codes
from tests.unit.runtime.rehearsal.support import EVENT, findings, read, whole

CASES = [
    ("flow: ^b\ntests: [{name: t}]\n", "E260 there is no flow 'b' in the folder of this file"),
    ("flow: a\n^test: []\ntests: [{name: t}]\n", "E241 a test file has no key 'test'; did you mean 'tests'?"),
    ("flow: a\ntests: ^[]\n", "E243 tests must be a list, not an empty list; write   tests: followed by   - name: what the test shows"),
    ("flow: a\ntests: [{name: t}, {name: ^t}]\n", "E267 the test 't' stands on line 2 already"),
    ("flow: a\ntests: [^{expect: {status: failed}}]\n", "E242 name is missing; write   name: what the test shows"),
    (whole("mock: {^lok: {returns: {}}}"), "E261 a has no step 'lok' that calls an action or a flow; did you mean 'look'?"),
    (whole("mock: {^known: {returns: {}}}"), "E261 the step known calls nothing, so that there is nothing to mock"),
    (whole("mock: {look: ^{}}"), "E243 look must be keys and values, not an empty mapping; write   {returns: {…}} or {error: {kind: not_found}}"),
    (whole("mock: {look: ^{returns: {}, error: {kind: server}}}"), "E262 a mock is one of   returns: {…}   error: {kind: not_found}   uncertain: true"),
    (whole("mock: {look: {returns: ^[1]}}"), "E262 crm.list_people returns an object, not a list"),
    (whole("mock: {look: {returns: {email: ^5}}}"), "E262 crm.list_people: email: input should be a valid string, not 5"),
    (whole("mock: {look: {returns: {^emial: e}}}"), "E262 crm.list_people: the answer has no field 'emial'; did you mean 'email'?"),
    (
        whole("mock: {look: [{error: {kind: ^lost}}]}"),
        "E249 kind is \"lost\", but must be one of throttled, timeout, network, auth, permission, not_found, conflict, invalid, server, unknown_outcome",
    ),
    (whole("mock: {look: {error: {kind: ^unknown_outcome}}}"), "E262 list_people only reads, so that its outcome is never unknown"),
    (whole("mock: {look: {error: {kind: server, status: ^9}}}"), "E249 status is 9, but must be a whole number from 100 to 599"),
    (whole("inputs: {^star: 1}"), "E265 a has no input 'star'; did you mean 'stars'?"),
    (whole("inputs: {stars: ^many}"), "E265 the input 'stars' needs integer, got \"many\""),
    (whole("trigger: {sample: ^shop/order}"), "E263 there is no sample 'shop/order'; Samples: none"),
    (whole("trigger: {sample: ^shp/order}"), "E263 there is no connector 'shp' installed; did you mean 'shop'?"),
    (whole("trigger: {event: order.made, payload: ^{id: o-1}}"), "E264 no service delivers this: payload.person: Field required"),
    (whole("trigger: {event: order.made, payload: {id: ^5, person: {email: e}}}"), "E264 no service delivers this: payload.id: Input should be a valid string"),
    (whole("run: {started_at: ^noon}"), 'E249 started_at is "noon", but must be like 2026-01-01T12:00:00Z'),
    (
        whole("expect: {status: ^ok}"),
        'E249 status is "ok", but must be one of cancelled, failed, succeeded, uncertain, not_started',
    ),
    (whole("expect: {^step: {}}"), "E241 expect has no key 'step'; did you mean 'steps'?"),
    (whole("expect: {steps: {^lok: {status: failed}}}"), "E261 a has no step 'lok'; did you mean 'look'?"),
    (whole("expect: {steps: {^note: {status: failed}}}"), "E261 note runs once for each item; name the iteration: each[0].note"),
    (whole("expect: {steps: {look: {^tries: 2}}}"), "E241 an expected step has no key 'tries'; it has status, attempts, input, output, error, waited, took"),
    (whole("expect: {steps: {look: {attempts: ^two}}}"), 'E249 attempts is "two", but must be a whole number from 0 to 100'),
    (whole("expect: {outputs: {^nmae: x}}"), "E266 a has no output 'nmae'; did you mean 'name'?"),
    (whole("expect: {not_called: [^count]}"), "E261 a has no step 'count' that calls an action or a flow; there are look, note"),
    (whole("mock: {look: {uncertain: ^true}}"), "E262 list_people only reads, so that its outcome is never unknown"),
    (whole("mock: {note: {uncertain: ^false}}"), "E262 uncertain is true, or left out"),
    (whole("mock: {look: {returns: {email: e}, took: ^5}}"), "E248 took: a duration needs a unit; did you mean 5s?"),
    (whole("expect: {waited: ^long}"), "E248 waited: 'long' is not a duration; write a number with its unit: 30s, 5m, 1h30m, 2d or PT5M"),
    (whole("expect: {order: [look, ^lok]}"), "E261 a has no step 'lok'; did you mean 'look'?"),
    (whole("expect: {runs: [{^stats: failed}]}"), "E241 an expected run has no key 'stats'; did you mean 'status'?"),
    (whole("cancel: {at: ^10}"), "E248 at: a duration needs a unit; did you mean 10s?"),
    (whole("flows: ^real"), "E268 a calls no flow, so that there is nothing to execute"),
    (whole("flows: ^all"), 'E249 flows is "all", but must be one of mock, real'),
    (whole("item: ^first"), 'E249 item is "first", but must be a whole number from 0 to 999'),
    (
        whole(f"events: [^{{event: {EVENT}}}]"),
        "E264 no step waits for this event (wait: {event: …}), so that it changes nothing",
    ),
    (whole("events: [^{at: 1h}]"), "E242 an event is either   sample: …   (with set: …), or the   event: {…}   itself"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "expected"), CASES, ids=[expected[:40] for _, expected in CASES])
def test_a_wrong_word_is_found_at_its_place_and_alone(marked: str, expected: str) -> None:
    (found,) = findings(marked.replace("^", ""))
    line = next(number for number, text in enumerate(marked.splitlines(), 1) if "^" in text)
    column = marked.splitlines()[line - 1].index("^") + 1
    assert (f"{found.code} {found.message}", found.place.line, found.place.column) == (expected, line, column)


def test_every_code_has_a_case_and_words() -> None:
    assert {expected.split()[0] for _, expected in CASES} >= set(codes.CODES)
    used = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    assert used == set(codes.CODES)
    assert all(doc.title and doc.cause.endswith(".") and doc.cure.endswith(".") for doc in codes.CODES.values())


def test_all_findings_are_told_at_once() -> None:
    text = whole("inputs: {star: 1}\nmock: {lok: {returns: {}}}\nexpect: {status: ok, outputs: {nmae: x}}")
    assert [found.code for found in findings(text)] == ["E265", "E261", "E249", "E266"]


def test_what_is_no_yaml_is_a_finding() -> None:
    assert [found.code for found in findings("flow: [")] == ["E232"]


def test_a_right_file_is_read_as_it_is_meant() -> None:
    (case,) = read(whole(f"trigger: {EVENT}\ninputs: {{stars: 4}}\nmock: {{look: {{returns: {{email: e}}}}}}")).cases
    assert (case.name, case.place.line, dict(case.inputs)) == ("t", 3, {"stars": 4})
    assert case.delivered.event["event"] == "order.made"
    assert not case.delivered.manual


def test_a_test_without_a_trigger_is_started_by_hand() -> None:
    (case,) = read(whole("expect: {status: failed}")).cases
    assert case.delivered.manual
    assert case.delivered.event == {
        "event": "manual",
        "payload": {},
        "created_at": "2026-01-01T12:00:00.000000Z",
        "created_by": None,
    }
