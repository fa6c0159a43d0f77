"""What counts as JSON: everything that Python takes and others do not is refused, by NotJson and nothing else."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import strictjson
from engine.strictjson import MAX_DEPTH, MAX_DIGITS, Json, NotJson

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: st.lists(children) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), children),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Json) -> None:
    assert strictjson.parse(strictjson.dump(value)) == value
    assert strictjson.parse(strictjson.dump(value).encode()) == value


@given(st.text() | st.binary())
def test_any_input_is_read_or_refused_but_never_breaks_the_reader(text: str | bytes) -> None:
    try:
        value = strictjson.parse(text)
    except NotJson:
        return
    assert json.loads(strictjson.dump(value)) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("{} {}", "Extra data"),
        ("{'a': 1}", "double quotes"),
        ("[1,]", "line 1"),
        ("NaN", "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ("1e999", "out of range"),
        ("[-1e999]", "out of range"),
        ('{"a": 1, "b": 2, "a": 3}', "'a' stands twice"),
        ('[{"x": {"k": 1, "k": 1}}]', "'k' stands twice"),
        ('"\\ud800"', "not UTF-8"),
        ('{"\\uDFFF": 1}', "not UTF-8"),
        ('"\ud800"', "not UTF-8"),
        (b'"\xff"', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        ('{"a": 1}'.encode("utf-16-le"), "double quotes"),
        ('{"a": 1}'.encode("utf-32"), "not UTF-8"),
        ("9" * (MAX_DIGITS + 1), "more than 300 digits"),
    ],
)
def test_what_other_readers_would_stumble_over_is_refused_with_its_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(NotJson, match=reason):
        strictjson.parse(text)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert strictjson.parse('"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_a_byte_order_mark_before_utf_8_is_passed_over() -> None:
    assert strictjson.parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_long_numbers_are_read_up_to_the_cap() -> None:
    assert strictjson.parse("9" * MAX_DIGITS) == int("9" * MAX_DIGITS)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_capped_before_the_stack_is(opening: str, depth: int) -> None:
    closing = {"[": "]", '{"a":': "}"}[opening]
    with pytest.raises(NotJson, match="levels deep"):
        strictjson.parse(opening * depth + "1" + closing * depth)


def test_nesting_up_to_the_cap_is_read() -> None:
    assert strictjson.parse("[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH)


def test_a_caller_may_ask_for_less_nesting() -> None:
    with pytest.raises(NotJson, match="more than 1 levels"):
        strictjson.parse("[[1]]", max_depth=1)


def test_a_repeated_key_among_very_many_is_found_without_comparing_each_with_each() -> None:
    keys = ",".join(f'"k{number}":1' for number in range(200_000))
    with pytest.raises(NotJson, match="'k199999' stands twice"):
        strictjson.parse(f'{{{keys},"k199999":2}}')


@pytest.mark.parametrize("writer", [strictjson.dump, strictjson.canonical])
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {"a": object()}, [{1, 2}], {(1, 2): 3}, MappingProxyType({})]
)
def test_what_json_cannot_hold_is_not_written(writer: object, value: object) -> None:
    assert callable(writer)
    with pytest.raises(NotJson):
        writer(value)


@pytest.mark.parametrize("writer", [strictjson.dump, strictjson.canonical])
def test_a_value_that_contains_itself_is_not_written(writer: object) -> None:
    assert callable(writer)
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(NotJson):
        writer(circle)


def test_text_is_compact_and_keeps_its_characters() -> None:
    assert strictjson.dump({"b": [1, "é"], "a": None}) == '{"b":[1,"é"],"a":null}'


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    assert strictjson.canonical({"b": {"y": 1, "x": 2}, "a": 1}) == '{"a":1,"b":{"x":2,"y":1}}'
