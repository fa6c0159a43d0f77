"""Flows that the clock starts: slots fire once, missed ones as the flow says, changes count from now. The clock of the database is shifted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import text

from engine.core.statuses import RunStatus
from engine.journal.records import EventSource
from engine.runtime.doorbell import Doorbell
from engine.runtime.scheduler import Scheduler
from engine.runtime.timetable import BATCH, LATE_MS, MOST_MISSED
from tests.trigger_room import TriggerRoom

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture
def room(tmp_path: Path) -> Iterator[TriggerRoom]:
    room = TriggerRoom(tmp_path)
    with room:
        yield room


def flow(cron: str = "* * * * *", *, catch_up: str = "none", more: str = "", extra: str = "") -> str:
    return (
        f"id: nightly\n{extra}triggers:\n  - uses: schedule.cron\n    with: {{cron: '{cron}', catch_up: {catch_up}}}\n{more}"
        "steps:\n  - {id: tell, uses: log.write, with: {message: 'it is {{ trigger.payload.scheduled_for }}'}}\n"
    )


def pass_by(room: TriggerRoom, ms: int) -> None:
    """As if so much time had passed since the schedules were made: they are moved back instead of the clock forward."""
    with room.journal.engine.begin() as db:
        db.execute(text("UPDATE schedules SET next_at = next_at - :ms"), {"ms": ms // MINUTE * MINUTE})


def come(room: TriggerRoom) -> list[str]:
    return list(room.timetable.fire())


def missed(room: TriggerRoom) -> list[bool]:
    found = []
    for event in room.events:
        assert event.event is not None
        payload = event.event["payload"]
        assert isinstance(payload, dict)
        found.append(bool(payload["missed"]))
    return found


def test_nothing_fires_before_its_time(room: TriggerRoom) -> None:
    room.deploy_texts(flow("0 0 1 1 *"))
    assert come(room) == []
    [row] = room.journal.schedules.list()
    assert row.next_at is not None
    assert row.next_at > row.now


def test_a_slot_fires_once_and_its_run_sees_it(room: TriggerRoom) -> None:
    room.deploy_texts(flow())
    pass_by(room, MINUTE)
    [run_id] = come(room)
    assert come(room) == []
    [event] = room.events
    assert (event.source, event.subscription_id) == (EventSource.SCHEDULE, "schedule:nightly:cron")
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.SUCCEEDED
    assert event.event is not None
    payload = event.event["payload"]
    assert isinstance(payload, dict)
    output = room.steps(run_id)["tell"][0].output
    assert isinstance(output, dict)
    assert output["message"] == f"it is {payload['scheduled_for']}"
    assert payload["missed"] is False


def test_missed_slots_are_left_out_unless_the_flow_wants_them(room: TriggerRoom) -> None:
    room.deploy_texts(flow(catch_up="none"))
    pass_by(room, 10 * MINUTE)
    assert len(come(room)) == 1, "the slot that has just come is on time"
    assert missed(room) == [False]


def test_missed_slots_far_apart_leave_nothing_to_fire(room: TriggerRoom) -> None:
    room.deploy_texts(flow("0 0 1 1 *"))
    [row] = room.journal.schedules.list()
    with room.journal.engine.begin() as db:
        assert row.next_at is not None
        db.execute(text("UPDATE schedules SET next_at = :at"), {"at": _a_year_before(row.next_at)})
    assert come(room) == []
    [after] = room.journal.schedules.list()
    assert after.next_at == row.next_at, "it goes on with the next one"


def _a_year_before(ms: int) -> int:
    from datetime import datetime

    at = datetime.fromtimestamp(ms / 1000, UTC)
    return round(at.replace(year=at.year - 1).timestamp() * 1000)


def test_the_last_missed_slot_fires_once(room: TriggerRoom) -> None:
    room.deploy_texts(flow("0 0 1 1 *", catch_up="last"))
    [row] = room.journal.schedules.list()
    assert row.next_at is not None
    with room.journal.engine.begin() as db:
        db.execute(
            text("UPDATE schedules SET next_at = :at"),
            {"at": _a_year_before(_a_year_before(_a_year_before(row.next_at)))},
        )
    assert len(come(room)) == 1
    assert come(room) == []
    assert missed(room) == [True]
    assert room.journal.schedules.list()[0].last_slot == _a_year_before(row.next_at)


def test_all_missed_slots_fire_oldest_first_in_batches(room: TriggerRoom) -> None:
    room.deploy_texts(flow(catch_up="all"))
    pass_by(room, (BATCH + 50) * MINUTE)
    assert len(come(room)) == BATCH
    assert len(come(room)) in (50, 51)
    keys = [int(event.dedupe_key) for event in room.events]
    assert keys == list(range(keys[0], keys[0] + len(keys) * MINUTE, MINUTE))
    assert missed(room)[:-2] == [True] * (len(keys) - 2)
    assert missed(room)[-1] is False


def test_no_more_than_a_thousand_missed_slots_fire_and_these_are_the_newest(room: TriggerRoom) -> None:
    room.deploy_texts(flow(catch_up="all"))
    pass_by(room, 100_000 * MINUTE)
    fired = 0
    while started := come(room):
        fired += len(started)
    assert MOST_MISSED <= fired <= MOST_MISSED + 2
    [row] = room.journal.schedules.list()
    assert int(room.events[0].dedupe_key) >= row.now - (MOST_MISSED + 2) * MINUTE


def test_schedulers_at_once_fire_every_slot_once(room: TriggerRoom, tmp_path: Path) -> None:
    room.deploy_texts(flow(catch_up="all"))
    pass_by(room, 40 * MINUTE)
    barrier = Barrier(3)
    started: list[str] = []

    def race() -> None:
        barrier.wait(timeout=10)
        for _ in range(5):
            started.extend(room.timetable.fire())

    threads = [Thread(target=race) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    slots = [event.dedupe_key for event in room.events]
    assert len(slots) == len(set(slots)) == len(started) == len(set(started)) == len(room.runs)
    assert len(slots) in (40, 41)


def test_a_condition_a_split_and_a_lane_hold_for_the_clock_too(room: TriggerRoom) -> None:
    more = "    split_on: '[1, 2, 3]'\n    if: trigger.item != 2\n"
    room.deploy_texts(flow(more=more, extra="concurrency: {key: trigger.item, limit: 1, on_limit: queue}\n"))
    pass_by(room, MINUTE)
    come(room)
    assert [(run.trigger_item, run.trigger_index) for run in room.runs] == [(1, 0), (3, 2)]
    assert len({run.lane for run in room.runs}) == 2
    [refusal] = [outcome for outcome in room.events[0].outcomes if outcome.reason]
    assert refusal.reason is not None
    assert refusal.reason.startswith("item 1 of 3: if was false: trigger.item != 2")


def test_an_unchanged_schedule_goes_on_and_a_changed_one_starts_from_now(room: TriggerRoom) -> None:
    room.deploy_texts(flow("*/5 * * * *", catch_up="all"))
    pass_by(room, 20 * MINUTE)
    [before] = room.journal.schedules.list()
    room.deploy_texts(flow("*/5 * * * *", catch_up="all") + "# a remark\n")
    assert room.journal.schedules.list()[0].next_at == before.next_at
    room.deploy_texts(flow("*/10 * * * *", catch_up="all"))
    [after] = room.journal.schedules.list()
    assert after.next_at is not None
    assert after.next_at > after.now
    assert after.last_slot is None


def test_what_passed_while_the_flow_was_disabled_was_not_missed(room: TriggerRoom) -> None:
    room.deploy_texts(flow(catch_up="all"))
    room.deployer.set_enabled("nightly", False)
    pass_by(room, 30 * MINUTE)
    assert come(room) == []
    room.deployer.set_enabled("nightly", True)
    [row] = room.journal.schedules.list()
    assert row.next_at is not None
    assert row.next_at > row.now
    assert come(room) == []


def test_a_flow_without_the_trigger_any_more_is_forgotten(room: TriggerRoom) -> None:
    room.deploy_texts(flow())
    room.deploy_texts("id: nightly\nsteps:\n  - {id: tell, uses: log.write, with: {message: hi}}\n")
    assert room.journal.schedules.list() == []
    room.deploy_texts(flow())
    room.deployer.remove(["nightly"])
    assert room.journal.schedules.list() == []


def test_a_connector_that_fails_does_not_hold_up_the_others(room: TriggerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.deploy_texts(flow(), flow().replace("id: nightly", "id: other"))
    pass_by(room, MINUTE)
    whole = room.timetable._timer("schedule.cron").event
    calls: list[int] = []

    def fails_once(given: object, slot: int, late: bool) -> object:
        calls.append(slot)
        if len(calls) == 1:
            raise ZeroDivisionError
        return whole(given, slot, late)  # type: ignore[arg-type]

    monkeypatch.setitem(room.timetable._timer("schedule.cron").__dict__, "event", fails_once)
    assert len(come(room)) == 1
    later = {row.flow: row.next_at for row in room.journal.schedules.list()}
    [held] = [at - room.journal.schedules.list()[0].now for at in later.values() if at is not None and at % MINUTE]
    assert LATE_MS < held <= HOUR


def test_the_scheduler_fires_and_rings(room: TriggerRoom) -> None:
    room.deploy_texts(flow())
    pass_by(room, MINUTE)
    rung: list[str] = []
    doorbell = Doorbell(rung.extend)
    Scheduler(room.journal.runs, doorbell, fire=room.timetable.fire).tick()
    doorbell.close()
    [run] = room.runs
    assert rung == [run.id]
