"""Schedules: each slot fires once, whoever looks at the clock and however it jumps."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from engine.journal.database import writing
from engine.journal.journal import Journal
from engine.journal.records import Accepted, EventSource, Lane, NewEvent
from engine.journal.timetable import NewSchedule, ScheduleRow
from tests.contracts.journal.stories import DIGEST, FLOW, at_once, deploy, new_run

NIGHTLY = NewSchedule(trigger="nightly", uses="schedule.cron", given={"cron": "@daily"}, next_at=1_000)
HOURLY = NewSchedule(trigger="hourly", uses="schedule.cron", given={"cron": "@hourly"}, next_at=2_000)
FAR = 253_402_300_799_000
TICK = NewEvent(
    subscription_id=None,
    source=EventSource.SCHEDULE,
    dedupe_key="",
    body=b"{}",
    event={"event": "schedule.cron"},
    runs=(new_run(),),
)


def bound(journal: Journal, *schedules: NewSchedule) -> ScheduleRow:
    """Deploy the flow with these schedules; the first one that is due."""
    deploy(journal)
    journal.schedules.bind(FLOW, "local", schedules or (NIGHTLY,))
    return journal.schedules.due()[0].schedule


def fire(journal: Journal, schedule: ScheduleRow, slot: int = 1_000, next_at: int | None = FAR) -> Accepted | None:
    return journal.schedules.fire(schedule, slot, TICK, next_at=next_at, ring_in_ms=0)


def test_a_slot_that_has_come_is_due_with_the_active_version(journal: Journal) -> None:
    deploy(journal)
    journal.schedules.bind(FLOW, "local", [HOURLY, NIGHTLY, replace(NIGHTLY, trigger="later", next_at=FAR)])

    due = journal.schedules.due()

    assert [(item.schedule.trigger, item.flow.digest) for item in due] == [("nightly", DIGEST), ("hourly", DIGEST)]
    schedule = due[0].schedule
    assert (schedule.given, schedule.owner, schedule.next_at, schedule.last_slot) == (
        NIGHTLY.given,
        "local",
        1_000,
        None,
    )
    assert schedule.now > 1_600_000_000_000
    assert [row.trigger for row in journal.schedules.list()] == ["hourly", "later", "nightly"]
    assert [item.schedule.trigger for item in journal.schedules.due(limit=1)] == ["nightly"]


def test_firing_stores_the_event_with_its_run_and_moves_the_schedule_on(journal: Journal) -> None:
    accepted = fire(journal, bound(journal))

    assert accepted is not None
    event = journal.events.get(accepted.event_id)
    assert event is not None
    assert (event.source, event.subscription_id, event.dedupe_key) == (
        EventSource.SCHEDULE,
        f"schedule:{FLOW}:nightly",
        "1000",
    )
    assert [run.id for run in journal.runs.list()] == list(accepted.run_ids)
    assert journal.schedules.due() == []
    (row,) = journal.schedules.list()
    assert (row.next_at, row.last_slot) == (FAR, 1_000)


def test_two_schedulers_fire_a_slot_once(journal: Journal) -> None:
    schedule = bound(journal)

    fired = at_once(6, lambda _: fire(journal, schedule))

    assert sum(item is not None for item in fired) == 1
    assert len(journal.runs.list()) == 1


def test_a_slot_that_comes_again_after_the_clock_went_back_is_a_duplicate(journal: Journal) -> None:
    schedule = bound(journal)
    fire(journal, schedule, next_at=1_000)
    (again,) = journal.schedules.due()

    repeated = fire(journal, again.schedule)

    assert repeated is not None
    assert repeated.duplicate
    assert len(journal.runs.list()) == 1
    assert journal.schedules.due() == []


def test_missed_slots_can_be_fired_one_after_the_other_or_skipped(journal: Journal) -> None:
    schedule = bound(journal)
    fire(journal, schedule, 1_000, next_at=2_000)

    second = fire(journal, replace(schedule, next_at=2_000), 2_000, next_at=3_000)

    assert second is not None
    assert journal.schedules.skip(replace(schedule, next_at=3_000), next_at=FAR)
    assert not journal.schedules.skip(replace(schedule, next_at=3_000), next_at=FAR)
    assert len(journal.runs.list()) == 2
    (row,) = journal.schedules.list()
    assert (row.next_at, row.last_slot) == (FAR, 2_000)


def test_a_disabled_flow_does_not_fire(journal: Journal) -> None:
    schedule = bound(journal)
    journal.flows.set_enabled(FLOW, False)

    assert journal.schedules.due() == []
    assert journal.schedules.next_due_in() is None
    assert fire(journal, schedule) is None
    assert not journal.schedules.skip(schedule, next_at=FAR)
    assert journal.events.list() == []


def test_a_deployment_keeps_the_place_of_what_did_not_change(journal: Journal) -> None:
    schedule = bound(journal, NIGHTLY, HOURLY)
    fire(journal, schedule, next_at=5_000)

    changed = replace(HOURLY, given={"cron": "30 * * * *"}, next_at=7_000)
    journal.schedules.bind(FLOW, "local", [replace(NIGHTLY, next_at=9_000), changed])

    kept = {row.trigger: (row.next_at, row.last_slot) for row in journal.schedules.list()}
    assert kept == {"nightly": (5_000, 1_000), "hourly": (7_000, None)}


def test_a_schedule_that_was_deployed_anew_does_not_fire_as_it_was_seen_before(journal: Journal) -> None:
    schedule = bound(journal)
    journal.schedules.bind(FLOW, "local", [replace(NIGHTLY, given={"cron": "@weekly"})])

    assert fire(journal, schedule) is None

    assert journal.events.list() == []


def test_binding_is_by_flow_and_goes_with_it(journal: Journal) -> None:
    bound(journal)
    deploy(journal, "other")
    journal.schedules.bind("other", "local", [NIGHTLY])
    journal.schedules.bind(FLOW, "local", [HOURLY])
    assert [(row.flow, row.trigger) for row in journal.schedules.list()] == [(FLOW, "hourly"), ("other", "nightly")]

    journal.flows.remove("other")
    journal.schedules.bind(FLOW, "local", [])

    assert journal.schedules.list() == []


def test_the_next_look_is_when_the_first_schedule_is_due(journal: Journal) -> None:
    deploy(journal)
    assert journal.schedules.next_due_in() is None
    journal.schedules.bind(FLOW, "local", [replace(NIGHTLY, next_at=None), replace(HOURLY, next_at=FAR)])
    wait = journal.schedules.next_due_in()
    assert wait is not None
    assert wait > 0

    with writing(journal.engine) as db:
        db.execute(text("UPDATE schedules SET next_at = 1 WHERE trigger = 'hourly'"))

    assert journal.schedules.next_due_in() == 0


def test_a_lane_refuses_or_holds_what_a_schedule_starts_too(journal: Journal) -> None:
    lane = Lane(key=Lane.key_of(FLOW), limit=1, on_limit="skip")
    tick = replace(TICK, runs=(replace(new_run(), lane=lane),))
    schedule = bound(journal)

    journal.schedules.fire(schedule, 1_000, tick, next_at=2_000, ring_in_ms=0)
    second = journal.schedules.fire(replace(schedule, next_at=2_000), 2_000, tick, next_at=FAR, ring_in_ms=0)

    assert second is not None
    assert (second.run_ids, len(second.refused)) == ((), 1)
