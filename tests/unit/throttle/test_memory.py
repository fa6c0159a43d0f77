"""The memory twin against a naive reference, and how much of a budget a full line uses. All time is virtual."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.sdk.budget import Budget, Window
from engine.throttle import Cold, Permit, Wait
from engine.throttle.memory import MemoryThrottle

NEVER = 10**12


@dataclass(kw_only=True)
class Clock:
    """Seconds that pass only when told to."""

    ms: int = 0

    def __call__(self) -> float:
        return self.ms / 1000


@dataclass(kw_only=True)
class SeenCall:
    """A call as the service may see it: at any instant from start to end, both in milliseconds."""

    start: int
    assumed_end: int
    end: int | None = None

    @property
    def until(self) -> int:
        return self.assumed_end if self.end is None else self.end


def window_lists() -> st.SearchStrategy[list[Window]]:
    window = st.builds(lambda limit, ms: Window(limit=limit, seconds=ms / 1000), st.integers(1, 4), st.integers(1, 60))
    return st.lists(window, min_size=1, max_size=3)


class AgainstTheReference(RuleBasedStateMachine):
    """Drives one connection at random, and says from the whole history, by counting, what every answer has to be."""

    @initialize(windows=window_lists())
    def begin(self, windows: list[Window]) -> None:
        self.clock = Clock()
        self.throttle = MemoryThrottle(self.clock, grace_ms=NEVER)
        self.windows = windows
        self.budget = Budget(windows=tuple(windows))
        self.calls: dict[str, SeenCall] = {}
        self.permits: list[Permit] = []
        self.line: list[str] = []
        self.held_until = 0
        assert isinstance(self.throttle.acquire("k", self.budget, "t0", deadline_ms=1), Cold)
        self.throttle.warm("k", quiet_ms=0)

    @rule(number=st.integers(0, 7), deadline=st.integers(0, 40))
    def acquire(self, number: int, deadline: int) -> None:
        ticket = f"t{number}"
        ahead = self.line.index(ticket) if ticket in self.line else len(self.line)
        answer = self.throttle.acquire("k", self.budget, ticket, deadline_ms=deadline)
        if self._room(ahead):
            assert isinstance(answer, Permit)
            self.calls[answer.id] = SeenCall(start=self.clock.ms, assumed_end=self.clock.ms + deadline)
            self.permits.append(answer)
            self.line = [other for other in self.line if other != ticket]
        else:
            assert isinstance(answer, Wait)
            assert (answer.position, answer.paused) == (ahead, self.clock.ms < self.held_until)
            assert answer.ms >= max(1, self.held_until - self.clock.ms)
            self.line += [] if ticket in self.line else [ticket]

    @rule(ms=st.integers(0, 40))
    def let_time_pass(self, ms: int) -> None:
        self.clock.ms += ms

    @rule(draw=st.data())
    def end_a_call(self, draw: st.DataObject) -> None:
        if self.permits:
            permit = self.permits.pop(draw.draw(st.integers(0, len(self.permits) - 1)))
            self.throttle.done(permit)
            self.calls[permit.id].end = self.clock.ms

    @rule(number=st.integers(0, 7))
    def leave(self, number: int) -> None:
        self.throttle.leave("k", f"t{number}")
        self.line = [other for other in self.line if other != f"t{number}"]

    @rule(ms=st.integers(0, 60))
    def pause(self, ms: int) -> None:
        self.throttle.pause("k", ms)
        self.held_until = max(self.held_until, self.clock.ms + ms)

    @invariant()
    def no_window_is_exceeded(self) -> None:
        calls = list(getattr(self, "calls", {}).values())
        for window in getattr(self, "windows", []):
            for call in calls:
                # An entry whose end became later than was assumed was over its deadline, and the limit was kept by what was known.
                seen = sum(
                    1
                    for other in calls
                    if other.start <= call.start <= min(other.until, other.assumed_end) + round(window.seconds * 1000)
                )
                assert seen <= window.limit

    def _room(self, ahead: int) -> bool:
        now = self.clock.ms
        return now >= self.held_until and all(
            sum(1 for call in self.calls.values() if now <= call.until + round(window.seconds * 1000)) + ahead
            < window.limit
            for window in self.windows
        )


AgainstTheReference.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAgainstTheReference = AgainstTheReference.TestCase


@dataclass(kw_only=True)
class Crowd:
    """Callers who come when told, call for a while, and are replaced by new ones: the line is never empty."""

    budget: Budget
    callers: int
    call_ms: int
    clock: Clock = field(default_factory=Clock)
    grants: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    asked: int = 0

    def run(self, until_ms: int) -> None:
        throttle = MemoryThrottle(self.clock)
        throttle.warm("k", quiet_ms=0)
        numbers = itertools.count()
        events: list[tuple[int, int, Permit | None]] = [(0, next(numbers), None) for _ in range(self.callers)]
        while events:
            self.clock.ms, number, permit = heapq.heappop(events)
            if self.clock.ms >= until_ms:
                return
            if permit is not None:
                throttle.done(permit)
                continue
            self.asked += 1
            answer = throttle.acquire("k", self.budget, f"t{number}", deadline_ms=30_000)
            if isinstance(answer, Permit):
                self.grants.append(self.clock.ms)
                self.order.append(number)
                heapq.heappush(events, (self.clock.ms + self.call_ms, number, answer))
                heapq.heappush(events, (self.clock.ms, next(numbers), None))
            else:
                assert isinstance(answer, Wait)
                heapq.heappush(events, (self.clock.ms + answer.ms, number, None))


@pytest.mark.parametrize("call_ms", [0, 50, 300])
@pytest.mark.parametrize("callers", [120, 700])
def test_a_full_line_uses_at_least_98_percent_of_the_budget(call_ms: int, callers: int) -> None:
    crowd = Crowd(budget=Budget(windows=(Window(limit=100, seconds=60),)), callers=callers, call_ms=call_ms)
    crowd.run(until_ms=20 * 60_000)
    assert len(crowd.grants) >= 0.98 * 20 * 100
    assert crowd.asked <= 6 * (len(crowd.grants) + callers), "they come when it is their turn; they do not poll"


def test_a_full_line_is_served_in_the_order_in_which_it_came() -> None:
    crowd = Crowd(
        budget=Budget(windows=(Window(limit=7, seconds=1), Window(limit=40, seconds=10))), callers=90, call_ms=35
    )
    crowd.run(until_ms=120_000)
    assert len(crowd.order) >= 40 * 11
    assert crowd.order == sorted(crowd.order)


def test_what_is_forgotten_is_cold_again() -> None:
    throttle, budget = MemoryThrottle(Clock()), Budget(windows=(Window(limit=1, seconds=1),))
    throttle.warm("k", quiet_ms=0)
    assert isinstance(throttle.acquire("k", budget, "a", deadline_ms=1), Permit)
    throttle.forget()
    assert isinstance(throttle.acquire("k", budget, "a", deadline_ms=1), Cold)
