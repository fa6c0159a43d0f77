"""Purging as upkeep does it. Owns the rhythm: a few short transactions a turn with pauses between them, and a rest when all is done.

What may go is the journal's to say. Every scheduler does this; sweeps at once are safe, and one that is broken off is begun anew.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from engine import log
from engine.journal.port import Purges
from engine.retention import Retention

STEPS_A_TURN = 20
PAUSE_SECONDS = 0.05
"""Between two transactions: on SQLite, deliveries and workers write in it."""
REST_SECONDS = 600.0
FIRST_REST_SECONDS = 60.0
"""After the start, when there is most to do, and after a failure."""

logger = log.get(__name__)


class Purging:
    """``pause`` waits so many seconds and says whether the process is to stop."""

    def __init__(
        self,
        purges: Purges,
        keep: Retention,
        *,
        pause: Callable[[float], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._purges = purges
        self._keep = keep
        self._pause = pause
        self._clock = clock
        self._rests_until = clock() + FIRST_REST_SECONDS
        self._sweep: Iterator[Mapping[str, int]] | None = None
        self._gone: Counter[str] = Counter()

    def turn(self) -> None:
        """Go on with the sweep, or begin one when it is time. Raises what the journal raises; the next turns then rest."""
        if self._keep.keeps_all or self._clock() < self._rests_until:
            return
        try:
            for _ in range(STEPS_A_TURN):
                if not self._step() or self._pause(PAUSE_SECONDS):
                    return
        except Exception:
            self._end(FIRST_REST_SECONDS)
            raise

    def _step(self) -> bool:
        if self._sweep is None:
            self._sweep = self._purges.sweep(self._keep)
        gone = next(self._sweep, None)
        if gone is None:
            self._end(REST_SECONDS)
            return False
        self._gone.update(gone)
        return True

    def _end(self, rest: float) -> None:
        if self._gone:
            logger.info("purged what was old enough", **dict(sorted(self._gone.items())))
        self._sweep, self._gone = None, Counter()
        self._rests_until = self._clock() + rest
