"""What a plain YAML scalar is, by the core rules of YAML 1.2. Owns the patterns; knows no file and no place.

``on``, ``yes``, ``no``, ``12:30:00`` and ``2026-01-01`` are text, ``0o17`` is 15 (https://yaml.org/spec/1.2.2/#103-core-schema).
One deviation: a decimal with leading zeros (``010``) stays text, because as a number it would lose them.
"""

from __future__ import annotations

import math
import re

from engine.strictjson import MAX_DIGITS

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC = frozenset("+-.0123456789")


class NotANumber(ValueError):
    """The text looks like a number, but JSON cannot hold it; the message says why."""


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar. Raises NotANumber for NaN, infinity and numbers out of range."""
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return _number(text) if text[0] in _NUMERIC else text


def _number(text: str) -> str | int | float:
    if _INTEGER.fullmatch(text):
        return int(_short(text))
    if _RADIX.fullmatch(text):
        return int(_short(text), 0)
    if _NOT_FINITE.fullmatch(text):
        raise NotANumber(
            f"{text} is not a number that can be stored or sent; write a number, or quote it if it is text"
        )
    return _float(text) if _FLOAT.fullmatch(text) else text


def _short(digits: str) -> str:
    if len(digits) > MAX_DIGITS:
        raise NotANumber(f"a number of {len(digits)} digits (at most {MAX_DIGITS}); quote it if it is text")
    return digits


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotANumber(f"{text[:40]} is out of range; quote it if it is text")
    return number
