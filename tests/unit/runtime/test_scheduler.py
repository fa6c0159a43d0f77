"""The scheduler's look at the journal, its nap, its health, and upkeep that nothing else waits for. The journal is a stub."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import cast

import pytest

from engine.errors import DatabaseUnavailable, RedisUnavailable
from engine.journal.port import Runs
from engine.runtime import scheduler as scheduler_module
from engine.runtime.doorbell import Doorbell
from engine.runtime.scheduler import LONGEST_NAP, LOOK_AGAIN_SECONDS, RING_LIMIT, SHORTEST_NAP, Scheduler
from tests.eventually import eventually

PATIENCE = 10


class StubRuns:
    """``due`` are handed out one list per look; ``next_due`` is the answer after."""

    def __init__(self, *due: Sequence[str] | Exception, next_due: int | None = None) -> None:
        self._due = list(due)
        self._next_due = next_due
        self.looks = 0
        self.held: Sequence[str] = ()
        self.looked_twice = Event()

    def ring(self, *, limit: int, again_in_ms: int) -> Sequence[str]:
        assert (limit, again_in_ms) == (500, 3_000)
        self.looks += 1
        if self.looks >= 2:
            self.looked_twice.set()
        answer = self._due.pop(0) if self._due else []
        if isinstance(answer, Exception):
            raise answer
        return answer

    def next_due_in(self) -> int | None:
        return self._next_due

    def release_held(self) -> Sequence[str]:
        return self.held


class StubBell:
    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, run_ids: Sequence[str]) -> None:
        self.rung += run_ids


def scheduler(runs: StubRuns, bell: StubBell | None = None, upkeep: Callable[[], None] = lambda: None) -> Scheduler:
    return Scheduler(cast(Runs, runs), cast(Doorbell, bell or StubBell()), upkeep=upkeep)


def test_what_is_due_is_rung() -> None:
    bell = StubBell()
    scheduler(StubRuns(["a", "b"]), bell).tick()
    assert bell.rung == ["a", "b"]


@pytest.mark.parametrize(
    ("next_due", "nap"),
    [(None, LONGEST_NAP), (60_000, LONGEST_NAP), (100, 0.1), (0, SHORTEST_NAP), (3, SHORTEST_NAP)],
)
def test_the_nap_ends_when_the_next_run_is_due_or_another_process_may_have_parked_one(
    next_due: int | None, nap: float
) -> None:
    assert scheduler(StubRuns(next_due=next_due)).tick() == nap


def test_after_a_full_hand_it_looks_again_at_once() -> None:
    runs = StubRuns([f"run-{number}" for number in range(RING_LIMIT)], next_due=60_000)
    assert scheduler(runs).tick() == SHORTEST_NAP


@pytest.mark.parametrize("failure", [DatabaseUnavailable("away"), RuntimeError("a bug")])
def test_a_look_that_fails_makes_it_unhealthy_until_one_succeeds(failure: Exception) -> None:
    bell = StubBell()
    loop = scheduler(StubRuns(failure, ["a"]), bell)
    health = [loop.healthy]
    assert loop.tick() == LOOK_AGAIN_SECONDS
    health.append(loop.healthy)
    loop.tick()
    health.append(loop.healthy)
    assert health == [True, False, True]
    assert bell.rung == ["a"]


def running(loop: Scheduler) -> Thread:
    thread = Thread(target=loop.run, daemon=True)
    thread.start()
    return thread


def test_runs_do_not_wait_for_upkeep_that_hangs() -> None:
    release, entered = Event(), Event()

    def hang() -> None:
        entered.set()
        release.wait(PATIENCE)

    runs = StubRuns(next_due=0)
    loop = scheduler(runs, upkeep=hang)
    thread = running(loop)
    assert entered.wait(PATIENCE)
    assert runs.looked_twice.wait(PATIENCE)
    loop.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "stopping does not wait for upkeep either"
    release.set()


@pytest.mark.parametrize("failure", [RedisUnavailable("away"), KeyError("a bug")])
def test_upkeep_that_fails_is_tried_again(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "UPKEEP_SECONDS", 0.01)
    again = Event()
    calls: list[None] = []

    def fail_once() -> None:
        calls.append(None)
        if len(calls) == 1:
            raise failure
        again.set()

    loop = scheduler(StubRuns(), upkeep=fail_once)
    thread = running(loop)
    assert again.wait(PATIENCE)
    loop.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_runs_that_have_a_place_after_all_are_rung() -> None:
    runs, bell = StubRuns(), StubBell()
    runs.held = ["held"]
    running = scheduler(runs, bell)
    thread = Thread(target=running.run)
    thread.start()
    eventually(lambda: "held" in bell.rung)
    running.stop()
    thread.join()
