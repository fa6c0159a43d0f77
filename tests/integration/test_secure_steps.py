"""What ``secure`` hides is sealed in the database, told to the steps that use it, and stands in no message and no log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from engine.journal.records import HIDDEN
from tests.engine_room import EngineRoom, ok, status

SECRET = "s3cret-of-a-guest"
ANSWER = "answer-nobody-may-see"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def in_database(room: EngineRoom, text: str) -> list[str]:
    """The tables' columns that hold the text, but for the event that brought it in."""
    found = []
    with room.journal.engine.connect() as db:
        for table in db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all():
            for row in db.exec_driver_sql(f'SELECT * FROM "{table}"').mappings():
                found += [f"{table}.{name}" for name, value in row.items() if text in str(value)]
    return sorted(set(found))


def test_secure_values_are_sealed_and_come_back_when_the_run_goes_on(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [ok({"name": ANSWER})]
    run_id = room.start(
        "steps:\n"
        "  - {id: a, uses: probe.put, with: {name: '{{ trigger.name }}'}, secure: [inputs, outputs]}\n"
        "  - {id: s, set: {kept: '{{ steps.a.output.name }}'}, secure: [outputs]}\n"
        "  - id: each\n    foreach: '[1, 2]'\n    steps: [{id: r, uses: probe.put, with: {name: '{{ vars.kept }}'}, secure: [inputs, outputs]}]\n"
        "  - {id: w, wait: {for: 10ms}}\n"
        "  - {id: b, uses: probe.put, with: {name: '{{ vars.kept }}'}, secure: [inputs]}\n",
        trigger={"name": SECRET},
    )
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert in_database(room, SECRET) == ["events.body", "events.event"]
    assert in_database(room, ANSWER) == []
    assert ANSWER.encode() in (room.service.requests[-1].body or b"")
    rows = room.steps(run_id)
    assert (rows["a"][0].shown_given, rows["a"][0].shown_output) == (HIDDEN, HIDDEN)
    assert rows["each[0]"][0].shown_output == HIDDEN


def test_messages_and_logs_of_a_secure_step_do_not_tell_its_inputs(
    room: EngineRoom, caplog: pytest.LogCaptureFixture
) -> None:
    def echo(request: object) -> None:
        raise RuntimeError(f"cannot take {SECRET}")

    room.service.before = echo
    with caplog.at_level(logging.DEBUG):
        run_id = room.start(
            "steps: [{id: a, uses: probe.put, with: {name: '{{ trigger.name }}'}, secure: [inputs]}]\n",
            trigger={"name": SECRET},
        )
        room.execute(run_id)
    run = room.state(run_id)
    assert run.status is RunStatus.FAILED
    assert "cannot take ***" in str((run.error or {})["message"])
    assert in_database(room, SECRET) == ["events.body", "events.event"]
    assert SECRET not in caplog.text


def test_a_retry_of_a_secure_step_has_its_input_sealed_too(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [status(500), status(500)]
    run_id = room.start(
        "steps: [{id: a, uses: probe.put, with: {name: '{{ trigger.name }}'}, secure: [inputs], "
        "retry: {max_attempts: 3, interval: 10ms, jitter: false}}]\n",
        trigger={"name": SECRET},
    )
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert in_database(room, SECRET) == ["events.body", "events.event"]
