"""The outside of a connection's client, scripted: a clock that tests turn, a throttle in memory, a service that lists every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.egress import Request
from engine.metrics import Metrics
from engine.runtime.connection_client import ConnectionClient, OpenConnection, Outside
from engine.sdk import Budget, RateHeaders, Response, Window
from engine.strictjson import JsonObject
from engine.throttle import Cold, Permit, Wait
from engine.throttle.memory import MemoryThrottle
from tests.engine_room import probe_connector

HEADERS = RateHeaders(remaining="X-RateLimit-Remaining", reset="X-RateLimit-Reset")
TOKEN = "canary-token-71c0"
Answer = Response | BaseException | Callable[[Request], Response]


@dataclass
class Clock:
    """Seconds that pass only when a test, or somebody who waits, lets them."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> bool:
        """As ``Outside.pause``: nobody stops the process."""
        self.now += seconds
        return False


class WatchedThrottle(MemoryThrottle):
    """Tells how many permits are out, and can be made to fail."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.out: set[str] = set()
        self.given = 0
        self.pauses: list[int] = []
        self.failures: list[Exception] = []

    def acquire(
        self, key: str, budget: Budget, ticket: str, *, deadline_ms: int, begun: bool = False
    ) -> Permit | Wait | Cold:
        if self.failures:
            raise self.failures.pop(0)
        answer = super().acquire(key, budget, ticket, deadline_ms=deadline_ms, begun=begun)
        if isinstance(answer, Permit):
            self.out.add(answer.id)
            self.given += 1
        return answer

    def done(self, permit: Permit) -> None:
        self.out.discard(permit.id)
        super().done(permit)

    def pause(self, key: str, ms: int) -> None:
        self.pauses.append(ms)
        super().pause(key, ms)


@dataclass
class ScriptedService:
    """Implements ``engine.egress.Client``: answers in order, then 200 with an empty object."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        answer: Answer = self.answers.pop(0) if self.answers else ok()
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Response) else answer(request)

    def close(self) -> None:
        return None


def ok(**headers: str) -> Response:
    return answered(200, **headers)


def answered(status: int, **headers: str) -> Response:
    return Response(
        status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=b"{}"
    )


class Bench:
    """A connection's clients and everything that they reach."""

    def __init__(
        self, *, limit: int = 100, seconds: float = 60, base_url: str = "https://probe.example", warm: bool = True
    ) -> None:
        self.clock = Clock()
        self.metrics = Metrics()
        self.throttle = WatchedThrottle(self.clock)
        self.service = ScriptedService()
        self.budget = Budget(windows=(Window(limit=limit, seconds=seconds),), headers=HEADERS)
        self.last_call_age: int | None = None
        self.opened = 0
        self.pause: Callable[[float], bool] = self.clock.pass_
        self.base_url = base_url
        if warm:
            self.throttle.warm("c1", quiet_ms=0)

    def client(
        self,
        *,
        timeout_ms: int = 30_000,
        safe_to_repeat: bool = False,
        may_park: bool = True,
        ticket: str = "run/step/call",
        before_send: Callable[[], None] | None = None,
        may_leave: Callable[[], None] = lambda: None,
        time_left: Callable[[], int | None] = lambda: None,
    ) -> ConnectionClient:
        return ConnectionClient(
            self._connection(),
            Outside(
                egress=self.service,
                throttle=self.throttle,
                age_of_last_call=lambda owner, name, within: self.last_call_age,
                pause=lambda seconds: self.pause(seconds),
                clock=lambda ms: f"+{ms} ms",
                metrics=self.metrics,
            ),
            ticket=ticket,
            timeout_ms=timeout_ms,
            safe_to_repeat=safe_to_repeat,
            before_send=before_send or self._note_opened,
            may_leave=may_leave,
            may_park=may_park,
            time_left=time_left,
        )

    def _note_opened(self) -> None:
        self.opened += 1

    def _connection(self) -> OpenConnection:
        settings: JsonObject = {"base_url": self.base_url}
        return OpenConnection(
            key="c1",
            owner="local",
            name="mine",
            connector=probe_connector(self.budget),
            settings=settings,
            facts={"account": "a-1"},
            secrets={"token": TOKEN},
        )

    def use_up(self, calls: int | None = None) -> None:
        """Make so many calls, or as many as the window has; they have ended."""
        for number in range(self.budget.windows[0].limit if calls is None else calls):
            permit = self.throttle.acquire("c1", self.budget, f"other-{number}", deadline_ms=1_000)
            assert isinstance(permit, Permit)
            self.throttle.done(permit)

    @property
    def urls(self) -> list[str]:
        return [request.url for request in self.service.requests]
