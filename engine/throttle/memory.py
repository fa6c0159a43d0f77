"""The throttle in one process's memory. Owns the twin of ``permit.lua``, rule for rule, for tests and rehearsals.

It is not shared by processes, so a deployment never uses it. It never waits: its clock is given.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.sdk.budget import Budget
from engine.throttle import Cold, Permit, Wait

LONGEST_TOOK = 50
"""A call counts as no longer than this part of a window when turns are told, as in the script."""

GRACE_MS = 10_000
"""How long after its turn a ticket that did not come keeps its place."""


@dataclass(kw_only=True, slots=True)
class _Line:
    """What the throttle remembers of one connection. All times in microseconds of its clock."""

    warm: bool = False
    cold_since: int | None = None
    pause: int = 0
    quiet: int = 0
    keep: int = 0
    took: int | None = None
    ends: dict[str, int] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    """Tickets in the order in which they joined the line, each with the instant at which it was told to come back."""
    begun: set[str] = field(default_factory=set)
    """Those of the tickets that are before all others."""

    def trim(self, now: int, grace: int) -> None:
        self.ends = {permit: end for permit, end in self.ends.items() if end >= now - self.keep}
        self.turns = {ticket: turn for ticket, turn in self.turns.items() if turn >= now - grace}
        self.begun &= set(self.turns)

    def ahead_of(self, ticket: str, *, begun: bool) -> int:
        line = sorted(self.turns, key=lambda other: other not in self.begun)
        if ticket in self.turns:
            return line.index(ticket)
        return len(self.begun) if begun else len(line)

    def join(self, ticket: str, turn: int, *, begun: bool) -> None:
        if begun and ticket not in self.turns:
            self.begun.add(ticket)
        self.turns[ticket] = turn

    def leave(self, ticket: str) -> None:
        self.turns.pop(ticket, None)
        self.begun.discard(ticket)


class MemoryThrottle:
    """Implements ``engine.throttle.Throttle``. ``clock``: seconds, never going back. Every connection begins Cold.

    ``grace_ms``: how long after its turn a ticket that did not come keeps its place.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, grace_ms: int = GRACE_MS) -> None:
        self._clock = clock
        self._grace_us = grace_ms * 1000
        self._lines: dict[str, _Line] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._is_whole = True

    def acquire(
        self, key: str, budget: Budget, ticket: str, *, deadline_ms: int, begun: bool = False
    ) -> Permit | Wait | Cold:
        with self._lock:
            line, now = self._line(key), self._now()
            if not line.warm:
                line.cold_since = now if line.cold_since is None else line.cold_since
                return Cold(ms=(now - line.cold_since) // 1000, lost=not self._is_whole)
            windows = [(window.limit, round(window.seconds * 1e6)) for window in budget.windows]
            line.keep = max([line.keep, *(seconds for _, seconds in windows)])
            line.trim(now, self._grace_us)
            ahead = line.ahead_of(ticket, begun=begun)
            turn = _turn(line, windows, ahead, now)
            if turn is None:
                line.leave(ticket)
                permit = Permit(key=key, id=f"permit-{next(self._ids)}:{now}")
                line.ends[permit.id] = now + deadline_ms * 1000
                return permit
            line.join(ticket, turn, begun=begun)
            return Wait(ms=-(-(turn - now) // 1000), position=ahead, paused=now < line.pause)

    def done(self, permit: Permit) -> None:
        with self._lock:
            line, now = self._line(permit.key), self._now()
            line.ends[permit.id] = now
            if line.warm:
                lasted = max(0, now - int(permit.id.rpartition(":")[2]))
                line.took = lasted if line.took is None else round((7 * line.took + lasted) / 8)

    def leave(self, key: str, ticket: str) -> None:
        with self._lock:
            self._line(key).leave(ticket)

    def pause(self, key: str, ms: int) -> None:
        with self._lock:
            line = self._line(key)
            line.pause = max(line.pause, self._now() + ms * 1000)

    def warm(self, key: str, *, quiet_ms: int) -> None:
        with self._lock:
            line = self._line(key)
            if not line.warm:
                line.warm = self._is_whole = True
                line.quiet = max(line.quiet, self._now() + quiet_ms * 1000)

    def forget(self) -> None:
        """Lose everything, as FLUSHALL does."""
        with self._lock:
            self._lines.clear()
            self._is_whole = False

    def _line(self, key: str) -> _Line:
        return self._lines.setdefault(key, _Line())

    def _now(self) -> int:
        return int(self._clock() * 1e6)


def _turn(line: _Line, windows: list[tuple[int, int]], ahead: int, now: int) -> int | None:
    """The instant at which the ticket behind ``ahead`` others may come, None when that is now."""
    start = max(now, line.pause, line.quiet)
    turn, free = start, start == now
    for limit, seconds in windows:
        counted = sorted(end for end in line.ends.values() if end >= now - seconds)
        if len(counted) + ahead >= limit:
            free = False
            turn = max(turn, _turn_in(limit, seconds, counted, ahead, start, now, line.took or 0))
    return None if free else turn


def _turn_in(limit: int, seconds: int, counted: list[int], ahead: int, start: int, now: int, took: int) -> int:
    rounds, place = divmod(ahead, limit)
    nth = len(counted) + place - limit
    first = start if nth < 0 else max(start, min(counted[nth], now) + seconds + 1)
    return first + rounds * (seconds + min(took, seconds // LONGEST_TOOK))
