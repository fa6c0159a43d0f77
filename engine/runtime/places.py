"""How many threads of a worker one connection may occupy. Owns counting them, so that a service that is slow leaves some for all others.

As long as calls are quick, who finds no place waits a moment for one. When a call has been under way for longer, its connection's further runs
park at once: waiting threads are what a slow service takes from the others. It knows nothing of permits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, local
from time import monotonic

SLOW_SECONDS = 0.5
"""A call that lasts longer is slow."""

LONGEST_WAIT = 0.25
SOONEST_RETURN = 2.0
LATEST_RETURN = 30.0


@dataclass(eq=False, slots=True)
class Place:
    """One thread's. ``calling_since``: when its call left, None while it waits for a permit."""

    calling_since: float | None = None

    def calls(self) -> None:
        self.calling_since = monotonic()


@dataclass(slots=True)
class _Occupied:
    places: set[Place] = field(default_factory=set)
    lasts: float = 0.0
    """Seconds that a call of this connection took, averaged over the last few."""
    next_return: float = 0.0

    def is_slow(self, now: float) -> bool:
        return self.lasts > SLOW_SECONDS or any(
            place.calling_since is not None and now - place.calling_since > SLOW_SECONDS for place in self.places
        )


class NoPlace(Exception):
    """All places are taken by slow calls: come again in ``ms``. ``taken``: how many there are."""

    def __init__(self, ms: int, taken: int) -> None:
        super().__init__(ms)
        self.ms = ms
        self.taken = taken


def most_of(threads: int) -> int:
    """How many of so many threads one connection may have: a quarter is left to others, one at least, if there are two."""
    return max(1, threads - max(1, threads // 4))


class Places:
    """``most`` for each connection, and no bound when it is None. Only threads inside of ``slot`` count: others are no slots of the worker."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._occupied: dict[str, _Occupied] = {}
        self._changed = Condition()
        self._thread = local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """The calls that this thread makes meanwhile occupy one of the worker's slots."""
        self._thread.is_slot = True
        try:
            yield
        finally:
            self._thread.is_slot = False

    @contextmanager
    def taken(self, key: str, *, must: bool) -> Iterator[Place]:
        """A place for one call on the connection ``key``. ``must``: whether there is one or not. Raises NoPlace."""
        place = Place()
        if self._most is None or not getattr(self._thread, "is_slot", False):
            yield place
            return
        self._enter(key, place, must=must)
        try:
            yield place
        finally:
            self._leave(key, place)

    def _enter(self, key: str, place: Place, *, must: bool) -> None:
        give_up = monotonic() + LONGEST_WAIT
        with self._changed:
            occupied = self._occupied.setdefault(key, _Occupied())
            while not must and len(occupied.places) >= (self._most or 1):
                now = monotonic()
                if occupied.is_slow(now) or now >= give_up:
                    raise NoPlace(self._return(occupied, now), len(occupied.places))
                self._changed.wait(min(SLOW_SECONDS / 2, give_up - now))
            occupied.places.add(place)

    def _leave(self, key: str, place: Place) -> None:
        with self._changed:
            occupied = self._occupied[key]
            occupied.places.discard(place)
            if place.calling_since is not None:
                occupied.lasts += (monotonic() - place.calling_since - occupied.lasts) / 8
            self._changed.notify_all()

    def _return(self, occupied: _Occupied, now: float) -> int:
        """Milliseconds. Those who are turned away come again one after the other, as places become free."""
        pace = max(occupied.lasts, SLOW_SECONDS) / (self._most or 1)
        occupied.next_return = max(now + SOONEST_RETURN, min(occupied.next_return + pace, now + LATEST_RETURN))
        return round((occupied.next_return - now) * 1000)
