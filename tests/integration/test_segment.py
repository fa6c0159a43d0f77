"""One worker's crew executes runs on a real journal: write-ahead, waiting, recovery, fencing. The service is scripted and lists every request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier

import pytest

from engine.core.statuses import RunStatus, StepStatus
from engine.egress import AnswerLost, NotSent, Request
from engine.errors import RedisUnavailable
from engine.journal.records import StepChange
from engine.sdk import Budget, Window
from engine.throttle import Permit
from engine.throttle.memory import MemoryThrottle
from tests.engine_room import TOKEN, EngineRoom, ok, status

THING = "{name: x}"


def step(uses: str, step_id: str = "a", extra: str = "") -> str:
    return f"  - {{id: {step_id}, uses: probe.{uses}, with: {{name: {step_id}}}{extra}}}\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def test_a_run_executes_its_steps_and_records_them(room: EngineRoom) -> None:
    run = room.run("steps:\n" + step("read") + step("write", "b") + "outputs: {name: '{{ steps.b.output.name }}'}\n")
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"name": "POST /things"})
    assert room.service.seen == ["GET /things/a", "POST /things"]
    rows = room.steps(run.id)
    assert [(row.status, row.attempt, row.uses, row.connection) for row in rows["b"]] == [
        (StepStatus.SUCCEEDED, 1, "probe.write", "probe")
    ]
    assert rows["b"][0].given == {"name": "b"}
    assert rows["b"][0].output == {"name": "POST /things"}


def test_no_call_leaves_before_its_attempt_is_committed(room: EngineRoom) -> None:
    seen = []

    def look(request: Request) -> None:
        run = room.journal.runs.list()[0]
        seen.append({path: [row.status.value for row in rows] for path, rows in room.steps(run.id).items()})

    room.service.before = look
    room.run("steps:\n" + step("read") + step("write", "b"))
    assert seen == [{"a": ["running"]}, {"a": ["succeeded"], "b": ["running"]}]


def test_the_credentials_travel_in_the_header_and_nowhere_else(room: EngineRoom) -> None:
    room.service.replies["GET /things/a"] = [NotSent(f"something about {TOKEN}")]
    run = room.run("steps:\n" + step("read"))
    assert room.service.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert run.error is not None
    assert TOKEN not in str(run.error)
    for file in room.database.parent.iterdir():
        assert TOKEN.encode() not in file.read_bytes()


def test_a_failed_attempt_parks_the_run_until_its_retry_and_goes_on_with_the_next_attempt(room: EngineRoom) -> None:
    room.service.replies["GET /things/a"] = [status(500), ok({"name": "second"})]
    run = room.run(
        "steps:\n" + step("read", extra=", retry: {max_attempts: 2, interval: 1h, jitter: false, max_interval: 1h}")
    )
    assert run.status is RunStatus.PARKED
    assert run.waiting_for is not None
    assert "attempt 2 of 2 after server" in run.waiting_for
    assert run.due_at is not None
    first, second = room.steps(run.id)["a"]
    assert (first.status, second.status) == (StepStatus.FAILED, StepStatus.WAITING)
    assert first.ended_at is not None
    assert abs(run.due_at - first.ended_at - 3_600_000) < 5_000
    assert room.service.seen == ["GET /things/a"]


def test_a_parked_run_is_not_claimed_before_its_time(room: EngineRoom) -> None:
    room.service.replies["GET /things/a"] = [status(500)]
    run = room.run("steps:\n" + step("read", extra=", retry: {max_attempts: 2, interval: 1h, max_interval: 1h}"))
    room.execute(run.id)
    assert room.state(run.id).claim_no == 1


def test_a_short_retry_is_executed_when_it_is_due(room: EngineRoom) -> None:
    room.service.replies["GET /things/a"] = [status(503), ok({"name": "second"})]
    run = room.run("steps:\n" + step("read", extra=", retry: {max_attempts: 2, interval: 10ms, jitter: false}"))
    while not room.journal.runs.ring(limit=10, again_in_ms=1_000):
        assert room.journal.runs.next_due_in() is not None
    room.execute(run.id)
    assert room.state(run.id).status is RunStatus.SUCCEEDED
    assert [row.status.value for row in room.steps(run.id)["a"]] == ["failed", "succeeded"]


def test_a_long_wait_for_a_permit_parks_the_run_and_uses_no_attempt(tmp_path: Path) -> None:
    with EngineRoom(tmp_path, budget=Budget(windows=(Window(limit=1, seconds=3600),))) as room:
        run = room.run("steps:\n" + step("write") + step("write", "b"))
        assert run.status is RunStatus.PARKED
        assert run.waiting_for is not None
        assert run.waiting_for.startswith("probe/probe 1/3600s until ")
        assert room.service.seen == ["POST /things"]
        waiting = room.steps(run.id)["b"]
        assert [(row.status, row.attempt) for row in waiting] == [(StepStatus.WAITING, 1)]
        assert waiting[0].waiting_for == run.waiting_for


def test_a_429_pauses_the_connection_and_the_same_attempt_goes_on_after_it(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [status(429, x_ratelimit_reset="3")]
    run = room.run("steps:\n" + step("write"))
    assert run.status is RunStatus.PARKED
    assert [(row.status, row.attempt) for row in room.steps(run.id)["a"]] == [(StepStatus.WAITING, 1)]
    other = room.run("steps:\n" + step("read", "c"))
    assert other.status is RunStatus.PARKED, "the pause holds for everyone on the connection"
    assert room.service.seen == ["POST /things"]


class AwayThrottle(MemoryThrottle):
    def acquire(self, key: str, budget: Budget, ticket: str, *, deadline_ms: int, begun: bool = False) -> Permit:
        raise RedisUnavailable("it is away")


def test_without_redis_a_step_waits_it_neither_fails_nor_passes(tmp_path: Path) -> None:
    with EngineRoom(tmp_path, throttle=AwayThrottle()) as room:
        run = room.run("steps:\n" + step("read"))
        assert run.status is RunStatus.PARKED
        assert run.waiting_for == "probe/probe until Redis answers"
        assert room.service.seen == []


def interrupt(room: EngineRoom, uses: str, step_id: str = "a") -> str:
    """A run whose worker died while the call of its only step was under way."""
    run_id = room.start("steps:\n" + step(uses, step_id))
    claimed = room.journal.runs.claim(run_id, lease_ms=0)
    assert claimed is not None
    change = StepChange(
        path=step_id,
        attempt=1,
        uses=f"probe.{uses}",
        status=StepStatus.RUNNING,
        connection="probe",
        given={"name": step_id},
    )
    room.journal.runs.record(claimed.claim, [change], lease_ms=0)
    return run_id


@pytest.mark.parametrize(("uses", "calls"), [("read", ["GET /things/a"]), ("put", ["POST /things"])])
def test_an_interrupted_call_that_is_safe_to_repeat_is_repeated(room: EngineRoom, uses: str, calls: list[str]) -> None:
    run_id = interrupt(room, uses)
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == calls
    assert len(room.steps(run_id)["a"]) == 1


def test_an_interrupted_write_that_cannot_be_confirmed_is_uncertain_and_not_sent_again(room: EngineRoom) -> None:
    run_id = interrupt(room, "write")
    room.execute(run_id)
    run = room.state(run_id)
    assert run.status is RunStatus.UNCERTAIN
    assert room.service.seen == []
    row = room.steps(run_id)["a"][0]
    assert (row.status, row.given) == (StepStatus.UNCERTAIN, {"name": "a"})


def test_an_interrupted_write_that_happened_is_confirmed_and_not_sent_again(room: EngineRoom) -> None:
    run_id = interrupt(room, "make")
    room.service.replies["GET /things/a"] = [ok({"name": "there"})]
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == ["GET /things/a"]
    assert room.steps(run_id)["a"][0].output == {"name": "there"}


def test_an_interrupted_write_that_did_not_happen_is_sent(room: EngineRoom) -> None:
    run_id = interrupt(room, "make")
    room.service.replies["GET /things/a"] = [ok({})]
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == ["GET /things/a", "POST /things"]


def test_while_the_service_cannot_say_the_run_waits_and_asks_again(room: EngineRoom) -> None:
    run_id = interrupt(room, "make")
    room.service.replies["GET /things/a"] = [status(500)]
    room.execute(run_id)
    run = room.state(run_id)
    assert run.status is RunStatus.PARKED
    assert run.waiting_for == "probe/probe to say whether the call happened"
    assert room.steps(run_id)["a"][0].status is StepStatus.RUNNING
    assert room.service.seen == ["GET /things/a"]


def test_a_lost_answer_to_a_write_is_settled_by_asking_at_once(room: EngineRoom) -> None:
    room.service.replies = {"POST /things": [AnswerLost("cut")], "GET /things/a": [ok({"name": "there"})]}
    run = room.run("steps:\n" + step("make"))
    assert run.status is RunStatus.SUCCEEDED
    assert room.service.seen == ["POST /things", "GET /things/a"]


def test_a_lost_answer_to_a_write_that_cannot_be_asked_about_is_uncertain(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [AnswerLost("cut")]
    run = room.run("steps:\n" + step("write", extra=", retry: {max_attempts: 3}"))
    assert run.status is RunStatus.UNCERTAIN
    assert room.service.seen == ["POST /things"]


def test_before_a_write_is_repeated_after_a_5xx_the_service_is_asked(room: EngineRoom) -> None:
    room.service.replies = {"POST /things": [status(502)], "GET /things/a": [ok({"name": "there"})]}
    run = room.run("steps:\n" + step("make", extra=", retry: {max_attempts: 2, interval: 10ms}"))
    while not room.journal.runs.ring(limit=10, again_in_ms=1_000):
        assert room.journal.runs.next_due_in() is not None
    room.execute(run.id)
    assert room.state(run.id).status is RunStatus.SUCCEEDED
    assert room.service.seen == ["POST /things", "GET /things/a"]


def test_a_worker_that_lost_its_claim_writes_nothing_more(room: EngineRoom) -> None:
    run_id = room.start("steps:\n" + step("write") + step("write", "b"))

    def steal(request: Request) -> None:
        room.service.before = lambda request: None
        claim = room.journal.runs.get(run_id)
        assert claim is not None
        with room.journal.engine.begin() as db:
            db.exec_driver_sql("UPDATE runs SET claim_no = claim_no + 1")

    room.service.before = steal
    room.execute(run_id)
    assert room.service.seen == ["POST /things"], "the second call must not leave"
    assert [row.status.value for row in room.steps(run_id)["a"]] == ["running"]
    assert room.state(run_id).status is RunStatus.RUNNING


def test_parallel_iterations_are_under_way_together_and_keep_their_order(room: EngineRoom) -> None:
    together = Barrier(3, timeout=10)

    def meet(request: Request) -> None:
        together.wait()

    room.service.before = meet
    run = room.run(
        "steps:\n  - id: each\n    foreach: \"['p', 'q', 'r']\"\n    max_parallel: 3\n    steps:\n"
        "      - {id: get, uses: probe.read, with: {name: '{{ item }}'}}\n"
        "outputs: {names: \"{{ steps.each.output | map(attribute='get') | list }}\"}\n"
    )
    assert run.outputs == {"names": [{"name": f"GET /things/{name}"} for name in "pqr"]}


def test_a_parallel_iteration_that_must_wait_keeps_the_run_but_not_its_siblings(room: EngineRoom) -> None:
    room.service.replies["GET /things/q"] = [status(500)]
    run = room.run(
        "steps:\n  - id: each\n    foreach: \"['p', 'q', 'r']\"\n    max_parallel: 3\n    steps:\n"
        "      - {id: get, uses: probe.read, with: {name: '{{ item }}'}, retry: {max_attempts: 2, interval: 1h, max_interval: 1h}}\n"
    )
    assert run.status is RunStatus.PARKED
    rows = room.steps(run.id)
    assert [row.status.value for row in rows["each[0].get"]] == ["succeeded"]
    assert [row.status.value for row in rows["each[1].get"]] == ["failed", "waiting"]
    assert [row.status.value for row in rows["each[2].get"]] == ["succeeded"]


def test_a_stopping_worker_parks_between_two_calls_and_another_one_goes_on(room: EngineRoom) -> None:
    run_id = room.start("steps:\n" + step("write") + step("write", "b"))
    room.service.before = lambda request: room.stopping.set()
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.QUEUED
    assert room.service.seen == ["POST /things"]
    room.crew.close()
    room.service.before = lambda request: None
    room.new_crew()
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == ["POST /things", "POST /things"], "the finished step did not run again"


def test_a_connection_of_another_owner_is_not_found(room: EngineRoom) -> None:
    run_id = room.start("steps:\n" + step("read"), owner="somebody")
    room.execute(run_id)
    run = room.state(run_id)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert "there is no connection called 'probe'" in str(run.error["message"])
    assert room.service.seen == []


def test_an_input_that_the_action_refuses_fails_the_step_without_a_call(room: EngineRoom) -> None:
    run = room.run("steps:\n  - {id: a, uses: probe.read, with: {nam: x}}\n")
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert str(run.error["message"]).startswith("with.")
    assert room.service.seen == []


def test_what_two_workers_are_told_at_once_is_executed_once(room: EngineRoom) -> None:
    run_id = room.start("steps:\n" + step("write"))
    first = room.crew
    room.new_crew()
    futures = [*first.take([run_id]), *room.crew.take([run_id])]
    for future in futures:
        future.result(timeout=30)
    first.close()
    assert room.service.seen == ["POST /things"]
    assert room.state(run_id).claim_no == 1
