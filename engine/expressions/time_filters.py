"""Filters that work on times. Owns their behaviour; filters.py lists them. A time is text as RFC 3339 writes it, always with an offset.

They read no clock. Source of the form: RFC 3339 section 5.6, which ISO 8601 texts of services follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.expressions.access import need_text
from engine.expressions.errors import Refused
from engine.strictjson import Json

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# The C library pads `%1000000000d` to a gigabyte, so that only plain directives pass.
_FORMAT = re.compile(r"(?:[^%]|%[YmdHMSfjAaBbpIyzZ%])*")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}")
_DURATION = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")
_ISO_DURATION = re.compile(r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?")
_MAX_FORMAT = 200


def parse_time(value: Json, layout: Json = None) -> str:
    text = need_text(value)
    if layout is None:
        return _written(_read(text).astimezone(UTC))
    try:
        found = datetime.strptime(*_with_year(_short(text), _checked(layout)))
    except (ValueError, OverflowError, re.error):
        raise Refused(f"the text does not look like {layout!r}") from None
    return _written((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC))


def _with_year(text: str, layout: str) -> tuple[str, str]:
    """A layout without a year means 1900, as strptime always took it; said openly, because newer Pythons warn of a day without a year."""
    has_year = any(directive in layout for directive in ("%Y", "%y", "%G", "%c", "%x"))
    return (text, layout) if has_year else (f"{text} 1900", f"{layout} %Y")


def format_time(value: Json, tz: Json = "UTC", layout: Json = "%Y-%m-%d %H:%M") -> str:
    return _moment(lambda: _read(need_text(value)).astimezone(_zone(tz)).strftime(_checked(layout)))


def add(value: Json, duration: Json) -> str:
    return _moment(lambda: _written(_read(need_text(value)) + _length(duration)))


def minus(value: Json, duration: Json) -> str:
    return _moment(lambda: _written(_read(need_text(value)) - _length(duration)))


def _read(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(_short(text))
    except ValueError:
        raise Refused("the value must be a time such as 2026-03-01T09:30:00Z") from None
    if found.tzinfo is None:
        raise Refused(
            "the time has no offset; write it as 2026-03-01T09:30:00Z or with +01:00, or use parse_time with a layout"
        )
    return found


def _short(text: str) -> str:
    if len(text) > _MAX_FORMAT:
        raise ValueError("too long for a time")
    return text


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _zone(name: Json) -> ZoneInfo:
    # Imported here, since checking a flow never asks for a zone and a command's start pays for every import.
    from zoneinfo import ZoneInfo

    text = need_text(name, "the time zone")
    try:
        if _ZONE.fullmatch(text):
            return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        pass
    raise Refused(f"the time zone {text[:40]!r} is not known; write one such as Europe/Rome")


def _checked(layout: Json) -> str:
    text = need_text(layout, "the layout")
    if len(text) > _MAX_FORMAT or not _FORMAT.fullmatch(text):
        raise Refused("the layout may use %Y %m %d %H %M %S %f %j %A %a %B %b %p %I %y %z %Z and %%")
    return text


def _length(duration: Json) -> timedelta:
    text = need_text(duration, "the duration")
    found = _ISO_DURATION.fullmatch(text) or _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        raise Refused("the duration must look like 30s, 5m, 1h30m, 2d or PT1H30M")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _moment(compute: Callable[[], str]) -> str:
    try:
        return compute()
    except (OverflowError, ValueError):
        raise Refused("the time is out of range") from None
