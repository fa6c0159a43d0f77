"""Every filter and test does what its line in the documentation says, and refuses what it cannot use."""

from __future__ import annotations

import inspect

import pytest

from engine.expressions.filters import FILTERS
from engine.expressions.predicates import TESTS
from engine.strictjson import Json
from tests.unit.expressions.support import evaluate, refusal

ITEMS = "[{'k': 'b', 'n': 2}, {'k': 'A', 'n': 1}, {'k': 'b', 'n': 3}]"

EXAMPLES: dict[str, list[tuple[str, Json]]] = {
    "abs": [("-3 | abs", 3)],
    "add": [
        ("'2026-03-01T09:30:00Z' | add('1h30m')", "2026-03-01T11:00:00Z"),
        ("'2026-03-01T09:30:00+02:00' | add('P1DT1S')", "2026-03-02T09:30:01+02:00"),
    ],
    "capitalize": [("'ada LOVELACE' | capitalize", "Ada lovelace")],
    "default": [
        ("nothing | default", ""),
        ("nothing.at.all | default(1)", 1),
        ("'' | default(1, true)", 1),
        ("none | default(1)", None),
    ],
    "first": [("[1, 2] | first", 1), ("'ab' | first", "a"), ("[] | first | default('none')", "none")],
    "float": [("'1.5' | float", 1.5), ("'x' | float(0)", 0), ("2 | float", 2.0)],
    "format_time": [
        ("'2026-03-29T00:30:00Z' | format_time", "2026-03-29 00:30"),
        ("'2026-03-29T00:30:00Z' | format_time('Europe/Rome')", "2026-03-29 01:30"),
        ("'2026-03-29T01:30:00Z' | format_time('Europe/Rome', '%d.%m. %H:%M %%')", "29.03. 03:30 %"),
    ],
    "int": [("'42' | int", 42), ("3.9 | int", 3), ("'x' | int(default=0)", 0), ("'1_000' | int(-1)", -1)],
    "items": [("{'a': 1} | items", [["a", 1]])],
    "join": [("[1, none, 'a', true] | join('-')", "1--a-true"), (f"{ITEMS} | join(', ', attribute='k')", "b, A, b")],
    "json": [("{'a': [1, 'é']} | json", '{"a":[1,"é"]}')],
    "keys": [("{'a': 1} | keys", ["a"])],
    "last": [("[1, 2] | last", 2), ("'ab' | last", "b")],
    "length": [("'abc' | length", 3), ("[1] | length", 1), ("{'a': 1} | length", 1)],
    "list": [("'ab' | list", ["a", "b"]), ("{'a': 1} | list", ["a"]), ("[1] | list", [1])],
    "lower": [("'ABC' | lower", "abc")],
    "map": [
        (f"{ITEMS} | map(attribute='n')", [2, 1, 3]),
        ("[{'a': 1}, {}] | map(attribute='a', default=0)", [1, 0]),
        ("['a', 'b'] | map('upper')", ["A", "B"]),
        ("['a-b'] | map('split', '-')", [["a", "b"]]),
    ],
    "max": [("[1, 3, 2] | max", 3), (f"({ITEMS} | max(attribute='n')).n", 3)],
    "min": [("['b', 'A'] | min", "A"), ("['b', 'A'] | min(case_sensitive=true)", "A"), ("[] | min | default(0)", 0)],
    "minus": [("'2026-03-01T09:30:00Z' | minus('2d')", "2026-02-27T09:30:00Z")],
    "parse_time": [
        ("'2026-03-01T11:30:00+02:00' | parse_time", "2026-03-01T09:30:00Z"),
        ("'01/03/2026 09:30' | parse_time('%d/%m/%Y %H:%M')", "2026-03-01T09:30:00Z"),
    ],
    "pluck": [(f"{ITEMS} | pluck('k')", ["b", "A", "b"]), ("[{'a': {'b': [7]}}] | pluck('a.b.0')", [7])],
    "reject": [("[0, 1, ''] | reject", [0, ""]), ("[1, 2] | reject('even')", [1])],
    "rejectattr": [(f"({ITEMS} | rejectattr('n', 'ge', 2)) | length", 1)],
    "replace": [("'aXbX' | replace('X', '-')", "a-b-"), ("'aXbX' | replace('X', '', 1)", "abX")],
    "reverse": [("[1, 2] | reverse", [2, 1]), ("'ab' | reverse", "ba")],
    "round": [
        ("2.6 | round", 3),
        ("2.25 | round(1)", 2.2),
        ("2.21 | round(1, 'ceil')", 2.3),
        ("2.9 | round(method='floor')", 2),
    ],
    "select": [("[0, 1, ''] | select", [1]), ("[1, 2, 3] | select('gt', 1)", [2, 3])],
    "selectattr": [
        ("[{'a': 1}, {}] | selectattr('a', 'defined')", [{"a": 1}]),
        ("[{'a': 1}, {}] | selectattr('a', 'undefined')", [{}]),
    ],
    "sort": [
        ("['b', 'A'] | sort", ["A", "b"]),
        ("['b', 'A', 'B'] | sort(case_sensitive=true)", ["A", "B", "b"]),
        (f"{ITEMS} | sort(attribute='n', reverse=true) | pluck('n')", [3, 2, 1]),
    ],
    "split": [("'a b' | split", ["a", "b"]), ("'a,b,c' | split(',', 1)", ["a", "b,c"])],
    "string": [("1.0 | string", "1.0"), ("none | string", ""), ("{'a': true} | string", '{"a":true}')],
    "sum": [("[1, 2.5] | sum", 3.5), (f"{ITEMS} | sum(attribute='n', start=1)", 7)],
    "title": [("'ada lovelace' | title", "Ada Lovelace")],
    "trim": [("'  a ' | trim", "a"), ("'--a-' | trim('-')", "a")],
    "truncate": [
        ("'abcdef' | truncate(4)", "abc…"),
        ("'abc' | truncate(4)", "abc"),
        ("'abcdef' | truncate(3, '')", "abc"),
    ],
    "unique": [("[1, 1.5, 1, 'a', 'a', [1], [1]] | unique", [1, 1.5, "a", [1]])],
    "unique_by": [(f"{ITEMS} | unique_by('k') | pluck('n')", [2, 1])],
    "upper": [("'abc' | upper", "ABC")],
    "urlencode": [("'a b/ü' | urlencode", "a%20b%2F%C3%BC")],
    "uuid": [
        ("'https://api.example.com/events/E/invitees/I' | uuid", "I"),
        ("'https://api.example.com/event_types/T/?x=1#y' | uuid", "T"),
        ("'T' | uuid", "T"),
    ],
    "values": [("{'a': 1} | values", [1])],
    "where": [(f"{ITEMS} | where('k', 'b') | pluck('n')", [2, 3])],
}

TRUE_AND_FALSE: dict[str, tuple[str, str]] = {
    "boolean": ("true is boolean", "1 is boolean"),
    "defined": ("[1] is defined", "x.y is defined"),
    "divisibleby": ("6 is divisibleby(3)", "6 is divisibleby(4)"),
    "eq": ("1 is eq(1)", "1 is eq(2)"),
    "even": ("2 is even", "1 is even"),
    "false": ("false is false", "0 is false"),
    "float": ("1.0 is float", "1 is float"),
    "ge": ("2 is ge(2)", "1 is ge(2)"),
    "gt": ("3 is gt(2)", "2 is gt(2)"),
    "in": ("1 is in([1])", "'z' is in('abc')"),
    "integer": ("1 is integer", "true is integer"),
    "le": ("2 is le(2)", "3 is le(2)"),
    "list": ("[] is list", "'a' is list"),
    "lt": ("1 is lt(2)", "2 is lt(2)"),
    "mapping": ("{} is mapping", "[] is mapping"),
    "ne": ("1 is ne(2)", "1 is ne(1)"),
    "none": ("none is none", "'' is none"),
    "number": ("1.5 is number", "true is number"),
    "odd": ("1 is odd", "2 is odd"),
    "string": ("'a' is string", "1 is string"),
    "true": ("true is true", "1 is true"),
    "truthy": ("[1] is truthy", "'' is truthy"),
    "undefined": ("x.y is undefined", "1 is undefined"),
}


def test_every_filter_and_every_test_has_an_example() -> None:
    assert EXAMPLES.keys() == FILTERS.keys()
    assert TRUE_AND_FALSE.keys() == TESTS.keys()


@pytest.mark.parametrize(("text", "value"), [example for examples in EXAMPLES.values() for example in examples])
def test_a_filter_gives_what_its_example_says(text: str, value: Json) -> None:
    found = evaluate(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("holds", "fails"), TRUE_AND_FALSE.values())
def test_a_test_holds_or_does_not(holds: str, fails: str) -> None:
    assert evaluate(holds, {"x": {}}) is True
    assert evaluate(fails, {"x": {}}) is False


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_takes_the_arguments_that_its_signature_names(name: str) -> None:
    each = FILTERS[name]
    named = [word for word in inspect.signature(each.function).parameters if word not in ("value", "args", "values")]
    assert each.summary.endswith(".")
    assert " → " in each.signature
    assert all(word in each.signature or word in ("fallback", "name", "equals") for word in named)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("'' | uuid", "must be a resource URI"),
        ("'https://' | uuid", "must be a resource URI"),
        ("1 | uuid", "must be text, not a number"),
        ("'x' | int", "cannot read a whole number from the text 'x'"),
        ("true | int", "cannot read a whole number from true"),
        ("'nan' | float", "cannot read a number"),
        ("'abc' | replace('', 'x')", "what to replace is empty"),
        ("'abc' | split('')", "the separator is empty"),
        ("[{'a': 1}] | pluck('b')", "an object with a has no field 'b'"),
        ("[{'a': 1}] | where('b', 1)", "has no field 'b'"),
        ("[{'a': 1}, {}] | map(attribute='a')", "an object has no field 'a'"),
        ("[{}] | selectattr('a')", "has no field 'a'"),
        ("[1] | map('map')", "needs attribute='…' or the name of one of"),
        ("[1] | map", "needs attribute"),
        ("[1] | select('odds')", "there is no test of that name"),
        ("[1] | select('gt')", "the test gt does not take 0 arguments"),
        ("['a'] | select('gt', 1)", "cannot compare text with a number"),
        ("[1, 'a'] | sort", "no order among each other"),
        ("[none, 'a'] | max", "no order among each other"),
        ("[{}] | sort", "objects have no order"),
        ("['a'] | sum", "only numbers can be summed"),
        ("5 | round(99)", "digits must be from -15 to 15"),
        ("5.5 | round(1, 'up')", "the method must be"),
        ("'abcdef' | truncate(1, '...')", "the end is not shorter"),
        ("'abc' | truncate(0)", "length must be from 1"),
        ("'tomorrow' | parse_time", "must be a time such as"),
        ("'2026-03-01T09:30:00' | parse_time", "has no offset"),
        ("'x' | parse_time('%d')", "does not look like"),
        ("'1' | parse_time('%d %d')", "does not look like"),
        ("('1' ~ ' ' ~ 'x' | replace('x', '" + "x" * 300 + "')) | parse_time('%d')", "does not look like"),
        ("'2026-03-01T09:30:00Z' | add(5)", "the duration must be text"),
        ("'2026-03-01T09:30:00Z' | add('5')", "must look like 30s"),
        ("'2026-03-01T09:30:00Z' | add('')", "must look like 30s"),
        ("'9999-12-31T00:00:00Z' | add('9d')", "out of range"),
        ("'0001-01-01T00:00:00+10:00' | parse_time", "out of range"),
        ("'2026-03-01T09:30:00Z' | format_time('Europe/Atlantis')", "is not known"),
        ("'2026-03-01T09:30:00Z' | format_time('../../etc/passwd')", "is not known"),
        ("'2026-03-01T09:30:00Z' | format_time('Europe')", "is not known"),
        ("'2026-03-01T09:30:00Z' | format_time('UTC', '%1000000000d')", "the layout may use"),
    ],
)
def test_a_filter_refuses_what_it_cannot_use_and_says_why(text: str, message: str) -> None:
    assert message in str(refusal(text))
