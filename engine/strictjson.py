"""Strict JSON. Owns what counts as JSON here (the ``Json`` type), reading it with caps and writing it compactly; does no I/O.

NaN, Infinity, duplicate keys, lone surrogates, nesting deeper than ``MAX_DEPTH`` and integers of more than ``MAX_DIGITS`` digits are
refused: Python's ``json`` accepts each of them, and each breaks something downstream (PostgreSQL, other parsers, the stack).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]

MAX_DEPTH = 60
MAX_DIGITS = 300


class NotJson(ValueError):
    """The text or value is not JSON as this module defines it; the message says why, in words for a person."""


def parse(text: str | bytes, *, max_depth: int = MAX_DEPTH) -> Json:
    """Read JSON text (UTF-8 when bytes). Raises NotJson, never anything else."""
    try:
        text = _checked(text)
        value: Json = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_finite
        )
        if _may_hold_lone_surrogate(text):
            json.dumps(value, ensure_ascii=False).encode()
    except NotJson:
        raise
    except RecursionError:
        raise NotJson(f"nested more than {max_depth} levels deep") from None
    except UnicodeError:
        raise NotJson("not UTF-8 text") from None
    except ValueError as error:
        raise NotJson(str(error)) from None
    check_depth(value, max_depth)
    return value


def dump(value: Json) -> str:
    """Compact JSON text. Raises NotJson for what JSON cannot hold (NaN, other types, values that contain themselves)."""
    return _dump(value, sort_keys=False)


def canonical(value: Json) -> str:
    """JSON text that is equal for equal values: sorted keys, for digests and comparisons. Raises NotJson as ``dump`` does."""
    return _dump(value, sort_keys=True)


def _dump(value: Json, *, sort_keys: bool) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def check_depth(value: Json, limit: int = MAX_DEPTH) -> None:
    """Raise NotJson when ``value`` nests more than ``limit`` levels; iterative, so that it cannot itself overflow."""
    level: list[Json] = [value]
    for _ in range(limit + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise NotJson(f"nested more than {limit} levels deep")


def _children(value: Json) -> Sequence[Json]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, (list, tuple)) else ()


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise NotJson(f"the key {twice[:80]!r} stands twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotJson(f"an integer of more than {MAX_DIGITS} digits")
    return int(digits)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson(f"the number {text[:40]} is out of range")
    return number


def _checked(text: str | bytes) -> str:
    """The text, decoded. Python's ``json`` would take UTF-16 and UTF-32 too, and text with lone surrogates."""
    if isinstance(text, bytes):
        return text.decode("utf-8-sig")
    text.encode()
    return text


def _may_hold_lone_surrogate(text: str) -> bool:
    # After the check above only an escape can bring one in, so that most texts skip the second pass.
    return "\\ud" in text or "\\uD" in text
