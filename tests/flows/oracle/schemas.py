"""The shapes that random flows declare and are told: inputs, bodies, answers, steps. Owns them as JSON schemas; makes no data."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
NULLABLE: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
STATUS: dict[str, Any] = {"enum": ["succeeded", "failed", "skipped", "uncertain", "cancelled"]}
ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "step": TEXT,
        "kind": {"enum": ["server", "not_found", "timeout"]},
        "message": TEXT,
        "status": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "attempt": {"type": "integer"},
        "place": NULLABLE,
    },
}
NOTHING_OR_ERROR = {"anyOf": [ERROR, {"type": "null"}]}
INPUTS: dict[str, dict[str, Any]] = {
    "hours": {"type": "integer", "default": 3},
    "name": {"type": "string", "default": "x"},
    "share": {"type": "number", "default": 0.5},
    "on_call": {"type": "boolean", "default": True},
    "people": {"type": "list", "default": ["a", "b"]},
    "extra": {"type": "object", "default": {"a": 1}},
}
INPUT_SCHEMAS: dict[str, dict[str, Any]] = {
    "hours": {"type": "integer"},
    "name": TEXT,
    "share": {"type": "number"},
    "on_call": {"type": "boolean"},
    "people": {"type": "array", "items": {}},
    "extra": {"type": "object"},
}
BODY: dict[str, Any] = {
    "type": "object",
    "required": ["email", "items", "note"],
    "properties": {
        "email": TEXT,
        "plan": {"enum": ["free", "team"]},
        "note": NULLABLE,
        "count": {"type": "integer"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {"sku": TEXT, "count": {"type": "integer"}, "tag": NULLABLE},
            },
        },
        "person": {"type": "object", "required": ["name"], "properties": {"name": TEXT, "nick": NULLABLE}},
    },
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "tags"],
    "properties": {
        "id": TEXT,
        "tags": {"type": "array", "items": TEXT},
        "owner": {
            "anyOf": [
                {"type": "object", "required": ["name"], "properties": {"name": TEXT, "team": NULLABLE}},
                {"type": "null"},
            ]
        },
    },
}
EVENTS = ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"]
