"""Which runs the scheduler rings, and when it looks again."""

from __future__ import annotations

from engine.core.commands import Ending
from engine.core.statuses import RunStatus
from engine.journal.journal import Journal
from tests.contracts.journal.stories import LEASE_MS, accept_run, at_once, claimed_run, let_pass, queued_run

PERIOD_MS = 30_000


def status_of(journal: Journal, run_id: str) -> RunStatus:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0].status


def test_a_queued_run_is_rung_when_it_is_due_and_again_after_the_period(journal: Journal) -> None:
    run_id = accept_run(journal, ring_in_ms=2_000).run_ids[0]

    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == []
    let_pass(journal, 2_000)
    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == [run_id]
    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == []
    let_pass(journal, PERIOD_MS)
    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == [run_id]


def test_a_parked_run_is_queued_when_it_is_due_and_says_what_it_waited_for_until_claimed(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.park(claimed.claim, [], in_ms=PERIOD_MS, waiting_for="a permit")

    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == []
    let_pass(journal, PERIOD_MS)
    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == [claimed.run.id]

    found = journal.runs.get(claimed.run.id)
    assert found is not None
    assert (found[0].status, found[0].waiting_for) == (RunStatus.QUEUED, "a permit")


def test_a_run_whose_lease_has_ended_is_queued(journal: Journal) -> None:
    claimed = claimed_run(journal)

    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == []
    let_pass(journal, LEASE_MS)

    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == [claimed.run.id]
    assert status_of(journal, claimed.run.id) is RunStatus.QUEUED


def test_a_run_that_has_ended_is_never_rung(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.finish(claimed.claim, [], Ending(status=RunStatus.SUCCEEDED))
    let_pass(journal, 10 * LEASE_MS)

    assert journal.runs.ring(limit=10, again_in_ms=PERIOD_MS) == []


def test_those_that_are_due_longest_are_rung_first_and_no_more_than_the_limit(journal: Journal) -> None:
    late, later, latest = (accept_run(journal, f"in {ms}", ring_in_ms=ms).run_ids[0] for ms in (300, 200, 100))
    let_pass(journal, 1_000)

    assert journal.runs.ring(limit=2, again_in_ms=PERIOD_MS) == [latest, later]
    assert journal.runs.ring(limit=2, again_in_ms=PERIOD_MS) == [late]


def test_schedulers_that_ring_at_once_never_ring_the_same_run(journal: Journal) -> None:
    run_ids = {queued_run(journal, f"event {number}") for number in range(60)}

    def ring_until_quiet(_: int) -> list[str]:
        rung: list[str] = []
        while due := journal.runs.ring(limit=7, again_in_ms=PERIOD_MS):
            rung.extend(due)
        return rung

    rung = [run_id for each in at_once(4, ring_until_quiet) for run_id in each]

    assert len(rung) == len(run_ids)
    assert set(rung) == run_ids


def test_without_active_runs_there_is_nothing_to_wait_for(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.finish(claimed.claim, [], Ending(status=RunStatus.SUCCEEDED))

    assert journal.runs.next_due_in() is None


def test_the_next_look_is_when_the_first_run_is_due(journal: Journal) -> None:
    accept_run(journal, "soon", ring_in_ms=50_000)
    accept_run(journal, "late", ring_in_ms=90_000)

    soon = journal.runs.next_due_in()

    assert soon is not None
    assert 0 < soon <= 50_000


def test_the_next_look_is_at_once_when_a_run_is_overdue(journal: Journal) -> None:
    queued_run(journal)
    let_pass(journal, 5_000)

    assert journal.runs.next_due_in() == 0
