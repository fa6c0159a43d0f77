"""What ``secure`` hides is sealed in the database, told to the steps that use it, and stands in no message and no log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import strictjson
from engine.cli.events import event_lines, shown_body
from engine.cli.run_view import RunView, run_json
from engine.core.statuses import RunStatus
from engine.flow.load import load_flow
from engine.flow.model import Secret
from engine.journal.records import HIDDEN
from engine.journal.seal import open_json
from engine.runtime.rehearsal.recording import Recording
from engine.runtime.rehearsal.sight import of_recording
from engine.strictjson import Json
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


CHILD = """\
inputs: {word: {type: string}}
steps:
  - {id: a, uses: probe.put, with: {name: "{{ inputs.word }}"}, secure: [inputs, outputs]}
outputs: {answer: "{{ steps.a.output.name }}"}
"""
CALL = (
    "steps:\n"
    "  - {id: call, flow: below, with: {word: '{{ trigger.name }}'}, secure: [inputs, outputs]}\n"
    "  - {id: b, uses: probe.put, with: {name: '{{ steps.call.output.answer }}'}, secure: [inputs]}\n"
)


def test_what_a_step_hides_of_a_flow_that_it_calls_is_hidden_in_the_run_that_it_starts(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [ok({"name": ANSWER})]
    room.deploy(CHILD, flow_id="below")
    run_id = room.start(CALL, trigger={"name": SECRET})
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert in_database(room, SECRET) == ["events.body", "events.event"], "of the event that brought it in"
    assert in_database(room, ANSWER) == []
    assert [request.body for request in room.service.requests] == [
        b'{"name":"%s"}' % word.encode() for word in (SECRET, ANSWER)
    ]


def test_no_command_shows_what_is_hidden_of_a_child(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [ok({"name": ANSWER})]
    room.deploy(CHILD, flow_id="below")
    run_id = room.start(CALL, trigger={"name": SECRET})
    room.through(run_id)
    [child] = room.journal.runs.children(run_id)
    event = room.journal.events.get(child.event_id)
    assert event is not None
    views = [
        *(RunView(run=run, steps=room.journal.runs.get(run.id)[1]) for run in (child, room.state(run_id))),  # type: ignore[index]
    ]
    shown = [line for view in views for line in (*view.lines(), strictjson.dump(view.to_json()))]
    shown += [strictjson.dump(run_json(child)), shown_body(event).decode(), *event_lines(event, None)]
    text = "\n".join(shown)
    assert SECRET not in text
    assert ANSWER not in text
    assert "sealed:" not in text
    assert text.count(HIDDEN) > 5


def test_a_child_that_fails_does_not_tell_its_inputs(room: EngineRoom) -> None:
    room.deploy(
        "inputs: {word: {type: string}}\nsteps:\n  - {id: no, stop: {status: failed, message: 'cannot take {{ inputs.word }}'}}\n",
        flow_id="below",
    )
    run_id = room.start(CALL, trigger={"name": SECRET})
    run = room.through(run_id)
    assert run.status is RunStatus.FAILED
    [child] = room.journal.runs.children(run_id)
    assert child.message == "cannot take ***"
    assert SECRET not in str(run.error)


def test_a_recorded_run_shows_expressions_nothing_that_is_secure(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [ok({"name": ANSWER})]
    run_id = room.start(
        "steps:\n"
        "  - {id: a, uses: probe.put, with: {name: '{{ trigger.name }}'}, secure: [inputs, outputs]}\n"
        "  - {id: s, set: {kept: '{{ steps.a.output.name }}'}, secure: [outputs]}\n",
        trigger={"name": "x"},
    )
    run, rows = room.journal.runs.get(room.through(run_id).id) or (None, ())
    assert run is not None
    source = room.journal.flows.source(run.digest)
    assert source is not None
    keyring = room.connections.keyring

    def opener(value: Json, path: str, side: Secret) -> Json:
        return open_json(keyring, value, owner=run.owner, of=run.id, field=f"{path} {side}")

    recording = Recording.of(run, rows, room.journal.events.get(run.event_id), opener)
    seen = of_recording(load_flow(*source), recording)
    assert ANSWER not in strictjson.dump(seen)
    assert seen["vars"] == {"kept": HIDDEN}
