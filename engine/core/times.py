"""How instants and durations look. Owns their spellings; reads no clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(ms: int) -> str:
    """ISO 8601, UTC, six decimals and Z: the form in which services deliver times. ``ms``: milliseconds since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def clock(ms: int) -> str:
    """``12:00:31`` UTC: the form in which a waiting step says until when."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%H:%M:%S")


class NotAnInstant(ValueError):
    """The text is not an instant; the message says what one looks like."""


def instant_ms(text: str) -> int:
    """Milliseconds since the epoch of an ISO 8601 instant with its offset, as ``2026-03-01T09:30:00+01:00``. Raises NotAnInstant."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NotAnInstant(f"{text[:40]!r} is not an instant such as 2026-03-01T09:30:00+01:00") from None
    if found.tzinfo is None:
        raise NotAnInstant(f"{text[:40]!r} has no offset from UTC; write it behind: +01:00, or Z")
    return round((found - EPOCH) / timedelta(milliseconds=1))


def lasting(ms: int) -> str:
    """``1h30m``: a duration as authors write it."""
    parts: list[str] = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)):
        count, ms = divmod(ms, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
