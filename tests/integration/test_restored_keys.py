"""Promise 4 across a restore: what was sent since the backup is sent again with the same idempotency keys, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from connectors.http import http
from engine.core.statuses import RunStatus
from engine.journal.database import connect, writing
from engine.journal.journal import Journal
from engine.journal.records import EventSource, NewEvent, NewRun
from engine.journal.snapshots import back_up, to_restore
from tests.engine_room import OWNER, EngineRoom
from tests.eventually import eventually

TEN_MINUTES_MS = 600_000
FLOW = """
steps:
  - {id: first, uses: http.request, connection: http, with: {method: POST, path: /first, json: {}}}
  - id: each
    foreach: "{{ [1, 2] }}"
    steps: [{id: item, uses: http.request, connection: http, with: {method: POST, path: "/each/{{ item }}", json: {}}}]
  - {id: sub, flow: below}
  - {id: pause, wait: {for: 1h}}
  - {id: last, uses: http.request, connection: http, with: {method: POST, path: /last, json: {}}}
"""
BELOW = "steps: [{id: inner, uses: http.request, connection: http, with: {method: POST, path: /inner, json: {}}}]"
BEFORE_THE_PAUSE = {"/first", "/each/1", "/each/2", "/inner"}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        room.install(http, http=({"base_url": "https://probe.example", "idempotency_header": "Idempotency-Key"}, {}))
        yield room


def event(room: EngineRoom, key: str, source: EventSource = EventSource.WEBHOOK) -> NewEvent:
    flow = room.deploy(FLOW, connection="http")
    room.deploy(BELOW, flow_id="below", connection="http")
    run = NewRun(flow=flow.id, digest=flow.digest, trigger="booked", owner=OWNER)
    return NewEvent(subscription_id="sub", source=source, dedupe_key=key, body=b"{}", event={}, runs=(run,))


def accepted(room: EngineRoom, given: NewEvent) -> str:
    (accepted,) = room.journal.events.accept([given], ring_in_ms=0)
    assert not accepted.duplicate
    return accepted.run_ids[0]


def until_it_waits(room: EngineRoom, run_id: str) -> None:
    """Be worker and scheduler until the run waits for its hour."""

    def waits() -> bool:
        room.execute(*room.journal.runs.ring(limit=10, again_in_ms=1_000))
        return any(step.uses == "wait" for steps in room.steps(run_id).values() for step in steps)

    eventually(waits, saying=lambda: room.steps(run_id))


def let_an_hour_pass(room: EngineRoom) -> None:
    with writing(room.journal.engine) as db:
        db.exec_driver_sql("UPDATE runs SET due_at = due_at - 3600000 WHERE due_at IS NOT NULL")
        db.exec_driver_sql("UPDATE steps SET started_at = started_at - 3600000, begun_at = begun_at - 3600000")


def sent(room: EngineRoom) -> Mapping[str, list[str]]:
    """The keys of all requests so far, by path."""
    found: dict[str, list[str]] = {}
    for request in room.service.requests:
        found.setdefault(request.url.removeprefix("https://probe.example"), []).append(
            request.headers["Idempotency-Key"]
        )
    return found


def taken_ten_minutes_ago(file: Path) -> None:
    engine = connect(f"sqlite:///{file}")
    with writing(engine) as db:
        for table, columns in {
            "runs": ("created_at", "started_at", "due_at"),
            "events": ("received_at",),
            "steps": ("started_at", "ended_at", "called_at"),
        }.items():
            moved = ", ".join(f"{column} = {column} - {TEN_MINUTES_MS}" for column in columns)
            db.exec_driver_sql(f"UPDATE {table} SET {moved}")
    engine.dispose()


def restore(room: EngineRoom, copy: Path) -> None:
    """All processes stop, the copy takes the database's place, and a new worker starts."""
    room.crew.close()
    room.journal.close()
    with to_restore(copy, room.database) as restoring:
        assert restoring.put() is not None
    room.journal = Journal.open(f"sqlite:///{room.database}")
    room.new_crew()


def test_an_event_that_a_restored_database_is_told_of_again_sends_the_same_keys(
    room: EngineRoom, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    given = event(room, "booking 1")
    back_up(room.database, copy)
    taken_ten_minutes_ago(copy)
    run_id = accepted(room, given)
    until_it_waits(room, run_id)
    assert set(sent(room)) == BEFORE_THE_PAUSE
    before = {path: keys[0] for path, keys in sent(room).items()}
    restore(room, copy)

    again = accepted(room, event(room, "booking 1", EventSource.RECOVERED))
    until_it_waits(room, again)
    let_an_hour_pass(room)
    room.through(again)

    assert again != run_id
    assert {path: keys for path, keys in sent(room).items() if path in before} == {
        path: [key, key] for path, key in before.items()
    }
    assert len({key for keys in sent(room).values() for key in keys}) == len(BEFORE_THE_PAUSE) + 1


def test_a_run_that_went_on_since_the_backup_goes_on_from_there_with_the_same_keys(
    room: EngineRoom, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    run_id = accepted(room, event(room, "booking 1"))
    until_it_waits(room, run_id)
    back_up(room.database, copy)
    taken_ten_minutes_ago(copy)
    let_an_hour_pass(room)
    room.through(run_id)
    restore(room, copy)

    let_an_hour_pass(room)
    ended = room.through(run_id)

    assert ended.status is RunStatus.SUCCEEDED
    first, again = sent(room)["/last"]
    assert first == again
    assert {path: len(keys) for path, keys in sent(room).items()} == {**dict.fromkeys(BEFORE_THE_PAUSE, 1), "/last": 2}


def test_another_event_sends_other_keys(room: EngineRoom) -> None:
    for key in ("booking 1", "booking 2"):
        until_it_waits(room, accepted(room, event(room, key)))

    keys = [key for keys in sent(room).values() for key in keys]
    assert len(set(keys)) == len(keys) == 2 * len(BEFORE_THE_PAUSE)


def test_a_run_of_an_older_release_keeps_the_keys_that_it_had(room: EngineRoom, tmp_path: Path) -> None:
    """Those are made of the run's id, and were sent before the upgrade."""
    flow = "steps: [{id: a, uses: http.request, connection: http, with: {method: POST, path: /x, json: {}}}]"
    run_id = room.start(flow, connection="http")
    with writing(room.journal.engine) as db:
        db.exec_driver_sql("UPDATE runs SET key_base = NULL")

    room.through(run_id)

    assert sent(room)["/x"] == [str(uuid5(NAMESPACE_URL, f"hookline:{run_id}/a"))]
