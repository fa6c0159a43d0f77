"""Anchors, aliases and merge keys: what they repeat, where findings about it point, and that they cannot make a file explode."""

from __future__ import annotations

import pytest
import yaml

from engine.flow import codes, load_flow
from engine.flow.document import Document, Findings
from engine.flow.model import ActionStep, SetStep
from engine.flow.yaml import MAX_BYTES, read_yaml
from tests.unit.flow.reading import brief, findings_of, flow, only


@pytest.fixture(params=[yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.flow.yaml._LOADER", request.param)


def read(source: str) -> tuple[Document, list[str]]:
    findings = Findings()
    document = read_yaml(source, "a.yaml", findings)
    assert document is not None
    return document, [f"{f.place.line}:{f.place.column} {f.code}" for f in findings.found]


def data_of(source: str) -> object:
    document, found = read(source)
    assert found == []
    return document.data


def place(document: Document, *path: str | int) -> tuple[int, int]:
    return document.values[path].line, document.values[path].column


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a: &x 1\nb: *x\n", {"a": 1, "b": 1}),
        ("a: &x [1, {c: 2}]\nb: [*x, *x]\n", {"a": [1, {"c": 2}], "b": [[1, {"c": 2}], [1, {"c": 2}]]}),
        ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
        ("a: &x {b: &y 1}\nc: *y\n", {"a": {"b": 1}, "c": 1}),
        ("a: &x\nb: *x\n", {"a": None, "b": None}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("a: &x {b: 1}\nd: {b: 2, <<: *x}\n", {"a": {"b": 1}, "d": {"b": 2}}),
        ("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n", {"a": {"b": 1}, "c": {"b": 2, "d": 3}, "e": {"b": 1, "d": 3}}),
        ("a: {<<: {b: 1}, c: 2}\n", {"a": {"b": 1, "c": 2}}),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}\n", {"a": {"b": 1, "c": 3}}),
        ("l: &l [{b: 1}, {c: 2}]\na: {<<: *l}\n", {"l": [{"b": 1}, {"c": 2}], "a": {"b": 1, "c": 2}}),
        ("a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: *y}\n", {"a": {"b": 1}, "c": {"b": 1, "d": 2}, "e": {"b": 1, "d": 2}}),
        ("a: &x {b: null}\nc: {<<: *x}\n", {"a": {"b": None}, "c": {"b": None}}),
        ("a: {\"<<\": 1, '<<b': 2}\n", {"a": {"<<": 1, "<<b": 2}}),
    ],
)  # fmt: skip
def test_what_is_read(source: str, expected: object) -> None:
    assert data_of(source) == expected


def test_what_is_brought_stands_before_the_own_keys() -> None:
    read_data = data_of("a: &x {b: 1, c: 2}\nd: {e: 3, <<: *x, c: 4}\n")
    assert isinstance(read_data, dict)
    assert list(read_data["d"]) == ["b", "e", "c"]


def test_places_inside_of_an_alias_are_where_the_text_stands() -> None:
    document, _ = read('a: &x\n  b: "q"\n  c: |\n    r\nd: *x\ne:\n  <<: *x\n  b: 1\nf: [*x]\n')
    for path in (("a",), ("d",), ("f", 0)):
        assert place(document, *path, "b") == (2, 7)
        assert place(document, *path, "c") == (4, 5)
        assert document.keys[(*path, "b")].line == 2
    assert place(document, "e", "c") == (4, 5)
    assert place(document, "e", "b") == (8, 6), "its own"
    assert document.keys["e", "b"].line == 8


@pytest.mark.parametrize(
    ("source", "expected", "words"),
    [
        ("a: *nobody\n", f"1:4 {codes.ALIAS}", "no anchor &nobody stands above this"),
        ("ask: &asking 1\nb: *askin\n", f"2:4 {codes.ALIAS}", "did you mean *asking?"),
        ("a: *x\nb: &x 1\n", f"1:4 {codes.ALIAS}", "above"),
        ("a: &x {b: [1, *x]}\n", f"1:15 {codes.ALIAS}", "would never end"),
        ("a: &x {<<: *x}\n", f"1:12 {codes.ALIAS}", "would never end"),
        ("a: &x 1\nb: &x [*x]\n", f"2:8 {codes.ALIAS}", "would never end"),
        ("a: {<<: *x}\n", f"1:9 {codes.ALIAS}", "no anchor"),
        ("a: &x text\nb: {<<: *x}\n", f"2:9 {codes.MERGE}", "keys and values only"),
        ("a: {<<: text}\n", f"1:9 {codes.MERGE}", "keys and values only"),
        ("a: {<<: ~}\n", f"1:9 {codes.MERGE}", "keys and values only"),
        ("a: &x 1\nb: {c: 1}\nd: {<<: [{e: 1}, *x, 2]}\n", f"3:18 {codes.MERGE}", "keys and values only"),
        ("a: &x {b: 1}\nc: {<<: *x, <<: *x}\n", f"2:13 {codes.DUPLICATE_KEY}", "[*one, *two]"),
        ("a: {&k b: 1}\n", f"1:5 {codes.ALIAS}", "behind the colon"),
        ("a: &k b\n*k : 1\n", f"2:1 {codes.KEY_NOT_TEXT}", "write the key out"),
        ("a: &x !t 1\nb: *x\n", f"1:4 {codes.TAG}", "!t"),
    ],
)  # fmt: skip
def test_what_is_refused_has_its_place(source: str, expected: str, words: str) -> None:
    findings = Findings()
    read_yaml(source, "a.yaml", findings)
    found = findings.in_order()[0]
    assert f"{found.place.line}:{found.place.column} {found.code}" == expected
    assert words in found.message


def test_a_value_that_was_refused_is_not_judged_again_where_it_is_repeated() -> None:
    document, found = read("a: &x {b: .nan}\nc: *x\nd: {<<: *x}\ne: *no\n")
    assert found == [f"1:11 {codes.NUMBER}", f"4:4 {codes.ALIAS}"]
    assert document.broken == {("a", "b"), ("c", "b"), ("d", "b"), ("e",)}


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9))
MERGES = "a0: &a0 {x: [1, 2, 3]}\n" + "".join(
    f"a{n + 1}: &a{n + 1} {{l{n}: *a{n}, r{n}: *a{n}, <<: *a{n}}}\n" for n in range(20)
)
DEEP = "a: " + "{<<: " * 56 + "{" + ", ".join(f"k{n}: 1" for n in range(9_000)) + "}" + "}" * 56 + "\n"
LONG = f"a: &a {'x' * 60_000}\nb: [*a, *a, *a, *a, *a]\n"
NESTED = "a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 30 + "*a" + "]" * 30 + "\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (LAUGHS, "20,000 values"),
        (MERGES, "20,000 values"),
        (DEEP, "20,000 values"),
        (LONG, "256 Ki characters"),
        (NESTED, "60 levels"),
    ],
    ids=["laughs", "merges", "deep", "long", "nested"],
)
def test_what_aliases_repeat_is_counted_each_time(source: str, words: str) -> None:
    assert len(source) < MAX_BYTES
    findings = Findings()
    assert read_yaml(source, "a.yaml", findings) is None
    (found,) = findings.found
    assert found.code == codes.TOO_LARGE
    assert words in found.message


SHARED = """\
id: a
x-ask: &ask
  uses: calendly.get_event_type
  with: {uuid: "{{ trigger.payload.uri | uuid }}"}
  retry: &patient {max_attempts: 6}
x-note: {text: "{{ never compiled ( }}"}
steps:
  - <<: *ask
    id: one
  - {<<: *ask, id: two, with: {uuid: fixed}}
  - {id: three, uses: calendly.list_users, retry: *patient}
"""


def test_steps_share_what_stands_under_a_key_of_the_authors_own() -> None:
    one, two, three = load_flow(SHARED, "a.yaml").steps
    assert isinstance(one, ActionStep)
    assert isinstance(two, ActionStep)
    assert isinstance(three, ActionStep)
    assert one.uses == two.uses == "calendly.get_event_type"
    assert one.given.render({"trigger": {"payload": {"uri": "x/7"}}}) == {"uuid": "7"}
    assert two.given.render({}) == {"uuid": "fixed"}
    assert one.retry == two.retry == three.retry
    assert (one.places["uses"].line, one.places["id"].line, two.places["with.uuid"].line) == (3, 9, 10)


def test_a_mistake_that_is_used_twice_is_told_once_where_it_stands() -> None:
    source = SHARED.replace("| uuid }}", "| uuid( }}")
    assert [(found.place.line, found.code) for found in findings_of(source)] == [(4, "E220")]


def test_an_alias_repeats_the_id_too() -> None:
    source = "id: a\nsteps:\n  - &s {id: one, set: {x: 1}}\n  - *s\n"
    found = only(source)
    assert (found.code, found.place.line, found.place.column) == (codes.TAKEN_ID, 3, 13)
    assert "an alias repeats this step" in found.message


def test_cases_under_a_key_of_the_authors_own_take_numbers_too() -> None:
    own = "x-pick: &pick {switch: inputs.x, cases: {1: [], true: []}}"
    assert brief(f"id: a\n{own}\nsteps: [{{id: b, <<: *pick}}]\n") == []


def test_keys_of_the_authors_own_hold_anything_that_is_yaml() -> None:
    built = load_flow(flow("x-a: 1", "x-b: [{steps: 3}]", "x-: ~", "x-c-d: {uses: 7}"), "a.yaml")
    assert not [name for name in built.places if name.startswith("x-b.")]
    assert brief(flow("x-a: {b: 1, b: 2}")) == [f"3:13 {codes.DUPLICATE_KEY}"]
    assert brief(flow("x-a: {1: 2}")) == [f"3:7 {codes.KEY_NOT_TEXT}"]
    assert brief(flow("x-a: !t 2")) == [f"3:6 {codes.TAG}"]


def test_variables_can_be_merged() -> None:
    source = "id: a\nx-v: &v {x: 1, y: 2}\nsteps: [{id: b, set: {<<: *v, y: 3}}]\n"
    (found,) = load_flow(source, "a.yaml").steps
    assert isinstance(found, SetStep)
    assert {name: value.source for name, value in found.values.items()} == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("name: *bold text", "3:7", "text goes on after *bold, which YAML takes for an alias"),
        ("labels: [*one two]", "3:10", "text goes on after *one"),
        ("triggers: [{uses: schedule.cron, with: {cron: * * * * *}}]", "3:47", "cannot begin with * without quotes"),
        ("description: */5 * * * *", "3:14", "cannot begin with * without quotes"),
        ("description: & more", "3:14", "cannot begin with & without quotes"),
    ],
)
def test_a_text_that_begins_like_an_alias_needs_quotes(line: str, place: str, words: str) -> None:
    (found,) = [each for each in findings_of(flow(line)) if each.code == codes.SYNTAX]
    assert f"{found.place.line}:{found.place.column}" == place
    assert words in found.message
