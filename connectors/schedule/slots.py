"""Which instants a cron expression means. Owns reading the expression and the zone, and the words in which they are refused; it reads no clock.

The five fields are those of Debian's cron (crontab(5)), and so is what happens when clocks change. cronsim does the arithmetic; it would take
more (a field of seconds), which other schedulers do not, so that what it is given is looked at first.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
"""Short forms, as crontab(5) has them."""

_FIELDS = (
    ("minute", "0-59", 0, 59),
    ("hour", "0-23", 0, 23),
    ("day of the month", "1-31, L (the last), LW (the last weekday)", 1, 31),
    ("month", "1-12 or JAN-DEC", 1, 12),
    ("day of the week", "0-7 (0 and 7 are Sunday) or SUN-SAT, 1#2 (the second Monday), 5L (the last Friday)", 0, 7),
)
_FORMS = "*, a number, a list 1,15, a range 9-17, or a step */5"
_LONGEST = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC = UTC
# An unambiguous ordinary instant to try an expression from.
_SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def checked_expression(text: str) -> str:
    """The text, if it is an expression with slots. Raises ValueError that says which field is wrong and what it may be."""
    fields = fields_of(text)
    for number, field in enumerate(fields):
        _check_field(number, field)
    try:
        next(CronSim(" ".join(fields), _SOME_DAY))
    except (CronSimError, StopIteration):
        raise ValueError(f"{text!r} never comes: no month in it has such a day") from None
    return text


def checked_zone(name: str) -> str:
    """The name, if it is a time zone's. Raises ValueError."""
    try:
        _zone(name)
    except (ValueError, KeyError, OSError):
        raise ValueError(f"{name[:60]!r} is no time zone; {_meant(name)}") from None
    return name


def _meant(name: str) -> str:
    wanted = name[:60].casefold().replace(" ", "_")
    zones = {zone.casefold(): zone for zone in sorted(available_timezones(), reverse=True)}
    cities = {key.rpartition("/")[2]: zone for key, zone in zones.items()}
    close = get_close_matches(wanted, zones, n=1, cutoff=0.85)
    found = zones.get(wanted) or cities.get(wanted) or (zones[close[0]] if close else None)
    return f"did you mean {found}?" if found else "write UTC, or a name of the IANA database such as Europe/Rome"


def fields_of(text: str) -> list[str]:
    """The five fields. Raises ValueError when there are more or fewer."""
    plain = text.strip()
    if plain.startswith("@"):
        if plain.lower() not in NAMED:
            raise ValueError(f"{plain[:40]!r} is no short form; there are {', '.join(NAMED)}")
        plain = NAMED[plain.lower()]
    fields = plain.upper().split()
    if len(fields) != len(_FIELDS) or len(plain) > _LONGEST:
        names = ", ".join(name for name, *_ in _FIELDS)
        raise ValueError(
            f"a cron expression has five fields ({names}), such as 0 9 * * 1-5; this has {len(fields)}"
            if len(plain) <= _LONGEST
            else f"a cron expression has at most {_LONGEST} characters"
        )
    return fields


def next_slot(expression: str, zone: str, after: int) -> int | None:
    """The first instant later than ``after`` (milliseconds since the epoch); None when there is none in the next 50 years."""
    since = _EPOCH + timedelta(milliseconds=after)
    slots = CronSim(" ".join(fields_of(expression)), since.astimezone(_zone(zone)))
    try:
        for slot in slots:
            found = round((slot.astimezone(_UTC) - _EPOCH).total_seconds() * 1000)
            # In the hour that comes twice, cronsim goes by the clock on the wall, which has shown this slot already.
            if found > after:
                return found
    except (StopIteration, OverflowError):
        pass
    return None


def local_time(zone: str, instant: int) -> str:
    """ISO 8601 with the zone's offset, to the second."""
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(_zone(zone)).isoformat(timespec="seconds")


def utc_time(instant: int) -> str:
    return local_time("UTC", instant).replace("+00:00", "Z")


@lru_cache(maxsize=128)
def _zone(name: str) -> timezone | ZoneInfo:
    """Raises ZoneInfoNotFoundError, which is a KeyError, or ValueError."""
    # Beside the zones, that folder may hold copies of them under other names, and this machine's own.
    if name.startswith(("posix", "right", "localtime", "Factory")):
        raise ValueError(name)
    return _UTC if name in ("UTC", "Etc/UTC") else ZoneInfo(name)


def _check_field(number: int, field: str) -> None:
    name, allowed, low, high = _FIELDS[number]
    for part in field.split(","):
        if not _is_well_formed(number, part, low, high):
            raise ValueError(f"{part[:40] or ' '!r} is no {name}: it may be {allowed}, as {_FORMS}")
    probe = ["*"] * len(_FIELDS)
    probe[number] = field
    try:
        CronSim(" ".join(probe), _SOME_DAY)
    except (CronSimError, AssertionError, ValueError):
        raise ValueError(f"{field[:40]!r} is no {name}: it may be {allowed}, as {_FORMS}") from None


# One part of a list: a star, a value or a range, and a step; names are read by cronsim.
_PART = re.compile(r"(?:\*|[0-9A-Z]{1,3}(?:-[0-9A-Z]{1,3})?)(?:/[0-9]{1,2})?|[0-9A-Z]{1,3}#[1-5]", re.ASCII)


def _is_well_formed(number: int, part: str, low: int, high: int) -> bool:
    if not _PART.fullmatch(part) or part.endswith(("/0", "/00")):
        return False
    numbers = [int(text) for text in re.split(r"[-/#]", part.partition("/")[0].partition("#")[0]) if text.isdecimal()]
    return all(low <= value <= high for value in numbers) and numbers == sorted(numbers)
