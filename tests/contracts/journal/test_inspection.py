"""What the doctor reads: the database's name and clock, how late the work is, and an event's JSON beside its raw body."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import update

from engine.journal import schema
from engine.journal.database import writing
from engine.journal.inspection import (
    ClockFacts,
    LoadFacts,
    inspect_clock,
    inspect_database,
    inspect_load,
    inspect_work,
)
from engine.journal.journal import Journal
from engine.journal.records import Lane
from engine.journal.tables import runs
from engine.journal.timetable import NewSchedule
from tests.contracts.journal.stories import claimed_run, deploy, let_pass, new_run, queued_run, webhook


def test_the_database_tells_its_name_and_its_clock(journal: Journal) -> None:
    facts = inspect_database(journal.engine)
    assert facts.product in ("SQLite", "PostgreSQL")
    assert facts.version[0].isdigit()
    assert abs(facts.now - time.time() * 1000) < 60_000
    assert schema.current(journal.engine) == schema.REVISIONS[-1]


def test_work_that_is_due_is_late_and_work_that_is_not_due_is_not(journal: Journal) -> None:
    assert inspect_work(journal.engine).active == 0
    claimed_run(journal, "held")
    waiting = queued_run(journal, "waiting")
    with writing(journal.engine) as db:
        db.execute(update(runs).where(runs.c.id == waiting).values(due_at=runs.c.created_at - 30_000))
    facts = inspect_work(journal.engine)
    assert facts.active == 2
    assert facts.late_ms >= 30_000


def test_held_runs_are_counted_and_a_lane_with_a_place_is_named(journal: Journal) -> None:
    deploy(journal)
    lane = Lane(key="greet:1", limit=1, on_limit="queue")
    new = [replace(webhook(str(n)), runs=(replace(new_run(), lane=lane),)) for n in range(3)]
    first = journal.events.accept(new, ring_in_ms=0)[0].run_ids[0]
    facts = inspect_work(journal.engine)
    assert (facts.held, facts.stuck, facts.late_ms < 30_000) == (2, (), True)

    with writing(journal.engine) as db:  # as a person might, who works on the tables by hand
        db.execute(update(runs).where(runs.c.id == first).values(lane=None))
    assert inspect_work(journal.engine).stuck == ("greet:1",)
    journal.runs.release_held()
    facts = inspect_work(journal.engine)
    assert (facts.held, facts.stuck) == (1, ())


def test_a_slot_that_nobody_fires_is_overdue_unless_its_flow_is_disabled(journal: Journal) -> None:
    assert inspect_clock(journal.engine) == ClockFacts(schedules=0)
    deploy(journal)
    for late in (-60_000, 60_000):
        wanted = NewSchedule(trigger="t", uses="schedule.cron", given={"late": late}, next_at=journal.now() - late)
        journal.schedules.bind("greet", "local", [wanted])
        facts = inspect_clock(journal.engine)
        assert (facts.schedules, facts.late_ms >= 60_000, facts.flow) == (
            (1, False, None) if late < 0 else (1, True, "greet")
        )
    journal.flows.set_enabled("greet", False)
    assert inspect_clock(journal.engine) == ClockFacts(schedules=0)


def test_an_event_comes_back_with_its_json(journal: Journal) -> None:
    deploy(journal)
    (accepted,) = journal.events.accept([webhook("one")], ring_in_ms=0)
    found = journal.events.get(accepted.event_id)
    assert found is not None
    assert found.event == webhook("one").event


def test_the_load_is_told_by_status_and_state_with_what_is_overdue_and_what_may_have_been_missed(
    journal: Journal,
) -> None:
    assert inspect_load(journal.engine) == LoadFacts(runs={}, overdue=0, late_ms=0, subscriptions={}, gaps=0)
    queued_run(journal, "first")
    claimed_run(journal, "second")
    let_pass(journal, 1_000)
    row = journal.subscriptions.ensure(
        owner="local", connection="team", uses="calendly.invitee", given={}, public_url="https://hooks.example.com"
    )
    journal.subscriptions.open_gap(row.id, since=1, note="")
    found = inspect_load(journal.engine)
    assert found.runs == {"queued": 1, "running": 1}
    assert (found.overdue, found.subscriptions, found.gaps) == (1, {"pending": 1}, 1)
    assert found.late_ms >= 1_000
