"""Walking JSON schemas. Owns the question "what is at this path of a value of that schema?"; answers only what the schema says for sure.

Source of the keywords: JSON Schema 2020-12 as pydantic writes it ($ref into $defs, anyOf, oneOf, allOf, properties, items,
prefixItems, additionalProperties). Where the schema says nothing, anything may be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias, cast

from pydantic import BaseModel

from engine.strictjson import JsonObject

Key: TypeAlias = "str | int | None"

_WORDS: Mapping[str, str] = {
    "string": "text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may be: any of ``options``, each a schema without $ref and without alternatives. No options: anything."""

    options: tuple[JsonObject, ...] = ()
    definitions: JsonObject = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return not self.options or any(not _says_something(option) for option in self.options)

    def step(self, key: Key) -> Shape | None:
        """What is at ``key`` (None: at some index); None when nothing can be there."""
        if self.is_open:
            return ANYTHING
        found = [child for option in self.options for child in _child(option, key)]
        if not found:
            return None
        return Shape(tuple(leaf for child in found for leaf in _leaves(child, self.definitions)), self.definitions)

    def fields(self) -> set[str]:
        """The names of the fields that objects of this shape have."""
        return {name for option in self.options for name in cast(JsonObject, option.get("properties", {}))}

    def words(self) -> str:
        """What it is, in words: ``text``, ``a list or an object`` …; ``anything`` when the schema does not say."""
        kinds = {} if self.is_open else {_WORDS.get(_type(option), ""): None for option in self.options}
        return " or ".join(kind for kind in kinds if kind) or "anything"

    def can_be(self, kind: str) -> bool:
        return self.is_open or any(_type(option) in (kind, "") for option in self.options)


ANYTHING = Shape()


def from_schema(schema: JsonObject) -> Shape:
    """The shape that a whole JSON schema describes."""
    definitions = cast(JsonObject, schema.get("$defs", {}))
    return Shape(tuple(_leaves(schema, definitions)), definitions)


@lru_cache(maxsize=256)
def of_model(model: type[BaseModel], *, by_alias: bool = True) -> Shape:
    """The shape of a model's values; kept, since making a schema takes milliseconds."""
    return from_schema(model.model_json_schema(by_alias=by_alias))


def _leaves(schema: JsonObject, definitions: JsonObject, seen: tuple[str, ...] = ()) -> Iterator[JsonObject]:
    """The alternatives that ``schema`` stands for; null is left out, since every path into it is missing."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.rpartition("/")[2]
        target = definitions.get(name)
        if name in seen or not isinstance(target, Mapping):
            yield {}
        else:
            yield from _leaves(target, definitions, (*seen, name))
        return
    choices = next((schema[key] for key in ("anyOf", "oneOf") if key in schema), None)
    if isinstance(choices, list | tuple):
        for choice in choices:
            yield from _leaves(cast(JsonObject, choice), definitions, seen)
    elif isinstance(parts := schema.get("allOf"), list | tuple):
        # One part is how older pydantic writes a described $ref; several would have to be merged.
        yield from _leaves(cast(JsonObject, parts[0]), definitions, seen) if len(parts) == 1 else iter(({},))
    elif isinstance(kinds := schema.get("type"), list | tuple):
        yield from ({**schema, "type": kind} for kind in kinds if kind != "null")
    elif schema.get("type") != "null":
        yield schema


def _child(option: JsonObject, key: Key) -> Iterator[JsonObject]:
    kind = _type(option)
    if isinstance(key, str):
        if kind == "object":
            yield from _property(option, key)
    elif kind == "array":
        yield _item(option, key)
    elif key is None and kind == "object":
        yield {}
    elif kind == "string":
        yield {"type": "string"}


def _property(option: JsonObject, key: str) -> Iterator[JsonObject]:
    properties = option.get("properties")
    rest = option.get("additionalProperties", True)
    if isinstance(properties, Mapping) and key in properties:
        yield cast(JsonObject, properties[key])
    elif isinstance(rest, Mapping):
        yield rest
    elif "patternProperties" in option or (rest is True and not isinstance(properties, Mapping)):
        yield {}


def _item(option: JsonObject, key: int | None) -> JsonObject:
    first = option.get("prefixItems")
    if isinstance(first, list | tuple):
        return cast(JsonObject, first[key]) if key is not None and 0 <= key < len(first) else {}
    items = option.get("items")
    return items if isinstance(items, Mapping) else {}


def _type(option: JsonObject) -> str:
    kind = option.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in option:
        return "object"
    values = option.get("enum", [option["const"]] if "const" in option else [])
    if isinstance(values, list | tuple) and values and all(isinstance(value, str) for value in values):
        return "string"
    return ""


def _says_something(option: JsonObject) -> bool:
    return bool(_type(option))
