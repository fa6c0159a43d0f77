"""Inputs of a run that a person starts: defaults, types, and mistakes that are named."""

from __future__ import annotations

import pytest

from engine.errors import NotFoundError, UsageError
from engine.flow.load import load_flow
from engine.flow.model import Flow
from engine.runtime.manual import given_inputs
from engine.strictjson import Json

TYPES = ("string", "integer", "number", "boolean", "list", "object")
FITTING: dict[str, list[Json]] = {
    "string": ["", "x"],
    "integer": [0, -3],
    "number": [0, 1.5],
    "boolean": [True, False],
    "list": [[], [1]],
    "object": [{}, {"a": 1}],
}


def flow(inputs: str) -> Flow:
    steps = "steps:\n  - {id: note, set: {x: '1'}}\n"
    return load_flow(f"id: f\nname: F\ninputs: {inputs}\n{steps}", "f.yaml")


@pytest.mark.parametrize("of", TYPES)
@pytest.mark.parametrize("values", FITTING.items(), ids=lambda item: str(item[0]))
def test_a_value_is_taken_where_its_type_fits_and_refused_elsewhere(of: str, values: tuple[str, list[Json]]) -> None:
    kind, samples = values
    asked = flow(f"{{a: {{type: {of}}}}}")
    fits = of == kind or (of, kind) == ("number", "integer")
    for value in samples:
        # 0 is a number and an integer: which of the two a sample is, is for the value to say.
        if fits or (of == "integer" and type(value) is int):
            assert given_inputs(asked, {"a": value}) == {"a": value}
        else:
            with pytest.raises(UsageError, match=f"the input 'a' needs {of}"):
                given_inputs(asked, {"a": value})


def test_what_is_not_given_has_its_default() -> None:
    assert given_inputs(flow("{a: {type: integer, default: 15}}"), {}) == {"a": 15}


def test_what_is_required_and_not_given_is_named_with_a_way_out() -> None:
    with pytest.raises(UsageError, match="the input 'a' \\(integer\\) is required") as missing:
        given_inputs(flow("{a: {type: integer}}"), {})
    assert missing.value.remedy == "Give it: --input a=…"


def test_an_unknown_input_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="f has no input 'b'") as unknown:
        given_inputs(flow("{a: {type: integer}}"), {"a": 1, "b": 2})
    assert unknown.value.remedy == "Its inputs: a"


def test_a_wrong_value_is_not_repeated_at_length() -> None:
    with pytest.raises(UsageError) as wrong:
        given_inputs(flow("{a: {type: integer}}"), {"a": "x" * 10_000})
    assert len(wrong.value.message) < 120
