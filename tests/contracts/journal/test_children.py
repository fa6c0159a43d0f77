"""Runs that runs start: once each, with an event of their own, and whoever waits for one hears of its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.core.times import iso
from engine.errors import ClaimLost
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, EventSource, Lane, Run
from engine.journal.wakers import ChildStarted, NewChild
from tests.contracts.journal.stories import DIGEST, FLOW, LEASE_MS, change, claimed_run, deploy, let_pass

CHILD = NewChild(flow="below", digest=DIGEST, inputs={"n": 1}, path="each[2].sub", depth=1, wait=True)
DONE = Ending(status=RunStatus.SUCCEEDED, outputs={"x": 1})
LONG_MS = 1_000_000


def caller(journal: Journal) -> ClaimedRun:
    deploy(journal, "below")
    return claimed_run(journal)


def start(journal: Journal, claimed: ClaimedRun, child: NewChild = CHILD) -> ChildStarted:
    return journal.runs.start_child(claimed.claim, [], child, lease_ms=LEASE_MS)


def claim(journal: Journal, run_id: str | None) -> ClaimedRun:
    assert run_id is not None
    claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
    assert claimed is not None
    return claimed


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


def test_a_child_is_a_run_with_an_event_of_its_own(journal: Journal) -> None:
    claimed = caller(journal)

    started = journal.runs.start_child(
        claimed.claim, [change("each[2].sub", StepStatus.RUNNING)], CHILD, lease_ms=LEASE_MS
    )

    child = journal.runs.child(claimed.run.id, "each[2].sub")
    assert child is not None
    assert (child.id, child.flow, child.inputs, child.depth) == (started.run_id, "below", {"n": 1}, 1)
    assert (child.parent_run, child.parent_path, child.owner) == (claimed.run.id, "each[2].sub", claimed.run.owner)
    assert started.due
    event = journal.events.get(child.event_id)
    assert event is not None
    assert (event.source, event.body, event.outcomes[0].run_id) == (EventSource.FLOW, b'{"n":1}', child.id)
    assert claim(journal, child.id).trigger == {
        "event": "flow",
        "payload": {},
        "created_at": iso(started.pulse.now),
        "created_by": FLOW,
    }
    assert [step.path for step in journal.runs.get(claimed.run.id)[1]] == ["each[2].sub"]  # type: ignore[index]


def test_a_repeat_starts_nothing_also_when_the_flow_changed_or_the_child_has_ended(journal: Journal) -> None:
    claimed = caller(journal)
    first = start(journal, claimed)
    journal.runs.finish(claim(journal, first.run_id).claim, [], DONE)
    journal.flows.set_enabled("below", False)

    again = start(journal, claimed, replace(CHILD, digest="b" * 64))

    assert (again.run_id, again.due) == (first.run_id, False)
    assert len(journal.runs.list(flow="below")) == 1
    assert journal.runs.child(claimed.run.id, CHILD.path) == the_run(journal, str(first.run_id))


def test_another_step_and_another_run_start_children_of_their_own(journal: Journal) -> None:
    claimed = caller(journal)
    ids = {
        start(journal, claimed).run_id,
        start(journal, claimed, replace(CHILD, path="each[3].sub")).run_id,
        start(journal, claimed_run(journal, "second")).run_id,
    }

    assert len(ids) == 3
    assert journal.runs.child(claimed.run.id, "each[4].sub") is None


@pytest.mark.parametrize("why", ["is not deployed", "is disabled", "another version"])
def test_a_child_that_cannot_be_started_is_refused_in_words_and_the_changes_are_written(
    journal: Journal, why: str
) -> None:
    claimed = caller(journal) if why != "is not deployed" else claimed_run(journal)
    if why == "is disabled":
        journal.flows.set_enabled("below", False)
    child = replace(CHILD, digest="b" * 64) if why == "another version" else CHILD

    refused = journal.runs.start_child(claimed.claim, [change("set", StepStatus.SUCCEEDED)], child, lease_ms=LEASE_MS)

    assert refused.run_id is None
    assert refused.reason is not None
    assert why in refused.reason
    assert refused.changed == (why == "another version")
    found = journal.runs.get(claimed.run.id)
    assert found is not None
    assert [step.path for step in found[1]] == ["set"]
    assert len(journal.events.list()) == 1


def test_a_claim_that_is_lost_starts_nothing(journal: Journal) -> None:
    claimed = caller(journal)
    let_pass(journal, LEASE_MS)
    claim(journal, claimed.run.id)

    with pytest.raises(ClaimLost):
        start(journal, claimed)

    assert journal.runs.child(claimed.run.id, CHILD.path) is None
    assert len(journal.events.list()) == 1


def test_after_a_request_to_end_only_a_child_that_is_not_cut_by_it_is_started(journal: Journal) -> None:
    claimed = caller(journal)
    journal.runs.request_cancel(claimed.run.id)
    cut = start(journal, claimed, replace(CHILD, path="a", cancellable=True))
    assert (cut.run_id, cut.pulse.cancel_requested) == (None, True)
    assert start(journal, claimed, replace(CHILD, path="finally.b")).run_id is not None


@pytest.mark.parametrize("status", sorted(RUN_FINAL))
def test_the_end_of_a_child_wakes_the_run_that_waits_for_it(journal: Journal, status: RunStatus) -> None:
    claimed = caller(journal)
    child = claim(journal, start(journal, claimed).run_id)
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="below")

    due = journal.runs.finish(child.claim, [], Ending(status=status))

    assert due == [claimed.run.id]
    assert claim(journal, claimed.run.id).claim.number == 2


def test_a_child_that_ends_before_its_caller_parks_is_not_missed(journal: Journal) -> None:
    claimed = caller(journal)
    journal.runs.finish(claim(journal, start(journal, claimed).run_id).claim, [], DONE)

    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="below")

    assert the_run(journal, claimed.run.id).status is RunStatus.QUEUED


def test_the_end_of_a_child_that_nobody_waits_for_wakes_nobody(journal: Journal) -> None:
    claimed = caller(journal)
    child = claim(journal, start(journal, claimed, replace(CHILD, wait=False)).run_id)
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for=None)

    assert journal.runs.finish(child.claim, [], DONE) == []

    assert the_run(journal, claimed.run.id).status is RunStatus.PARKED


def test_a_child_waits_for_its_turn_in_its_lane_or_is_refused_by_it(journal: Journal) -> None:
    lane = Lane(key=Lane.key_of("below"), limit=1, on_limit="queue", max_queued=1)
    claimed = caller(journal)

    def sub(path: str) -> ChildStarted:
        return start(journal, claimed, replace(CHILD, path=path, lane=lane))

    first, second, third = sub("a"), sub("b"), sub("c")

    assert (first.due, second.due, third.run_id) == (True, False, None)
    assert third.reason is not None
    assert "queue is full" in third.reason
    assert the_run(journal, str(second.run_id)).held
    journal.runs.finish(claim(journal, first.run_id).claim, [], DONE)
    assert claim(journal, second.run_id).run.id == second.run_id
    assert sub("c").run_id is not None


def test_cancelling_a_run_takes_along_what_it_waits_for_and_nothing_else(journal: Journal) -> None:
    claimed = caller(journal)
    working = claim(journal, start(journal, claimed, replace(CHILD, path="a")).run_id)
    below = start(journal, working, replace(CHILD, path="deeper", depth=2)).run_id
    unawaited = start(journal, claimed, replace(CHILD, path="b", wait=False)).run_id
    journal.runs.park(working.claim, [], in_ms=LONG_MS, waiting_for="deeper")
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="below")

    assert journal.runs.request_cancel(claimed.run.id) is RunStatus.PARKED

    # Nothing has happened in the one at the bottom: it ends at once. The others are asked, and due.
    assert the_run(journal, str(below)).status is RunStatus.CANCELLED
    for run_id in (claimed.run.id, working.run.id):
        asked = claim(journal, run_id)
        assert asked.run.cancel_requested
    assert not the_run(journal, str(unawaited)).cancel_requested
