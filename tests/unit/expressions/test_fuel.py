"""What an expression may do is bounded by what it would cost, which is known before it begins; so nothing here looks at a clock."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import strictjson
from engine.errors import ExpressionError
from engine.expressions import compile_expression, compile_value
from engine.expressions.costs import FILTER_COSTS, METHOD_COSTS, TEST_COSTS
from engine.expressions.filters import FILTERS
from engine.expressions.limits import MAX_DEPTH, MAX_EXPRESSION, MAX_FUEL, MAX_ITEMS, MAX_TEXT
from engine.expressions.methods import INTERNAL, OBJECT_METHODS, TEXT_METHODS
from engine.expressions.predicates import TESTS
from engine.expressions.values import Meter
from engine.strictjson import Json
from tests.unit.expressions.support import PLACE, evaluate, refusal

BODY_CAP = 1024 * 1024
"""The longest body that ingest accepts, and the largest output of an action."""

PEOPLE: list[Json] = [
    {"id": number, "name": f"Person {number}", "tags": [number % 7, "x"], "more": None} for number in range(12_000)
]
LARGE: dict[str, Json] = {
    "text": "a" * BODY_CAP,
    "line": "word " * 50_000,
    "odd": "ß" * 100_000,
    "numbers": list(range(100_000)),
    "same": [1] * 100_000,
    "people": PEOPLE,
    "wide": {f"key{number}": number for number in range(40_000)},
    "tree": [[[number] * 50 for number in range(50)] for _ in range(50)],
    "twin": [[[number] * 50 for number in range(50)] for _ in range(50)],
    "deep": strictjson.parse("[" * 55 + "]" * 55),
    "huge": 10**299,
    "tiny": 5e-324,
    "time": "2026-03-01T09:30:00Z",
    "path": ".".join("a" * 50_000),
    "zero": 0,
    "none": None,
}


def many(part: str) -> str:
    """The number of so many copies as an expression may hold."""
    return "[" + ",".join([part] * (4_000 // (len(part) + 1))) + "]"


def test_everything_has_a_cost() -> None:
    assert FILTER_COSTS.keys() == FILTERS.keys()
    assert TEST_COSTS.keys() == TESTS.keys()
    assert METHOD_COSTS.keys() == {name.removeprefix(".") for name in INTERNAL}


@pytest.mark.parametrize(
    "text",
    [
        "numbers | select('in', numbers)",
        "numbers | reject('eq', numbers) | select('eq', tree)",
        "text | trim(odd ~ 'a')",
        "numbers | unique",
        "people | unique_by('id') | sort(attribute='name')",
        "people | map(attribute=path, default=1)",
        "people | where('tags', tree)",
        many("numbers[:]") + " | length",
        many("text | lower") + " | length",
        many("tree == twin") + " | length",
        many("twin in tree") + " | length",
        many("wide | items") + " | length",
        many("text") + " | map('replace', 'a', '') | list",
        many("odd.split('b')") + " | length",
    ],
)
def test_what_would_take_seconds_is_refused_at_the_first_step_that_is_too_much(text: str) -> None:
    assert f"more work than an expression may do ({MAX_FUEL:,} steps)" in refusal(text, LARGE).message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("numbers[:10000] | map('string') | map('length') | sum", 38_890),
        ("numbers[:10000] | select('gt', 9998) | list", [9_999]),
        (
            "people[:5000] | selectattr('id', 'lt', 3) | map(attribute='name') | join(', ')",
            "Person 0, Person 1, Person 2",
        ),
        ("(people[:2000] | unique_by('name') | sort(attribute='id', reverse=true))[0].id", 1_999),
        ("text | length", BODY_CAP),
        ("odd.split('b') | length", 1),
        ("99999 in numbers and 'word' in line", True),
        ("tree == twin", True),
    ],
)
def test_what_flows_do_with_much_data_is_not_too_much(text: str, value: Json) -> None:
    assert evaluate(text, LARGE) == value


def test_all_expressions_of_one_value_share_its_fuel() -> None:
    costly = "{{ numbers[:20000] | select('odd') | length }}"
    assert compile_value([costly], lambda path: PLACE).render(LARGE) == [10_000]
    with pytest.raises(ExpressionError, match="more work than an expression may do"):
        compile_value([costly] * 40, lambda path: PLACE).render(LARGE)


def test_strangers_cannot_make_the_search_for_a_likely_name_long() -> None:
    keys: dict[str, Json] = {"ab" * 2_000 + str(number): 1 for number in range(100)}
    found = refusal("x." + "ab" * 2_000, {"x": keys}).message
    assert "did you mean" not in found
    assert len(found) < 1_000


def test_a_comparison_of_three_looks_at_the_third_only_when_it_matters() -> None:
    assert evaluate("1 < 0 < x.gone", {"x": {}}) is False
    assert evaluate("0 < n < 2 < 3", {"n": 1}) is True
    assert "x.gone is missing" in refusal("0 < 1 < x.gone", {"x": {}}).message


@pytest.mark.parametrize("text", ["t[1:3]", "t[:-1]", "t[::2]", "t[::-1]", "t[-2:]", "t[5:]"])
def test_slices_are_pythons(text: str) -> None:
    assert evaluate(text, {"t": "abcd"}) == eval(text, {"t": "abcd"})
    assert evaluate(text, {"t": [1, 2, 3, 4]}) == eval(text, {"t": [1, 2, 3, 4]})


# Every construct that syntax.py admits, and data as large as ingest takes.

names = st.sampled_from(sorted(LARGE))
literals = st.sampled_from(
    [
        *("0", "1", "-1", "2.5", "1e300", "9" * 290, "'a'", "'" + "b" * 300 + "'", "''", "' '", "none", "true", "[]"),
        *("{}", "'%Y-%m-%d'", "'Europe/Rome'", "'1h30m'", "'P1D'", "'id'", "'tags.0'", "'name'"),
    ]
)
atoms = names | literals | st.sampled_from(["people[0]", "people[0].name", "tree[0][1]", "wide.key7", "numbers[:5000]"])
named = st.sampled_from(
    ["attribute='id'", "attribute='tags'", "attribute=path", "default=1", "reverse=true", "count=3"]
)
per_item = st.sampled_from(sorted(repr(name) for name in (*FILTERS, *TESTS)))


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = ["+", "-", "*", "/", "//", "%", "~", "and", "or", "in", "not in", "==", "!=", "<", "<=", ">", ">="]
    filters, tests = st.sampled_from(sorted(FILTERS)), st.sampled_from(sorted(TESTS))
    methods = st.sampled_from([*TEXT_METHODS, *OBJECT_METHODS])
    arguments = st.lists(inner | named | per_item, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(operators), inner),
        st.builds("({} < {} < {})".format, inner, inner, inner),
        st.builds("({} | {})".format, inner, filters),
        st.builds("({} | {}({}))".format, inner, filters, arguments),
        st.builds("({} | {}({}) | {})".format, names, st.sampled_from(["map", "select", "reject"]), per_item, filters),
        st.builds("({} | map({}, {}))".format, names, per_item, inner),
        st.builds("({} | select({}, {}))".format, names, per_item, inner),
        st.builds("({} | selectattr('id', {}, {}))".format, names, per_item, inner),
        st.builds("({} is {})".format, inner, tests),
        st.builds("({} is not {}({}))".format, inner, tests, arguments),
        st.builds("({}).{}({})".format, inner, methods, arguments),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:{}:{}]".format, inner, inner, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("{{'k': {}, 'l': {}}}".format, inner, inner),
        st.builds("(-{})".format, inner),
        st.builds("(not {})".format, inner),
        st.tuples(inner, st.integers(2, 200)).map(
            lambda pair: "[" + ",".join([pair[0]] * max(1, min(pair[1], 4_000 // len(pair[0])))) + "]"
        ),
    ).filter(lambda text: len(text) <= MAX_EXPRESSION)


grammar = st.recursive(atoms, _larger, max_leaves=8)


class Calls:
    """Counts the calls that the interpreter makes meanwhile, of Python's functions and of those in C."""

    def __enter__(self) -> Calls:
        self.made = 0
        self._before = sys.getprofile()
        sys.setprofile(self._count)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(self._before)

    def _count(self, frame: FrameType, event: str, argument: object) -> None:
        self.made += event in ("call", "c_call")


def _outcome(text: str) -> tuple[Json, int, int]:
    """What comes out, the calls it took and the fuel that was left."""
    meter = Meter()
    try:
        expression = compile_expression(text, PLACE)
    except ExpressionError as error:
        return _refused(text, error), 0, MAX_FUEL
    expression.references()
    # Jinja's code is made at the first evaluation. What that costs depends on the expression's length alone, and is not what fuel pays for.
    with suppress(ExpressionError):
        expression.evaluate({})
    with Calls() as calls:
        try:
            found = expression.evaluate_on(meter, LARGE)
        except ExpressionError as error:
            found = _refused(text, error)
    return found, calls.made, meter.fuel.left


def _refused(text: str, error: ExpressionError) -> Json:
    place = error.place
    inside = place is not None and place.line == PLACE.line and 0 <= place.column - PLACE.column <= len(text)
    return {"error": error.message, "is inside the text": inside}


def _measure(value: Json, depth: int = 1) -> tuple[int, int, int]:
    """Values, bytes of text and levels in a result."""
    if isinstance(value, str):
        return 1, len(value.encode()), 0
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        return 1, 0, 0
    parts = [_measure(item, depth + 1) for item in inner]
    text = sum(len(key.encode()) for key in value) if isinstance(value, dict) else 0
    return (
        1 + sum(part[0] for part in parts),
        text + sum(part[1] for part in parts),
        1 + max((part[2] for part in parts), default=0),
    )


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(grammar)
def test_whatever_is_written_about_large_data(text: str) -> None:
    found, calls, left = _outcome(text)
    if isinstance(found, dict) and "error" in found:
        assert found["is inside the text"], found
    values, size, depth = _measure(found)
    assert values <= MAX_ITEMS
    assert size <= MAX_TEXT
    assert depth <= MAX_DEPTH
    burnt = MAX_FUEL - max(left, 0)
    assert calls <= 20_000 + 15 * MAX_ITEMS + burnt, f"{calls:,} calls for {burnt:,} steps"
    again, _, left_again = _outcome(text)
    assert (again, left_again) == (found, left)
