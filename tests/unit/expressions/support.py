"""What the tests of expressions share. Owns a sample context and the short form of evaluating in it."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError, Place
from engine.expressions import compile_expression, compile_value
from engine.strictjson import Json, JsonObject

PLACE = Place(file="flow.yaml", line=3, column=10)

CONTEXT: JsonObject = {
    "trigger": {
        "event": "invitee.created",
        "payload": {
            "email": "ada@example.com",
            "uri": "https://api.example.com/scheduled_events/EVENT/invitees/INVITEE",
            "created_at": "2026-03-29T00:30:00.000000Z",
            "cancellation": None,
            "answers": [
                {"question": "Size?", "answer": "Large", "position": 1},
                {"question": "Colour?", "answer": "red", "position": 0},
            ],
            "items": ["one", "two"],
        },
    },
    "vars": {"count": 3, "ratio": 0.5, "yes": True},
}


def evaluate(text: str, context: JsonObject = CONTEXT) -> Json:
    return compile_expression(text, PLACE).evaluate(context)


def render(value: Json, context: JsonObject = CONTEXT) -> Json:
    return compile_value(value, lambda path: PLACE).render(context)


def refusal(text: str, context: JsonObject = CONTEXT) -> ExpressionError:
    """The error that compiling or evaluating gives."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, context)
    return caught.value
