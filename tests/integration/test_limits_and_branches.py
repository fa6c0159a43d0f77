"""Time limits, requests to end a run, and branches of which some are cut, on a real journal. The service is scripted and lists every request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Event

import pytest

from engine.core.commands import Result
from engine.core.statuses import RunStatus, StepStatus
from engine.egress import AnswerLost, Request
from engine.errors import ClaimLost
from engine.runtime.lanes import Lanes
from tests.engine_room import EngineRoom, ok, status

RETRY = ", retry: {max_attempts: 2, interval: 1h, max_interval: 1h}"


def read(step_id: str, extra: str = "") -> str:
    return f"{{id: {step_id}, uses: probe.read, with: {{name: {step_id}}}{extra}}}"


def write(step_id: str, extra: str = "") -> str:
    return f"{{id: {step_id}, uses: probe.write, with: {{name: {step_id}}}{extra}}}"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def statuses(room: EngineRoom, run_id: str) -> dict[str, str]:
    return {path: rows[-1].status.value for path, rows in room.steps(run_id).items()}


def test_a_group_whose_time_is_up_cuts_what_would_come_next_and_its_handler_runs(room: EngineRoom) -> None:
    def slow(request: Request) -> None:
        Event().wait(0.2)  # longer than the group may last

    room.service.before = slow
    run = room.run(
        "steps:\n"
        f"  - {{id: g, timeout: 100ms, steps: [{read('a')}, {read('b')}], on_error: [{read('tell')}]}}\n"
        "outputs: {kind: '{{ steps.g.error.kind }}', b: '{{ steps.b.status }}'}\n"
    )
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"kind": "timeout", "b": "cancelled"})
    assert room.service.seen == ["GET /things/a", "GET /things/tell"]
    assert room.steps(run.id)["g"][0].cut == "timeout"


def test_a_call_in_a_group_gets_no_more_time_than_the_group_has_left(room: EngineRoom) -> None:
    room.run(f"steps: [{{id: g, timeout: 5s, steps: [{read('a', ', timeout: 20s')}, {read('b', ', timeout: 1s')}]}}]\n")
    first, second = room.service.requests
    assert 0 < first.deadline_ms <= 5_000
    assert second.deadline_ms <= 1_000


def test_a_parked_retry_is_cut_when_the_groups_time_is_up(room: EngineRoom) -> None:
    room.service.replies["GET /things/a"] = [status(500)]
    run_id = room.start(f"steps: [{{id: g, timeout: 300ms, steps: [{read('a', RETRY)}], on_error: continue}}]\n")
    room.execute(run_id)
    parked = room.state(run_id)
    assert (parked.status, parked.due_at is not None) == (RunStatus.PARKED, True)
    assert parked.waiting_for is not None
    assert "attempt 2 of 2 after server" in parked.waiting_for
    run = room.through(run_id)
    assert run.status is RunStatus.SUCCEEDED
    assert room.service.seen == ["GET /things/a"]
    assert [row.status for row in room.steps(run_id)["g.a"]] == [StepStatus.FAILED, StepStatus.CANCELLED]


def test_a_flow_whose_time_is_up_fails_and_its_finally_runs(room: EngineRoom) -> None:
    run_id = room.start(f"timeout: 200ms\nsteps: [{{id: w, wait: {{for: 1h}}}}, {read('a')}]\nfinally: [{read('b')}]\n")
    run = room.through(run_id)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert (run.error["kind"], run.error["step"]) == ("timeout", "flow")
    assert room.service.seen == ["GET /things/b"]
    assert statuses(room, run_id) == {"w": "cancelled", "flow": "failed", "finally.b": "succeeded"}


def die(request: Request) -> None:
    """The worker dies while the call is under way: nothing more of its segment is written."""
    raise ClaimLost("the worker is dead")


@pytest.mark.parametrize(("uses", "ended"), [("write", "uncertain"), ("make", "succeeded"), ("read", "cancelled")])
def test_an_interrupted_call_whose_time_is_up_is_settled_before_the_group_is_cut(
    room: EngineRoom, uses: str, ended: str
) -> None:
    run_id = room.start(
        "steps: [{id: g, timeout: 250ms, on_error: continue, steps: "
        f"[{{id: a, uses: probe.{uses}, with: {{name: a}}}}, {read('b')}]}}]\n"
    )
    room.service.before = die
    room.execute(run_id)
    room.service.before = lambda request: None
    room.service.requests.clear()
    group = room.steps(run_id)["g"][0]
    assert group.begun_at is not None
    room.abandon()
    room.at(group.begun_at + 300)
    run = room.through(run_id)
    assert run.status is RunStatus.SUCCEEDED
    assert statuses(room, run_id)["g.a"] == ended
    assert "GET /things/b" not in room.service.seen
    assert "POST /things" not in room.service.seen


def test_while_nobody_can_say_whether_an_interrupted_call_happened_the_group_is_not_cut(room: EngineRoom) -> None:
    run_id = room.start(
        "steps: [{id: g, timeout: 50ms, on_error: continue, steps: [{id: a, uses: probe.make, with: {name: a}}]}]\n"
    )
    room.service.before = die
    room.execute(run_id)
    room.service.before = lambda request: None
    room.service.replies["GET /things/a"] = [status(500)]
    begun = room.steps(run_id)["g"][0].begun_at
    assert begun is not None
    room.abandon()
    room.at(begun + 100)
    room.execute(run_id)
    assert room.state(run_id).waiting_for == "probe/probe to say whether the call happened"
    assert statuses(room, run_id) == {"g": "running", "g.a": "running"}


def test_a_lost_answer_that_nobody_can_settle_yet_is_not_sent_again(room: EngineRoom) -> None:
    room.service.replies = {"POST /things": [AnswerLost("cut")], "GET /things/a": [status(500), ok({"name": "there"})]}
    run_id = room.start("steps: [{id: a, uses: probe.make, with: {name: a}}]\n")
    room.execute(run_id)
    assert statuses(room, run_id) == {"a": "running"}
    room.abandon()
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == ["POST /things", "GET /things/a", "GET /things/a"]


def test_a_request_to_end_cuts_the_steps_and_finally_still_runs(room: EngineRoom) -> None:
    run_id = room.start(
        "steps: [{id: each, foreach: \"['p', 'q', 'r']\", steps: [{id: w, uses: probe.write, with: {name: '{{ item }}'}}]}]\n"
        f"finally: [{read('f')}]\n"
    )

    def ask(request: Request) -> None:
        room.journal.runs.request_cancel(run_id)

    room.service.before = ask
    room.execute(run_id)
    run = room.state(run_id)
    assert run.status is RunStatus.CANCELLED
    assert room.service.seen == ["POST /things", "GET /things/f"]
    assert statuses(room, run_id)["finally.f"] == "succeeded"


def test_a_request_to_end_wakes_a_parked_run(room: EngineRoom) -> None:
    run_id = room.start("steps: [{id: w, wait: {for: 1h}}]\n")
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.PARKED
    room.journal.runs.request_cancel(run_id)
    assert room.through(run_id).status is RunStatus.CANCELLED
    assert statuses(room, run_id) == {"w": "cancelled", "flow": "cancelled"}


RACE = "steps: [{{id: race, join: any, parallel: {{slow: [{slow}, {late}], quick: [{quick}]}}}}]\noutputs: {{late: '{{{{ steps.late.status }}}}'}}\n"


@pytest.mark.parametrize("helpers", [0, 16])
def test_of_branches_with_any_the_first_wins_and_no_call_of_a_loser_leaves_after_it(
    tmp_path: Path, helpers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EngineRoom(tmp_path, helpers=helpers) as room:
        won, end = Event(), Lanes._end
        together = Barrier(2 if helpers else 1, timeout=10)

        def meet(request: Request) -> None:
            together.wait()
            if request.url.endswith("slow"):
                assert not helpers or won.wait(10)

        def win(lanes: Lanes, index: int, result: Result) -> None:
            end(lanes, index, result)
            won.set()

        room.service.before = meet
        monkeypatch.setattr(Lanes, "_end", win)
        room.service.replies["GET /things/slow"] = [ok({"name": "slow"}) if helpers else status(500)]
        run_id = room.start(
            RACE.format(slow=read("slow", "" if helpers else RETRY), late=write("late"), quick=read("quick"))
        )
        run = room.through(run_id)
        assert run.status is RunStatus.SUCCEEDED
        assert run.outputs == {"late": "cancelled"}
        assert "POST /things" not in room.service.seen
        assert set(room.service.seen) == {"GET /things/slow", "GET /things/quick"}


def test_of_branches_with_any_a_winner_that_is_recorded_wins_before_a_loser_goes_on(room: EngineRoom) -> None:
    room.service.replies["GET /things/slow"] = [status(500)]
    flow = RACE.format(slow=read("slow", RETRY), late=write("late"), quick=f"{read('quick')}, {read('then')}")
    run_id = room.start(flow)

    def die_then(request: Request) -> None:
        if request.url.endswith("then"):
            die(request)

    room.service.before = die_then
    room.execute(run_id)
    room.service.before = lambda request: None
    room.abandon()
    run = room.through(run_id)
    assert run.outputs == {"late": "cancelled"}
    assert statuses(room, run_id)["race.slow.slow"] == "cancelled"


def test_parallel_branches_that_are_frozen_freeze_the_branches_inside_them(room: EngineRoom) -> None:
    """The outer step has ended with a failure; what its other branch had not reached then is not begun on a replay."""
    room.service.replies["GET /things/bad"] = [status(404)]
    room.service.replies["GET /things/x"] = [status(500)]
    inner = f"{{id: inner, parallel: {{one: [{read('x', RETRY)}], two: [{read('y', RETRY)}]}}}}"
    run_id = room.start(
        f"steps:\n  - {{id: outer, parallel: {{good: [{inner}, {write('never')}], bad: [{read('bad')}]}}, on_error: continue}}\n"
        "  - {id: w, wait: {for: 200ms}}\n"
        f"  - {read('end')}\n"
        "outputs: {never: '{{ steps.never.status }}'}\n"
    )
    run = room.through(run_id)
    assert run.outputs == {"never": "cancelled"}
    assert "POST /things" not in room.service.seen
    assert room.service.seen.count("GET /things/x") == 1
    assert room.state(run_id).claim_no >= 2, "it was replayed"
