"""Promise 15. The fault: the clock of one process is 2 h ahead, or 3 days behind; and schedulers race for the same slots.

What must hold: leases, waits and slots follow the database's clock, and permits the clock of Redis, whatever a process takes for the time. A
slot fires at most once. SQLite has no clock of its own: it asks that of the process. All processes of such an installation are on one machine and
share its clock, so that one shifted process cannot be there; should it be all the same, slots and waits come early, but nothing is done twice.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.log import log
from connectors.schedule import schedule
from engine.core.statuses import RunStatus
from engine.journal.database import writing
from engine.runtime.ledger import LEASE_MS
from tests.eventually import eventually
from tests.faults import misbehaviour
from tests.faults.checker import Allowed, check
from tests.faults.processes import Process
from tests.faults.site import Site, flow, step
from tests.trigger_room import TriggerRoom

MINUTE, HOUR = 60_000, 3_600_000
AHEAD, BEHIND = 2 * HOUR, -72 * HOUR
SHIFTS = {"two hours ahead": AHEAD, "three days behind": BEHIND}
SETTING = "HOOKLINE_TEST_FAKETIME"
HOW_TO_ENABLE = f"apt-get install libfaketime   # or name libfaketimeMT.so.1 in {SETTING}"
SLOTS = 200


@pytest.fixture
def faketime() -> str:
    """The library that shifts a process's clock. Without it the test is skipped, in CI it fails."""
    found = [os.environ.get(SETTING, ""), *glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")]
    library = next((name for name in found if name and Path(name).exists()), None)
    if library is None and os.environ.get("CI"):
        pytest.fail(f"libfaketime is not here, and CI must run these tests: {HOW_TO_ENABLE}")
    if library is None:
        pytest.skip(f"libfaketime is not here: {HOW_TO_ENABLE}")
    return library


# SQLite asks the process for the time, and all processes of such an installation have one clock.
@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("shift", [AHEAD, pytest.param(BEHIND, marks=pytest.mark.long)], ids=SHIFTS.keys())
def test_a_worker_with_another_time_takes_nobodys_run_and_keeps_the_limit(
    site: Site, faketime: str, shift: int
) -> None:
    site.connect(limit=10, seconds=1.0)
    site.deploy(flow(steps=step("put", "put") + "  - {id: nap, wait: {for: 3s}}\n" + step("slow", "pay")))
    site.up()
    site.witness.misbehave("POST /payments", misbehaviour.delay(2))
    shifted = shifted_process(site, "worker", faketime, shift)
    site.client.send_many(site.hook(), [f"e{number}" for number in range(12)])
    site.quiet()
    history = site.history()
    is_shifted(shifted, shift)
    assert any("segment started" in line for line in shifted.log.splitlines()), "the shifted worker had nothing to do"
    assert not [process.name for process in site.processes if "the claim was lost" in process.log]
    for run in site.statuses():
        assert 3_000 <= nap_of(site, run) < 3_000 + 2 * LEASE_MS
    # What its log says of the time is read as what it was.
    log = [replace(line, at=line.at - shift / 1000) if line.process == shifted.name else line for line in history.log]
    faults = [*history.faults, f"{shifted.name} was shifted"]
    check(replace(history, log=log, faults=faults), Allowed(slower=5)).require(accepted=12, faults=1)


def test_two_scheduler_processes_fire_each_slot_once(site: Site) -> None:
    first, last = missed_slots(site)
    for _ in range(2):
        site.start("scheduler")
    every_slot_fired_once(site, first, last)


@pytest.mark.parametrize("shift", SHIFTS.values(), ids=SHIFTS.keys())
def test_a_scheduler_with_another_time_fires_each_slot_once_and_none_that_has_not_come(
    site: Site, faketime: str, shift: int
) -> None:
    first, last = missed_slots(site)
    shifted = shifted_process(site, "scheduler", faketime, shift)
    site.scheduler()
    every_slot_fired_once(site, first, last)
    is_shifted(shifted, shift)
    if site.database_url.startswith("postgresql"):
        assert max(slots_of(site)) <= site.journal.now()


@pytest.mark.parametrize("shift", SHIFTS.values(), ids=SHIFTS.keys())
def test_whatever_python_takes_for_the_time_leases_waits_and_slots_are_the_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    """The clock of this process is shifted for everything but SQLite, which so is a database with a clock of its own."""
    real, real_ns = time.time, time.time_ns
    room = TriggerRoom(tmp_path)
    with room:
        room.deploy_texts(
            "id: hourly\ntriggers: [{uses: schedule.cron, with: {cron: '0 0 1 1 *'}}]\nsteps: [{id: a, set: {n: 1}}]\n"
        )
        monkeypatch.setattr(time, "time", lambda: real() + shift / 1000)
        monkeypatch.setattr(time, "time_ns", lambda: real_ns() + shift * 1_000_000)
        for name in ("engine.app.time", "engine.runtime.permits.time", "engine.runtime.subscriptions.time"):
            monkeypatch.setattr(name, time.time)
        assert room.timetable.fire() == []
        run_id = room.start("steps: [{id: nap, wait: {for: 2s}}, {id: ask, uses: probe.read, with: {name: x}}]\n")
        before = room.now()
        claimed = room.journal.runs.claim(run_id, lease_ms=LEASE_MS)
        assert claimed is not None
        due_at = room.state(run_id).due_at
        assert due_at is not None
        assert before + LEASE_MS <= due_at <= room.now() + LEASE_MS
        assert room.journal.runs.claim(run_id, lease_ms=LEASE_MS) is None, "the lease holds"
        room.abandon()
        assert room.through(run_id).status is RunStatus.SUCCEEDED
        rows = room.steps(run_id)
        [ask] = rows["ask"]
        [nap] = rows["nap"]
        assert nap.begun_at is not None
        assert ask.started_at is not None
        assert 2_000 <= ask.started_at - nap.begun_at < 2_000 + 2 * LEASE_MS


# What is done


def shifted_process(site: Site, role: str, library: str, shift: int) -> Process:
    """A process of its own whose clock says ``shift`` milliseconds more; its monotonic clock stays, as it does when a clock is set."""
    stamp = site.folder / "faketime"
    stamp.write_text(f"{shift // 1000:+d}s\n")
    process = site.start(
        role,
        fresh=True,
        LD_PRELOAD=library,
        FAKETIME_TIMESTAMP_FILE=str(stamp),
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        FAKETIME_NO_CACHE="1",
    )
    process.said('"ready"')
    return process


def is_shifted(process: Process, shift: int) -> None:
    """A test in which nothing happened fails: the log of the process must say another time."""
    import json
    from datetime import datetime

    line = json.loads(process.log.splitlines()[0])
    said = datetime.fromisoformat(line["timestamp"]).timestamp() * 1000
    assert abs(said - time.time() * 1000 - shift) < 10 * MINUTE, f"{process.name} is not shifted: {line}"


def missed_slots(site: Site) -> tuple[int, int]:
    """A schedule that missed many slots while no scheduler ran, and wants them all: the first and the last one so far."""
    site.app.catalogue = {"schedule": schedule, "log": log}
    cron = "{uses: schedule.cron, with: {cron: '* * * * *', catch_up: all}}"
    site.budgets["none"] = ()
    site.deploy(f"id: often\ntriggers: [{cron}]\nsteps: [{{id: a, set: {{n: 1}}}}]\n")
    with writing(site.journal.engine) as db:
        db.execute(text("UPDATE schedules SET next_at = next_at - :ms"), {"ms": SLOTS * MINUTE})
    [row] = site.journal.schedules.list()
    assert row.next_at is not None
    return row.next_at, row.now // MINUTE * MINUTE


def every_slot_fired_once(site: Site, first: int, last: int) -> None:
    wanted = set(range(first, last + 1, MINUTE))
    eventually(lambda: wanted <= set(slots_of(site)), within=60, saying=lambda: [p.log[-500:] for p in site.processes])
    found = slots_of(site)
    assert len(found) == len(set(found)), "a slot has two events"
    assert len(site.statuses()) == len(found), "each has one run"
    assert len(wanted) >= SLOTS - 1, "nothing is proven"


def slots_of(site: Site) -> Sequence[int]:
    return [int(event.dedupe_key) for event in site.journal.events.list(limit=1_000)]


def nap_of(site: Site, run: str) -> int:
    """How long its wait was, by the database's clock."""
    found = site.journal.runs.get(run)
    assert found is not None
    rows = {row.path: row for row in found[1]}
    begun, after = rows["nap"].begun_at, rows["slow"].started_at
    assert begun is not None
    assert after is not None
    return after - begun
