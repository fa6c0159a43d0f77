"""How long what is over is kept. Owns the kinds, their defaults, and reading ``HOOKLINE_RETAIN``; deletes nothing.

A mistake is a ValueError whose message is what was expected, as in ``setting_values``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

DAY_MS = 86_400_000
FOREVER = ("forever", "off")

REDELIVERED_MS = 7 * DAY_MS
"""Longer than any service delivers an event again: for so long at least is it known that an event was here already, and what it started."""

_UNITS = {"w": 7 * DAY_MS, "d": DAY_MS, "h": 3_600_000, "m": 60_000, "s": 1_000}
_DURATION = re.compile(r"(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """For how many milliseconds each kind is kept after its end; None: forever.

    Runs by the status with which they ended; events since they came, when no run refers to them any more; the audit log's entries.
    """

    succeeded: int | None = 30 * DAY_MS
    failed: int | None = 90 * DAY_MS
    uncertain: int | None = 365 * DAY_MS
    cancelled: int | None = 30 * DAY_MS
    poisoned: int | None = 365 * DAY_MS
    events: int | None = 90 * DAY_MS
    audit: int | None = 365 * DAY_MS

    @property
    def kinds(self) -> Mapping[str, int | None]:
        """Every kind, with its time."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def keeps_all(self) -> bool:
        return all(kept is None for kept in self.kinds.values())

    @property
    def known(self) -> int | None:
        """For how long it is known of every event that it was here, and what it started; None: forever."""
        return min((kept for kind, kept in self.kinds.items() if kind != "audit" and kept is not None), default=None)

    def __str__(self) -> str:
        return ",".join(f"{kind}={_shown(kept)}" for kind, kept in self.kinds.items())


def retention(given: object) -> Retention:
    """``succeeded=30d,failed=forever``: what is not named keeps its default. ``off`` or ``forever``: nothing is ever purged."""
    text = str(given).strip()
    if text.lower() in FOREVER:
        return Retention(**dict.fromkeys(Retention().kinds))
    found: dict[str, int | None] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        kind, separator, time = (part.strip() for part in item.partition("="))
        if kind not in Retention().kinds:
            raise ValueError(f"pairs such as failed=90d of {', '.join(Retention().kinds)}, which {item[:40]!r} is not")
        if not separator or not time:
            raise ValueError(f"a time for {kind}, such as {kind}=90d or {kind}=forever")
        if kind in found:
            raise ValueError(f"{kind} once, not twice")
        found[kind] = _time(kind, time)
    return replace(Retention(), **found)


def _time(kind: str, text: str) -> int | None:
    if text.lower() in FOREVER:
        return None
    parts = match.groups() if (match := _DURATION.fullmatch(text)) else ()
    if not any(part is not None for part in parts):
        hint = f"; did you mean {kind}={text}d?" if text.isascii() and text.isdecimal() else ""
        raise ValueError(f"{kind} with a time such as 90d, 12w or 36h, or forever, which {text[:40]!r} is not{hint}")
    total = sum(int(part or 0) * size for part, size in zip(parts, _UNITS.values(), strict=True))
    if total < REDELIVERED_MS:
        raise ValueError(
            f"{kind} of {_shown(REDELIVERED_MS)} at least: services deliver an event again for that long, and what forgot it would act on it again"
        )
    return total


def _shown(kept: int | None) -> str:
    if kept is None:
        return FOREVER[0]
    unit = next(unit for unit in ("d", "h", "m", "s") if kept % _UNITS[unit] == 0)
    return f"{kept // _UNITS[unit]}{unit}"
