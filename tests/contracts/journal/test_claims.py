"""Who may execute a run, and until when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.errors import ClaimLost
from engine.journal.journal import Journal
from engine.journal.records import Claim
from tests.contracts.journal.stories import (
    DIGEST,
    FILE,
    FLOW,
    LEASE_MS,
    SOURCE,
    at_once,
    change,
    claimed_run,
    let_pass,
    queued_run,
)


def test_a_claim_brings_all_that_a_segment_needs(journal: Journal) -> None:
    claimed = claimed_run(journal)

    assert claimed.claim.number == 1
    assert (claimed.run.flow, claimed.run.digest, claimed.run.status) == (FLOW, DIGEST, RunStatus.RUNNING)
    assert claimed.trigger == {"event": "made", "key": "first"}
    assert (claimed.source, claimed.file, claimed.steps) == (SOURCE, FILE, ())
    assert claimed.run.started_at == claimed.now
    assert claimed.run.due_at == claimed.now + LEASE_MS


def test_a_claim_brings_the_attempts_that_earlier_claims_recorded(journal: Journal) -> None:
    first = claimed_run(journal)
    journal.runs.park(first.claim, [change("type", StepStatus.SUCCEEDED)], in_ms=0, waiting_for=None)

    again = journal.runs.claim(first.run.id, lease_ms=LEASE_MS)

    assert again is not None
    assert [(step.path, step.status) for step in again.steps] == [("type", StepStatus.SUCCEEDED)]
    assert again.claim.number == 2
    assert again.run.started_at == first.run.started_at


def test_only_one_of_many_workers_gets_a_run(journal: Journal) -> None:
    run_id = queued_run(journal)

    claims = at_once(8, lambda number: journal.runs.claim(run_id, lease_ms=LEASE_MS))

    assert [claimed.claim for claimed in claims if claimed is not None] == [Claim(run_id=run_id, number=1)]


def test_a_run_that_is_running_cannot_be_claimed(journal: Journal) -> None:
    claimed = claimed_run(journal)

    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is None


def test_a_run_that_is_not_there_cannot_be_claimed(journal: Journal) -> None:
    assert journal.runs.claim("0" * 26, lease_ms=LEASE_MS) is None


def test_a_queued_run_can_be_claimed_before_its_ring_time(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.park(claimed.claim, [], in_ms=0, waiting_for=None)
    journal.runs.ring(limit=1, again_in_ms=LEASE_MS)

    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is not None


def test_a_parked_run_can_be_claimed_when_it_is_due_and_not_before(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.park(claimed.claim, [], in_ms=30_000, waiting_for="a retry")

    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is None
    let_pass(journal, 30_000)
    woken = journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS)

    assert woken is not None
    assert woken.run.waiting_for is None


@pytest.mark.parametrize("status", sorted(RUN_FINAL))
def test_a_run_that_has_ended_is_never_claimed_again(journal: Journal, status: RunStatus) -> None:
    claimed = claimed_run(journal)
    journal.runs.finish(claimed.claim, [], Ending(status=status))

    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is None


def test_a_run_whose_lease_has_ended_goes_to_the_next_worker_under_a_higher_number(journal: Journal) -> None:
    paused = claimed_run(journal)
    let_pass(journal, LEASE_MS)

    successor = journal.runs.claim(paused.run.id, lease_ms=LEASE_MS)

    assert successor is not None
    assert successor.claim.number == paused.claim.number + 1


Write = Callable[[Journal, Claim], object]
_STEP = [change("late", StepStatus.SUCCEEDED)]
WRITES: dict[str, Write] = {
    "record": lambda journal, claim: journal.runs.record(claim, _STEP, lease_ms=LEASE_MS),
    "park": lambda journal, claim: journal.runs.park(claim, _STEP, in_ms=5, waiting_for="late"),
    "finish": lambda journal, claim: journal.runs.finish(claim, _STEP, Ending(status=RunStatus.FAILED)),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_no_write_of_an_old_claim_passes(journal: Journal, write: Write) -> None:
    paused = claimed_run(journal)
    let_pass(journal, LEASE_MS)
    journal.runs.claim(paused.run.id, lease_ms=LEASE_MS)
    before = journal.runs.get(paused.run.id)

    with pytest.raises(ClaimLost):
        write(journal, paused.claim)

    assert journal.runs.get(paused.run.id) == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_no_write_passes_once_the_scheduler_has_given_the_run_up(journal: Journal, write: Write) -> None:
    paused = claimed_run(journal)
    let_pass(journal, LEASE_MS)
    journal.runs.ring(limit=1, again_in_ms=LEASE_MS)
    before = journal.runs.get(paused.run.id)

    with pytest.raises(ClaimLost):
        write(journal, paused.claim)

    assert journal.runs.get(paused.run.id) == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_no_write_passes_after_the_end(journal: Journal, write: Write) -> None:
    claimed = claimed_run(journal)
    journal.runs.finish(claimed.claim, [], Ending(status=RunStatus.SUCCEEDED))
    before = journal.runs.get(claimed.run.id)

    with pytest.raises(ClaimLost):
        write(journal, claimed.claim)

    assert journal.runs.get(claimed.run.id) == before


def test_a_worker_that_comes_back_before_anyone_took_its_run_goes_on(journal: Journal) -> None:
    claimed = claimed_run(journal)
    let_pass(journal, LEASE_MS)

    pulse = journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS)

    assert pulse.now >= claimed.now
    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is None


def test_renewing_extends_the_leases_that_still_hold_and_leaves_out_the_lost_ones(journal: Journal) -> None:
    kept, lost, ended = (claimed_run(journal, key) for key in ("kept", "lost", "ended"))
    let_pass(journal, LEASE_MS)
    journal.runs.claim(lost.run.id, lease_ms=LEASE_MS)
    journal.runs.finish(ended.claim, [], Ending(status=RunStatus.SUCCEEDED))

    pulses = journal.runs.renew([kept.claim, lost.claim, ended.claim], lease_ms=LEASE_MS)

    assert list(pulses) == [kept.claim]
    renewed = journal.runs.get(kept.run.id)
    assert renewed is not None
    assert renewed[0].due_at == pulses[kept.claim].now + LEASE_MS


def test_renewing_nothing_is_nothing(journal: Journal) -> None:
    assert journal.runs.renew([], lease_ms=LEASE_MS) == {}
