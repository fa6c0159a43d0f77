"""Pauses: what is paused is kept and claimed by nobody, who works hears of it, and all goes on where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event, Lock

from sqlalchemy import select, text

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.journal.database import reading, writing
from engine.journal.inspection import inspect_work
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, EventSource, Lane, NewEvent, Run
from engine.journal.tables import audit
from engine.journal.timetable import NewSchedule
from engine.journal.wakers import NewChild
from tests.contracts.journal.stories import (
    DIGEST,
    FLOW,
    LEASE_MS,
    at_once,
    change,
    claimed_run,
    deploy,
    let_pass,
    new_run,
    queued_run,
    webhook,
)
from tests.eventually import eventually

DONE = Ending(status=RunStatus.SUCCEEDED)
CHILD = NewChild(flow="below", digest=DIGEST, inputs={}, path="sub", depth=1, wait=True)
LONG_MS = 1_000_000


def pause(journal: Journal, flow: str = FLOW, *, paused: bool = True) -> bool:
    change = journal.pauses.flow(flow, paused=paused, actor="cli")
    assert change is not None
    return change.changed


def resume(journal: Journal, flow: str = FLOW) -> bool:
    return pause(journal, flow, paused=False)


def claim(journal: Journal, run_id: str) -> ClaimedRun | None:
    return journal.runs.claim(run_id, lease_ms=LEASE_MS)


def ring(journal: Journal) -> Sequence[str]:
    return journal.runs.ring(limit=100, again_in_ms=0)


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


def acts(journal: Journal) -> list[tuple[str, str, str, str]]:
    with reading(journal.engine) as db:
        found = db.execute(select(audit).order_by(audit.c.id))
        return [(row.owner, row.actor, row.action, row.subject) for row in found]


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
    _connection(journal)
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


# Under load


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
                claimed = claim(self.journal, run_id)
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


# Connections


def _connection(journal: Journal, name: str = "team", owner: str = "local") -> None:
    journal.connections.save(
        connection_id=f"{owner} {name}", owner=owner, name=name, connector="calendly", settings={}, secrets={}
    )


def pause_connection(journal: Journal, *, paused: bool = True, name: str = "team") -> bool:
    change = journal.pauses.connection(name, owner="local", paused=paused, actor="cli")
    assert change is not None
    return change.changed


def test_every_write_tells_of_the_owners_paused_connections(journal: Journal) -> None:
    _connection(journal)
    _connection(journal, "second")
    _connection(journal, "third")
    _connection(journal, "foreign", owner="another")
    claimed = claimed_run(journal)
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused_connections == frozenset()

    pause_connection(journal)
    pause_connection(journal, name="third")
    journal.pauses.connection("foreign", owner="another", paused=True, actor="cli")

    paused = frozenset({"team", "third"})
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused_connections == paused
    assert journal.runs.renew([claimed.claim], lease_ms=LEASE_MS)[claimed.claim].paused_connections == paused
    assert not the_run(journal, claimed.run.id).paused


def test_resuming_a_connection_wakes_who_waits_on_it_and_nobody_else(journal: Journal) -> None:
    _connection(journal)
    pause_connection(journal)
    claimed, other = claimed_run(journal), claimed_run(journal, "other")
    for each, name in ((claimed, "team"), (other, "else")):
        waits = [change("one", StepStatus.WAITING, connection=name)]
        journal.runs.park(each.claim, waits, in_ms=LONG_MS, waiting_for="it")
    assert list(ring(journal)) == []

    found = journal.pauses.connection("team", owner="local", paused=False, actor="cli")

    assert found is not None
    assert (found.runs, found.under_way) == (1, 0)
    assert list(ring(journal)) == [claimed.run.id]


def test_a_step_that_saw_the_pause_and_parks_only_after_the_resume_goes_on_at_once(journal: Journal) -> None:
    _connection(journal)
    pause_connection(journal)
    claimed = claimed_run(journal)
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused_connections

    pause_connection(journal, paused=False)
    waits = [change("one", StepStatus.WAITING, connection="team")]
    journal.runs.park(claimed.claim, waits, in_ms=LONG_MS, waiting_for="it")

    assert list(ring(journal)) == [claimed.run.id]


def test_a_connection_that_is_stored_anew_stays_paused(journal: Journal) -> None:
    _connection(journal)
    assert pause_connection(journal)
    _connection(journal)
    row = journal.connections.get("team", owner="local")
    assert row is not None
    assert row.paused
    assert not pause_connection(journal)
    assert pause_connection(journal, paused=False)
    assert [act[2:] for act in acts(journal)] == [
        ("connection.pause", "connection:team"),
        ("connection.resume", "connection:team"),
    ]
    assert journal.pauses.connection("team", owner="another", paused=True, actor="cli") is None


def test_the_calls_that_are_on_their_way_are_counted(journal: Journal) -> None:
    _connection(journal)
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("one", StepStatus.RUNNING, connection="team")], lease_ms=LEASE_MS)
    found = journal.pauses.connection("team", owner="local", paused=True, actor="cli")
    assert found is not None
    assert (found.runs, found.under_way) == (1, 1)
