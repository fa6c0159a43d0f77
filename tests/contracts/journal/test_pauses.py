"""Pauses: what is paused is kept and claimed by nobody, who works hears of it, and all goes on where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text

from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.database import writing
from engine.journal.inspection import inspect_work
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, EventSource, Lane, NewEvent, Run
from engine.journal.timetable import NewSchedule
from engine.journal.wakers import NewChild
from tests.contracts.journal.stories import (
    DIGEST,
    FLOW,
    LEASE_MS,
    acts,
    at_once,
    change,
    claimed_run,
    deploy,
    let_pass,
    new_run,
    pause,
    queued_run,
    resume,
    store_connection,
    webhook,
)

DONE = Ending(status=RunStatus.SUCCEEDED)
CHILD = NewChild(flow="below", digest=DIGEST, inputs={}, path="sub", depth=1, wait=True)
LONG_MS = 1_000_000


def claim(journal: Journal, run_id: str) -> ClaimedRun | None:
    return journal.runs.claim(run_id, lease_ms=LEASE_MS)


def ring(journal: Journal) -> Sequence[str]:
    return journal.runs.ring(limit=100, again_in_ms=0)


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


# Flows


def test_a_run_of_a_paused_flow_is_neither_rung_nor_claimed_and_goes_on_when_it_is_resumed(journal: Journal) -> None:
    run_id = queued_run(journal)
    assert pause(journal)

    assert the_run(journal, run_id).paused
    assert (list(ring(journal)), claim(journal, run_id), journal.runs.next_due_in()) == ([], None, None)

    assert resume(journal)
    assert list(ring(journal)) == [run_id]
    assert claim(journal, run_id) is not None


def test_events_of_a_paused_flow_start_runs_that_wait_in_order(journal: Journal) -> None:
    deploy(journal)
    pause(journal)
    accepted = [journal.events.accept([webhook(key, runs=[new_run()])], ring_in_ms=0)[0] for key in "abc"]
    ids = [accept.run_ids[0] for accept in accepted]
    assert all(the_run(journal, run_id).paused for run_id in ids)
    assert list(ring(journal)) == []

    resume(journal)
    assert list(ring(journal)) == ids


def test_other_flows_are_left_alone(journal: Journal) -> None:
    mine, other = queued_run(journal), queued_run(journal, "other", flow="other")
    pause(journal)
    assert list(ring(journal)) == [other]
    deploy(journal, "third")
    assert not the_run(journal, queued_run(journal, "third", flow="third")).paused
    assert the_run(journal, mine).paused


def test_a_deploy_leaves_a_paused_flow_paused(journal: Journal) -> None:
    deploy(journal)
    pause(journal)
    deploy(journal, digest="b" * 64)
    (row,) = journal.flows.list()
    assert (row.paused, row.digest) == (True, "b" * 64)


def test_what_works_hears_of_the_pause_with_its_next_write_and_of_its_end(journal: Journal) -> None:
    claimed = claimed_run(journal)
    running = [change("one", StepStatus.RUNNING)]
    assert not journal.runs.record(claimed.claim, running, lease_ms=LEASE_MS).paused

    found = journal.pauses.flow(FLOW, paused=True, actor="cli")

    assert found is not None
    assert (found.runs, found.under_way) == (1, 1)
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused
    assert journal.runs.renew([claimed.claim], lease_ms=LEASE_MS)[claimed.claim].paused
    resume(journal)
    assert not journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused


def test_what_works_may_end_while_its_flow_is_paused(journal: Journal) -> None:
    claimed = claimed_run(journal)
    pause(journal)
    journal.runs.finish(claimed.claim, [], DONE)
    run = the_run(journal, claimed.run.id)
    assert (run.status, run.paused) == (RunStatus.SUCCEEDED, False)


def test_a_run_that_waits_keeps_its_time(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.park(claimed.claim, [change("one", StepStatus.WAITING)], in_ms=LONG_MS, waiting_for="a while")
    due_at = the_run(journal, claimed.run.id).due_at
    pause(journal)
    resume(journal)
    run = the_run(journal, claimed.run.id)
    assert (run.status, run.due_at, run.paused) == (RunStatus.PARKED, due_at, False)


def test_a_wake_that_comes_during_the_pause_is_kept(journal: Journal) -> None:
    deploy(journal, "below")
    claimed = claimed_run(journal)
    started = journal.runs.start_child(claimed.claim, [], CHILD, lease_ms=LEASE_MS)
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="the flow below")
    pause(journal)
    child = claim(journal, started.run_id or "")
    assert child is not None
    journal.runs.finish(child.claim, [], DONE)
    assert list(ring(journal)) == []

    resume(journal)
    assert list(ring(journal)) == [claimed.run.id]


def test_a_worker_that_died_leaves_a_run_that_waits_for_the_resume(journal: Journal) -> None:
    claimed = claimed_run(journal)
    pause(journal)
    let_pass(journal, LEASE_MS + 1)
    assert (list(ring(journal)), claim(journal, claimed.run.id)) == ([], None)
    resume(journal)
    assert claim(journal, claimed.run.id) is not None


def test_a_sub_flow_that_is_paused_is_started_and_waits_while_its_caller_goes_on_waiting(journal: Journal) -> None:
    deploy(journal, "below")
    claimed = claimed_run(journal)
    pause(journal, "below")

    started = journal.runs.start_child(claimed.claim, [], CHILD, lease_ms=LEASE_MS)

    assert started.run_id is not None
    assert not started.pulse.paused
    assert (the_run(journal, started.run_id).paused, claim(journal, started.run_id)) == (True, None)
    resume(journal, "below")
    child = claim(journal, started.run_id)
    assert child is not None
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="the flow below")
    assert journal.runs.finish(child.claim, [], DONE) == [claimed.run.id]


def test_a_place_in_a_lane_is_given_on_and_its_run_waits_for_the_resume(journal: Journal) -> None:
    deploy(journal)
    lane = Lane(key=Lane.key_of(FLOW), limit=1, on_limit="queue")
    runs = [replace(new_run(), lane=lane)] * 2
    first, second = journal.events.accept([webhook("one", runs=runs)], ring_in_ms=0)[0], ""
    (second,) = first.held
    claimed = claim(journal, first.run_ids[0])
    assert claimed is not None
    pause(journal)

    assert journal.runs.finish(claimed.claim, [], DONE) == [second]

    assert (the_run(journal, second).held, claim(journal, second)) == (False, None)
    resume(journal)
    assert claim(journal, second) is not None


def test_the_slots_of_a_paused_flow_make_runs_that_wait_and_none_fires_twice(journal: Journal) -> None:
    deploy(journal)
    nightly = NewSchedule(trigger="nightly", uses="schedule.cron", given={}, next_at=1_000)
    journal.schedules.bind(FLOW, "local", [nightly])
    pause(journal)
    tick = NewEvent(
        subscription_id=None,
        source=EventSource.SCHEDULE,
        dedupe_key="",
        body=b"{}",
        event={"event": "schedule.cron"},
        runs=(new_run(),),
    )
    seen = journal.schedules.due()[0].schedule
    fired = journal.schedules.fire(seen, 1_000, tick, next_at=LONG_MS**2, ring_in_ms=0)
    assert fired is not None
    assert the_run(journal, fired.run_ids[0]).paused

    resume(journal)
    assert journal.schedules.fire(seen, 1_000, tick, next_at=LONG_MS**2, ring_in_ms=0) is None
    assert list(ring(journal)) == list(fired.run_ids)


# Cancelling what is paused


def test_a_paused_run_that_never_began_is_cancelled_at_once(journal: Journal) -> None:
    run_id = queued_run(journal)
    pause(journal)
    assert journal.runs.request_cancel(run_id) is RunStatus.CANCELLED
    assert not the_run(journal, run_id).paused


def test_a_paused_run_that_is_asked_to_end_can_be_claimed_to_end_itself(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="a while")
    pause(journal)

    journal.runs.request_cancel(claimed.run.id)

    assert list(ring(journal)) == [claimed.run.id]
    again = claim(journal, claimed.run.id)
    assert again is not None
    pulse = journal.runs.record(again.claim, [], lease_ms=LEASE_MS)
    assert (pulse.cancel_requested, pulse.paused) == (True, False)
    assert journal.pauses.mend() == 0


def test_a_run_that_was_asked_to_end_before_the_pause_is_not_held_up_by_it(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.request_cancel(claimed.run.id)
    pause(journal)
    pulse = journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS)
    assert (pulse.cancel_requested, pulse.paused) == (True, False)


# What the marks may miss


def test_a_run_without_the_mark_is_not_claimed_either_and_gets_it(journal: Journal) -> None:
    run_id = queued_run(journal)
    pause(journal)
    with writing(journal.engine) as db:
        db.execute(text("UPDATE runs SET paused = false"))

    assert claim(journal, run_id) is None
    assert journal.pauses.mend() == 1
    assert the_run(journal, run_id).paused
    assert journal.pauses.mend() == 0


def test_a_mark_that_stayed_is_taken_away(journal: Journal) -> None:
    run_id = queued_run(journal)
    with writing(journal.engine) as db:
        db.execute(text("UPDATE runs SET paused = true"))
    assert journal.pauses.mend() == 1
    assert claim(journal, run_id) is not None


def test_pausing_what_is_paused_changes_nothing_and_says_so(journal: Journal) -> None:
    deploy(journal)
    assert [pause(journal), pause(journal), resume(journal), resume(journal)] == [True, False, True, False]
    assert acts(journal) == [
        ("local", "cli", "flow.pause", "flow:greet"),
        ("local", "cli", "flow.resume", "flow:greet"),
    ]
    assert journal.pauses.flow("nobody", paused=True, actor="cli") is None


def test_of_two_operators_at_once_one_pauses_the_flow(journal: Journal) -> None:
    deploy(journal)
    assert sorted(at_once(4, lambda _: pause(journal))) == [False, False, False, True]


def test_what_is_paused_is_told_with_its_time(journal: Journal) -> None:
    deploy(journal)
    store_connection(journal)
    assert journal.pauses.since() == {}
    before = journal.now()
    pause(journal)
    resume(journal)
    pause(journal)
    journal.pauses.connection("team", owner="local", paused=True, actor="cli")
    since = journal.pauses.since()
    assert sorted(since) == ["connection:team", "flow:greet"]
    assert all(before <= at <= journal.now() for at in since.values())


def test_runs_of_a_paused_flow_are_counted_and_not_late(journal: Journal) -> None:
    queued_run(journal)
    let_pass(journal, LONG_MS)
    assert inspect_work(journal.engine).late_ms >= LONG_MS
    pause(journal)
    facts = inspect_work(journal.engine)
    assert (facts.active, facts.paused, facts.late_ms) == (1, 1, 0)
    assert journal.pauses.waiting_runs(FLOW) == 1
