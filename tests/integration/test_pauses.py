"""Pausing a flow or a connection: no further call leaves, no attempt is used up, and everything goes on where it stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus, StepStatus
from engine.egress import AnswerLost, Request
from engine.errors import ConnectionPaused
from engine.sdk import Budget
from engine.throttle import Cold, Permit, Wait
from engine.throttle.memory import MemoryThrottle
from tests.engine_room import EngineRoom, ok

TWO = "steps:\n  - {id: one, uses: probe.write, with: {name: a}}\n  - {id: two, uses: probe.write, with: {name: b}}\n"
ONE = "steps:\n  - {id: one, uses: probe.%s, with: {name: a}}\n"
POST = "POST /things"


class Gate(MemoryThrottle):
    """A throttle that does something just before a permit is granted, once."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], None] | None = None
        self.asked = 0

    def acquire(
        self, key: str, budget: Budget, ticket: str, *, deadline_ms: int, begun: bool = False
    ) -> Permit | Wait | Cold:
        self.asked += 1
        act, self.before = self.before, None
        if act is not None:
            act()
        return super().acquire(key, budget, ticket, deadline_ms=deadline_ms, begun=begun)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def room(tmp_path: Path, gate: Gate) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path, throttle=gate) as found:
        yield found


def pause(room: EngineRoom, *, paused: bool = True) -> None:
    assert room.journal.pauses.flow("f", paused=paused, actor="cli")


def pause_probe(room: EngineRoom, *, paused: bool = True) -> None:
    assert room.journal.pauses.connection("probe", owner="local", paused=paused, actor="cli")


def statuses(room: EngineRoom, run_id: str) -> Mapping[str, list[tuple[int, StepStatus]]]:
    return {path: [(row.attempt, row.status) for row in rows] for path, rows in room.steps(run_id).items()}


# A flow


def test_a_segment_stops_before_its_next_call_and_a_call_under_way_ends_first(room: EngineRoom) -> None:
    room.service.before = lambda request: pause(room)
    run_id = room.start(TWO)

    room.execute(run_id)

    assert room.service.seen == [POST]
    run = room.state(run_id)
    assert (run.status, run.paused, run.waiting_for) == (RunStatus.PARKED, True, "its flow, paused by an operator")
    assert statuses(room, run_id) == {"one": [(1, StepStatus.SUCCEEDED)], "two": [(1, StepStatus.WAITING)]}
    room.execute(run_id)
    assert room.service.seen == [POST]

    room.service.before = lambda request: None
    pause(room, paused=False)
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == [POST, POST]


@pytest.mark.parametrize("action", ["read", "write", "put", "make"])
def test_an_attempt_that_was_written_but_not_sent_is_no_interrupted_one(
    room: EngineRoom, gate: Gate, action: str
) -> None:
    gate.before = lambda: pause(room)
    run_id = room.start(ONE % action)

    room.execute(run_id)

    assert room.service.seen == []
    assert statuses(room, run_id) == {"one": [(1, StepStatus.WAITING)]}
    pause(room, paused=False)
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert len(room.service.seen) == 1
    assert statuses(room, run_id) == {"one": [(1, StepStatus.SUCCEEDED)]}


def test_the_branches_of_a_paused_flow_all_stop(room: EngineRoom) -> None:
    room.service.before = lambda request: pause(room)
    run_id = room.start(
        "steps:\n  - id: all\n    foreach: '[1, 2, 3, 4, 5, 6]'\n    max_parallel: 2\n"
        "    steps: [{id: one, uses: probe.write, with: {name: a}}, {id: two, uses: probe.write, with: {name: b}}]\n"
    )
    room.execute(run_id)
    sent = len(room.service.seen)
    assert 1 <= sent <= 2
    assert room.state(run_id).paused

    room.service.before = lambda request: None
    pause(room, paused=False)
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert len(room.service.seen) == 12


def test_a_paused_run_that_is_cancelled_ends_itself_with_what_is_to_be_done_finally(room: EngineRoom) -> None:
    room.service.before = lambda request: pause(room)
    run_id = room.start(TWO + "finally:\n  - {id: tidy, uses: probe.put, with: {name: c}}\n")
    room.execute(run_id)
    room.service.before = lambda request: None

    room.journal.runs.request_cancel(run_id)

    assert room.through(run_id).status is RunStatus.CANCELLED
    assert statuses(room, run_id) == {
        "one": [(1, StepStatus.SUCCEEDED)],
        "two": [(1, StepStatus.CANCELLED)],
        "flow": [(1, StepStatus.CANCELLED)],
        "finally.tidy": [(1, StepStatus.SUCCEEDED)],
    }
    assert room.service.seen == [POST, POST]
    (row,) = room.journal.flows.list()
    assert row.paused


def test_a_time_limit_goes_on_while_the_flow_is_paused(room: EngineRoom) -> None:
    room.service.before = lambda request: pause(room)
    run_id = room.start("timeout: 4s\n" + TWO)
    room.execute(run_id)
    assert room.state(run_id).paused
    room.at(room.state(run_id).created_at + 4_100)

    pause(room, paused=False)

    run = room.through(run_id)
    assert (run.status, run.error and run.error["kind"]) == (RunStatus.FAILED, "timeout")
    assert room.service.seen == [POST]


def test_a_paused_flow_starts_no_sub_flow(room: EngineRoom) -> None:
    room.deploy("steps:\n  - {id: one, uses: probe.write, with: {name: c}}\n", flow_id="below")
    room.service.before = lambda request: pause(room)
    run_id = room.start("steps:\n  - {id: one, uses: probe.write, with: {name: a}}\n  - {id: sub, flow: below}\n")
    room.execute(run_id)
    assert room.journal.runs.children(run_id) == []

    room.service.before = lambda request: None
    pause(room, paused=False)
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == [POST, POST]


def test_a_run_that_waits_for_a_paused_sub_flow_goes_on_with_it(room: EngineRoom) -> None:
    room.deploy("steps:\n  - {id: one, uses: probe.write, with: {name: c}}\n", flow_id="below")
    assert room.journal.pauses.flow("below", paused=True, actor="cli")
    run_id = room.start("steps:\n  - {id: sub, flow: below}\n")
    room.execute(run_id)
    (child,) = room.journal.runs.children(run_id)
    room.execute(child.id)
    assert (child.paused, room.service.seen) == (True, [])
    assert room.state(run_id).status is RunStatus.PARKED

    assert room.journal.pauses.flow("below", paused=False, actor="cli")
    assert room.through(run_id).status is RunStatus.SUCCEEDED


# A connection


def test_a_step_on_a_paused_connection_waits_without_an_attempt_and_outside_of_the_line(
    room: EngineRoom, gate: Gate
) -> None:
    pause_probe(room)
    run_id = room.start(ONE % "write")

    room.execute(run_id)

    run = room.state(run_id)
    assert (run.status, run.waiting_for) == (RunStatus.PARKED, "probe/probe paused by an operator")
    assert statuses(room, run_id) == {"one": [(1, StepStatus.WAITING)]}
    assert room.steps(run_id)["one"][0].waiting_for == "probe/probe paused by an operator"
    assert (gate.asked, room.service.seen) == (0, [])

    pause_probe(room, paused=False)
    assert list(room.journal.runs.ring(limit=10, again_in_ms=0)) == [run_id]
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == [POST]


def test_a_call_that_was_about_to_leave_when_the_connection_was_paused_does_not(room: EngineRoom, gate: Gate) -> None:
    gate.before = lambda: pause_probe(room)
    run_id = room.start(ONE % "write")
    room.execute(run_id)
    assert room.service.seen == []
    assert statuses(room, run_id) == {"one": [(1, StepStatus.WAITING)]}

    pause_probe(room, paused=False)
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == [POST]


def test_the_next_call_of_the_same_segment_hears_of_the_pause(room: EngineRoom) -> None:
    room.service.before = lambda request: pause_probe(room)
    run_id = room.start(TWO)
    room.execute(run_id)
    assert room.service.seen == [POST]
    assert statuses(room, run_id) == {"one": [(1, StepStatus.SUCCEEDED)], "two": [(1, StepStatus.WAITING)]}


def test_steps_on_other_connections_go_on(room: EngineRoom) -> None:
    room.install(room.catalogue["probe"], second=({}, {"token": "other-canary-token"}))
    room.journal.pauses.connection("second", owner="local", paused=True, actor="cli")
    assert room.run(TWO).status is RunStatus.SUCCEEDED


def test_a_lost_answer_is_asked_for_only_after_the_resume(room: EngineRoom) -> None:
    def lose(request: Request) -> None:
        pause_probe(room)
        raise AnswerLost("cut")

    room.service.before = lose
    run_id = room.start(ONE % "make")
    room.execute(run_id)
    assert room.service.seen == [POST]
    assert statuses(room, run_id) == {"one": [(1, StepStatus.RUNNING)]}
    assert room.state(run_id).waiting_for == "probe/probe paused by an operator"

    room.service.before = lambda request: None
    room.service.replies["GET /things/a"] = [ok({"name": "a"})]
    pause_probe(room, paused=False)
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == [POST, "GET /things/a"]


def test_a_test_of_a_paused_connection_calls_nobody_and_says_why(room: EngineRoom) -> None:
    pause_probe(room)
    with pytest.raises(ConnectionPaused, match="'probe' is paused") as raised:
        room.connections.test("probe", owner="local")
    assert raised.value.remedy == "Let it work again: hookline connection resume probe"
    assert room.service.seen == []
    assert room.connections.row("probe", owner="local").health == "unknown"
