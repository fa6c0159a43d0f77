"""Values with expressions in them render once, to the type that their form says."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError, Place
from engine.expressions import compile_value
from engine.strictjson import Json
from tests.unit.expressions.support import PLACE, render

DATA: dict[str, Json] = {"n": 3, "f": 1.0, "b": True, "none": None, "t": "text", "o": {"a": [1, "é"]}, "l": []}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ n }}", 3),
        ("{{f}}", 1.0),
        ("{{ b }}", True),
        ("{{ none }}", None),
        ("{{ o }}", {"a": [1, "é"]}),
        ("{{ {'a': {'b': 1}}}}", {"a": {"b": 1}}),
        ("{{ '}}' }}", "}}"),
        (" {{ n }}", " 3"),
        ("{{ n }}\n", "3\n"),
        ("{{ n }}{{ n }}", "33"),
        ("f={{ f }} b={{ b }} none={{ none }}.", "f=1.0 b=true none=."),
        ("{{ t }} {{ o }} {{ l }}", 'text {"a":[1,"é"]} []'),
        ("{{ '{{' }} n }}", "{{ n }}"),
        ("{{ '{%' }} x", "{% x"),
        ("{# text #} #{x} }} {", "{# text #} #{x} }} {"),
        ("{# {{ n }} #}", "{# 3 #}"),
        ("line\r\n{{ n }}\r\n", "line\r\n3\r\n"),
        ({"a": ["{{ n }}", 1, None], "{{ n }}": "x"}, {"a": [3, 1, None], "{{ n }}": "x"}),
        ([], []),
        (7, 7),
    ],
)
def test_a_value_renders(source: Json, value: Json) -> None:
    found = render(source, DATA)
    assert found == value
    assert type(found) is type(value)


def test_a_value_knows_its_expressions_in_the_order_of_the_file() -> None:
    value = compile_value({"a": "{{ n }}", "b": ["x {{ t }} y {{ f }}", {"c": "{{ b }}"}], "d": 1}, lambda path: PLACE)
    assert [each.text for each in value.expressions] == ["n", "t", "f", "b"]
    assert not value.is_constant
    assert value.source == {"a": "{{ n }}", "b": ["x {{ t }} y {{ f }}", {"c": "{{ b }}"}], "d": 1}


@pytest.mark.parametrize("source", ["text", 1, None, [1, {"a": "}}"}], {"{{ key }}": "x"}])
def test_a_constant_needs_no_context(source: Json) -> None:
    value = compile_value(source, lambda path: PLACE)
    assert value.is_constant
    assert value.expressions == ()
    assert value.render({}) == source


def test_each_text_is_placed_by_its_path() -> None:
    def place_of(path: tuple[str | int, ...]) -> Place:
        return Place(file="flow.yaml", line=len(path), column=1)

    value = compile_value({"a": [{"b": "see {{ x.y }}"}]}, place_of)
    with pytest.raises(ExpressionError) as caught:
        value.render({"x": {}})
    assert caught.value.place == Place(file="flow.yaml", line=3, column=10)


def test_a_failure_in_a_block_of_text_is_placed_on_its_line() -> None:
    with pytest.raises(ExpressionError) as caught:
        render("Dear {{ t }},\nyour {{ o.b }}", DATA)
    assert caught.value.place == Place(file="flow.yaml", line=4, column=20)


def test_an_expression_that_goes_on_in_the_next_line_is_placed_from_the_margin_of_the_text() -> None:
    with pytest.raises(ExpressionError) as caught:
        render("Dear {{ t ~\n  o.b }}", DATA)
    assert caught.value.place == Place(file="flow.yaml", line=4, column=14)
    (expression,) = compile_value("Dear {{ t ~\n  o.b }}", lambda path: PLACE).expressions
    assert [each.place.column for each in expression.references()] == [18, 12]


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("a {% raw %}", 12, "there is no statement 'raw'"),
        ("{{ n }} {%", 18, "has no closing %}"),
        ("a {{ n", 12, "has no closing }}"),
        ("a {{ n | uper }}", 19, "there is no filter called 'uper'"),
        ("a {{ }} b", 14, "the expression is empty"),
        ("a {{ n }} {{ 'x }}", 23, "this ' has no partner"),
        ("a {{ n $ }}", 17, "unexpected character '$'"),
        ("a {{ n ] }}", 17, "unexpected ']'"),
        ("a {{- n }}", 12, "{{- is not supported"),
        ("a {{" + " " * 5000 + "n }}", 12, "has no closing }}"),
    ],
)
def test_what_cannot_be_compiled_is_refused_at_its_place(source: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        render(source, DATA)
    assert message in caught.value.message
    assert caught.value.place == Place(file="flow.yaml", line=3, column=column)
