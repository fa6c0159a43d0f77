"""Two releases work on one database: for as long as a rolling restart takes, this one is the older of them.

Invariant: what only the newer release understands is left for its processes, and nothing is lost by it: no run is ended, no delivery is accepted
without its runs, no slot is passed over, no message matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.core.statuses import LEFT_TO_NEWER, RunStatus, StepStatus
from engine.errors import NewerRelease
from engine.flow.load import FlowCache
from engine.journal.database import writing
from engine.journal.journal import Journal
from engine.runtime.timetable import Timetable
from tests.calendly_room import CalendlyRoom, flow_text, sample
from tests.deliveries import deliver, nothing_stored
from tests.engine_room import EngineRoom
from tests.integration.command_line import CommandLine
from tests.integration.test_worker import Worksite, envelope
from tests.integration.test_worker import site as site
from tests.trigger_room import TriggerRoom

NEWER = "steps: [{id: ask, approve: {by: host}}]\n"
"""A kind of step that only a newer release knows."""
PUT = "steps: [{id: a, uses: probe.put, with: {name: a}}, {id: b, uses: probe.put, with: {name: b}}]\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def written_by_a_newer_release(journal: Journal, flow_id: str) -> str:
    """Make the flow's versions ones that this release cannot read; what they said before."""
    with writing(journal.engine) as db:
        before: str = db.execute(
            text("SELECT source FROM flow_versions WHERE flow = :id"), {"id": flow_id}
        ).scalar_one()
        db.execute(
            text("UPDATE flow_versions SET source = :new WHERE flow = :id"),
            {"new": f"id: {flow_id}\n{NEWER}", "id": flow_id},
        )
    return before


def read_by_the_newer_release(journal: Journal, flow_id: str, source: str) -> None:
    """From here on this test plays the newer release, which can read it."""
    with writing(journal.engine) as db:
        db.execute(text("UPDATE flow_versions SET source = :old WHERE flow = :id"), {"old": source, "id": flow_id})


def next_worker(room: EngineRoom) -> None:
    room.crew.close()
    room.new_crew()


def test_a_run_of_a_version_that_cannot_be_read_waits_for_a_newer_worker_and_is_finished_by_it(
    room: EngineRoom,
) -> None:
    run_id = room.start(PUT)
    source = written_by_a_newer_release(room.journal, "f")
    for _ in range(7):
        room.abandon()
        next_worker(room)
        room.execute(run_id)
        run = room.state(run_id)
        assert run.status is RunStatus.PARKED, "also after more claims than a poisoned run gets"
        assert (run.waiting_for or "").startswith(f"{LEFT_TO_NEWER}: this release cannot read the version ")
    assert room.service.seen == []

    read_by_the_newer_release(room.journal, "f", source)
    room.abandon()
    next_worker(room)
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.SUCCEEDED
    assert len(room.service.seen) == 2


def test_one_that_nobody_can_ever_read_can_be_ended(room: EngineRoom) -> None:
    run_id = room.start(PUT)
    written_by_a_newer_release(room.journal, "f")
    next_worker(room)
    room.execute(run_id)
    room.journal.runs.request_cancel(run_id)
    room.execute(run_id)
    run = room.state(run_id)
    assert run.status is RunStatus.CANCELLED
    assert "without its finally" in (run.message or "")


class Killed(BaseException):
    """The worker dies here."""


def test_what_was_under_way_when_it_is_ended_unread_is_uncertain(room: EngineRoom) -> None:
    def die(request: object) -> None:
        raise Killed

    run_id = room.start(PUT)
    room.service.before = die
    [future] = room.crew.take([run_id])
    assert isinstance(future.exception(timeout=30), Killed)
    written_by_a_newer_release(room.journal, "f")
    room.journal.runs.request_cancel(run_id)
    room.abandon()
    next_worker(room)
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.UNCERTAIN
    [row] = room.steps(run_id)["a"]
    assert (row.status, row.given) == (StepStatus.UNCERTAIN, {"name": "a"})


def test_a_sub_flow_that_cannot_be_read_is_started_by_a_newer_worker(room: EngineRoom) -> None:
    room.deploy(PUT, flow_id="callee")
    source = written_by_a_newer_release(room.journal, "callee")
    run_id = room.start("steps: [{id: sub, flow: callee}]\n")
    room.execute(run_id)
    assert (room.state(run_id).waiting_for or "").startswith(LEFT_TO_NEWER)
    read_by_the_newer_release(room.journal, "callee", source)
    room.abandon()
    next_worker(room)
    assert room.through(run_id).status is RunStatus.SUCCEEDED


def test_a_sub_flow_that_ended_as_something_new_is_looked_at_by_a_newer_worker(room: EngineRoom) -> None:
    """The caller stands where it stood: an unknown status is no reason to fail it."""
    room.deploy("steps: [{id: w, wait: {for: 1h}}]\n", flow_id="callee")
    run_id = room.start("steps: [{id: sub, flow: callee}]\n")
    room.execute(run_id)
    [child] = room.journal.runs.children(run_id)
    with as_a_newer_release(room.journal) as execute:
        execute("UPDATE runs SET status = 'quarantined', due_at = NULL, ended_at = 1 WHERE id = :id", id=child.id)
        execute("UPDATE runs SET due_at = 1 WHERE id = :id", id=run_id)
    room.execute(run_id)
    with pytest.raises(NewerRelease, match="quarantined"):
        room.journal.runs.children(run_id)
    run = room.state(run_id)
    assert (run.status, run.error) == (RunStatus.PARKED, None)
    assert "quarantined" in (run.waiting_for or "")


def test_other_runs_are_rung_and_executed_beside_what_cannot_be_read(room: EngineRoom) -> None:
    strange, known = room.start(PUT), room.start(PUT)
    with as_a_newer_release(room.journal) as execute:
        execute("UPDATE runs SET status = 'asleep' WHERE id = :id", id=strange)
        execute("UPDATE events SET source = 'telepathy'")
    assert room.journal.runs.next_due_in() == 0
    room.execute(strange, known)
    assert room.state(known).status is RunStatus.SUCCEEDED
    with pytest.raises(NewerRelease, match="asleep"):
        room.state(strange)


class as_a_newer_release:  # noqa: N801 - read as a sentence
    """Statements that this schema's checks refuse, and a newer one's would not."""

    def __init__(self, journal: Journal) -> None:
        self._engine = journal.engine

    def __enter__(self) -> as_a_newer_release:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __call__(self, statement: str, **given: object) -> None:
        with self._engine.connect() as db:
            db.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
            db.execute(text(statement), given)
            db.commit()
            db.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")


def test_a_delivery_that_only_a_newer_release_can_judge_is_refused_so_that_the_service_repeats_it(
    tmp_path: Path,
) -> None:
    with CalendlyRoom(tmp_path) as room:
        row = room.listen_for(flow_text())
        source = written_by_a_newer_release(room.journal, "f")
        assert deliver(room.web(), row, sample()).status_code == 503
        assert nothing_stored(room)
        read_by_the_newer_release(room.journal, "f", source)
        assert deliver(room.web(), row, sample()).status_code == 202
        assert len(room.journal.runs.list()) == 1


NIGHTLY = "id: {id}\ntriggers: [{{uses: schedule.cron, with: {{cron: '* * * * *'}}}}]\nsteps: [{{id: a, uses: probe.put, with: {{name: {id}}}}}]\nconnections: {{probe: probe}}\n"


def test_a_slot_that_only_a_newer_release_can_fire_is_left_to_it_and_others_fire(tmp_path: Path) -> None:
    place = TriggerRoom(tmp_path)
    with place:
        place.deploy_texts(NIGHTLY.format(id="known"), NIGHTLY.format(id="strange"))
        source = written_by_a_newer_release(place.journal, "strange")
        slot = place.now() // 60_000 * 60_000
        with writing(place.journal.engine) as db:
            db.execute(text("UPDATE schedules SET next_at = :slot"), {"slot": slot})
        timetable = Timetable(journal=place.journal, catalogue=place.catalogue, flows=FlowCache())
        for _ in range(3):
            timetable.fire()
        assert [run.flow for run in place.runs] == ["known"]
        read_by_the_newer_release(place.journal, "strange", source)
        timetable.fire()
        assert sorted(run.flow for run in place.runs) == ["known", "strange"]


def test_the_doctor_says_that_somebody_must_upgrade(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "home", HOOKLINE_REDIS_URL="")
    line.ok("migrate")
    with EngineRoom(tmp_path, url=f"sqlite:///{line.home / 'hookline.db'}") as place:
        run_id = place.start(PUT)
        written_by_a_newer_release(place.journal, "f")
        next_worker(place)
        place.execute(run_id)
    [found] = [check for check in line.json("doctor")["checks"] if check["part"] == "release"]
    assert (found["status"], found["found"]) == (
        "fail",
        "it cannot read the flows f; 1 runs wait for a worker of a newer one",
    )
    assert found["remedy"].startswith("Upgrade Hookline on this machine")


def test_messages_of_a_newer_release_are_dropped_and_their_runs_rung_again(site: Worksite) -> None:
    """Celery throws a task away that it does not know: the message is gone, and the journal rings once more."""
    run_id = site.step("n1")
    site.push_raw(envelope("hookline.ring_2", [[[run_id]], {}, {}]))
    site.still_works()
    assert site.room.state(run_id).claim_no == 0
    site.publish(site.room.journal.runs.ring(limit=10, again_in_ms=3_000))
    assert site.ended(run_id) == [RunStatus.SUCCEEDED]


def test_a_message_with_fields_of_a_newer_release_still_rings(site: Worksite) -> None:
    run_id = site.step("n1")
    site.push_raw(envelope(body=[[[run_id], {"urgent": True}], {"tenant": "x"}, {}], trace="00-1-2-3"))
    assert site.ended(run_id) == [RunStatus.SUCCEEDED]
