"""Values inside an expression. Owns what an expression's result may be (plain JSON), how a value looks as text, and the words
for its type; knows no Jinja beyond its Undefined.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from jinja2.runtime import Undefined

from engine import strictjson
from engine.expressions.errors import Refused
from engine.expressions.fuel import Fuel
from engine.expressions.limits import MAX_DEPTH, MAX_INTEGER, MAX_ITEMS, MAX_LOOP_TEXT, MAX_LOOP_VALUES, MAX_TEXT
from engine.strictjson import Json


def plain(value: object) -> Json:
    """A fresh copy of ``value`` as dicts, lists, text, numbers, booleans and None. Raises Refused for anything else or too much,
    and FieldMissing for a missing value at any level."""
    return Meter().copy(value)


class Meter:
    """Copies results and counts over all of them, so that shared parts are paid for each time they are copied.

    ``fuel``: what is left of the work that leads to these results. ``loop``: they are what a loop loops over.
    """

    def __init__(self, fuel: Fuel | None = None, *, loop: bool = False) -> None:
        self.fuel = Fuel() if fuel is None else fuel
        self._most_items = MAX_LOOP_VALUES if loop else MAX_ITEMS
        self._most_bytes = MAX_LOOP_TEXT if loop else MAX_TEXT
        self._items = 0
        self._bytes = 0

    def copy(self, value: object, depth: int = 1) -> Json:
        """As ``plain``."""
        self._items += 1
        if self._items > self._most_items:
            raise Refused(f"the result has more than {self._most_items:,} values")
        if isinstance(value, str):
            self._pay(value)
            return value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return number(value)
        return self._container(value, depth)

    def _container(self, value: object, depth: int) -> Json:
        if depth > MAX_DEPTH:
            raise Refused(f"the result nests more than {MAX_DEPTH} levels deep")
        # The concrete types first: asking an abstract one costs three calls for each list in the data.
        if isinstance(value, list | tuple):
            return [self.copy(item, depth + 1) for item in value]
        if isinstance(value, (dict, Mapping)):
            return {self._key(key): self.copy(item, depth + 1) for key, item in value.items()}
        if isinstance(value, Undefined):
            str(value)
        raise Refused("the result is not plain data (text, number, true, false, none, list or object)")

    def _key(self, key: object) -> str:
        if isinstance(key, Undefined):
            str(key)
        if not isinstance(key, str):
            raise Refused(f"the keys of an object are text, not {type_name(key)}")
        self._pay(key)
        return key

    def _pay(self, text: str) -> None:
        self._bytes += len(text) if text.isascii() else len(text.encode())
        if self._bytes > self._most_bytes:
            raise Refused(f"the result is larger than {self._most_bytes // 1024} KiB")


def number(value: float) -> float:
    """``value`` if JSON can hold it and it is not absurd. Raises Refused."""
    if not (math.isfinite(value) if isinstance(value, float) else -MAX_INTEGER <= value <= MAX_INTEGER):
        raise Refused("the number is out of range")
    return value


def as_text(value: Json) -> str:
    """How a value reads in the middle of a text: true/false, JSON for lists and objects, nothing for null.

    Null becomes nothing because a service says "no value" with null, and the word None in a message to a customer helps nobody.
    A float that is whole keeps its ``.0``: it came so, and 1.0 and 1 may mean different things to the receiver.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return bounded(strictjson.dump(plain(value)))


def bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Refused(f"the text is longer than {MAX_TEXT // 1024} KiB")
    return text


def collected(values: Iterable[Json]) -> list[Json]:
    """A list built item by item; stops as soon as the list or the text in it is too large. Raises Refused."""
    found: list[Json] = []
    weight = 0
    for value in values:
        weight += len(value) if isinstance(value, str | list | dict) else 0
        found.append(value)
        if len(found) > MAX_ITEMS or weight > MAX_TEXT:
            raise Refused(f"the list grows beyond {MAX_ITEMS:,} items or {MAX_TEXT // 1024} KiB")
    return found


def type_name(value: object) -> str:
    """The word for a value's type that messages to authors use."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else "something else"
