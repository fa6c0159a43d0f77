"""A real Celery worker on a real Valkey: it executes what is rung, ignores what is forged, survives its broker, and stops in time."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Event, Thread
from uuid import uuid4

import pytest
from celery import Celery
from kombu.transport.redis import QoS

from engine.core.statuses import RunStatus
from engine.egress import Request
from engine.errors import RedisUnavailable
from engine.runtime.doorbell import Doorbell
from engine.runtime.scheduler import Scheduler
from engine.worker.celery_app import MOST_WAITING, QUEUE, RING, make_app, plausible, publisher
from engine.worker.process import WorkerProcess
from tests.engine_room import EngineRoom
from tests.eventually import eventually
from tests.valkey_server import ValkeyServer

PATIENCE = 20
QUEUE_KEY = f"hookline:celery:{QUEUE}"


class Worksite:
    """A worker process' parts in threads of the test, on a broker of its own."""

    def __init__(self, room: EngineRoom, valkey: ValkeyServer) -> None:
        self.room = room
        self.valkey = valkey
        self.broker_url = f"redis+socket://{valkey.socket}?virtual_host=0"
        self.publish = publisher(self.app())
        self.worker = self.start()

    def app(self) -> Celery:
        return make_app(self.broker_url)

    def start(self) -> WorkerProcess:
        worker = WorkerProcess(self.app(), self.room.crew, threads=4, hostname="test")
        worker.start()
        assert worker.wait_ready(PATIENCE)
        return worker

    def step(self, name: str) -> str:
        """A queued run with one call, GET /things/NAME."""
        return self.room.start(f"steps:\n  - {{id: a, uses: probe.read, with: {{name: {name}}}}}\n")

    def ended(self, *run_ids: str) -> list[RunStatus]:
        """The statuses, once all have ended."""

        def look() -> list[RunStatus] | None:
            found = [self.room.state(run_id).status for run_id in run_ids]
            return found if all(status not in (RunStatus.QUEUED, RunStatus.RUNNING) for status in found) else None

        return eventually(look, saying=lambda: [self.room.state(run_id) for run_id in run_ids])

    def still_works(self) -> None:
        run_id = self.step(f"x{uuid4().hex[:8]}")
        self.publish([run_id])
        assert self.ended(run_id) == [RunStatus.SUCCEEDED]

    def push_raw(self, message: bytes) -> None:
        """Put something into the queue as who holds the Redis password can."""
        with self.valkey.client() as redis:
            redis.lpush(QUEUE_KEY, message)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Worksite]:
    with ValkeyServer() as valkey, EngineRoom(tmp_path) as room:
        site = Worksite(room, valkey)
        yield site
        site.worker.stop()


def envelope(
    task: object = RING, body: object = None, *, content_type: str = "application/json", **headers: object
) -> bytes:
    """A message as Celery writes it, with any part of it wrong."""
    text = json.dumps(body if body is not None else [[["x"]], {}, {}])
    delivery = {"exchange": "", "routing_key": QUEUE}
    return json.dumps(
        {
            "body": base64.b64encode(text.encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": content_type,
            "headers": {"lang": "py", "task": task, "id": str(uuid4()), "root_id": None, "argsrepr": "", **headers},
            "properties": {
                "correlation_id": str(uuid4()),
                "delivery_mode": 2,
                "delivery_info": delivery,
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": str(uuid4()),
            },
        }
    ).encode()


def test_one_message_runs_its_ids_side_by_side(site: Worksite) -> None:
    together = Barrier(4, timeout=PATIENCE)

    def meet(request: Request) -> None:
        together.wait()

    site.room.service.before = meet
    run_ids = [site.step(f"n{number}") for number in range(4)]
    site.publish(run_ids)
    assert site.ended(*run_ids) == [RunStatus.SUCCEEDED] * 4


def test_more_ids_than_slots_are_all_executed_once(site: Worksite) -> None:
    run_ids = [site.step(f"n{number}") for number in range(20)]
    site.publish(run_ids)
    site.publish(run_ids[::-1])
    assert set(site.ended(*run_ids)) == {RunStatus.SUCCEEDED}
    assert sorted(site.room.service.seen) == sorted(f"GET /things/n{number}" for number in range(20))


FORGED: dict[str, bytes] = {
    "not a message": b"\x00\x01 hello",
    "JSON that is no message": b'{"a": 1}',
    "a list": b"[]",
    "an unknown task": envelope("os.system", [["true"], {}, {}]),
    "a task's name that is no text": envelope(7),
    "no task": envelope(None),
    "Celery's own group task": envelope("celery.group", [[[], "g", [], True], {}, {}]),
    "pickle": envelope(content_type="application/x-python-serialize"),
    "yaml": envelope(content_type="application/x-yaml"),
    "text instead of ids": envelope(body=[["all"], {}, {}]),
    "numbers instead of ids": envelope(body=[[[1, None, {"a": []}, ["x"]]], {}, {}]),
    "an object instead of ids": envelope(body=[[{"run": "x"}], {}, {}]),
    "too many arguments": envelope(body=[[["x"], "y", "z"], {"and": 1}, {}]),
    "no arguments": envelope(body=[[], {}, {}]),
    "unknown ids": envelope(body=[[["no-such-run", "0" * 64, "' OR 1=1 --", "\x00"]], {}, {}]),
    "an endless id": envelope(body=[[["x" * 1_000_000]], {}, {}]),
    "a body that is no triple": envelope(body={"args": []}),
    "callbacks": envelope(body=[[["x"]], {}, {"callbacks": [{"task": "os.system", "args": ["true"]}], "chain": None}]),
    "expired": envelope(expires="2000-01-01T00:00:00+00:00"),
    "a broken time": envelope(expires="soon"),
}


@pytest.mark.parametrize("message", FORGED.values(), ids=FORGED)
def test_a_forged_message_has_no_effect_and_the_worker_goes_on(
    site: Worksite, message: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = site.step("untouched")
    caplog.set_level(logging.CRITICAL)
    site.push_raw(message)
    site.still_works()
    state = site.room.state(waiting)
    assert (state.status, state.claim_no) == (RunStatus.QUEUED, 0)
    assert len(site.room.service.requests) == 1
    assert site.worker.alive


def test_a_forged_ring_can_start_a_due_run_and_nothing_else(site: Worksite) -> None:
    done = site.step("done")
    site.publish([done])
    site.ended(done)
    site.push_raw(envelope(body=[[[done]], {}, {}]))
    site.still_works()
    assert site.room.state(done).claim_no == 1


@pytest.mark.parametrize(
    ("given", "taken"),
    [(["a", "b"], ["a", "b"]), ("ab", []), ({"a": 1}, []), (None, []), ([1, "a", None, "", "x" * 65, ["b"]], ["a"])],
)
def test_only_what_looks_like_an_id_is_taken_from_a_message(given: object, taken: list[str]) -> None:
    assert plausible(given) == taken


def test_a_run_whose_message_was_lost_is_rung_by_the_scheduler(site: Worksite) -> None:
    run_id = site.step("lost")
    bell = Doorbell(site.publish)
    scheduler = Scheduler(site.room.journal.runs, bell)
    thread = Thread(target=scheduler.run, daemon=True)
    thread.start()
    assert site.ended(run_id) == [RunStatus.SUCCEEDED]
    scheduler.stop()
    thread.join(PATIENCE)
    bell.close()


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_broker_that_ends_and_comes_back_finds_the_worker_working(
    site: Worksite, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    site.still_works()
    getattr(site.valkey, end)()
    lost = site.step("meanwhile")
    with pytest.raises(RedisUnavailable):
        site.publish([lost])
    site.valkey.start()
    site.still_works()
    site.publish([lost])
    assert site.ended(lost) == [RunStatus.SUCCEEDED]


def test_a_long_backlog_does_not_fill_the_broker_with_repetitions(site: Worksite) -> None:
    site.worker.stop()
    run_ids = [site.step(f"n{number}") for number in range(3)]
    for _ in range(2 * MOST_WAITING):
        site.publish(run_ids)
    with site.valkey.client() as redis:
        assert redis.llen(QUEUE_KEY) == MOST_WAITING
    site.room.new_crew()
    site.worker = site.start()
    assert site.ended(*run_ids) == [RunStatus.SUCCEEDED] * 3
    later = site.step("later")

    def rung_again() -> bool:
        """As the scheduler does."""
        site.publish([later])
        return site.room.state(later).status is RunStatus.SUCCEEDED

    eventually(rung_again)


def test_acknowledgements_that_the_broker_does_not_hear_make_no_worker_deaf(
    site: Worksite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message that counts as not acknowledged takes one of its places; with none left it would hear nothing any more, and look well."""
    remove, lost = QoS._remove_from_indices, list(range(8))

    class Dead:
        def execute(self) -> None:
            raise ConnectionError("the broker died")

    def fails_at_first(self: QoS, tag: str, pipe: object = None) -> object:
        if not lost:
            return remove(self, tag, pipe)  # type: ignore[no-untyped-call]
        lost.pop()
        return Dead()

    monkeypatch.setattr(QoS, "_remove_from_indices", fails_at_first)
    for _ in range(8):
        site.still_works()
    assert not lost, "nothing is proven: acknowledgements were heard"
    site.still_works()


def test_what_is_under_way_while_the_broker_dies_is_finished(site: Worksite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    entered, release = Event(), Event()

    def hold(request: Request) -> None:
        entered.set()
        release.wait(PATIENCE)

    site.room.service.before = hold
    run_id = site.step("held")
    site.publish([run_id])
    assert entered.wait(PATIENCE)
    site.valkey.kill()
    release.set()
    assert site.ended(run_id) == [RunStatus.SUCCEEDED]
    site.valkey.start()
    site.still_works()
    assert site.room.service.seen.count("GET /things/held") == 1


def two_calls(room: EngineRoom) -> str:
    """A queued run with two writes."""
    step = "  - {{id: {0}, uses: probe.write, with: {{name: {0}}}}}\n"
    return room.start("steps:\n" + step.format("a") + step.format("b"))


def held(site: Worksite) -> tuple[Event, Event]:
    """Calls wait at the service: (one has come, let them go)."""
    entered, release = Event(), Event()

    def hold(request: Request) -> None:
        entered.set()
        release.wait(PATIENCE)

    site.room.service.before = hold
    return entered, release


def in_background(work: Callable[[], None]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_stopping_lets_the_call_end_parks_the_run_and_ends_the_worker(site: Worksite) -> None:
    entered, release = held(site)
    run_id = two_calls(site.room)
    site.publish([run_id])
    assert entered.wait(PATIENCE)
    stopping = in_background(site.worker.stop)
    assert site.room.stopping.wait(PATIENCE)
    release.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    assert not site.worker.alive
    assert site.room.service.seen == ["POST /things"]
    assert site.room.state(run_id).status is RunStatus.QUEUED
    [attempt] = site.room.steps(run_id)["a"]
    assert attempt.status.value == "succeeded"


def test_stopping_with_more_runs_waiting_than_slots_leaves_them_for_others(site: Worksite) -> None:
    entered, release = held(site)
    run_ids = [two_calls(site.room) for _ in range(12)]
    site.publish(run_ids)
    assert entered.wait(PATIENCE)
    stopping = in_background(site.worker.stop)
    assert site.room.stopping.wait(PATIENCE)
    release.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    assert not site.worker.alive, "nobody may wait for runs that will not be executed here"
    assert {site.room.state(run_id).status for run_id in run_ids} == {RunStatus.QUEUED}
    assert len(site.room.service.requests) <= 4


def test_a_second_worker_goes_on_where_the_first_one_stopped(site: Worksite) -> None:
    entered, release = held(site)
    run_id = two_calls(site.room)
    site.publish([run_id])
    assert entered.wait(PATIENCE)
    stopping = in_background(site.worker.stop)
    assert site.room.stopping.wait(PATIENCE)
    release.set()
    stopping.join(PATIENCE)
    site.room.service.before = lambda request: None
    site.room.new_crew()
    site.worker = site.start()
    site.publish([run_id])
    assert site.ended(run_id) == [RunStatus.SUCCEEDED]
    assert len(site.room.service.requests) == 2, "the first call is not made again"


def test_without_a_broker_the_worker_starts_and_goes_on_trying(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    with ValkeyServer() as valkey, EngineRoom(tmp_path) as room:
        valkey.kill()
        worker = WorkerProcess(
            make_app(f"redis+socket://{valkey.socket}?virtual_host=0"), room.crew, threads=2, hostname="test"
        )
        worker.start()
        assert not worker.wait_ready(0.2)
        valkey.start()
        assert worker.wait_ready(PATIENCE)
        worker.stop()
        assert not worker.alive
