"""A connector's models as draft 07, the draft that editors know best. Owns that translation; reads nothing but the models' own JSON Schema.

From 2020-12: ``$defs`` become ``definitions`` under names of their own, ``prefixItems`` become ``items``, and what stands beside a ``$ref``
moves around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel

from engine.strictjson import Json, JsonObject

_TEMPLATE: JsonObject = {"$ref": "#/definitions/template"}
_LEFT_OUT = frozenset({"$defs", "$schema", "discriminator", "title"})
_FREE_TEXT = frozenset({"type", "description", "default", "examples"})


class Models:
    """Collects the definitions of all models that it was asked for. ``templates``: whether any value may be an expression instead."""

    def __init__(self, *, templates: bool, prefix: str) -> None:
        self._templates, self._prefix = templates, prefix
        self.definitions: dict[str, Json] = {}

    def schema(self, model: type[BaseModel], owner: str) -> JsonObject:
        """The schema of what the model takes; what it refers to is in ``definitions``, under names that begin with ``owner``."""
        whole = cast(JsonObject, model.model_json_schema(by_alias=True))
        name = f"{self._prefix}{owner}"
        for key, part in cast(JsonObject, whole.get("$defs", {})).items():
            self.definitions[f"{name}.{key}"] = self._translated(cast(JsonObject, part), name)
        return self._translated(whole, name)

    def _translated(self, schema: JsonObject, owner: str) -> JsonObject:
        found = {key: self._part(key, value, owner) for key, value in schema.items() if key not in _LEFT_OUT}
        if "prefixItems" in found:
            rest = found.pop("items", None)
            found["items"] = found.pop("prefixItems")
            found |= {} if rest is None else {"additionalItems": rest}
        reference = found.pop("$ref", None)
        if reference is not None:
            target: JsonObject = {"$ref": reference}
            return {**found, "allOf": [target]} if found else target
        return found

    def _part(self, key: str, value: Json, owner: str) -> Json:
        if key == "$ref":
            return f"#/definitions/{owner}.{str(value).rpartition('/')[2]}"
        if key == "properties":
            return {name: self._value(part, owner) for name, part in cast(JsonObject, value).items()}
        if key in ("items", "additionalProperties") and isinstance(value, Mapping):
            return self._value(value, owner)
        if key in ("prefixItems",):
            return [self._value(part, owner) for part in cast("list[Json]", value)]
        if key in ("anyOf", "oneOf", "allOf"):
            return [self._translated(cast(JsonObject, part), owner) for part in cast("list[Json]", value)]
        return value

    def _value(self, schema: Json, owner: str) -> Json:
        """A place where a value stands."""
        if not isinstance(schema, Mapping):
            return schema
        found = self._translated(schema, owner)
        if not self._templates or ("type" not in found and not _restricts(found)):
            return found
        if found.get("type") == "string" and found.keys() <= _FREE_TEXT:
            return found
        said = {key: found[key] for key in ("description", "default") if key in found}
        return {**said, "anyOf": [found, _TEMPLATE]}


def _restricts(schema: JsonObject) -> bool:
    return any(key in schema for key in ("$ref", "allOf", "anyOf", "oneOf", "enum", "const"))
