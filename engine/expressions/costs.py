"""What each filter, test, method and operator costs, in steps of fuel. Owns the tables; a cost is burnt before the work, so it takes the
same arguments and may not be wrong about bad ones: what they do is the filter's to refuse. ``tests.bench.expressions`` measures them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from engine.expressions.access import ABSENT, attribute_of
from engine.expressions.errors import Refused
from engine.expressions.fuel import Fuel, size
from engine.expressions.limits import MAX_ITEMS
from engine.strictjson import Json

Cost = Callable[..., None]
"""``cost(fuel, value, *arguments)``. Raises Exhausted."""

_PER_ITEM = 12
_PER_TIME = 70
_PER_POINTER = 8
"""So many items of a list are copied in one step."""


def _flat(steps: int) -> Cost:
    def cost(fuel: Fuel, *args: Json, **options: Json) -> None:
        fuel.burn(steps)

    return cost


def _copying(fuel: Fuel, value: Json, *args: Json, **options: Json) -> None:
    """Text is copied, or the pointers of a list are."""
    fuel.burn(2 + (2 * size(value) if isinstance(value, str) else size(value) // _PER_POINTER))


def _by_character(fuel: Fuel, value: Json, *args: Json, **options: Json) -> None:
    """Every character is looked at by itself."""
    fuel.burn(5 + _length(value) // 6)


def _searching(fuel: Fuel, value: Json, what: Json = None, *args: Json, **options: Json) -> None:
    """A text is looked for in another; short patterns are searched naively, so that their length counts."""
    fuel.burn(5 + _length(value) // 16 * (1 + min(_length(what), 128) // 16))


def _splitting(fuel: Fuel, value: Json, separator: Json = None, count: Json = -1) -> None:
    _searching(fuel, value, separator)
    fuel.burn(min(_length(value), MAX_ITEMS))


def _trimming(fuel: Fuel, value: Json, characters: Json = None) -> None:
    fuel.burn(5 + 2 * size(value) + _length(value) // 4 * ((_length(characters) + 63) // 64))


def _listing(fuel: Fuel, value: Json) -> None:
    fuel.burn(5 + (2 * min(len(value), MAX_ITEMS) if isinstance(value, str) else size(value)))


def _pairing(fuel: Fuel, value: Json) -> None:
    fuel.burn(5 + 6 * size(value))


def _writing(fuel: Fuel, value: Json, *args: Json, **options: Json) -> None:
    """A value becomes text; a list or object as JSON."""
    if isinstance(value, str):
        fuel.burn(5 + size(value))
    else:
        fuel.burn(20 + (10 * fuel.weigh(value) if size(value) else 0))


def _quoting(fuel: Fuel, value: Json) -> None:
    _writing(fuel, value)
    fuel.burn(20 + (_length(value) if isinstance(value, str) else 10 * fuel.weigh(value)))


def _joining(fuel: Fuel, value: Json, separator: Json = "", attribute: Json = None) -> None:
    each = _path(attribute)
    for item in _items(fuel, value):
        fuel.burn(each)
        _writing(fuel, _field(item, attribute))


def _sorting(
    fuel: Fuel, value: Json, reverse: Json = False, attribute: Json = None, case_sensitive: Json = False
) -> None:
    """n log n comparisons, each of which may go through as much as the keys hold."""
    each, keys, count = _path(attribute), 0, 0
    for item in _items(fuel, value):
        fuel.burn(each)
        found, count = _field(item, attribute), count + 1
        keys += 1 if not size(found) else fuel.weigh(found)
        _by_character(fuel, found if isinstance(found, str) else None)
    fuel.burn(keys * count.bit_length())


def _extreme(fuel: Fuel, value: Json, attribute: Json = None, case_sensitive: Json = False) -> None:
    _sorting(fuel, value, False, attribute, case_sensitive)


def _adding(fuel: Fuel, value: Json, attribute: Json = None, start: Json = 0) -> None:
    fuel.burn(5 + size(value) * (_PER_ITEM + _path(attribute)))


def _telling_apart(fuel: Fuel, value: Json, attribute: Json = None) -> None:
    """Each item, or a field of it, is copied and written as JSON with its keys in order."""
    each = _path(attribute)
    for item in _items(fuel, value):
        fuel.burn(60 + each)
        found = _field(item, attribute)
        fuel.burn(12 * fuel.weigh(found))


def _plucking(fuel: Fuel, value: Json, attribute: Json = None) -> None:
    fuel.burn(5 + size(value) * _path(attribute))


def _where(fuel: Fuel, value: Json, attribute: Json = None, equals: Json = None) -> None:
    fuel.burn(5 + size(value) * (_path(attribute) + fuel.weigh(equals)))


def _mapping(
    fuel: Fuel, value: Json, name: Json = None, *args: Json, attribute: Json = None, default: Json = ABSENT
) -> None:
    if attribute is not None:
        _plucking(fuel, value, attribute)
        return
    each = FILTER_COSTS.get(name) if isinstance(name, str) else None
    for item in _items(fuel, value):
        if each is not None:
            each(fuel, item, *args)


def _selecting(fuel: Fuel, value: Json, test: Json = "truthy", *args: Json) -> None:
    _judging(fuel, _items(fuel, value), test, args)


def _selecting_by(fuel: Fuel, value: Json, attribute: Json = None, test: Json = "truthy", *args: Json) -> None:
    fuel.burn(2 * size(value) * _path(attribute))
    _judging(fuel, (_field(item, attribute) for item in _items(fuel, value)), test, args)


def _judging(fuel: Fuel, items: Iterable[Json], test: Json, args: tuple[Json, ...]) -> None:
    each = TEST_COSTS.get(test) if isinstance(test, str) else None
    for item in items:
        if each is not None and args:
            each(fuel, item, *args)


def _comparing(fuel: Fuel, value: Json, other: Json = None) -> None:
    """Comparing goes no further than the smaller of the two."""
    sizes = size(value), size(other)
    if not all(sizes) or isinstance(value, str) or isinstance(other, str):
        fuel.burn(2 + min(sizes))
    else:
        fuel.burn(20 + 3 * fuel.weigh(value if sizes[0] <= sizes[1] else other))


def _looking(fuel: Fuel, value: Json, container: Json = None) -> None:
    """``value in container``."""
    if isinstance(container, str):
        _searching(fuel, container, value)
    elif isinstance(container, list | tuple):
        fuel.burn(2 + len(container) * fuel.weigh(value))
    else:
        fuel.burn(2 + size(value))


def _items(fuel: Fuel, value: Json) -> Iterable[Json]:
    """The items, after they were paid for; none of what is no list."""
    found = value if isinstance(value, list | tuple) else ()
    fuel.burn(5 + _PER_ITEM * len(found))
    return found


def _path(attribute: Json) -> int:
    """Steps to a field by its dotted path; the path is taken apart for every item."""
    return 0 if attribute is None else 15 + _length(attribute) // 2


def _field(item: Json, attribute: Json) -> Json:
    if attribute is None:
        return item
    try:
        return attribute_of(item, attribute, None)
    except Refused:
        return None


def _length(value: Json) -> int:
    return len(value) if isinstance(value, str) else 0


FILTER_COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        **dict.fromkeys(("lower", "upper", "capitalize", "title"), _by_character),
        **dict.fromkeys(("uuid", "truncate"), _searching),
        **dict.fromkeys(("string", "json"), _writing),
        **dict.fromkeys(("int", "float"), _flat(30)),
        **dict.fromkeys(("round", "abs", "length", "first", "last", "default"), _flat(10)),
        **dict.fromkeys(("parse_time", "format_time", "add", "minus"), _flat(_PER_TIME)),
        **dict.fromkeys(("reverse", "keys", "values"), _copying),
        **dict.fromkeys(("min", "max"), _extreme),
        **dict.fromkeys(("unique", "unique_by"), _telling_apart),
        **dict.fromkeys(("select", "reject"), _selecting),
        **dict.fromkeys(("selectattr", "rejectattr"), _selecting_by),
        "trim": _trimming,
        "replace": _searching,
        "split": _splitting,
        "join": _joining,
        "urlencode": _quoting,
        "list": _listing,
        "items": _pairing,
        "sort": _sorting,
        "sum": _adding,
        "where": _where,
        "pluck": _plucking,
        "map": _mapping,
    }
)
METHOD_COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        **{name: FILTER_COSTS[name] for name in ("lower", "upper", "title", "capitalize", "split", "replace")},
        **{name: FILTER_COSTS[name] for name in ("keys", "values", "items")},
        **dict.fromkeys(("strip", "lstrip", "rstrip"), _trimming),
        **dict.fromkeys(("startswith", "endswith"), _copying),
        "get": _flat(10),
        "~": _joining,
    }
)
TEST_COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        **dict.fromkeys(("defined", "undefined", "none", "true", "false", "boolean", "truthy"), _flat(2)),
        **dict.fromkeys(("string", "number", "integer", "float", "list", "mapping"), _flat(2)),
        **dict.fromkeys(("even", "odd", "divisibleby"), _flat(10)),
        **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), _comparing),
        "in": _looking,
    }
)


def compare(fuel: Fuel, operator: str, left: Json, right: Json) -> None:
    """The cost of ``left operator right``, where the operator is one of Jinja's words for comparisons."""
    (_looking if operator in ("in", "notin") else _comparing)(fuel, left, right)


def add(fuel: Fuel, left: Json, right: Json) -> None:
    """The cost of an arithmetic operator."""
    _copying(fuel, left)
    _copying(fuel, right)


def cut(fuel: Fuel, value: Json) -> None:
    """The cost of a slice."""
    _copying(fuel, value)
    fuel.burn(size(value) if isinstance(value, str) else 0)
