"""A write that a dead worker left under way stays a write of which nobody knows what came, whatever stops the step next.

Until somebody knows, its step is not said to have failed, and whoever does the run again sends what it sent: the same key, a question, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.core.statuses import RunStatus
from engine.egress import NotSent, Request
from engine.errors import ClaimLost
from engine.runtime import segment
from engine.sdk import Http
from tests.again_room import do_again, paths, resolving
from tests.engine_room import OWNER, EngineRoom, Found, Given, ok, status

ONE = "steps: [{{id: a, uses: probe.{action}, with: {{name: a}}{more}}}]\noutputs: {{a: '{{{{ steps.a.status }}}}'}}\n"
ONCE = ", retry: {max_attempts: 1}"
UNREADABLE = ok({"name": ["not", "a", "text"]})


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def left_under_way(room: EngineRoom, steps: str) -> str:
    """A run whose worker died when its first call had left."""

    def die(request: Request) -> None:
        raise ClaimLost("the worker is dead")

    room.service.before = die
    run_id = room.start(steps)
    room.execute(run_id)
    assert len(room.service.requests) == 1
    room.service.before = lambda request: None
    room.abandon()
    return run_id


def keys(room: EngineRoom) -> list[str | None]:
    return [request.headers.get("Idempotency-Key") for request in room.service.requests]


def error(room: EngineRoom, run_id: str, path: str = "a") -> dict[str, Any]:
    return dict(room.steps(run_id)[path][-1].error or {})


def test_a_keyed_write_that_a_request_to_end_cuts_is_sent_with_its_key_when_the_run_is_done_again(
    room: EngineRoom,
) -> None:
    run_id = left_under_way(room, ONE.format(action="order", more=""))
    room.journal.runs.request_cancel(run_id)
    first = room.through(run_id)
    assert (first.status, paths(room, run_id)["a"], len(keys(room))) == (RunStatus.CANCELLED, "cancelled", 1)
    assert "what came of it is not known" in error(room, run_id)["message"]
    second = do_again(room, first)
    assert (second.status, len(keys(room)), len(set(keys(room)))) == (RunStatus.SUCCEEDED, 2, 1)
    third = do_again(room, second)
    assert (third.status, len(set(keys(room)))) == (
        RunStatus.SUCCEEDED,
        2,
    )  # what succeeded is done again as something new


def test_a_keyed_write_whose_groups_time_is_up_is_not_repeated_and_keeps_its_key(room: EngineRoom) -> None:
    steps = "steps: [{id: g, timeout: 1h, steps: [{id: a, uses: probe.order, with: {name: a}}]}]\n"
    run_id = left_under_way(room, steps)
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("UPDATE steps SET begun_at = 1 WHERE path = 'g'")
    room.journal.pauses.connection(
        "probe", owner=OWNER, paused=True, actor="cli"
    )  # what is to be cut waits for nothing
    first = room.through(run_id)
    assert (first.status, paths(room, run_id)) == (RunStatus.FAILED, {"g": "failed", "g.a": "cancelled"})
    room.journal.pauses.connection("probe", owner=OWNER, paused=False, actor="cli")
    second = do_again(room, first)
    assert (second.status, len(keys(room)), len(set(keys(room)))) == (RunStatus.SUCCEEDED, 2, 1)


def test_a_read_that_is_cut_leaves_nothing_open(room: EngineRoom) -> None:
    run_id = left_under_way(room, ONE.format(action="read", more=""))
    room.journal.runs.request_cancel(run_id)
    room.through(run_id)
    assert paths(room, run_id)["a"] == "cancelled"
    assert error(room, run_id) == {}


@pytest.mark.parametrize("action", ["order", "write", "make"])
def test_when_its_connection_is_gone_a_write_is_uncertain_and_not_failed(room: EngineRoom, action: str) -> None:
    run_id = left_under_way(room, ONE.format(action=action, more=""))
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM connections")
    run = room.through(run_id)
    assert (run.status, paths(room, run_id)) == (RunStatus.UNCERTAIN, {"a": "uncertain"})
    assert "there is no connection called 'probe'" in error(room, run_id)["message"]


def test_when_its_connector_is_gone_a_write_is_uncertain_and_not_failed(room: EngineRoom) -> None:
    run_id = left_under_way(room, ONE.format(action="write", more=""))
    del room.catalogue["probe"]
    assert room.through(run_id).status is RunStatus.UNCERTAIN


def test_a_read_fails_when_it_cannot_be_made_again(room: EngineRoom) -> None:
    run_id = left_under_way(room, ONE.format(action="read", more=""))
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM connections")
    assert room.through(run_id).status is RunStatus.FAILED


@pytest.mark.parametrize(
    ("reply", "ended", "kind", "same"),
    [
        (status(401), RunStatus.UNCERTAIN, "unknown_outcome", True),
        (NotSent("down"), RunStatus.FAILED, "timeout", True),
        (status(500), RunStatus.FAILED, "server", True),
        (status(404), RunStatus.FAILED, "not_found", False),
    ],
)
def test_a_repeated_write_keeps_its_key_until_the_service_has_answered_what_it_was_asked(
    room: EngineRoom, reply: Any, ended: RunStatus, kind: str, same: bool
) -> None:
    run_id = left_under_way(room, ONE.format(action="order", more=ONCE))
    room.service.replies["POST /things"] = [reply]
    first = room.through(run_id)
    assert (first.status, error(room, run_id)["kind"]) == (ended, kind)
    second = do_again(room, first)
    assert (second.status, len(keys(room))) == (RunStatus.SUCCEEDED, 3)
    assert len(set(keys(room))) == (1 if same else 2)


def test_a_question_that_the_connector_cannot_ask_leaves_the_write_uncertain(room: EngineRoom) -> None:
    run_id = left_under_way(room, ONE.format(action="make", more=ONCE))
    room.service.replies["GET /things/a"] = [UNREADABLE]
    run = room.through(run_id)
    assert (run.status, room.service.seen) == (RunStatus.UNCERTAIN, ["POST /things", "GET /things/a"])
    assert "could not be asked" in error(room, run_id)["message"]


def test_a_run_that_is_to_end_does_not_ask_for_ever(room: EngineRoom) -> None:
    run_id = left_under_way(room, ONE.format(action="make", more=""))
    room.service.replies["GET /things/a"] = [status(503)] * 3
    room.execute(run_id)
    room.journal.runs.request_cancel(run_id)
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.PARKED  # the service may be back at any moment
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("UPDATE steps SET started_at = 1 WHERE path = 'a'")
    room.abandon()
    assert room.through(run_id).status is RunStatus.UNCERTAIN
    assert room.service.seen == ["POST /things", *["GET /things/a"] * 3]


def test_a_bug_of_the_engine_leaves_what_was_under_way_uncertain(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("a bug")

    run_id = left_under_way(room, ONE.format(action="write", more=""))
    monkeypatch.setattr(segment, "interpret", broken)
    run = room.through(run_id)
    monkeypatch.undo()
    assert (run.status, paths(room, run_id)) == (RunStatus.UNCERTAIN, {"a": "uncertain"})
    assert run.error is not None
    assert run.error["kind"] == "internal"
    went_on = resolving(room).resolve(run, "a", "did_not_happen").went_on
    assert went_on is not None
    assert room.through(went_on.run_id).status is RunStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("action", "ended", "seen"),
    [
        ("write", RunStatus.UNCERTAIN, ["POST /things"]),
        ("make", RunStatus.SUCCEEDED, ["POST /things", "GET /things/a"]),
        ("order", RunStatus.FAILED, ["POST /things"]),
    ],
)
def test_a_write_whose_answer_the_connector_cannot_read_was_done(
    room: EngineRoom, action: str, ended: RunStatus, seen: list[str]
) -> None:
    room.service.replies["POST /things"] = [UNREADABLE]
    run = room.through(room.start(ONE.format(action=action, more=", retry: {max_attempts: 3, interval: 10ms}")))
    assert (run.status, room.service.seen) == (ended, seen)
    if ended is RunStatus.FAILED:
        assert do_again(room, run).status is RunStatus.SUCCEEDED
        assert len(set(keys(room))) == 1


def test_a_write_is_not_repeated_because_the_look_after_it_failed(room: EngineRoom) -> None:
    @room.catalogue["probe"].action(effect="write")
    def write_then_look(http: Http, given: Given) -> Found:
        """Write, then look."""
        http.post("/things", json={"name": given.name})
        return Found.model_validate(http.get("/me").json_object())

    room.service.replies["GET /me"] = [status(503)]
    run = room.through(
        room.start(ONE.format(action="write_then_look", more=", retry: {max_attempts: 3, interval: 10ms}"))
    )
    assert (run.status, room.service.seen) == (RunStatus.UNCERTAIN, ["POST /things", "GET /me"])
