"""Filters that work on lists and objects. Owns their behaviour; filters.py lists them. Each raises Refused for input it cannot use.

A field that an item lacks is an error here too, unless a default is given: silence would hide a misspelt name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol, cast

from engine import strictjson
from engine.expressions.access import ABSENT, attribute_of, need_list, need_object
from engine.expressions.arithmetic import BINARY
from engine.expressions.errors import Refused
from engine.expressions.missing import Missing
from engine.expressions.predicates import TESTS, holds
from engine.expressions.values import collected, plain, type_name
from engine.strictjson import Json

_NOT_THERE: Final = cast(Json, object())


def first(value: Json) -> Json:
    items = value if isinstance(value, str) else need_list(value)
    return items[0] if items else cast(Json, Missing("the list is empty"))


def last(value: Json) -> Json:
    items = value if isinstance(value, str) else need_list(value)
    return items[-1] if items else cast(Json, Missing("the list is empty"))


def length(value: Json) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    raise Refused(f"the value must be text, a list or an object, not {type_name(value)}")


def sort(value: Json, reverse: Json = False, attribute: Json = None, case_sensitive: Json = False) -> list[Json]:
    try:
        return sorted(need_list(value), key=_key(attribute, case_sensitive), reverse=bool(reverse))  # type: ignore[arg-type]
    except TypeError:
        raise Refused("texts, numbers, lists and nulls have no order among each other") from None


def reverse(value: Json) -> Json:
    return value[::-1] if isinstance(value, str) else need_list(value)[::-1]


def smallest(value: Json, attribute: Json = None, case_sensitive: Json = False) -> Json:
    ordered = sort(value, attribute=attribute, case_sensitive=case_sensitive)
    return ordered[0] if ordered else cast(Json, Missing("the list is empty"))


def largest(value: Json, attribute: Json = None, case_sensitive: Json = False) -> Json:
    ordered = sort(value, attribute=attribute, case_sensitive=case_sensitive)
    return ordered[-1] if ordered else cast(Json, Missing("the list is empty"))


def _key(attribute: Json, case_sensitive: Json) -> Callable[[Json], object]:
    def key(item: Json) -> object:
        found = item if attribute is None else attribute_of(item, attribute)
        if isinstance(found, Mapping):
            raise Refused("objects have no order; name an attribute")
        return found.lower() if isinstance(found, str) and not case_sensitive else found

    return key


def total(value: Json, attribute: Json = None, start: Json = 0) -> Json:
    found = start
    for item in need_list(value):
        part = item if attribute is None else attribute_of(item, attribute)
        if isinstance(part, str | list | tuple):
            raise Refused(f"only numbers can be summed, not {type_name(part)}")
        found = BINARY["+"](found, part)
    return found


def unique(value: Json) -> list[Json]:
    return _unique(need_list(value), lambda item: item)


def unique_by(value: Json, attribute: Json) -> list[Json]:
    return _unique(need_list(value), lambda item: attribute_of(item, attribute))


def _unique(items: list[Json], by: Callable[[Json], Json]) -> list[Json]:
    seen: dict[str, Json] = {}
    for item in items:
        seen.setdefault(strictjson.canonical(plain(by(item))), item)
    return list(seen.values())


def where(value: Json, attribute: Json, equals: Json) -> list[Json]:
    return [item for item in need_list(value) if attribute_of(item, attribute) == equals]


def pluck(value: Json, attribute: Json) -> list[Json]:
    return [attribute_of(item, attribute) for item in need_list(value)]


class Mapped(Protocol):
    """A filter that ``map`` may apply to each item."""

    def __call__(self, value: Json, *args: Json) -> Json: ...


def mapping(allowed: Mapping[str, Mapped]) -> Callable[..., list[Json]]:
    """``map``: over an attribute, or through one of the ``allowed`` filters."""

    def apply(
        value: Json, name: Json = None, *args: Json, attribute: Json = None, default: Json = ABSENT
    ) -> list[Json]:
        if attribute is not None:
            return collected(attribute_of(item, attribute, default) for item in need_list(value))
        if not isinstance(name, str) or name not in allowed:
            raise Refused(f"needs attribute='…' or the name of one of: {', '.join(sorted(allowed))}")
        return collected(allowed[name](item, *args) for item in need_list(value))

    return apply


def select(value: Json, test: Json = "truthy", *args: Json) -> list[Json]:
    return [item for item in need_list(value) if _passes(item, test, args)]


def reject(value: Json, test: Json = "truthy", *args: Json) -> list[Json]:
    return [item for item in need_list(value) if not _passes(item, test, args)]


def select_attribute(value: Json, attribute: Json, test: Json = "truthy", *args: Json) -> list[Json]:
    return [item for item in need_list(value) if _passes_at(item, attribute, test, args)]


def reject_attribute(value: Json, attribute: Json, test: Json = "truthy", *args: Json) -> list[Json]:
    return [item for item in need_list(value) if not _passes_at(item, attribute, test, args)]


def _passes(item: Json, test: Json, args: Iterable[Json]) -> bool:
    if test == "truthy":
        return bool(item)
    if not isinstance(test, str) or test not in TESTS:
        raise Refused(f"there is no test of that name; there are {', '.join(sorted(TESTS))}")
    return holds(test, item, *args)


def _passes_at(item: Json, attribute: Json, test: Json, args: Iterable[Json]) -> bool:
    if isinstance(test, str) and test in ("defined", "undefined"):
        return (attribute_of(item, attribute, _NOT_THERE) is _NOT_THERE) == (test == "undefined")
    return _passes(attribute_of(item, attribute), test, args)


def keys(value: Json) -> list[Json]:
    return list(need_object(value))


def values(value: Json) -> list[Json]:
    return list(need_object(value).values())


def items(value: Json) -> list[Json]:
    return [[key, item] for key, item in need_object(value).items()]


def as_list(value: Json) -> list[Json]:
    if isinstance(value, Mapping):
        return keys(value)
    return collected(value) if isinstance(value, str) else need_list(value)


def get(value: Json, key: Json, default: Json = None) -> Json:
    if not isinstance(key, str):
        raise Refused(f"a key is text, not {type_name(key)}")
    return need_object(value).get(key, default)
