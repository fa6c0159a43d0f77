"""Fixtures of the throttle's contract: both twins, and a server of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from engine.throttle.memory import MemoryThrottle
from engine.throttle.redis import RedisThrottle
from tests.contracts.throttle.bench import GRACE_MS, Bench, VirtualClock, real_sleep
from tests.valkey_server import ValkeyServer


@pytest.fixture(scope="session")
def shared_server() -> Iterator[ValkeyServer]:
    """A server that no test harms."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    """A server that the test may harm."""
    with ValkeyServer() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    key = uuid.uuid4().hex
    if request.param == "memory":
        clock = VirtualClock()
        yield Bench(throttle=MemoryThrottle(clock, grace_ms=GRACE_MS), key=key, sleep=clock.sleep)
        return
    throttle = RedisThrottle(request.getfixturevalue("shared_server").url, grace_ms=GRACE_MS)
    yield Bench(throttle=throttle, key=key, sleep=real_sleep)
    throttle.close()
