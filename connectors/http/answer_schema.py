"""Holding an answer to a JSON Schema that the flow gives. Owns the keywords that are understood; any other is refused, never passed over.

Source of the keywords: JSON Schema 2020-12. ``pattern`` and ``$ref`` are left out: the one can be made to run for ever, and the other
is not needed for what a flow reads of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.sdk import Json, JsonObject

_REMARKS = frozenset(
    {"$comment", "$id", "$schema", "default", "deprecated", "description", "examples", "format", "readOnly", "title"}
)


def check_schema(schema: Json, place: str = "response") -> None:
    """Raises ValueError for a schema that is not understood, naming the place in it."""
    if not isinstance(schema, Mapping):
        raise ValueError(f"{place} must be a JSON Schema, which is an object such as {{type: object}}")
    for keyword, value in schema.items():
        if keyword in _REMARKS:
            continue
        if keyword not in _KEYWORDS:
            known = ", ".join(sorted(_KEYWORDS))
            raise ValueError(f"{place}.{keyword} is not a keyword that is understood here; there are {known}")
        if not _WELL_FORMED[keyword](value):
            raise ValueError(f"{place}.{keyword} does not have the form that JSON Schema gives it")
    for name, inner in _inner(schema):
        check_schema(inner, f"{place}.{name}")


def problem(schema: JsonObject, value: Json, place: str = "the answer") -> str | None:
    """What is wrong with ``value``, in words that name the place and never the value; None when it fits. ``check_schema`` comes first."""
    for keyword, expected in schema.items():
        judge = _KEYWORDS.get(keyword)
        found = judge(schema, expected, value, place) if judge is not None else None
        if found is not None:
            return found
    return None


def _inner(schema: JsonObject) -> Iterator[tuple[str, Json]]:
    properties = schema.get("properties", {})
    if isinstance(properties, Mapping):
        yield from ((f"properties.{name}", inner) for name, inner in properties.items())
    for keyword in ("items", "additionalProperties"):
        if not isinstance(inner := schema.get(keyword, True), bool):
            yield keyword, inner
    choices = schema.get("anyOf", ())
    if _is_list(choices):
        yield from ((f"anyOf.{number}", inner) for number, inner in enumerate(_listed(choices)))


# The types by their names. A whole number with a fraction of zero is an integer, and true is no number.
_TYPES: Mapping[str, Callable[[Json], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and float(value) == int(value),  # type: ignore[arg-type]
    "number": lambda value: _is_number(value),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: _is_list(value),
    "object": lambda value: isinstance(value, Mapping),
}


def _type(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    names = [expected] if isinstance(expected, str) else [str(name) for name in _listed(expected)]
    return None if any(_TYPES[name](value) for name in names) else f"{place} is not {' or '.join(names)}"


def _properties(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    if not isinstance(value, Mapping) or not isinstance(expected, Mapping):
        return None
    present = ((name, inner) for name, inner in expected.items() if name in value and isinstance(inner, Mapping))
    return _first(problem(inner, value[name], f"{place}.{name}") for name, inner in present)


def _required(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    if not isinstance(value, Mapping):
        return None
    return _first(f"{place} has no {name}" for name in _listed(expected) if name not in value)


def _additional(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    known = schema.get("properties", {})
    if not isinstance(value, Mapping) or not isinstance(known, Mapping) or expected is True:
        return None
    others = [name for name in value if name not in known]
    if isinstance(expected, Mapping):
        return _first(problem(expected, value[name], f"{place}.{name}") for name in others)
    return f"{place} has {others[0][:60]!r}, which the schema does not know" if others else None


def _items(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    if not _is_list(value) or not isinstance(expected, Mapping):
        return None
    return _first(problem(expected, item, f"{place}[{index}]") for index, item in enumerate(_listed(value)))


def _any_of(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    choices = (choice for choice in _listed(expected) if isinstance(choice, Mapping))
    fits = any(problem(choice, value, place) is None for choice in choices)
    return None if fits else f"{place} is none of what anyOf allows"


def _enum(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    fits = any(_equal(choice, value) for choice in _listed(expected))
    return None if fits else f"{place} is none of the values of enum"


def _const(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
    return None if _equal(expected, value) else f"{place} is not the value of const"


def _bound(keyword: str) -> Callable[[JsonObject, Json, Json, str], str | None]:
    def judge(schema: JsonObject, expected: Json, value: Json, place: str) -> str | None:
        size = _size(keyword, value)
        if size is None or not isinstance(expected, int | float):
            return None
        fits = size >= expected if keyword.startswith("min") else size <= expected
        return None if fits else f"{place} breaks {keyword} {expected}"

    return judge


def _size(keyword: str, value: Json) -> float | None:
    if keyword.endswith("imum"):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if keyword.endswith("Length"):
        return len(value) if isinstance(value, str) else None
    return len(_listed(value)) if _is_list(value) else None


_BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
_KEYWORDS: Mapping[str, Callable[[JsonObject, Json, Json, str], str | None]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "anyOf": _any_of,
    **{keyword: _bound(keyword) for keyword in _BOUNDS},
}
_WELL_FORMED: Mapping[str, Callable[[Json], bool]] = {
    "type": lambda value: all(name in _TYPES for name in _named(value)) and bool(_named(value)),
    "enum": lambda value: _is_list(value),
    "const": lambda value: True,
    "properties": lambda value: isinstance(value, Mapping),
    "required": lambda value: _is_list(value) and all(isinstance(name, str) for name in _listed(value)),
    "additionalProperties": lambda value: isinstance(value, bool | Mapping),
    "items": lambda value: isinstance(value, bool | Mapping),
    "anyOf": lambda value: _is_list(value) and bool(_listed(value)),
    **{keyword: lambda value: _is_number(value) for keyword in _BOUNDS},
}


def _named(value: Json) -> Sequence[Json]:
    return (value,) if isinstance(value, str) else _listed(value)


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()


def _is_list(value: Json) -> bool:
    return isinstance(value, list | tuple)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(one: Json, other: Json) -> bool:
    """Python takes True for 1; JSON does not."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _first(problems: Iterator[str | None]) -> str | None:
    return next((found for found in problems if found is not None), None)
