"""Answers of actions for rehearsals. Owns completing a partial answer with typed placeholders from the action's output schema.

A mock names the fields that matter. The required ones that it leaves out are filled here, so that the whole is an answer that the
service could give; there are two fillings, so that a test whose outcome depends on a made-up value can be told from one that does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import cast

from pydantic import BaseModel

from engine.check.hints import did_you_mean
from engine.strictjson import Json, JsonObject, dump

DEEPEST = 12
OPEN, CLOSE = "‹", "›"
"""Around the field's name in a made-up text: seen at once in a report, and in no real answer."""


class Filling(Enum):
    """Which values are made up: each differs from the other in every field."""

    ONE = "text, 1, true, lists of one, nothing null"
    OTHER = "other text, a large number, false, empty lists, null where it may be"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an action returns in a rehearsal. ``filled``: the paths that were made up."""

    one: Json
    other: Json
    filled: tuple[str, ...] = ()

    def value(self, filling: Filling) -> Json:
        return self.one if filling is Filling.ONE else self.other


@lru_cache(maxsize=256)
def schema_of(model: type[BaseModel]) -> JsonObject:
    """The model's JSON schema; kept, since making it takes milliseconds."""
    return cast(JsonObject, model.model_json_schema())


def completed(model: type[BaseModel], given: JsonObject) -> Answer:
    """``given`` with every required field that it leaves out. Judges nothing: validate what comes out."""
    one, other = _Making(schema_of(model), Filling.ONE), _Making(schema_of(model), Filling.OTHER)
    values = one.around(one.root, given, ""), other.around(other.root, given, "")
    return Answer(one=values[0], other=values[1], filled=tuple(one.filled))


def placeholder(model: type[BaseModel]) -> Answer:
    """An answer that is made up as a whole."""
    return completed(model, {})


def made_up(value: Json) -> bool:
    """Whether a made-up text stands anywhere in ``value``."""
    return OPEN in dump(value)


def made_up_text(name: str) -> str:
    """A text that nobody would take for a real one."""
    return f"{OPEN}{name}{CLOSE}"


def unlike_any_field(model: type[BaseModel], given: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Fields that look like a misspelt one which is absent: (path, message). Other unknown fields may be new at the service."""
    making = _Making(schema_of(model), Filling.ONE)
    yield from making.misspelt(making.root, given, ())


@dataclass
class _Making:
    schema: JsonObject
    filling: Filling
    filled: list[str] = field(default_factory=list)

    @property
    def root(self) -> JsonObject:
        return self.schema

    def around(self, schema: JsonObject, given: Json, path: str) -> Json:
        """``given`` as it is, completed inside."""
        option = self._option(schema, given)
        if isinstance(given, Mapping):
            found = {
                key: self.around(self._property(option, key), item, _join(path, key)) for key, item in given.items()
            }
            for name in _required(option):
                if name not in found:
                    self.filled.append(_join(path, name))
                    found[name] = self._made(self._property(option, name), _join(path, name), 0)
            return found
        if isinstance(given, list | tuple):
            items = _object(option.get("items"))
            return [self.around(items, item, f"{path}[{index}]") for index, item in enumerate(given)]
        return given

    def misspelt(
        self, schema: JsonObject, given: Json, path: tuple[str | int, ...]
    ) -> Iterator[tuple[tuple[str | int, ...], str]]:
        option = self._option(schema, given)
        if isinstance(given, Mapping):
            known = _object(option.get("properties"))
            for key, item in given.items():
                hint = did_you_mean(key, known.keys() - given.keys()) if known and key not in known else ""
                if hint:
                    yield (*path, key), f"the answer has no field {key!r}{hint}"
                yield from self.misspelt(self._property(option, key), item, (*path, key))
        elif isinstance(given, list | tuple):
            for index, item in enumerate(given):
                yield from self.misspelt(_object(option.get("items")), item, (*path, index))

    def _option(self, schema: JsonObject, given: Json) -> JsonObject:
        """The alternative of ``schema`` that fits the kind of ``given``."""
        wanted = "object" if isinstance(given, Mapping) else "array" if isinstance(given, list | tuple) else ""
        options = list(self._options(schema))
        return next((option for option in options if option.get("type") == wanted), options[0] if options else {})

    def _options(self, schema: JsonObject, depth: int = 0) -> Iterator[JsonObject]:
        reference = schema.get("$ref")
        if isinstance(reference, str) and depth < DEEPEST:
            definitions = _object(self.schema.get("$defs"))
            yield from self._options(_object(definitions.get(reference.rpartition("/")[2])), depth + 1)
            return
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(choices := schema.get(key), list | tuple):
                for choice in choices:
                    yield from self._options(_object(choice), depth + 1)
                return
        yield schema

    def _property(self, option: JsonObject, key: str) -> JsonObject:
        properties = _object(option.get("properties"))
        return _object(properties[key] if key in properties else option.get("additionalProperties"))

    def _made(self, schema: JsonObject, path: str, depth: int) -> Json:
        options = list(self._options(schema))
        nullable = any(option.get("type") == "null" for option in options)
        if nullable and (self.filling is Filling.OTHER or depth > DEEPEST):
            return None
        option = next((option for option in options if option.get("type") != "null"), _object(None))
        values = option.get("enum", [option["const"]] if "const" in option else None)
        if isinstance(values, Sequence) and not isinstance(values, str) and values:
            return values[0 if self.filling is Filling.ONE else -1]
        return self._of_type(option, path, depth)

    def _of_type(self, option: JsonObject, path: str, depth: int) -> Json:
        first = self.filling is Filling.ONE
        match option.get("type", "object" if "properties" in option else "string"):
            case "integer":
                return _within(option, 1 if first else 1_000_003)
            case "number":
                return _within(option, 1.5 if first else 1_000_003.5)
            case "boolean":
                return first
            case "array":
                items = _object(option.get("items"))
                return [self._made(items, f"{path}[0]", depth + 1)] if first and depth <= DEEPEST else []
            case "object":
                names = _required(option) if depth <= DEEPEST else ()
                return {name: self._made(self._property(option, name), _join(path, name), depth + 1) for name in names}
            case _:
                return self._text(option, path)

    def _text(self, option: JsonObject, path: str) -> str:
        name = path.rpartition(".")[2]
        if option.get("format") == "date-time" or name.endswith(("_at", "_time")):
            return "2026-01-01T00:00:00Z" if self.filling is Filling.ONE else "2036-12-31T23:59:59Z"
        return f"{OPEN}{path}{CLOSE}" if self.filling is Filling.ONE else f"{OPEN}another {path}{CLOSE}"


def _within(option: JsonObject, number: float) -> float:
    least, most = option.get("minimum"), option.get("maximum")
    if isinstance(most, int | float):
        number = min(number, most)
    return max(number, least) if isinstance(least, int | float) else number


def _required(option: JsonObject) -> tuple[str, ...]:
    names = option.get("required")
    return tuple(str(name) for name in names) if isinstance(names, list | tuple) else ()


def _object(schema: Json) -> JsonObject:
    return schema if isinstance(schema, Mapping) else {}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
