"""Both twins answer alike: the same random operations on the script and on its twin in memory, in a time too short for a slot to free."""

from __future__ import annotations

import random
import uuid

import pytest

from engine.sdk.budget import Budget, Window
from engine.throttle import Cold, Permit, Throttle, Wait
from engine.throttle.memory import MemoryThrottle
from engine.throttle.redis import RedisThrottle
from tests.contracts.throttle.bench import VirtualClock
from tests.valkey_server import ValkeyServer

BUDGETS = [
    Budget(windows=(Window(limit=3, seconds=60), Window(limit=7, seconds=600))),
    Budget(windows=(Window(limit=5, seconds=60),)),
]


@pytest.mark.parametrize("seed", range(30))
def test_the_twins_answer_alike(seed: int, shared_server: ValkeyServer) -> None:
    shared = RedisThrottle(shared_server.url)
    key = uuid.uuid4().hex
    told = [_tell(throttle, key, random.Random(seed)) for throttle in (shared, MemoryThrottle(VirtualClock()))]
    shared.close()
    assert told[0] == told[1]


def _tell(throttle: Throttle, key: str, draw: random.Random) -> list[str]:
    story: list[str] = []
    permits: list[Permit] = []
    for _ in range(60):
        ticket = f"t{draw.randrange(9)}"
        match draw.choices(["acquire", "leave", "done", "pause", "warm"], weights=[20, 3, 3, 1, 3])[0]:
            case "acquire":
                deadline, begun = draw.choice([0, 30_000]), draw.random() < 0.2
                answer = throttle.acquire(key, draw.choice(BUDGETS), ticket, deadline_ms=deadline, begun=begun)
                story.append(_words(answer))
                permits += [answer] if isinstance(answer, Permit) else []
            case "leave":
                throttle.leave(key, ticket)
            case "done" if permits:
                throttle.done(permits.pop())
            case "pause":
                throttle.pause(key, 120_000)
            case "warm":
                throttle.warm(key, quiet_ms=0)
            case _:
                pass
    return story


def _words(answer: Permit | Wait | Cold) -> str:
    if isinstance(answer, Wait):
        return f"wait {round(answer.ms / 30_000) * 30} s, position {answer.position}, paused {answer.paused}"
    return type(answer).__name__
