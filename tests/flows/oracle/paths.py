"""What expressions can name at a place of a flow, as paths with JSON schemas. Owns reading schemas into paths; knows nothing of the checker's types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.flows.oracle.values import resolved

MOST_DEPTH = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """``path`` as expressions write it, and the kinds that its schema names: text, number, boolean, list, object, null, any.

    ``constants``: words that it may be; ``items``: of a list, the schema of its items, with the ``whole`` of its definitions."""

    path: str
    kinds: frozenset[str]
    constants: tuple[Any, ...] = ()
    items: Mapping[str, Any] | None = None
    whole: Mapping[str, Any] | None = None
    fields: tuple[str, ...] = ()


_KINDS = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "object": "object",
    "null": "null",
}


def known(
    path: str, schema: Mapping[str, Any], whole: Mapping[str, Any] | None = None, depth: int = 0
) -> Iterator[Known]:
    """``path`` and everything below it."""
    whole = schema if whole is None else whole
    options = list(_options(schema, whole))
    kinds = {_kind(option) for option in options}
    lists = [option for option in options if _kind(option) == "list"]
    objects = [option for option in options if _kind(option) == "object"]
    fields = {name: field for option in objects for name, field in option.get("properties", {}).items()}
    yield Known(
        path=path,
        kinds=frozenset(kinds),
        constants=tuple(
            word for option in options for word in option.get("enum", [option["const"]] if "const" in option else [])
        ),
        items=lists[0].get("items", {}) if lists else None,
        whole=whole,
        fields=tuple(fields),
    )
    if depth < MOST_DEPTH:
        for name, field in fields.items():
            yield from known(f"{path}.{name}", field, whole, depth + 1)
        for option in lists:
            yield from known(f"{path}[0]", option.get("items", {}), whole, depth + 2)


def _options(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    schema = resolved(schema, whole)
    choices = schema.get("anyOf", schema.get("oneOf"))
    if choices:
        for choice in choices:
            yield from _options(choice, whole)
    elif isinstance(schema.get("type"), list):
        for kind in schema["type"]:
            yield {**schema, "type": kind}
    else:
        yield schema


def _kind(option: Mapping[str, Any]) -> str:
    if "const" in option or "enum" in option:
        value = option.get("const", (option.get("enum") or [None])[0])
        return (
            "text"
            if isinstance(value, str)
            else "boolean"
            if isinstance(value, bool)
            else "number"
            if value is not None
            else "null"
        )
    return _KINDS.get(str(option.get("type", "object" if "properties" in option else "")), "any")
