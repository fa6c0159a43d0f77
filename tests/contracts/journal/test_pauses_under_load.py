"""Pausing a flow while its runs are started and executed by many: no call begins afterwards, and each is made once after the resume."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, Run
from tests.contracts.journal.stories import (
    LEASE_MS,
    change,
    deploy,
    new_run,
    pause,
    resume,
    webhook,
)
from tests.eventually import eventually

DONE = Ending(status=RunStatus.SUCCEEDED)


def ring(journal: Journal) -> Sequence[str]:
    return journal.runs.ring(limit=100, again_in_ms=0)


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


@dataclass
class Workers:
    """Segments of one call each. ``calls``: (run, whether the pause had returned before its attempt was written)."""

    journal: Journal
    paused: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    calls: list[tuple[str, bool]] = field(default_factory=list)
    told: int = 0
    _lock: Lock = field(default_factory=Lock)

    def work(self) -> None:
        while not self.over.is_set():
            for run_id in self.journal.runs.ring(limit=5, again_in_ms=20):
                claimed = self.journal.runs.claim(run_id, lease_ms=LEASE_MS)
                if claimed is not None:
                    self._segment(claimed)
            self.over.wait(0.005)

    def _segment(self, claimed: ClaimedRun) -> None:
        was_paused = self.paused.is_set()
        pulse = self.journal.runs.record(claimed.claim, [change("one", StepStatus.RUNNING)], lease_ms=LEASE_MS)
        if pulse.paused:
            with self._lock:
                self.told += 1
            self.journal.runs.park(
                claimed.claim, [change("one", StepStatus.WAITING)], in_ms=0, waiting_for="its flow, paused"
            )
            return
        with self._lock:
            self.calls.append((claimed.run.id, was_paused))
        self.journal.runs.finish(claimed.claim, [change("one", StepStatus.SUCCEEDED)], DONE)


def test_no_call_begins_after_the_pause_has_returned_and_each_is_made_once_after_the_resume(journal: Journal) -> None:
    deploy(journal)
    workers = Workers(journal)
    accepted: list[str] = []

    def start(numbers: range) -> None:
        for number in numbers:
            event = webhook(f"event {number}", runs=[new_run()])
            accepted.extend(journal.events.accept([event], ring_in_ms=0)[0].run_ids)

    with ThreadPoolExecutor(max_workers=8) as threads:
        try:
            working = [threads.submit(workers.work) for _ in range(4)]
            starting = [threads.submit(start, range(first, 50, 3)) for first in range(3)]
            eventually(lambda: len(workers.calls) >= 5)
            pause(journal)
            workers.paused.set()
            for each in starting:
                each.result()
            eventually(
                lambda: all(the_run(journal, run_id).status in {*RUN_FINAL, RunStatus.QUEUED} for run_id in accepted)
            )
            kept = len(accepted) - len(workers.calls)
            assert kept > 0
            assert len(list(ring(journal))) == 0

            workers.paused.clear()
            resume(journal)
            eventually(lambda: len(workers.calls) >= 50, saying=lambda: len(workers.calls))
        finally:
            workers.over.set()
        for each in working:
            each.result()

    assert [run_id for run_id, was_paused in workers.calls if was_paused] == []
    assert sorted(run_id for run_id, _ in workers.calls) == sorted(accepted)
