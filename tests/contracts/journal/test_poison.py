"""Runs that take their worker down: counted by their claims, put aside after five that came to nothing, with all that an end sets going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import ClaimLost
from engine.journal.journal import Journal
from engine.journal.poison import APART_MS, MOST_IDLE_CLAIMS, SUSPECT, Suspected
from engine.journal.records import ClaimedRun, Lane, Run, StepChange, StepRow
from engine.journal.wakers import NewChild
from tests.contracts.journal.stories import (
    DIGEST,
    FLOW,
    LEASE_MS,
    change,
    claimed_run,
    deploy,
    let_pass,
    new_run,
    queued_run,
    webhook,
)

DONE = Ending(status=RunStatus.SUCCEEDED)
OPENED = replace(change("pay", StepStatus.RUNNING, connection="team"), given={})


def the_run(journal: Journal, run_id: str) -> tuple[Run, Sequence[StepRow]]:
    found = journal.runs.get(run_id)
    assert found is not None
    return found


def claim(journal: Journal, run_id: str) -> ClaimedRun | None:
    return journal.runs.claim(run_id, lease_ms=LEASE_MS)


def die(journal: Journal, run_id: str, times: int = 1, *changes: StepChange) -> None:
    """As many workers take the run, write the changes, and are never heard of again."""
    for _ in range(times):
        claimed = claim(journal, run_id)
        assert claimed is not None
        if changes:
            journal.runs.record(claimed.claim, changes, lease_ms=LEASE_MS)
        let_pass(journal, LEASE_MS + 1)


def test_the_sixth_worker_does_not_get_a_run_that_five_have_died_of(journal: Journal) -> None:
    run_id = queued_run(journal)
    die(journal, run_id, MOST_IDLE_CLAIMS, OPENED)
    last = the_run(journal, run_id)[0]
    assert (last.status, last.idle_claims) == (RunStatus.RUNNING, 5)

    told: list[Sequence[str]] = []
    assert journal.runs.claim(run_id, lease_ms=LEASE_MS, on_poisoned=told.append) is None

    run, (step,) = the_run(journal, run_id)
    assert (run.status, run.due_at, run.paused) == (RunStatus.POISONED, None, False)
    assert run.error is not None
    assert (run.error["kind"], run.error["step"]) == ("poisoned", "pay")
    assert "5 workers in a row" in str(run.error["message"])
    assert (step.status, step.error and step.error["kind"]) == (StepStatus.UNCERTAIN, "unknown_outcome")
    assert told == [()] or told == [[]]
    assert claim(journal, run_id) is None


def test_a_run_that_kills_before_its_first_step_is_put_aside_too(journal: Journal) -> None:
    run_id = queued_run(journal)
    die(journal, run_id, MOST_IDLE_CLAIMS)
    assert claim(journal, run_id) is None
    run, steps = the_run(journal, run_id)
    assert (run.status, len(steps)) == (RunStatus.POISONED, 0)
    assert run.error is not None
    assert "before a step began" in str(run.error["message"])


@pytest.mark.parametrize("ended", [StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.UNCERTAIN])
def test_an_attempt_that_ended_is_progress(journal: Journal, ended: StepStatus) -> None:
    run_id = queued_run(journal)
    for number in range(2 * MOST_IDLE_CLAIMS):
        die(journal, run_id, 1, change(f"step {number}", ended))
    assert the_run(journal, run_id)[0].idle_claims == 0
    die(journal, run_id, MOST_IDLE_CLAIMS, OPENED)
    assert claim(journal, run_id) is None


@pytest.mark.parametrize("written", [StepStatus.RUNNING, StepStatus.WAITING])
def test_opening_an_attempt_again_is_none(journal: Journal, written: StepStatus) -> None:
    run_id = queued_run(journal)
    die(journal, run_id, 3, change("pay", written))
    assert the_run(journal, run_id)[0].idle_claims == 3


@pytest.mark.parametrize("in_ms", [0, 1])
def test_a_worker_that_gives_the_run_back_has_not_died_of_it(journal: Journal, in_ms: int) -> None:
    run_id = queued_run(journal)
    die(journal, run_id, 4, OPENED)
    claimed = claim(journal, run_id)
    assert claimed is not None
    journal.runs.park(claimed.claim, [], in_ms=in_ms, waiting_for=None)
    assert the_run(journal, run_id)[0].idle_claims == 0
    let_pass(journal, 10)
    assert claim(journal, run_id) is not None


def test_what_was_under_way_becomes_uncertain_and_what_waited_or_held_it_cancelled(journal: Journal) -> None:
    run_id = queued_run(journal)
    rows = (
        replace(change("each", StepStatus.RUNNING, uses="foreach"), begun_at=1),
        replace(OPENED, path="each[0].pay"),
        replace(OPENED, path="each[1].pay", attempt=2),
        replace(change("each[2].pay", StepStatus.WAITING, connection="team"), given={}),
        change("before", StepStatus.SUCCEEDED),
    )
    die(journal, run_id, 1, *rows)
    die(journal, run_id, MOST_IDLE_CLAIMS, *rows[:4])
    assert claim(journal, run_id) is None
    assert {step.path: step.status for step in the_run(journal, run_id)[1]} == {
        "before": StepStatus.SUCCEEDED,
        "each": StepStatus.CANCELLED,
        "each[0].pay": StepStatus.UNCERTAIN,
        "each[1].pay": StepStatus.UNCERTAIN,
        "each[2].pay": StepStatus.CANCELLED,
    }


def test_who_waits_for_it_is_woken_and_rung_for(journal: Journal) -> None:
    deploy(journal, "below")
    caller = claimed_run(journal)
    child = NewChild(flow="below", digest=DIGEST, inputs={}, path="sub", depth=1, wait=True)
    started = journal.runs.start_child(caller.claim, [], child, lease_ms=LEASE_MS)
    assert started.run_id is not None
    journal.runs.park(caller.claim, [], in_ms=10**9, waiting_for="the flow below")
    die(journal, started.run_id, MOST_IDLE_CLAIMS)

    told: list[str] = []
    assert journal.runs.claim(started.run_id, lease_ms=LEASE_MS, on_poisoned=told.extend) is None

    assert told == [caller.run.id]
    assert claim(journal, caller.run.id) is not None


def test_its_place_goes_to_the_next_in_line(journal: Journal) -> None:
    deploy(journal)
    lane = Lane(key=Lane.key_of(FLOW), limit=1, on_limit="queue")
    accepted = journal.events.accept([webhook("a", runs=[replace(new_run(), lane=lane)] * 2)], ring_in_ms=0)[0]
    die(journal, accepted.run_ids[0], MOST_IDLE_CLAIMS)

    told: list[str] = []
    assert journal.runs.claim(accepted.run_ids[0], lease_ms=LEASE_MS, on_poisoned=told.extend) is None

    assert told == list(accepted.held)
    assert claim(journal, accepted.held[0]) is not None


def test_a_worker_that_was_only_slow_cannot_write_to_a_run_that_was_put_aside(journal: Journal) -> None:
    run_id = queued_run(journal)
    die(journal, run_id, MOST_IDLE_CLAIMS - 1)
    slow = claim(journal, run_id)
    assert slow is not None
    let_pass(journal, LEASE_MS + 1)
    assert claim(journal, run_id) is None
    with pytest.raises(ClaimLost):
        journal.runs.finish(slow.claim, [], DONE)
    assert the_run(journal, run_id)[0].status is RunStatus.POISONED


def test_suspects_are_rung_for_one_after_the_other_so_that_the_innocent_get_on(journal: Journal) -> None:
    ids = [queued_run(journal, key) for key in "abcd"]
    for run_id in ids[:3]:
        die(journal, run_id, SUSPECT)

    assert sorted(journal.runs.ring(limit=10, again_in_ms=60_000)) == sorted([ids[0], ids[3]])
    assert journal.runs.ring(limit=10, again_in_ms=60_000) == []
    for expected in ids[1:3]:
        let_pass(journal, APART_MS)
        assert journal.runs.ring(limit=10, again_in_ms=60_000) == [expected]


def test_few_deaths_make_no_suspect(journal: Journal) -> None:
    ids = [queued_run(journal, key) for key in "abc"]
    for run_id in ids:
        die(journal, run_id, SUSPECT - 1)
    assert sorted(journal.runs.ring(limit=10, again_in_ms=60_000)) == sorted(ids)


def beside_others(journal: Journal, run_id: str) -> ClaimedRun | None:
    return journal.runs.claim(run_id, lease_ms=LEASE_MS, alone=False)


def test_a_suspect_is_to_be_had_by_who_executes_nothing_beside_it(journal: Journal) -> None:
    run_id = queued_run(journal)
    die(journal, run_id, SUSPECT - 1)
    assert beside_others(journal, run_id) is not None, "it is none yet"
    assert beside_others(journal, run_id) is None, "somebody has it"
    let_pass(journal, LEASE_MS + 1)
    for _ in range(3):
        with pytest.raises(Suspected):
            beside_others(journal, run_id)
    taken = claim(journal, run_id)
    assert taken is not None
    assert taken.claim.number == SUSPECT + 1, "what was refused counts for nothing"
    journal.runs.record(taken.claim, [change("pay", StepStatus.SUCCEEDED)], lease_ms=LEASE_MS)
    let_pass(journal, LEASE_MS + 1)
    assert beside_others(journal, run_id) is not None, "it got on"


def test_who_executes_others_puts_it_aside_all_the_same(journal: Journal) -> None:
    run_id = queued_run(journal)
    die(journal, run_id, MOST_IDLE_CLAIMS)
    assert beside_others(journal, run_id) is None
    assert the_run(journal, run_id)[0].status is RunStatus.POISONED
