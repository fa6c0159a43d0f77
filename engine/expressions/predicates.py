"""Tests: what may stand behind ``is``. Owns the table of them; there are no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from jinja2.runtime import Undefined

from engine.expressions.access import need_integer
from engine.expressions.errors import Refused
from engine.expressions.limits import MAX_INTEGER
from engine.expressions.values import type_name
from engine.strictjson import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicate:
    """One test. The docs are generated from ``name`` and ``summary``; ``takes_missing``: it may be asked about a missing field."""

    name: str
    summary: str
    function: Callable[..., bool]
    takes_missing: bool = False


def _whole(value: Json) -> int:
    return need_integer(value, "the value", -MAX_INTEGER, MAX_INTEGER)


def _divisible(value: Json, by: Json) -> bool:
    if by == 0:
        raise Refused("division by zero")
    return _whole(value) % need_integer(by, "the divisor", -MAX_INTEGER, MAX_INTEGER) == 0


def _number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(value: Json, container: Json) -> bool:
    if isinstance(container, str) and not isinstance(value, str):
        raise Refused(f"cannot look for {type_name(value)} in text")
    if not isinstance(container, str | list | tuple | Mapping):
        raise Refused(f"cannot look into {type_name(container)}")
    return value in container


def _order(compare: Callable[[Json, Json], bool]) -> Callable[[Json, Json], bool]:
    def apply(value: Json, other: Json) -> bool:
        try:
            return compare(value, other)
        except TypeError:
            raise Refused(f"cannot compare {type_name(value)} with {type_name(other)}") from None

    return apply


def _at_least(value: Json, other: Json) -> bool:
    return bool(value >= other)  # type: ignore[operator]


def _less(value: Json, other: Json) -> bool:
    return bool(value < other)  # type: ignore[operator]


_ALL = (
    Predicate(
        name="defined",
        summary="the field is there (it may be null)",
        takes_missing=True,
        function=lambda value: not isinstance(value, Undefined),
    ),
    Predicate(
        name="undefined",
        summary="the field is not there",
        takes_missing=True,
        function=lambda value: isinstance(value, Undefined),
    ),
    Predicate(name="none", summary="the value is null", function=lambda value: value is None),
    Predicate(name="true", summary="the value is true, not merely truthy", function=lambda value: value is True),
    Predicate(name="false", summary="the value is false, not merely empty", function=lambda value: value is False),
    Predicate(name="boolean", summary="the value is true or false", function=lambda value: isinstance(value, bool)),
    Predicate(name="string", summary="the value is text", function=lambda value: isinstance(value, str)),
    Predicate(name="number", summary="the value is a number", function=_number),
    Predicate(
        name="integer",
        summary="the value is a whole number",
        function=lambda value: _number(value) and isinstance(value, int),
    ),
    Predicate(
        name="float",
        summary="the value is a number with a fraction part",
        function=lambda value: isinstance(value, float),
    ),
    Predicate(name="list", summary="the value is a list", function=lambda value: isinstance(value, list | tuple)),
    Predicate(name="mapping", summary="the value is an object", function=lambda value: isinstance(value, Mapping)),
    Predicate(
        name="truthy", summary="the value is neither empty, zero, false nor null", function=lambda value: bool(value)
    ),
    Predicate(
        name="in", summary="the value is an item of a list, a part of a text or a key of an object", function=_within
    ),
    Predicate(name="eq", summary="the value equals another", function=lambda value, other: bool(value == other)),
    Predicate(name="ne", summary="the value differs from another", function=lambda value, other: bool(value != other)),
    Predicate(name="lt", summary="the value is less than another", function=_order(_less)),
    Predicate(name="ge", summary="the value is at least another", function=_order(_at_least)),
    Predicate(
        name="gt", summary="the value is more than another", function=_order(lambda value, other: _less(other, value))
    ),
    Predicate(
        name="le", summary="the value is at most another", function=_order(lambda value, other: _at_least(other, value))
    ),
    Predicate(name="even", summary="the whole number is even", function=lambda value: _whole(value) % 2 == 0),
    Predicate(name="odd", summary="the whole number is odd", function=lambda value: _whole(value) % 2 == 1),
    Predicate(
        name="divisibleby", summary="the whole number can be divided by another without rest", function=_divisible
    ),
)

TESTS: Mapping[str, Predicate] = MappingProxyType({each.name: each for each in _ALL})


def holds(name: str, value: Json, *args: Json) -> bool:
    """Whether the test holds. Raises Refused for the wrong number of arguments or values it cannot judge."""
    try:
        return TESTS[name].function(value, *args)
    except TypeError:
        raise Refused(f"the test {name} does not take {len(args)} arguments") from None
