"""The room in the database's file, for `hookline doctor`. Owns from when on it is worth giving back; SQLite only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.cli.findings import Result, ok, warn

if TYPE_CHECKING:
    from engine.journal.journal import Journal

MUCH = 100_000_000
"""Bytes. Less is not worth stopping for."""


def room_in(journal: Journal) -> Iterator[Result]:
    """How much of a SQLite file is free, and what to do when that is more than half of it. Nothing on PostgreSQL."""
    from engine.journal.inspection import inspect_room

    facts = inspect_room(journal.engine)
    if facts is None:
        return
    words = f"{facts.free / 1e6:,.0f} of {facts.size / 1e6:,.0f} MB are free inside of the file"
    if facts.free > MUCH and facts.free > facts.size / 2:
        yield warn(
            "room",
            f"{words}: what was purged",
            "It is used again before the file grows. To give it back to the system, stop all processes, then: hookline vacuum",
        )
    else:
        yield ok("room", words)
