"""Whatever an author writes and whatever the data are, an expression gives plain JSON or an ExpressionError; nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine import strictjson
from engine.errors import ExpressionError
from engine.expressions import compile_expression, compile_value
from engine.expressions.filters import FILTERS
from engine.expressions.methods import OBJECT_METHODS, TEXT_METHODS
from engine.expressions.predicates import TESTS
from engine.strictjson import Json
from tests.unit.expressions.support import PLACE

json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "items", "__class__"]), inner, max_size=3)
    ),
    max_leaves=8,
)
contexts = st.fixed_dictionaries({"x": json_values, "y": json_values})

atoms = st.sampled_from(
    [
        "x",
        "y",
        "x.a",
        "y.b",
        "x.items",
        "x['a']",
        "x[0]",
        "y[-1]",
        "z",
        "z.q",
        "1",
        "2.5",
        "'t'",
        "''",
        "none",
        "true",
        "[]",
        "{}",
        "'2026-03-01T09:30:00Z'",
        "self",
        "x.__class__",
    ]
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "**", "~", "and", "or", "in", "not in", "==", "!=", "<", ">=", "."]
    )
    filters, tests = st.sampled_from(sorted(FILTERS)), st.sampled_from(sorted(TESTS))
    methods = st.sampled_from([*TEXT_METHODS, *OBJECT_METHODS, "format", "pop"])
    arguments = st.lists(
        inner | st.sampled_from(["'a'", "attribute='a'", "default=1", "'upper'", "'lt'"]), max_size=2
    ).map(", ".join)
    return st.one_of(
        st.builds("({} {} {})".format, inner, binary, inner),
        st.builds("({} | {})".format, inner, filters),
        st.builds("({} | {}({}))".format, inner, filters, arguments),
        st.builds("({} is {})".format, inner, tests),
        st.builds("({} is not {}({}))".format, inner, tests, arguments),
        st.builds("{}.{}({})".format, inner, methods, arguments),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}}}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("not {}".format, inner),
    )


grammar = st.recursive(atoms, larger, max_leaves=10)
garbage = st.text(max_size=40) | st.lists(
    st.sampled_from(
        [
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "'",
            '"',
            "\\",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "|",
            ".",
            "x",
            " ",
            "\n",
            "\r",
            "\0",
            "\ud800",
            "is",
            "if",
            "1e",
            "0x",
            "-",
            "*",
            "**",
            ",",
            ":",
            "=",
            "~",
        ]
    )
).map("".join)


def attempt(text: str, context: dict[str, Json]) -> Json | ExpressionError:
    try:
        return compile_expression(text, PLACE).evaluate(context)
    except ExpressionError as error:
        return error


def check(outcome: Json | ExpressionError) -> None:
    if not isinstance(outcome, ExpressionError):
        strictjson.dump(outcome)
        return
    assert outcome.place is not None
    assert outcome.message
    assert "object at 0x" not in outcome.message
    assert "jinja" not in outcome.message.lower()


@given(grammar, contexts)
def test_expressions_of_the_grammar(text: str, context: dict[str, Json]) -> None:
    check(attempt(text, context))


@given(garbage, contexts)
def test_garbage(text: str, context: dict[str, Json]) -> None:
    check(attempt(text, context))


@given(st.lists(garbage | grammar.map("{{{{ {} }}}}".format), max_size=3).map("".join), contexts)
def test_texts(text: str, context: dict[str, Json]) -> None:
    try:
        outcome: Json | ExpressionError = compile_value({"a": [text]}, lambda path: PLACE).render(context)
    except ExpressionError as error:
        outcome = error
    check(outcome)


@given(grammar)
def test_references_of_whatever_compiles(text: str) -> None:
    try:
        expression = compile_expression(text, PLACE)
    except ExpressionError:
        return
    for reference in expression.references():
        assert len(reference.places) == len(reference.path)
        assert all(place.column >= PLACE.column for place in reference.places)


@given(json_values)
def test_data_come_out_as_they_went_in(value: Json) -> None:
    assert compile_expression("x", PLACE).evaluate({"x": value}) == value
