"""Operators of expressions. Owns what ``+ - * / // %`` mean: numbers with numbers, and ``+`` also text with text and list with list.

There is no ``**``, no repetition of text or lists and no ``%`` formatting: each makes gigabytes out of a few characters.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from engine.expressions.errors import Refused
from engine.expressions.limits import MAX_ITEMS
from engine.expressions.values import bounded, number, type_name
from engine.strictjson import Json

_MAX_BITS = 1_000


def _plus(left: Json, right: Json) -> Json:
    if isinstance(left, str) and isinstance(right, str):
        return bounded(left + right)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        if len(left) + len(right) > MAX_ITEMS:
            raise Refused(f"the list grows beyond {MAX_ITEMS:,} items")
        return [*left, *right]
    if isinstance(left, str) or isinstance(right, str):
        raise Refused(f"+ cannot join {type_name(left)} and {type_name(right)}; use ~ to join anything as text")
    return _numeric("+", operator.add)(left, right)


def _numeric(sign: str, compute: Callable[[float, float], float]) -> Callable[[Json, Json], Json]:
    def apply(left: Json, right: Json) -> Json:
        if not (_is_number(left) and _is_number(right)):
            raise Refused(f"{sign} needs two numbers, not {type_name(left)} and {type_name(right)}")
        assert isinstance(left, int | float)
        assert isinstance(right, int | float)
        if right == 0 and sign in ("/", "//", "%"):
            raise Refused("division by zero")
        return _computed(compute, left, right)

    return apply


def _computed(compute: Callable[[float, float], float], left: float, right: float) -> float:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > _MAX_BITS:
        raise Refused("the number is out of range")
    try:
        return number(compute(left, right))
    except OverflowError:
        raise Refused("the number is out of range") from None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _signed(sign: str, compute: Callable[[float], float]) -> Callable[[Json], Json]:
    def apply(value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused(f"{sign} needs a number, not {type_name(value)}")
        return compute(value)

    return apply


BINARY: Mapping[str, Callable[[Json, Json], Json]] = {
    "+": _plus,
    "-": _numeric("-", operator.sub),
    "*": _numeric("*", operator.mul),
    "/": _numeric("/", operator.truediv),
    "//": _numeric("//", operator.floordiv),
    "%": _numeric("%", operator.mod),
}
UNARY: Mapping[str, Callable[[Json], Json]] = {"-": _signed("-", operator.neg), "+": _signed("+", operator.pos)}
