"""The tables of fields in the connector's guide. Owns making them from the models; a test holds the guide to them.

python -m tests.connectors.calendly.field_tables       write them into the guide
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from connectors.calendly import calendly
from engine.sdk import JsonObject

GUIDE = Path(__file__).parents[3] / "connectors" / "calendly" / "README.md"
MARK = re.compile(r"(<!-- fields: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES: Mapping[str, str] = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def filled(text: str) -> str:
    """The guide with every table made anew."""
    return MARK.sub(lambda mark: f"{mark[1]}{tables(mark['name'])}\n{mark[3]}", text)


def tables(name: str) -> str:
    """The fields of a trigger's delivery, or the parameters and the output of an action."""
    if name in calendly.triggers:
        return table("field of `trigger`", calendly.triggers[name].delivery.model_json_schema())
    action = calendly.actions[name]
    given = table("parameter", action.given.model_json_schema())
    return f"{given}\n\n{table('field of the output', action.output.model_json_schema())}"


def table(title: str, schema: JsonObject) -> str:
    rows = _rows(schema, cast(JsonObject, schema.get("$defs", {})), "")
    return "\n".join([f"| {title} | type | meaning |", "|---|---|---|", *rows])


def _rows(schema: JsonObject, definitions: JsonObject, prefix: str) -> Iterator[str]:
    required = cast("list[str]", schema.get("required", []))
    for name, described in _properties(schema).items():
        options = list(_options(described, definitions))
        kinds = [_kind(option, definitions) for option in options]
        absent = [] if name in required else ["may be absent"]
        yield f"| `{prefix}{name}` | {', '.join([' or '.join(kinds), *absent])} | {described['description']} |"
        for option in options:
            item = option.get("items")
            inner = next(_options(item, definitions)) if isinstance(item, Mapping) else option
            yield from _rows(inner, definitions, f"{prefix}{name}{'[]' if item else ''}.")


def _properties(schema: JsonObject) -> Mapping[str, JsonObject]:
    return cast("Mapping[str, JsonObject]", schema.get("properties") or {})


def _options(schema: JsonObject, definitions: JsonObject) -> Iterator[JsonObject]:
    if isinstance(name := schema.get("$ref"), str):
        yield from _options(cast(JsonObject, definitions[name.rpartition("/")[2]]), definitions)
    elif "anyOf" in schema:
        for choice in cast("list[JsonObject]", schema["anyOf"]):
            yield from _options(choice, definitions)
    else:
        yield schema


def _kind(schema: JsonObject, definitions: JsonObject) -> str:
    kind = schema.get("type")
    if kind == "array":
        items = [_kind(item, definitions) for item in _options(cast(JsonObject, schema["items"]), definitions)]
        return f"list of {' or '.join(items)}"
    return TYPES.get(str(kind), str(kind) if kind else "anything")


if __name__ == "__main__":
    GUIDE.write_text(filled(GUIDE.read_text()))
