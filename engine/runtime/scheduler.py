"""The scheduler: rings runs that are due and keeps subscriptions in order. Owns the loop and its rhythm; several at once are safe.

Outbox, retries, waits, permits, lost doorbells and dead workers are the same case here: a row whose ``due_at`` has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic

from engine import log
from engine.errors import HooklineError, UnavailableError
from engine.journal.port import Runs
from engine.runtime.doorbell import Doorbell

RING_LIMIT = 500
RING_AGAIN_MS = 3_000
"""A run that nobody took is rung again after this long."""

LONGEST_NAP = 0.25
"""Seconds between two looks at the journal, at most: runs parked by other processes wake this late at most."""

UPKEEP_SECONDS = 5.0
logger = log.get(__name__)


class Scheduler:
    """``upkeep`` is called every few seconds, for what is not about runs; what it raises is logged."""

    def __init__(self, runs: Runs, doorbell: Doorbell, *, upkeep: Callable[[], None] = lambda: None) -> None:
        self._runs = runs
        self._doorbell = doorbell
        self._upkeep = upkeep
        self._stopping = Event()
        self._healthy = True

    @property
    def healthy(self) -> bool:
        """Whether the last look at the journal succeeded."""
        return self._healthy

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Until ``stop``."""
        next_upkeep = monotonic()
        while not self._stopping.is_set():
            if monotonic() >= next_upkeep:
                self._keep_up()
                next_upkeep = monotonic() + UPKEEP_SECONDS
            self._stopping.wait(self.tick())

    def tick(self) -> float:
        """Ring what is due once; return the seconds until it is worth looking again."""
        try:
            due = self._runs.ring(limit=RING_LIMIT, again_in_ms=RING_AGAIN_MS)
            self._doorbell.ring(due)
            next_due = 0 if len(due) == RING_LIMIT else self._runs.next_due_in()
        except UnavailableError as error:
            self._note_health(False, error.message)
            return 1.0
        self._note_health(True, "")
        return LONGEST_NAP if next_due is None else min(max(next_due / 1000, 0.01), LONGEST_NAP)

    def _keep_up(self) -> None:
        try:
            self._upkeep()
        except HooklineError as error:
            logger.warning("upkeep failed; tried again soon", reason=error.message)

    def _note_health(self, healthy: bool, reason: str) -> None:
        if healthy != self._healthy:
            logger.warning("the journal is back" if healthy else "the journal does not answer", reason=reason)
        self._healthy = healthy
