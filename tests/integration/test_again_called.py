"""Runs that called others are done again: what the called ones left open, and when they are called anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from engine.egress import AnswerLost
from engine.errors import BusyError
from engine.runtime.again import Wish
from tests.again_room import CALLER, CHILD, again, do_again, ended, paths, resolving
from tests.engine_room import EngineRoom, status
from tests.eventually import eventually


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def test_what_a_called_flow_left_open_stays_open_in_the_one_that_is_called_again(room: EngineRoom) -> None:
    room.deploy(CHILD, flow_id="child")
    first = ended(room, CALLER, AnswerLost("cut"))
    assert (first.status, paths(room, first.id)) == (RunStatus.UNCERTAIN, {"call": "uncertain"})
    second = do_again(room, first, resume=True)
    assert second.status is RunStatus.UNCERTAIN
    assert set(second.unsettled or {}) == {"call/two"}
    assert room.service.seen == ["POST /things"]  # one, which is idempotent
    child = room.journal.runs.child(second.id, "call")
    assert child is not None
    assert set(child.unsettled or {}) == {"two"}
    assert f"hookline runs resolve {child.id} two" in str(second.error)
    resolved = resolving(room).resolve(second, "call", "did_not_happen")
    assert resolved.went_on is not None
    assert room.through(resolved.went_on.run_id).status is RunStatus.SUCCEEDED


def test_what_a_called_flow_left_open_stays_open_over_a_run_that_could_not_call_it(room: EngineRoom) -> None:
    room.deploy("steps: [{id: one, uses: probe.order, with: {name: one}}]\n", flow_id="child")
    first = ended(room, CALLER, AnswerLost("cut"), good=0)
    assert first.status is RunStatus.FAILED
    room.journal.flows.set_enabled("child", False)
    second = do_again(room, first)
    assert (second.status, room.journal.runs.child(second.id, "call")) == (RunStatus.FAILED, None)
    room.journal.flows.set_enabled("child", True)
    third = do_again(room, second)
    assert (third.status, set(third.unsettled or {})) == (RunStatus.SUCCEEDED, {"call/one"})
    assert third.unsettled == second.unsettled
    assert room.service.requests[0].headers["Idempotency-Key"] == (third.unsettled or {})["call/one"]


def test_what_a_called_flow_passed_over_stays_open_too(room: EngineRoom) -> None:
    child = "steps: [{id: one, uses: probe.order, with: {name: one}, retry: {max_attempts: 1}, on_error: continue}]\n"
    room.deploy(child, flow_id="child")
    first = ended(room, CALLER, AnswerLost("cut"), status(404), good=0)
    assert paths(room, first.id) == {"call": "succeeded", "after": "failed"}
    second = do_again(room, first)
    assert (second.status, set(second.unsettled or {})) == (RunStatus.SUCCEEDED, {"call/one"})
    assert room.service.requests[0].headers["Idempotency-Key"] == (second.unsettled or {})["call/one"]


def test_as_long_as_a_called_run_may_have_a_call_under_way_its_caller_is_not_done_again(room: EngineRoom) -> None:
    room.deploy("steps: [{id: w, wait: {for: 1h}}]\n", flow_id="child")
    first = room.start(CALLER)
    room.execute(first)
    child = room.journal.runs.child(first, "call")
    assert child is not None
    eventually(lambda: room.state(child.id).status is RunStatus.PARKED)
    room.journal.runs.request_cancel(first)
    room.execute(first)
    assert room.state(first).status is RunStatus.CANCELLED
    with pytest.raises(BusyError, match=f"run {child.id}, which call of run {first} waited for, is not over"):
        again(room).plan(room.state(first), Wish())
    room.through(child.id)
    assert again(room).plan(room.state(first), Wish()).unsettled == {}


def test_a_called_flow_that_is_through_is_not_called_again(room: EngineRoom) -> None:
    room.deploy(CHILD, flow_id="child")
    first = ended(room, CALLER, status(404), good=2)
    second = do_again(room, first, step="after")
    assert (second.status, room.service.seen) == (RunStatus.SUCCEEDED, ["POST /things"])
    assert room.journal.runs.child(second.id, "call") is None
