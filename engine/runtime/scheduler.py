"""The scheduler: fires what the clock starts, rings runs that are due and keeps subscriptions in order. Owns the two loops and their rhythm; several at once are safe.

Outbox, retries, waits, permits, lost doorbells and dead workers are the same case here: a row whose ``due_at`` has passed. Upkeep calls
services, which may be slow, so it has a thread of its own: no run waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread

from engine import log
from engine.errors import HooklineError, UnavailableError
from engine.failpoints import Point, reach
from engine.journal.port import Runs
from engine.runtime.doorbell import Doorbell

RING_LIMIT = 500
RING_AGAIN_MS = 3_000
"""A run that nobody took is rung again after this long."""

LONGEST_NAP = 0.25
"""Seconds between two looks at the journal, at most: runs parked by other processes wake this late at most."""

SHORTEST_NAP = 0.01
LOOK_AGAIN_SECONDS = 1.0
"""After a look at the journal that failed."""

UPKEEP_SECONDS = 5.0
logger = log.get(__name__)


class Scheduler:
    """``fire`` starts what the clock starts and returns the runs' ids. ``upkeep`` is called every few seconds in a thread of its own, for what is not about runs; what it raises is logged."""

    def __init__(
        self,
        runs: Runs,
        doorbell: Doorbell,
        *,
        fire: Callable[[], Sequence[str]] = lambda: (),
        upkeep: Callable[[], None] = lambda: None,
    ) -> None:
        self._runs = runs
        self._fire = fire
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
        # A daemon: a service that does not answer must not hold up the end of the process.
        Thread(target=self._keep_up, name="upkeep", daemon=True).start()
        while not self._stopping.is_set():
            self._stopping.wait(self.tick())

    def tick(self) -> float:
        """Fire and ring what is due once; return the seconds until it is worth looking again."""
        try:
            self._doorbell.ring(self._fire())
            due = self._runs.ring(limit=RING_LIMIT, again_in_ms=RING_AGAIN_MS)
            if due:
                reach(Point.RING_AFTER_COMMIT)
            self._doorbell.ring(due)
            next_due = 0 if len(due) == RING_LIMIT else self._runs.next_due_in()
        except UnavailableError as error:
            self._note_health(False, error.message)
            return LOOK_AGAIN_SECONDS
        except Exception as error:  # this loop is what recovers everything else: it must not end
            logger.error("the look at the journal failed", exc_info=True)
            self._note_health(False, type(error).__name__)
            return LOOK_AGAIN_SECONDS
        self._note_health(True, "")
        return LONGEST_NAP if next_due is None else min(max(next_due / 1000, SHORTEST_NAP), LONGEST_NAP)

    def _keep_up(self) -> None:
        while not self._stopping.is_set():
            try:
                self._upkeep()
                # A place is given on by the run that ends; this heals lanes whose limit was raised since.
                self._doorbell.ring(self._runs.release_held())
            except HooklineError as error:
                logger.warning("upkeep failed; tried again soon", reason=error.message)
            except Exception:
                logger.error("upkeep failed; tried again soon", exc_info=True)
            self._stopping.wait(UPKEEP_SECONDS)

    def _note_health(self, healthy: bool, reason: str) -> None:
        if healthy != self._healthy:
            logger.warning("the journal is back" if healthy else "the journal does not answer", reason=reason)
        self._healthy = healthy
