"""What an expression can build is bounded: a few characters from an author or a stranger never make much of anything."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError
from engine.expressions import compile_expression
from engine.expressions.limits import MAX_DEPTH, MAX_EXPRESSION, MAX_ITEMS, MAX_TEXT
from engine.strictjson import Json
from tests.unit.expressions.support import PLACE, evaluate, refusal, render

LONG = "x" * (MAX_TEXT // 2)


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("'a' * 1000000", "* needs two numbers"),
        ("[0] * 1000000", "* needs two numbers"),
        ("2 ** 100000", "not part of the expression language"),
        ("n * n * n * n", "out of range"),
        ("n * n", "out of range"),
        ("-n * n", "out of range"),
        ("1.0e300 * 1.0e300", "out of range"),
        ("big + big + big", "longer than 256 KiB"),
        ("big ~ big ~ big", "longer than 256 KiB"),
        ("big | replace('x', 'xxx')", "longer than 256 KiB"),
        ("big.replace('x', 'xxx')", "longer than 256 KiB"),
        ("[big, big, big] | join", "longer than 256 KiB"),
        ("many | join(big)", "longer than 256 KiB"),
        ("big | urlencode | replace('x', '%%%')", "longer than 256 KiB"),
        ("many | map('string') | map('replace', '1', big) | length", "grows beyond"),
        ("[big, big, big] | map('upper') | length", "grows beyond"),
        ("big | list", "grows beyond 10,000 items"),
        ("big.split('x') | length", "grows beyond 10,000 items"),
        ("many + many", "grows beyond 10,000 items"),
        ("[many, many]", "more than 10,000 values"),
        ("{'a': many, 'b': many} | json", "more than 10,000 values"),
        ("[big, big, big]", "larger than 256 KiB"),
        ("[big, big, big] | json", "larger than 256 KiB"),
        ("deep", "nests more than 20 levels"),
        ("deep | json", "nests more than 20 levels"),
        ("9" * 400, "out of range"),
        ("('9' * 9)", "* needs"),
        ("nines | int", "cannot read a whole number"),
    ],
)
def test_what_would_grow_is_refused(text: str, message: str) -> None:
    context: dict[str, Json] = {
        "big": LONG,
        "many": [1] * (MAX_ITEMS - 1),
        "deep": nested(MAX_DEPTH + 1),
        "n": 10**200,
        "nines": "9" * 5000,
    }
    assert message in refusal(text, context).message


def test_the_limits_themselves_can_be_reached() -> None:
    assert evaluate("x", {"x": nested(MAX_DEPTH)}) == nested(MAX_DEPTH)
    assert evaluate("x", {"x": [1] * (MAX_ITEMS - 1)}) == [1] * (MAX_ITEMS - 1)
    assert evaluate("x + x", {"x": LONG}) == LONG * 2
    assert evaluate("n", {"n": 10**300}) == 10**300
    assert evaluate("n", {"n": 1.7e308}) == 1.7e308


def test_text_is_counted_in_bytes() -> None:
    assert "larger than 256 KiB" in refusal("x", {"x": "é" * (MAX_TEXT // 2 + 1)}).message


def test_an_expression_has_a_longest_length() -> None:
    exact = "'" + "x" * (MAX_EXPRESSION - 2) + "'"
    assert evaluate(exact) == "x" * (MAX_EXPRESSION - 2)
    assert "longer than 4,096" in refusal(f"{exact}~1").message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 300 + "1" + ")" * 300,
        "[" * 1000 + "]" * 1000,
        "not " * 1000 + "true",
        "-" * 2000 + "1",
        "+".join(["1"] * 1000),
        "x" + ".y" * 1500,
        "x" + "|upper" * 600,
        "1 if 1 else " * 300 + "1",
        "{'a':" * 500 + "1" + "}" * 500,
    ],
)
def test_deep_syntax_is_refused_before_it_reaches_the_stack(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, PLACE)
    assert "nested too deeply" in caught.value.message


def test_syntax_as_deep_as_is_allowed_can_be_evaluated() -> None:
    assert evaluate("'a'" + " | trim" * 48) == "a"
    assert evaluate("(" * 48 + "1" + ")" * 48 + " + 1") == 2
    assert evaluate("[" * 19 + "1" + "]" * 19) == nested(19)
    assert evaluate("1" + " + 1" * 48) == 49


def test_a_text_with_many_expressions_is_bounded_too() -> None:
    with pytest.raises(ExpressionError, match=r"(larger|longer) than 256 KiB"):
        render("{{ x }} {{ x }} {{ x }}", {"x": LONG})
    with pytest.raises(ExpressionError, match="longer than 256 KiB"):
        render("{{ x }} " + LONG + LONG, {"x": LONG})


def test_all_expressions_of_one_value_share_its_limits() -> None:
    with pytest.raises(ExpressionError, match="larger than 256 KiB"):
        render({"a": "{{ x }}", "b": ["{{ x }}", "{{ x }}"]}, {"x": LONG})
    with pytest.raises(ExpressionError, match="more than 10,000 values"):
        render(["{{ x }}", "{{ x }}"], {"x": [0] * 6_000})
