"""Reading JSON schemas as types. Owns what a schema says of a value, and what a trigger says of its events; judges no flow.

Source of the keywords: JSON Schema 2020-12 as pydantic writes it ($ref into $defs, anyOf, oneOf, allOf with if and then, enum, const,
properties, required, items, prefixItems, additionalProperties). Where a schema says nothing, anything may be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import cast

from pydantic import BaseModel

from engine.expressions.types import (
    ABSENT,
    ABSENT_MEMBER,
    ANY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Fields,
    Kind,
    ListOf,
    Object,
    Scalar,
    Type,
    has,
    of_constant,
    union,
    without,
)
from engine.expressions.types_marks import PLAIN, TYPED, marked
from engine.expressions.types_narrow import different_from, equal_to
from engine.sdk.models import DESCRIBES, GOES_INTO, ORIGIN, STRANGER
from engine.sdk.trigger import TriggerType
from engine.strictjson import Json, JsonObject

_SCALARS: Mapping[str, Type] = {"string": TEXT, "integer": INTEGER, "number": NUMBER, "boolean": BOOLEAN, "null": NULL}

_PLAIN_FORMATS = ("uuid", "date", "time", "date-time", "duration", "ipv4")


class SchemaShape:
    """The fields that an object schema describes; each is read when it is asked for."""

    __slots__ = ("_fields", "_label", "_reader", "_schema")

    def __init__(self, schema: JsonObject, reader: _Reader) -> None:
        self._schema, self._reader, self._label = schema, reader, reader.label
        self._fields: dict[str, Type | None] = {}

    @property
    def label(self) -> str:
        return self._label

    def names(self) -> Iterable[str]:
        properties = self._schema.get("properties")
        return properties.keys() if isinstance(properties, Mapping) else ()

    def field(self, name: str) -> Type | None:
        if name not in self._fields:
            self._fields[name] = self._read(name)
        return self._fields[name]

    def is_required(self, name: str) -> bool:
        required = self._schema.get("required", ())
        return isinstance(required, list | tuple) and name in required

    @property
    def is_closed(self) -> bool:
        return self._schema.get("additionalProperties") is False

    def _read(self, name: str) -> Type | None:
        properties = self._schema.get("properties")
        rest = self._schema.get("additionalProperties", True)
        if isinstance(properties, Mapping) and name in properties:
            found = self._reader.read(cast(JsonObject, properties[name]))
            return found if self.is_required(name) else union(found, ABSENT)
        if isinstance(rest, Mapping):
            return self._reader.read(rest)
        if "patternProperties" in self._schema or (rest is True and not isinstance(properties, Mapping)):
            return ANY
        return None


class _Reader:
    """Reads the parts of one schema; each object schema becomes one shape, so that equal types are the same."""

    def __init__(self, schema: JsonObject, label: str) -> None:
        self.label = label
        definitions = schema.get("$defs")
        self._definitions: JsonObject = definitions if isinstance(definitions, Mapping) else {}
        self._shapes: dict[int, Type] = {}

    def read(self, schema: Json, seen: tuple[str, ...] = ()) -> Type:
        if not isinstance(schema, Mapping):
            # An author's own schema, in which that is a finding.
            return ANY
        found = self._read(schema, seen)
        return marked(found, TYPED) if schema.get(ORIGIN) == STRANGER else found

    def _read(self, schema: JsonObject, seen: tuple[str, ...]) -> Type:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
            target = self._definitions.get(name)
            return self.read(target, (*seen, name)) if name not in seen and isinstance(target, Mapping) else ANY
        choices = schema.get("anyOf", schema.get("oneOf"))
        if isinstance(choices, list | tuple):
            found = union(*(self.read(cast(JsonObject, choice), seen) for choice in choices))
            return ANY if has(found, "any") else found
        parts = schema.get("allOf")
        if isinstance(parts, list | tuple) and "properties" not in schema:
            # One part is how older pydantic writes a described $ref; several would have to be merged.
            return self.read(cast(JsonObject, parts[0]), seen) if len(parts) == 1 else ANY
        return self._plain(schema)

    def _plain(self, schema: JsonObject) -> Type:
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if isinstance(values, list | tuple) and values:
            return union(*map(of_constant, values))
        kind = schema.get("type", "object" if "properties" in schema else None)
        if isinstance(kind, list | tuple):
            return union(*(self._of_kind(str(one), schema) for one in kind))
        return self._of_kind(kind, schema) if isinstance(kind, str) else ANY

    def _of_kind(self, kind: str, schema: JsonObject) -> Type:
        if kind == "array":
            items = schema.get("items")
            is_plain = isinstance(items, Mapping) and "prefixItems" not in schema
            return (ListOf(self.read(cast(JsonObject, items)) if is_plain else ANY),)
        if kind == "object":
            return self._object(schema)
        if kind == "string" and schema.get("format") in _PLAIN_FORMATS:
            return (Scalar("text", marks=frozenset((PLAIN,))),)
        return _SCALARS.get(kind, ANY)

    def _object(self, schema: JsonObject) -> Type:
        if id(schema) not in self._shapes:
            whole: Type = (Object(SchemaShape(schema, self)),)
            self._shapes[id(schema)] = self._variants(whole, schema.get("allOf"))
        return self._shapes[id(schema)]

    def _variants(self, whole: Type, conditions: Json) -> Type:
        """``allOf: [{if: {properties: {type: {const: …}}}, then: {properties: …}}]``: one alternative for each value, and the others."""
        if not isinstance(conditions, list | tuple):
            return whole
        found: list[Type] = []
        for condition in conditions:
            told = _condition(condition)
            if told is None:
                return whole
            name, value, properties = told
            found.append(_with(_filtered(whole, name, value, same=True), self._changes(properties)))
            whole = _filtered(whole, name, value, same=False)
        return union(*found, whole)

    def _changes(self, properties: JsonObject) -> Mapping[str, Type]:
        return {name: self.read(cast(JsonObject, schema)) for name, schema in properties.items()}


def _condition(schema: Json) -> tuple[str, str, JsonObject] | None:
    try:
        ((name, test),) = cast(JsonObject, schema["if"]["properties"]).items()  # type: ignore[index,call-overload]
        value, properties = test["const"], schema["then"]["properties"]  # type: ignore[index,call-overload]
    except (KeyError, TypeError, ValueError):
        return None
    return (name, value, properties) if isinstance(value, str) and isinstance(properties, Mapping) else None


def _filtered(found: Type, name: str, value: str, *, same: bool) -> Type:
    keep = equal_to(value) if same else different_from(value)
    return tuple(
        member.with_field(name, left)
        for member in found
        if isinstance(member, Object) and (left := keep(member.field(name) or ANY))
    )


def _with(found: Type, changes: Mapping[str, Type]) -> Type:
    changed: list[Object] = []
    for member in found:
        assert isinstance(member, Object)
        for name, one in changes.items():
            member = member.with_field(name, one)
        changed.append(member)
    return tuple(changed)


def from_schema(schema: JsonObject, label: str = "") -> Type:
    """The type that a whole JSON schema describes. ``label``: whose it is, for messages."""
    return _Reader(schema, label).read(schema)


@lru_cache(maxsize=512)
def of_model(model: type[BaseModel], label: str = "") -> Type:
    """The type of a model's values; kept, since making a schema takes milliseconds."""
    return from_schema(model.model_json_schema(), label)


@lru_cache(maxsize=512)
def deliveries(trigger: TriggerType, uses: str) -> Type:
    """What the trigger delivers: one alternative for each event that it tells apart."""
    whole = of_model(trigger.delivery, uses)
    found: list[Type] = []
    for event, carried in trigger.carries.items():
        one = _with(whole, {"event": (Scalar("text", frozenset((event,))),)})
        for path, presence in carried.items():
            one = _carrying(one, path.split("."), presence == "always")
        found.append(tuple(Object(member.shape, member.changes, event) for member in one if isinstance(member, Object)))
    return union(*found) if found else whole


def _carrying(found: Type, path: Sequence[str], always: bool) -> Type:
    if not path:
        if always:
            return without(found, "absent", "null")
        return (ABSENT_MEMBER, *NULL) if has(found, "null") else ABSENT
    return tuple(
        member.with_field(path[0], _carrying(member.field(path[0]) or ANY, path[1:], always))
        if isinstance(member, Object)
        else member
        for member in found
    )


@lru_cache(maxsize=512)
def places_in(model: type[BaseModel]) -> Mapping[str, str]:
    """The inputs of an action that say where they go to, by name: ``{"path": "URL path"}``."""
    properties = cast("Mapping[str, JsonObject]", model.model_json_schema().get("properties", {}))
    return {name: str(schema[GOES_INTO]) for name, schema in properties.items() if GOES_INTO in schema}


@lru_cache(maxsize=512)
def described_by(model: type[BaseModel]) -> Mapping[str, tuple[str, str]]:
    """The inputs of an action that take the schema of an output, by name: that output, and the input that makes it unsure."""
    properties = cast("Mapping[str, JsonObject]", model.model_json_schema().get("properties", {}))
    told = {name: cast("Mapping[str, str]", one[DESCRIBES]) for name, one in properties.items() if DESCRIBES in one}
    return {name: (one["output"], one["unless"]) for name, one in told.items()}


def fields_of(found: Iterable[object]) -> set[str]:
    """The names of all fields that objects of this type have."""
    return {name for member in found if isinstance(member, Object) for name in member.shape.names()}


def input_type(kind: str) -> Type:
    """The type of a flow's input."""
    return _INPUTS[kind]


_INPUTS: Mapping[str, Type] = {
    **_SCALARS,
    "list": (ListOf(ANY),),
    "object": (Object(Fields({}, rest=ANY)),),
}
KIND_OF_INPUT: Mapping[str, Kind] = {"string": "text"}
