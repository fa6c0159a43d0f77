"""Data at random that conforms to a JSON schema. Owns what may be absent, null or empty there, and deliveries as triggers carry them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from engine.sdk.trigger import TriggerType

TEXTS = (
    "",
    "a",
    "Ann",
    "demo",
    "ann@guests.example",
    "https://api.example/x/1",
    "10",
    "{{ 7 }}",
    "é",
    "2026-03-01T09:30:00Z",
)
DEEPEST = 8


class Data:
    """Values of schemas; the same for the same dice."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def of(
        self, schema: Mapping[str, Any], whole: Mapping[str, Any] | None = None, name: str = "", depth: int = 0
    ) -> Any:
        """A value that fits ``schema``; ``whole`` holds its $defs."""
        whole = schema if whole is None else whole
        schema = resolved(schema, whole)
        choices = schema.get("anyOf", schema.get("oneOf"))
        if choices:
            return self.of(self._dice.choice(choices), whole, name, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._dice.choice(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else None)
        if isinstance(kind, list):
            kind = self._dice.choice(kind)
        return self._of_kind(kind, schema, whole, name, depth)

    def _of_kind(
        self, kind: str | None, schema: Mapping[str, Any], whole: Mapping[str, Any], name: str, depth: int
    ) -> Any:
        dice = self._dice
        match kind:
            case "null":
                return None
            case "boolean":
                return dice.random() < 0.5
            case "integer":
                return max(
                    int(schema.get("minimum", -3)),
                    min(dice.choice([0, 1, 2, 7, 30, -1]), int(schema.get("maximum", 99))),
                )
            case "number":
                return dice.choice([0, 1, 2.5, 30])
            case "string":
                return self._text(schema, name)
            case "array":
                most = 3 if depth < DEEPEST else 0
                items = schema.get("items", {})
                return [
                    self.of(items, whole, name, depth + 1)
                    for _ in range(dice.randint(int(schema.get("minItems", 0)), most))
                ]
            case "object":
                return self._object(schema, whole, depth)
            case _:
                return dice.choice([None, "a", 3, [], {}, {"id": "1"}, True])

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") == "date-time" or name.endswith(("_at", "_time", "scheduled_for")):
            return f"2026-0{self._dice.randint(1, 9)}-01T09:30:00Z"
        return self._dice.choice(TEXTS)

    def _object(self, schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        found = {
            key: self.of(item, whole, key, depth + 1)
            for key, item in schema.get("properties", {}).items()
            if key in required or (depth < DEEPEST and self._dice.random() < 0.5)
        }
        rest = schema.get("additionalProperties")
        if isinstance(rest, Mapping):
            found |= {
                key: self.of(rest, whole, key, depth + 1)
                for key in self._dice.sample(["a", "b", "id"], self._dice.randint(0, 2))
            }
        for condition in schema.get("allOf", ()):
            if "if" in condition:
                self._conditional(found, condition, whole, depth)
        return found

    def _conditional(
        self, found: dict[str, Any], condition: Mapping[str, Any], whole: Mapping[str, Any], depth: int
    ) -> None:
        ((name, test),) = condition["if"]["properties"].items()
        if self._dice.random() < 0.3:
            found[name] = test["const"]
        if found.get(name) == test["const"]:
            for key, item in condition["then"]["properties"].items():
                if key in found:
                    found[key] = self.of(item, whole, key, depth + 1)

    def delivery(self, trigger: TriggerType, given: Mapping[str, Any]) -> dict[str, Any]:
        """One that a trigger with these parameters asked for."""
        schema = trigger.delivery_schema(dict(given))
        events = [event for event in trigger.carries if trigger.accepts(dict(given), {"event": event})]
        event = self._dice.choice(events)
        found = self.of(schema)
        found["event"] = event
        for path, presence in trigger.carries[event].items():
            self._carry(found, path.split("."), presence == "always", schema)
        return dict(found)

    def _carry(self, found: dict[str, Any], path: list[str], always: bool, schema: Mapping[str, Any]) -> None:
        at, shape = found, resolved(schema, schema)
        for name in path[:-1]:
            at, shape = at[name], solid(shape["properties"][name], schema)
        inner, last = shape["properties"][path[-1]], path[-1]
        if always:
            if at.get(last) is None:
                at[last] = self.of(solid(inner, schema), schema, last)
        elif last in shape.get("required", ()):
            at[last] = None
        else:
            at.pop(last, None)
            if self._dice.random() < 0.5 and solid(inner, schema) is not inner:
                at[last] = None


def resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without $ref at the top."""
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def solid(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """The alternative that is not null."""
    schema = resolved(schema, whole)
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return resolved(choice, whole)
    return schema
