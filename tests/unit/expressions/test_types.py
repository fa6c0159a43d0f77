"""What an expression yields and what is wrong with it, before there are data."""

from __future__ import annotations

import pytest

from engine.errors import Place
from engine.expressions import compile_expression
from engine.expressions.filters import FILTERS
from engine.expressions.methods import INTERNAL
from engine.expressions.types import (
    ABSENT,
    ANY,
    INTEGER,
    NULL,
    TEXT,
    ListOf,
    Type,
    in_detail,
    in_words,
    of_constant,
    record,
    union,
    words,
)
from engine.expressions.types_filters import SIGNATURES
from engine.expressions.types_infer import infer
from engine.expressions.types_narrow import Environment
from engine.expressions.types_problems import Problem

ITEM = record({"name": TEXT, "note": union(TEXT, NULL), "size": INTEGER})
PAYLOAD = record(
    {
        "text": TEXT,
        "maybe": union(TEXT, NULL),
        "absent": union(TEXT, ABSENT),
        "both": union(record({"x": TEXT}), NULL, ABSENT),
        "number": INTEGER,
        "items": (ListOf(ITEM),),
        "kind": words("a", "b"),
        "any": ANY,
    }
)
ENV = Environment(names={"p": PAYLOAD})
PLACE = Place(file="flow.yaml", line=1, column=1)


def look(text: str) -> tuple[Type, list[Problem]]:
    problems: list[Problem] = []
    return infer(compile_expression(text, PLACE), ENV, problems.append), problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p.text", "text"),
        ("p.maybe | default('', true)", "text"),
        ("p.items | length + 1", "a number"),
        ("p.items | map(attribute='name')", "a list of text"),
        ("p.items | selectattr('note') | map(attribute='note') | first | upper", "text"),
        ("p.items | rejectattr('note', 'none') | pluck('note')", "a list of text"),
        ("p.text.split('@') | last", "text"),
        ("p.number > 1 and p.text != ''", "true or false"),
        ("p.absent if p.absent is defined else none", "text or null"),
        ("p.both.x if p.both | default(none) else 1", "text or a number"),
        ("p.any.what.ever[0]", "anything"),
        ("[1, 'a']", "a list of a number or text"),
        ("p.maybe or 'x'", "text"),
        ("'x' in p and p.text", "true or false or text"),
        ("p.get('absent')", "text or null"),
        ("p.get('absent', 1)", "text or a number"),
    ],
)
def test_a_right_expression_has_a_type_and_no_problem(text: str, expected: str) -> None:
    found, problems = look(text)
    assert (in_detail(found), problems) == (expected, [])


@pytest.mark.parametrize(
    ("text", "kind", "offset"),
    [
        ("p.txt", "field", 2),
        ("q.text", "name", 0),
        ("p.text.x", "field", 7),
        ("p.absent", "absent", 2),
        ("p.both.x", "absent", 2),
        ("p.maybe | upper", "null", 2),
        ("p.items | upper", "type", 10),
        ("p.number.split('@')", "type", 9),
        ("p.text + p.number", "type", 9),
        ("p.text - 1", "type", 0),
        ("p.text > 1", "type", 0),
        ("p.kind == 'c'", "never", 11),
        ("p.kind in ['a', 'c']", "never", 17),
        ("p.number == 'c'", "never", 12),
        ("p.items | map(attribute='nme')", "field", 25),
        ("p.items | where('nme', 1)", "field", 17),
        ("p.text | replace('a', p.number)", "type", 22),
        ("p.nothing | default('')", "fallback", 2),
        ("p.get('nothing')", "fallback", 7),
        ("p.maybe is none and p.maybe | upper", "null", 22),
        ("p.maybe is not none or p.maybe | upper", "null", 25),
        ("p.both.x if p.both is defined else ''", "null", 2),
    ],
)
def test_a_wrong_expression_has_one_problem_at_its_word(text: str, kind: str, offset: int) -> None:
    _, problems = look(text)
    assert [(found.kind, found.offset) for found in problems] == [(kind, offset)]


def test_what_can_never_be_reached_has_no_problems() -> None:
    assert look("p.kind == 'a' and p.kind == 'b' and p.maybe | upper")[1] == []


def test_every_filter_and_method_has_a_signature() -> None:
    assert set(SIGNATURES) == {*FILTERS, *INTERNAL}


def test_texts_with_known_values_merge_and_open_text_takes_them_in() -> None:
    assert union(words("a"), words("b")) == words("a", "b")
    assert union(words("a"), TEXT) == TEXT


def test_types_read_as_words() -> None:
    assert in_words(union(TEXT, NULL)) == "text or null"
    assert in_words(ANY) == "anything"
    assert in_detail(of_constant([1])) == "a list of numbers"
