"""No sliding window is ever exceeded, as a witness beside the callers sees it: eight threads on each of two clients, in real time.

The witness's calls last from when a caller had its permit until just before it gave it back, on one clock of this process.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from engine.errors import RedisUnavailable
from engine.sdk.budget import Budget, Window
from engine.throttle import Cold, Permit, Throttle, Wait
from engine.throttle.memory import MemoryThrottle
from engine.throttle.redis import RedisThrottle
from tests.contracts.throttle.bench import most_in_a_window
from tests.valkey_server import ValkeyServer

BUDGET = Budget(windows=(Window(limit=10, seconds=0.2), Window(limit=40, seconds=1.0)))
DEADLINE_MS = 100
QUIET_MS = 1_000 + DEADLINE_MS
THREADS_PER_CLIENT = 8


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Threads that call as often as they may."""

    clients: Sequence[Throttle]
    key: str
    calls: list[tuple[float, float]] = field(default_factory=list)
    colds: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, meanwhile: Callable[[], None]) -> None:
        threads = [
            threading.Thread(target=self._call_on, args=(client, f"{number}-{nth}"))
            for number, client in enumerate(self.clients)
            for nth in range(THREADS_PER_CLIENT)
        ]
        for thread in threads:
            thread.start()
        meanwhile()
        self.over.set()
        for thread in threads:
            thread.join()

    def _call_on(self, client: Throttle, name: str) -> None:
        draw, number = random.Random(name), 0
        while not self.over.is_set():
            try:
                answer = client.acquire(self.key, BUDGET, f"{name}-{number}", deadline_ms=DEADLINE_MS)
            except RedisUnavailable:
                self.over.wait(0.05)
                continue
            if isinstance(answer, Permit):
                number += 1
                self._call(client, answer, draw)
            elif isinstance(answer, Wait):
                self.over.wait(answer.ms / 1000)
            else:
                assert isinstance(answer, Cold)
                self.colds.append(time.monotonic())
                with contextlib.suppress(RedisUnavailable):
                    client.warm(self.key, quiet_ms=QUIET_MS)

    def _call(self, client: Throttle, permit: Permit, draw: random.Random) -> None:
        start = time.monotonic()
        if draw.random() < 0.7:
            time.sleep(draw.random() * 0.03)
        self.calls.append((start, time.monotonic()))
        if draw.random() < 0.9:
            with contextlib.suppress(RedisUnavailable):
                client.done(permit)

    def check(self, at_least: int) -> None:
        assert len(self.calls) >= at_least, "a test in which nothing happened proves nothing"
        for window in BUDGET.windows:
            assert most_in_a_window(self.calls, window.seconds) <= window.limit


@pytest.fixture(params=["memory", "redis"])
def clients(request: pytest.FixtureRequest) -> Iterator[Sequence[Throttle]]:
    if request.param == "memory":
        yield [MemoryThrottle()] * 2
        return
    server: ValkeyServer = request.getfixturevalue("shared_server")
    pair = [RedisThrottle(server.url), RedisThrottle(server.url)]
    yield pair
    for throttle in pair:
        throttle.close()


def test_no_window_is_exceeded_by_eight_threads_on_two_clients(clients: Sequence[Throttle]) -> None:
    witness = Witness(clients=clients, key=uuid.uuid4().hex)
    witness.run(lambda: time.sleep(2.5))
    witness.check(at_least=50)


def _empty(server: ValkeyServer) -> None:
    with server.client() as client:
        client.flushall()


def _kill(server: ValkeyServer) -> None:
    server.kill()
    server.start()


def _freeze(server: ValkeyServer) -> None:
    server.freeze()
    time.sleep(1.5)
    server.thaw()


@pytest.mark.parametrize("lose", [_empty, _kill, _freeze])
def test_no_window_is_exceeded_when_the_server_fails_again_and_again(
    server: ValkeyServer, lose: Callable[[ValkeyServer], None]
) -> None:
    pair = [RedisThrottle(server.url), RedisThrottle(server.url)]
    witness = Witness(clients=pair, key="k")

    def fail() -> None:
        for _ in range(3):
            time.sleep(1.7)
            lose(server)
        time.sleep(1.2)

    witness.run(fail)
    for throttle in pair:
        throttle.close()
    assert len(witness.colds) >= (1 if lose is _freeze else 4)
    witness.check(at_least=30)
