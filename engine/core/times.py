"""How instants look. Owns their two spellings; reads no clock."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(ms: int) -> str:
    """ISO 8601, UTC, six decimals and Z: the form in which services deliver times. ``ms``: milliseconds since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def clock(ms: int) -> str:
    """``12:00:31`` UTC: the form in which a waiting step says until when."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%H:%M:%S")
