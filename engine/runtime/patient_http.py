"""A connection's client for long reading outside of a run. Owns its patience: a deadline for each call, waiting for permits, and its pace.

It takes at most half of the connection's budget after a first burst, so that runs go on meanwhile. Only for calls that change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from time import monotonic

from engine.errors import ConnectionPaused
from engine.runtime.connections import Connections
from engine.sdk.budget import Budget
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Http, Params, Response
from engine.strictjson import Json, JsonObject

TRIES = 4
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0
LONGEST_WAIT = 900.0
"""Seconds for which one call waits for its turn at a service that says no: what others have to read at theirs must not wait for it."""

_PASSING = frozenset({Kind.NETWORK, Kind.TIMEOUT, Kind.SERVER})


class Interrupted(Exception):
    """Reading ends here, for now: the process stops, or an operator has paused the connection."""


@dataclass(kw_only=True)
class PatientHttp:
    """Implements engine.sdk.http.Http. ``pause(seconds)`` returns True when the process stops; ``alive`` is called before each try.

    Raises Interrupted beside what the client raises.
    """

    connections: Connections
    name: str
    owner: str
    pause: Callable[[float], bool]
    alive: Callable[[], None] = lambda: None
    clock: Callable[[], float] = monotonic
    calls: int = 0
    _began: float | None = field(default=None, init=False)

    @property
    def settings(self) -> JsonObject:
        return self._client().settings

    @property
    def facts(self) -> JsonObject:
        return self._client().facts

    @property
    def idempotency_key(self) -> str:
        return self._client().idempotency_key

    def get(self, path: str, *, params: Params | None = None) -> Response:
        return self._patiently(lambda http: http.get(path, params=params))

    def post(self, path: str, *, json: Json = None, params: Params | None = None) -> Response:
        return self._patiently(lambda http: http.post(path, json=json, params=params))

    def delete(self, path: str, *, params: Params | None = None) -> Response:
        return self._patiently(lambda http: http.delete(path, params=params))

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Json = None,
        form: Params | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Container[int] | None = None,
    ) -> Response:
        return self._patiently(
            lambda http: http.request(
                method, path, params=params, json=json, form=form, text=text, headers=headers, expect=expect
            )
        )

    def _client(self) -> Http:
        return self.connections.client(self.name, owner=self.owner)

    def _patiently(self, call: Callable[[Http], Response]) -> Response:
        failures, waited = 0, 0.0
        while True:
            self._look_up()
            self._keep_pace()
            try:
                return call(self._client())
            except ConnectionPaused as error:
                raise Interrupted(error.message) from None
            except ServiceError as error:
                passing = error.kind in _PASSING
                failures += passing
                throttled = error.kind is Kind.THROTTLED and waited < LONGEST_WAIT
                if not throttled and (not passing or failures >= TRIES):
                    raise
                waited += self._rest(error.retry_after or FIRST_PAUSE * 2**failures)

    def _look_up(self) -> None:
        self.alive()
        if self.connections.row(self.name, owner=self.owner).paused:
            raise Interrupted("its connection is paused by an operator")

    def _keep_pace(self) -> None:
        if self._began is None:
            self._began = self.clock()
        budget = self.connections.open(self.name, owner=self.owner).budget
        early = self._began + earliest(budget, self.calls) - self.clock()
        self.calls += 1
        if early > 0:
            self._rest(early)

    def _rest(self, seconds: float) -> float:
        """For how many seconds it was."""
        rest = left = min(seconds, LONGEST_PAUSE)
        while left > 0:
            if self.pause(min(left, 10.0)):
                raise Interrupted("the process stops")
            self.alive()
            left -= 10.0
        return rest


def earliest(budget: Budget, calls: int) -> float:
    """Seconds after the first call at which the one after ``calls`` others may leave: a quarter of a window at once, then half of the budget."""
    return max(max(0, calls - window.limit // 4) * 2 * window.seconds / window.limit for window in budget.windows)
