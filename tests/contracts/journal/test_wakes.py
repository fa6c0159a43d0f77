"""Waking: whichever comes first, the park or the wake, the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

import pytest
from sqlalchemy import event as sqlalchemy_event

from engine.core.statuses import RunStatus
from engine.journal.database import writing
from engine.journal.ends import wake
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, Run
from tests.contracts.journal.stories import LEASE_MS, claimed_run

LONG_MS = 1_000_000


@pytest.fixture
def other(database_url: str) -> Iterator[Journal]:
    """The same database as another process has it."""
    other = Journal.open(database_url)
    yield other
    other.close()


def woken(journal: Journal, run_id: str) -> None:
    with writing(journal.engine) as db:
        wake(db, [run_id])


def parked(journal: Journal, claimed: ClaimedRun) -> None:
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="its child")


def the_run(journal: Journal, claimed: ClaimedRun) -> Run:
    found = journal.runs.get(claimed.run.id)
    assert found is not None
    return found[0]


def test_a_parked_run_that_is_woken_is_due_at_once(journal: Journal) -> None:
    claimed = claimed_run(journal)
    parked(journal, claimed)

    woken(journal, claimed.run.id)

    assert journal.runs.ring(limit=5, again_in_ms=LEASE_MS) == [claimed.run.id]
    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is not None


def test_a_run_that_was_woken_while_it_ran_does_not_park_and_does_so_the_next_time(journal: Journal) -> None:
    claimed = claimed_run(journal)
    woken(journal, claimed.run.id)

    parked(journal, claimed)

    assert the_run(journal, claimed).status is RunStatus.QUEUED
    again = journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS)
    assert again is not None
    parked(journal, again)
    assert the_run(journal, claimed).status is RunStatus.PARKED


def test_a_claim_has_seen_the_wakes_before_it(journal: Journal) -> None:
    claimed = claimed_run(journal)
    parked(journal, claimed)
    woken(journal, claimed.run.id)
    again = journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS)
    assert again is not None

    parked(journal, again)

    assert the_run(journal, claimed).status is RunStatus.PARKED


def test_waking_keeps_the_lease_of_a_run_that_works(journal: Journal) -> None:
    claimed = claimed_run(journal)

    woken(journal, claimed.run.id)

    assert the_run(journal, claimed).due_at == claimed.run.due_at
    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is None


def interleaved(first: Journal, one: Callable[[], None], two: Callable[[], None]) -> None:
    """``two`` begins when ``one`` has changed the run and not yet committed, and so comes second."""
    changed, go_on = Event(), Event()

    def stop_after_the_change(conn: object, cursor: object, statement: str, *more: object) -> None:
        if statement.startswith("UPDATE runs"):
            changed.set()
            assert go_on.wait(10)

    sqlalchemy_event.listen(first.engine, "after_cursor_execute", stop_after_the_change)
    with ThreadPoolExecutor(max_workers=2) as threads:
        leading: Future[None] = threads.submit(one)
        assert changed.wait(10)
        following: Future[None] = threads.submit(two)
        # It has to wait for the first one's commit, or it would be through by then.
        wait([following], timeout=0.3)
        go_on.set()
        leading.result()
        following.result()


def test_a_wake_that_comes_while_the_run_parks_is_heard(journal: Journal, other: Journal) -> None:
    claimed = claimed_run(journal)

    interleaved(journal, lambda: parked(journal, claimed), lambda: woken(other, claimed.run.id))

    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is not None


def test_a_run_that_parks_while_it_is_woken_hears_of_it(journal: Journal, other: Journal) -> None:
    claimed = claimed_run(journal)

    interleaved(other, lambda: woken(other, claimed.run.id), lambda: parked(journal, claimed))

    assert the_run(journal, claimed).status is RunStatus.QUEUED
    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is not None
