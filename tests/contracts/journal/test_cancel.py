"""Asking a run to end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, Run
from tests.contracts.journal.stories import LEASE_MS, claimed_run, queued_run


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


def test_a_run_that_never_started_is_cancelled_at_once(journal: Journal) -> None:
    run_id = queued_run(journal)

    assert journal.runs.request_cancel(run_id) is RunStatus.CANCELLED

    run = the_run(journal, run_id)
    assert (run.due_at, run.message, run.started_at) == (None, "cancelled by request", None)
    assert run.ended_at is not None
    assert journal.runs.claim(run_id, lease_ms=LEASE_MS) is None


def test_a_running_run_hears_of_it_at_its_next_commit_and_keeps_its_lease(journal: Journal) -> None:
    claimed = claimed_run(journal)

    assert journal.runs.request_cancel(claimed.run.id) is RunStatus.RUNNING

    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is None
    assert journal.runs.renew([claimed.claim], lease_ms=LEASE_MS)[claimed.claim].cancel_requested
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).cancel_requested


def test_a_run_that_is_asked_does_not_park(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.request_cancel(claimed.run.id)

    journal.runs.park(claimed.claim, [], in_ms=LEASE_MS, waiting_for="a permit")

    assert journal.runs.ring(limit=5, again_in_ms=LEASE_MS) == [claimed.run.id]


def test_a_parked_run_is_woken_to_end_itself(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.park(claimed.claim, [], in_ms=LEASE_MS, waiting_for="a permit")

    assert journal.runs.request_cancel(claimed.run.id) is RunStatus.PARKED

    again = journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS)
    assert again is not None
    assert again.run.cancel_requested


def test_a_run_that_started_and_is_queued_again_ends_itself_too(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.park(claimed.claim, [], in_ms=0, waiting_for=None)

    assert journal.runs.request_cancel(claimed.run.id) is RunStatus.QUEUED

    assert the_run(journal, claimed.run.id).cancel_requested


@pytest.mark.parametrize("status", sorted(RUN_FINAL))
def test_a_run_that_has_ended_stays_as_it_is(journal: Journal, status: RunStatus) -> None:
    claimed = claimed_run(journal)
    journal.runs.finish(claimed.claim, [], Ending(status=status))
    before = the_run(journal, claimed.run.id)

    assert journal.runs.request_cancel(claimed.run.id) is status

    assert the_run(journal, claimed.run.id) == before


def test_a_run_that_is_not_there_cannot_be_asked(journal: Journal) -> None:
    assert journal.runs.request_cancel("0" * 26) is None


def test_a_claim_and_a_request_at_once_leave_one_of_two_sound_states(journal: Journal) -> None:
    for number in range(10):
        run_id = queued_run(journal, f"run {number}")

        claimed, status = both_at_once(journal, run_id)

        run = the_run(journal, run_id)
        assert run.cancel_requested or claimed is not None
        assert run.status is (RunStatus.CANCELLED if claimed is None else RunStatus.RUNNING)
        assert status is run.status or status is RunStatus.QUEUED


def both_at_once(journal: Journal, run_id: str) -> tuple[ClaimedRun | None, RunStatus | None]:
    with ThreadPoolExecutor(max_workers=2) as threads:
        claiming = threads.submit(journal.runs.claim, run_id, lease_ms=LEASE_MS)
        asking = threads.submit(journal.runs.request_cancel, run_id)
        return claiming.result(), asking.result()
