"""The harness of the throttle's contract. Owns how time passes for each twin, and the witness's arithmetic; asserts nothing by itself."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.sdk.budget import Budget, Window
from engine.throttle import Cold, Permit, Throttle, Wait

GRACE_MS = 600


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A throttle, one connection of it, and the way in which its time passes."""

    throttle: Throttle
    key: str
    sleep: Callable[[int], None]

    def warm(self, quiet_ms: int = 0) -> None:
        self.throttle.warm(self.key, quiet_ms=quiet_ms)

    def ask(
        self, budget: Budget, ticket: str, *, deadline_ms: int = 10_000, begun: bool = False
    ) -> Permit | Wait | Cold:
        return self.throttle.acquire(self.key, budget, ticket, deadline_ms=deadline_ms, begun=begun)

    def call(self, budget: Budget, ticket: str) -> Permit:
        """A permit that has to be there, given back at once."""
        permit = self.permit(budget, ticket)
        self.throttle.done(permit)
        return permit

    def permit(self, budget: Budget, ticket: str, *, deadline_ms: int = 10_000) -> Permit:
        answer = self.ask(budget, ticket, deadline_ms=deadline_ms)
        assert isinstance(answer, Permit), answer
        return answer

    def wait(self, budget: Budget, ticket: str, *, begun: bool = False) -> Wait:
        answer = self.ask(budget, ticket, begun=begun)
        assert isinstance(answer, Wait), answer
        return answer

    def fill(self, budget: Budget) -> None:
        """Make calls until there is no room left."""
        for number in itertools.count():
            answer = self.ask(budget, f"filler-{number}")
            if not isinstance(answer, Permit):
                self.throttle.leave(self.key, f"filler-{number}")
                return
            self.throttle.done(answer)


class VirtualClock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, ms: int) -> None:
        self.now += ms / 1000


def real_sleep(ms: int) -> None:
    time.sleep(ms / 1000)


def per(limit: int, ms: int) -> Budget:
    return Budget(windows=(Window(limit=limit, seconds=ms / 1000),))


def most_in_a_window(calls: Sequence[tuple[float, float]], seconds: float) -> int:
    """The most calls that the service can have seen within ``seconds``, each at any instant of its (start, end)."""
    return max(
        sum(1 for other_start, other_end in calls if other_start <= start < other_end + seconds) for start, _ in calls
    )
