"""Reads durations as authors write them. Owns the forms and the cap; knows no file.

``30s``, ``5m``, ``1h30m``, ``2d``, ``250ms``; ISO 8601 as ``PT5M`` or ``P1DT12H`` (weeks, days, hours, minutes, seconds: months and years vary).
"""

from __future__ import annotations

import re

MAX_MS = 365 * 24 * 3_600_000
_UNITS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PLAIN = re.compile(
    r"(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?", re.ASCII
)
_ISO = re.compile(r"P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.ASCII)
_FORMS = "write a number with its unit: 30s, 5m, 1h30m, 2d or PT5M"


class NotADuration(ValueError):
    """The value is not a duration; the message says why and what to write."""


def milliseconds(value: object) -> int:
    """The duration in milliseconds, from 1 up to a year. Raises NotADuration."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise NotADuration(f"a duration needs a unit; did you mean {value}s?")
    if not isinstance(value, str):
        raise NotADuration(f"a duration is text; {_FORMS}")
    text = value.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        raise NotADuration(f"a duration needs a unit; did you mean {text}s?")
    return _within(_sum(text), text)


def _sum(text: str) -> int:
    found = _PLAIN.fullmatch(text) or _ISO.fullmatch(text)
    parts = found.groups() if found else ()
    if not any(part is not None for part in parts) or text.endswith("T"):
        raise NotADuration(f"{text[:40]!r} is not a duration; {_FORMS}{_hint(text)}")
    return sum(int(part or 0) * size for part, size in zip(parts, _UNITS.values(), strict=False))


def _hint(text: str) -> str:
    if text != text.lower() and _PLAIN.fullmatch(text.lower()):
        return f" (units are lower-case: {text.lower()})"
    return " (the units are w, d, h, m, s, ms, in this order, each once)" if re.search(r"\d", text) else ""


def _within(total: int, text: str) -> int:
    if total <= 0:
        raise NotADuration("a duration must be longer than zero")
    if total > MAX_MS:
        raise NotADuration(f"{text[:40]} is longer than a year, the most that is allowed")
    return total
