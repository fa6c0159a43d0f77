"""Answers held to a JSON Schema: the keywords that are understood, and the refusal of all others."""

from __future__ import annotations

import pytest

from connectors.http.answer_schema import check_schema, problem
from engine.sdk import Json, JsonObject

CASES: list[tuple[JsonObject, Json, Json]] = [
    ({"type": "object"}, {}, []),
    ({"type": ["string", "null"]}, None, 1),
    ({"type": "integer"}, 2.0, 2.5),
    ({"type": "integer"}, 2, True),
    ({"type": "number"}, 2.5, "2.5"),
    ({"type": "boolean"}, False, 0),
    ({"type": "array"}, [], {}),
    ({"required": ["a"]}, {"a": None}, {"b": 1}),
    ({"properties": {"a": {"type": "string"}}}, {"b": 1}, {"a": 1}),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1}, {"b": 1}),
    ({"additionalProperties": {"type": "string"}}, {"a": "x"}, {"a": 1}),
    ({"items": {"type": "string"}}, ["x"], ["x", 1]),
    ({"enum": ["a", 1]}, 1, True),
    ({"const": {"a": [1]}}, {"a": [1]}, {"a": [2]}),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None, 1),
    ({"minimum": 1, "maximum": 3}, 3, 4),
    ({"minLength": 2}, "ab", "a"),
    ({"maxItems": 1}, [1], [1, 2]),
    ({"minLength": 2}, 1, "a"),
]


@pytest.mark.parametrize(("schema", "fits", "fails"), CASES)
def test_a_keyword_takes_what_fits_and_refuses_what_does_not(schema: JsonObject, fits: Json, fails: Json) -> None:
    check_schema(schema)
    assert problem(schema, fits) is None
    assert problem(schema, fails) is not None


def test_a_problem_names_the_place_and_not_the_value() -> None:
    schema: JsonObject = {"properties": {"rows": {"items": {"required": ["id"]}}}}
    assert problem(schema, {"rows": [{"id": 1}, {"secret": "s-1"}]}) == "the answer.rows[1] has no id"


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ([], "response must be"),
        ({"pattern": "a+"}, "response.pattern is not a keyword"),
        ({"properties": {"a": {"$ref": "#/x"}}}, "response.properties.a.$ref is not a keyword"),
        ({"type": "text"}, "response.type does not have the form"),
        ({"type": []}, "response.type does not have the form"),
        ({"items": {"enum": "a"}}, "response.items.enum does not have the form"),
        ({"anyOf": [{"minimum": True}]}, "response.anyOf.0.minimum does not have the form"),
        ({"properties": {"a": "string"}}, "response.properties.a must be"),
        ({"required": [1]}, "response.required does not have the form"),
    ],
)
def test_what_is_not_understood_is_refused_and_not_passed_over(schema: Json, place: str) -> None:
    with pytest.raises(ValueError, match=r"response") as refused:
        check_schema(schema)
    assert str(refused.value).startswith(place)


def test_remarks_are_allowed() -> None:
    schema: JsonObject = {"$schema": "s", "title": "t", "description": "d", "format": "uuid", "items": True}
    check_schema(schema)
    assert problem(schema, [1]) is None
