"""The gauges that the journal knows. Owns reading them for /metrics, rarely: counting runs costs more the more there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic

from engine import metrics
from engine.core.statuses import RunStatus
from engine.errors import HooklineError
from engine.journal.inspection import LoadFacts
from engine.journal.records import SubscriptionState
from engine.metrics import Metrics, Reading, reading

KEPT_SECONDS = 15.0


class Gauges:
    """``text`` is the whole answer to a scrape: this process's counts, and what ``look`` finds in the journal, at most 15 seconds old."""

    def __init__(
        self, counts: Metrics, look: Callable[[], LoadFacts], *, version: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self._counts = counts
        self._look = look
        self._version = version
        self._clock = clock
        self._lock = Lock()
        self._kept: tuple[float, Sequence[Reading]] | None = None

    def text(self) -> str:
        build = reading(metrics.BUILD, {self._version: 1})
        return metrics.render([build, *self._counts.readings(), *self._of_journal()])

    def _of_journal(self) -> Sequence[Reading]:
        with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= KEPT_SECONDS:
                self._kept = self._clock(), self._read()
            return self._kept[1]

    def _read(self) -> Sequence[Reading]:
        try:
            facts = self._look()
        except HooklineError:
            return [reading(metrics.JOURNAL_UP, 0)]
        return [
            reading(metrics.JOURNAL_UP, 1),
            reading(metrics.RUNS, {status.value: facts.runs.get(status.value, 0) for status in RunStatus}),
            reading(metrics.RUNS_OVERDUE, facts.overdue),
            reading(metrics.OLDEST_OVERDUE, facts.late_ms / 1000),
            reading(
                metrics.SUBSCRIPTIONS,
                {state.value: facts.subscriptions.get(state.value, 0) for state in SubscriptionState},
            ),
            reading(metrics.GAPS, facts.gaps),
        ]
