"""What expressions give, and what they say when they cannot give it."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError, Place
from engine.expressions import compile_expression
from engine.strictjson import Json
from tests.unit.expressions.support import CONTEXT, PLACE, evaluate, refusal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("trigger.payload.email", "ada@example.com"),
        ("{{ trigger.payload.email }}", "ada@example.com"),
        ("  {{trigger.payload.email}}\n", "ada@example.com"),
        ("trigger.payload.email.split('@') | last", "example.com"),
        ("trigger['payload']['answers'][0].answer", "Large"),
        ("trigger.payload.answers[-1].position", 0),
        ("trigger.payload.answers[0:1] | length", 1),
        ("trigger.payload.cancellation", None),
        ("trigger.payload.cancellation is none", True),
        ("vars.count + 1", 4),
        ("vars.count / 2", 1.5),
        ("vars.count // 2", 1),
        ("vars.count % 2", 1),
        ("-vars.count * 2", -6),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("'n=' ~ vars.count ~ none ~ true ~ [1]", "n=3true[1]"),
        ("vars.count > 2 and not vars.count == 4", True),
        ("'red' in 'bored'", True),
        ("'email' in trigger.payload", True),
        ("2 in [1, 2]", True),
        ("'big' if vars.count > 2 else 'small'", "big"),
        ("{'a': [1, (2, 3)], 'b': none}", {"a": [1, [2, 3]], "b": None}),
        ("vars.count is defined", True),
        ("vars.cuont is defined", False),
        ("vars.a.b.c | default('none of it')", "none of it"),
        ("trigger.payload.cancellation.reason | default('-')", "-"),
        ("trigger.payload.cancellation | default('-')", None),
        ("trigger.payload.cancellation | default('-', true)", "-"),
        ("'caf\\u00e9\\n'", "café\n"),
        ("true and 'the last value'", "the last value"),
    ],
)
def test_an_expression_gives_its_value_in_its_own_type(text: str, value: Json) -> None:
    found = evaluate(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "data", ["+14155551234", "[1,2]", "None", "true", "1e3", "{{ vars.count }}", "{% if x %}", " padded "]
)
def test_text_from_data_stays_that_text(data: str) -> None:
    assert evaluate("x", {"x": data}) == data


def test_the_result_is_a_copy_so_that_nobody_changes_the_context_through_it() -> None:
    context = {"x": {"list": [1]}}
    found = evaluate("x", context)
    assert found == {"list": [1]}
    assert found is not context["x"]


def test_a_key_wins_over_a_method_and_a_method_is_no_value() -> None:
    assert evaluate("trigger.payload.items") == ["one", "two"]
    assert "has a field of that name" in refusal("trigger.payload.items()").message
    assert evaluate("vars.items()") == [["count", 3], ["ratio", 0.5], ["yes", True]]
    assert "a method needs its brackets" in refusal("trigger.payload.email.split").message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vars.count", True),
        ("0", False),
        ("''", False),
        ("[]", False),
        ("none", False),
        ("'false'", True),
        ("{'a': 1}", True),
    ],
)
def test_truth_is_that_something_is_there(text: str, value: bool) -> None:
    assert compile_expression(text, PLACE).truth(CONTEXT) is value


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("trigger.payload.emial", 26, "trigger.payload.emial is missing; did you mean 'email'?"),
        ("{{ trigger.payload.emial }}", 29, "trigger.payload.emial is missing; did you mean 'email'?"),
        ("trigger.payload['emial'] | upper", 27, "trigger.payload.emial is missing; did you mean 'email'?"),
        ("vars.x.y.z", 15, "vars.x is missing"),
        ("tigger.payload", 10, "there is nothing called tigger here; did you mean 'trigger'?"),
        (
            "trigger.payload.answers[7].answer",
            34,
            "trigger.payload.answers[7] is missing: trigger.payload.answers is a list of 2",
        ),
        (
            "trigger.payload.answers.answer",
            34,
            "trigger.payload.answers.answer is missing: trigger.payload.answers is a list",
        ),
        (
            "trigger.payload.cancellation.reason",
            39,
            "trigger.payload.cancellation.reason is missing: trigger.payload.cancellation is null",
        ),
        ("[] | first", 10, "the list is empty"),
        ("vars.count < 'a'", 10, "< cannot compare a number with text"),
        ("1 in vars.count", 10, "in cannot look into a number"),
        ("1 in 'a'", 10, "in looks for text in text; what stands before it is something else"),
        ("vars.count + 'a'", 10, "+ cannot join a number and text; use ~ to join anything as text"),
        ("vars.yes + 1", 10, "+ needs two numbers, not true and a number"),
        ("1 // 0", 10, "division by zero"),
        ("{{ 1 // 0 }}", 13, "division by zero"),
        ("vars.count[0:1]", 10, "a slice [a:b] needs a list or text, and whole numbers"),
        ("[1][::0]", 10, "the step of a slice cannot be zero"),
        ("vars.count | upper", 23, "upper: the value must be text, not a number"),
        ("vars.count.upper()", 21, "upper: a number has no such method; text has it"),
        ("vars.count is odd and vars.ratio is even", 46, "even: the value must be a whole number, not a fraction"),
    ],
)
def test_a_failure_names_what_is_wrong_where_it_is_wrong(text: str, column: int, message: str) -> None:
    error = refusal(text)
    assert (error.message, error.place) == (message, Place(file="flow.yaml", line=3, column=column))


def test_a_missing_field_behind_a_default_is_not_blamed_for_the_same_field_without_one() -> None:
    error = refusal("(vars.x | default(1)) + vars.x")
    assert error.place == Place(file="flow.yaml", line=3, column=39)


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("vars.count | uper", 23, "there is no filter called 'uper'; did you mean 'upper'?"),
        ("vars.count | tojson", 23, "did you mean 'json'?"),
        ("vars.count is evn", 24, "there is no test called 'evn'; did you mean 'even'?"),
        ("trigger.payload.email.splt('@')", 32, "there is no method called 'splt'; did you mean 'split'?"),
        ("now()", 10, "now cannot be called"),
        ("vars.count | round(1, 'ceil', 3)", 23, "too many positional arguments"),
        ("vars.count | replace('a')", 23, "missing a required argument: 'new'"),
        ("vars.count | round(digits=1, digits=2)", 23, "given twice"),
        ("null", 10, "write none instead of null"),
        ("1 if true", 10, "needs its else"),
        ("{1: 2}", 11, "a key in { } must be a quoted text"),
        ("1 +", 12, "the end of the expression"),
        ("vars.count vars.ratio", 21, "'vars.ratio' is left over"),
        ("vars.count = 3", 21, "'= 3' is left over after the expression; == compares two values"),
        ("(1, 2", 14, "the end of the expression"),
        ("a $ b", 12, "unexpected character '$'"),
        ("'a\\d'", 10, "the escape \\d is not known"),
        ("'\\ud800'", 10, "the escape \\u is not known"),
        ("", 10, "the expression is empty"),
        ("{{ }}", 12, "the expression is empty"),
        ("{{ vars.count", 10, "has no closing }}"),
        ("{{ vars.count }} more", 26, "one expression, not text with expressions in it"),
        ("{{- vars.count }}", 10, "{{- is not supported"),
        ("{{ vars.count -}}", 24, "-}} is not supported"),
        ("a ** b", 10, "not part of the expression language"),
        ("1e999", 10, "out of range"),
        ("x\ud800", 11, "not text"),
    ],
)
def test_syntax_is_refused_when_it_is_compiled(text: str, column: int, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, PLACE)
    assert part in caught.value.message
    assert caught.value.place == Place(file="flow.yaml", line=3, column=column)


def test_a_place_on_a_later_line_counts_from_where_the_block_begins() -> None:
    error = refusal("vars.count +\n  vars.cuont")
    assert error.place == Place(file="flow.yaml", line=4, column=17)


def test_a_context_without_any_names_is_explained_too() -> None:
    assert refusal("x", {}).message == "there is nothing called x here"
