"""Filters that make or shape numbers. Owns their behaviour; filters.py lists them. Text that is no number is an error, not a zero."""

from __future__ import annotations

import math

from engine.expressions.access import ABSENT, need_integer
from engine.expressions.errors import Refused
from engine.expressions.values import number, type_name
from engine.strictjson import Json

_MAX_DIGITS = 300


def need_number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(f"the value must be a number, not {type_name(value)}")
    return value


def absolute(value: Json) -> float:
    return abs(need_number(value))


def rounded(value: Json, digits: Json = 0, method: Json = "common") -> float:
    """Without digits a whole number. ``common`` rounds halves to the even neighbour, as Python does."""
    given, places = need_number(value), need_integer(digits, "digits", -15, 15)
    if method == "common":
        return round(given, places) if places else round(given)
    if method not in ("ceil", "floor"):
        raise Refused("the method must be 'common', 'ceil' or 'floor'")
    turn = math.ceil if method == "ceil" else math.floor
    return turn(given) if not places else _scaled(turn(given * 10.0**places), places)


def _scaled(value: int, places: int) -> float:
    return number(value / 10.0**places)


def integer(value: Json, default: Json = ABSENT) -> Json:
    try:
        if isinstance(value, str):
            return int(_digits(value))
        return math.trunc(need_number(value))
    except (ValueError, OverflowError, Refused):
        return _or_default(value, default, "a whole number")


def floating(value: Json, default: Json = ABSENT) -> Json:
    try:
        return number(float(_digits(value) if isinstance(value, str) else need_number(value)))
    except (ValueError, OverflowError, Refused):
        return _or_default(value, default, "a number")


def _digits(value: str) -> str:
    text = value.strip()
    # Python would also read 1_000 and digits of other scripts.
    if len(text) > _MAX_DIGITS or not text.isascii() or "_" in text:
        raise ValueError
    return text


def _or_default(value: Json, default: Json, wanted: str) -> Json:
    if default is not ABSENT:
        return default
    raise Refused(
        f"cannot read {wanted} from {f'the text {value!r}' if isinstance(value, str) and len(value) < 40 else type_name(value)}"
    )
