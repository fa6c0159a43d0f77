"""How filters take what they are given. Owns the checks of a filter's input and the dotted path into an item; raises Refused."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Final, cast

from engine.expressions.errors import Refused
from engine.expressions.values import type_name
from engine.strictjson import Json

ABSENT: Final = cast(Json, object())
"""Stands for "not there" where Json is passed on; it never leaves a filter."""


def need_text(value: Json, what: str = "the value") -> str:
    if not isinstance(value, str):
        raise Refused(f"{what} must be text, not {type_name(value)}")
    return value


def need_list(value: Json) -> list[Json]:
    if isinstance(value, list | tuple):
        return cast("list[Json]", value)
    raise Refused(f"the value must be a list, not {type_name(value)}")


def need_object(value: Json) -> Mapping[str, Json]:
    if isinstance(value, Mapping):
        return value
    raise Refused(f"the value must be an object, not {type_name(value)}")


def need_integer(value: Json, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        found = "a fraction" if isinstance(value, float) else type_name(value)
        raise Refused(f"{what} must be a whole number, not {found}")
    if not low <= value <= high:
        raise Refused(f"{what} must be from {low:,} to {high:,}")
    return value


def attribute_of(item: Json, attribute: Json, default: Json = ABSENT) -> Json:
    """The field at a dotted path of ``item``. Raises Refused when it is absent and there is no default."""
    if not isinstance(attribute, str) or not attribute:
        raise Refused(f"an attribute is named by text such as 'answer' or 'name.first', not {type_name(attribute)}")
    found: object = item
    for part in attribute.split("."):
        found = _step(found, part)
        if found is ABSENT and default is ABSENT:
            raise Refused(f"{type_name(item)}{_keys(item)} has no field {attribute!r}")
        if found is ABSENT:
            return default
    return cast(Json, found)


def _step(value: object, part: str) -> object:
    if isinstance(value, Mapping):
        return value.get(part, ABSENT)
    if isinstance(value, list | tuple) and part.isascii() and part.isdigit() and int(part[:9]) < len(value):
        return value[int(part[:9])]
    return ABSENT


def _keys(item: Json) -> str:
    return (
        f" with {', '.join(key[:40] for key in heapq.nsmallest(10, item))}"
        if isinstance(item, Mapping) and item
        else ""
    )
