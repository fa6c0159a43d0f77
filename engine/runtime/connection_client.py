"""The HTTP client of one connection for one attempt. Owns joining URLs, credentials, permits, the attempt's deadline, and what an answer means.

Permits are taken here, per request, right before it leaves: a connector cannot forget them. A short wait holds the thread; a longer one
raises PermitWait, which parks the run. It must not retry and must not sleep longer than ``HOLD_MS``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic, sleep
from urllib.parse import urlsplit

from engine.egress import AnswerLost, Client, NotSent, Request
from engine.errors import EgressRefused, RedisUnavailable
from engine.failpoints import Point, reach
from engine.redaction import HIDDEN, spellings
from engine.runtime.request_parts import Body, body_of, headers_of, joined
from engine.sdk.budget import Budget
from engine.sdk.connection import ConnectionType
from engine.sdk.connector import Connector
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Params, Response
from engine.strictjson import Json, JsonObject
from engine.throttle import Cold, Permit, Throttle

HOLD_MS = 1_200
"""A wait up to this long holds the thread; a longer one parks the run."""

REDIS_AGAIN_MS = 2_000

LONGEST_PAUSE = 3600.0
"""Seconds. A service that states more is asked again after this, and states it again: a slip of one answer must not stop a connection for days."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SUCCESS = range(200, 300)

SHORTEST_CREDENTIAL = 8
"""Shorter words occur in honest answers too: hiding them there would spoil the answer and protect nothing."""


class PermitWait(Exception):
    """No permit for longer than a thread should wait: try the same attempt again in ``ms``. ``why`` is what `runs show` prints."""

    def __init__(self, ms: int, why: str) -> None:
        super().__init__(why)
        self.ms = ms
        self.why = why


@dataclass(frozen=True, kw_only=True)
class OpenConnection:
    """A connection with its secrets opened. ``key`` names it at the throttle."""

    key: str
    owner: str
    name: str
    connector: Connector
    settings: JsonObject
    facts: JsonObject
    secrets: Mapping[str, str]
    health: str = "unknown"
    paused: bool = False

    @property
    def label(self) -> str:
        return f"{self.connector.name}/{self.name}"

    @property
    def kind(self) -> ConnectionType:
        return self.connector.connection

    @cached_property
    def budget(self) -> Budget:
        return self.connector.budget_of(self.settings)

    @cached_property
    def credentials(self) -> Mapping[str, str]:
        """The headers that carry the secrets."""
        return self.kind.authorize(self.settings, self.secrets)

    @cached_property
    def secret_words(self) -> frozenset[str]:
        """What the credentials' headers hold that nobody may see, as it is sent: a token, an encoded user and password."""
        values = self.credentials.items()
        encoded = {value.rpartition(" ")[2] for name, value in values if name.lower() == "authorization"}
        plain = {
            secret for secret in map(str.strip, self.secrets.values()) if any(secret in value for _, value in values)
        }
        long_enough = (word for word in encoded | plain if len(word) >= SHORTEST_CREDENTIAL)
        return frozenset(spelling for word in long_enough for spelling in spellings(word))


@dataclass(frozen=True, kw_only=True)
class Outside:
    """How the outside is reached: shared by all clients of a process.

    ``age_of_last_call(owner, connection name, within ms)`` is what the journal knows when the throttle's memory was lost. ``pause(seconds)`` waits, and
    returns True, early, when the process stops. ``clock(ms)`` renders the instant that lies ``ms`` from now for people.
    """

    egress: Client
    throttle: Throttle
    age_of_last_call: Callable[[str, str, int], int | None]
    pause: Callable[[float], bool]
    clock: Callable[[int], str]


class ConnectionClient:
    """Implements engine.sdk.http.Http. ``before_send`` is called before the first request leaves, after its permit is held.

    ``may_call`` is asked before a permit is asked for, unless a write has left already, and may raise PermitWait.

    ``note_health`` is told of answers that show whether the service takes the credentials: None, or its refusal of kind auth.
    """

    def __init__(
        self,
        connection: OpenConnection,
        outside: Outside,
        *,
        ticket: str,
        timeout_ms: int,
        safe_to_repeat: bool,
        before_send: Callable[[], None] = lambda: None,
        may_call: Callable[[], None] = lambda: None,
        note_health: Callable[[ServiceError | None], None] = lambda refusal: None,
        may_park: bool = True,
        idempotency_key: str = "",
    ) -> None:
        self._connection = connection
        self._outside = outside
        self._ticket = ticket
        self._timeout_ms = timeout_ms
        self._safe_to_repeat = safe_to_repeat
        self._before_send = before_send
        self._may_call = may_call
        self._note_health = note_health
        self._may_park = may_park
        self._idempotency_key = idempotency_key
        self._deadline: float | None = None
        self._permit_ends = 0.0
        self._sent = 0
        self._unsafe_sent = False
        self.interrupted: BaseException | None = None
        """Why the attempt must not go on, kept in case a connector swallows the exception."""

    @property
    def settings(self) -> JsonObject:
        return self._connection.settings

    @property
    def facts(self) -> JsonObject:
        return self._connection.facts

    @property
    def idempotency_key(self) -> str:
        return self._idempotency_key

    def get(self, path: str, *, params: Params | None = None) -> Response:
        return self.request("GET", path, params=params)

    def post(self, path: str, *, json: Json = None, params: Params | None = None) -> Response:
        return self.request("POST", path, json=json, params=params)

    def delete(self, path: str, *, params: Params | None = None) -> Response:
        return self.request("DELETE", path, params=params)

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
        if self.interrupted is not None:
            raise self.interrupted
        url = joined(self._connection.kind.base_url(self._connection.settings), path, params)
        body = body_of(json, form, text)
        response = self._exchange(method, url, headers_of(body, headers or {}, self._connection.credentials), body)
        if response.ok:
            self._note_health(None)
        if response.status != 429 and response.status in (SUCCESS if expect is None else expect):
            return response
        refusal = self._connection.kind.errors(response)
        if refusal.kind is Kind.AUTH:
            self._note_health(refusal)
        raise refusal

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: Body) -> Response:
        try:
            if not self._unsafe_sent:
                self._may_call()
            permit = self._permit()
            try:
                if self._sent == 0:
                    self._before_send()
                self._sent += 1
                response = self._without_credentials(self._send(method, url, headers, body))
                reach(Point.CALL_AFTER_ANSWER)
            finally:
                self._give_back(permit)
            self._heed(response)
            self._note_sent(method)
        except ServiceError as error:
            if error.kind is Kind.UNKNOWN_OUTCOME:
                self._note_sent(method)
            raise
        except BaseException as error:
            self.interrupted = error
            raise
        return response

    def _note_sent(self, method: str) -> None:
        """The request may have had an effect: from now on the attempt cannot be started over."""
        self._unsafe_sent = self._unsafe_sent or method not in SAFE_METHODS

    def _without_credentials(self, response: Response) -> Response:
        """A service that repeats what it was sent must not bring our credentials into a step's output or a message."""
        body, headers = response.body, dict(response.headers)
        for word in sorted(self._connection.secret_words, key=len, reverse=True):
            body = body.replace(word.encode(), HIDDEN.encode())
            headers = {name: value.replace(word, HIDDEN) for name, value in headers.items()}
        return replace(response, headers=headers, body=body)

    def _permit(self) -> Permit:
        """Hold the thread for short waits; raise PermitWait for long ones."""
        budget = self._connection.budget
        ticket = f"{self._ticket}/{self._sent}"
        asked_at = monotonic()
        while True:
            granted_after = monotonic()
            try:
                answer = self._outside.throttle.acquire(
                    self._connection.key, budget, ticket, deadline_ms=self._timeout_ms
                )
                if isinstance(answer, Cold):
                    self._warm()
                    continue
            except RedisUnavailable:
                self._hold_or_park(REDIS_AGAIN_MS, f"{self._connection.label} until Redis answers", asked_at)
                continue
            if isinstance(answer, Permit):
                self._permit_ends = granted_after + self._timeout_ms / 1000
                return answer
            why = "the service's pause" if answer.paused else str(budget)
            until = f"{self._connection.label} {why} until {self._outside.clock(answer.ms)}"
            self._hold_or_park(answer.ms, until, asked_at)

    def _warm(self) -> None:
        """The throttle forgot this connection: count from what the journal knows, or wait one window out."""
        budget = self._connection.budget
        window_ms = round(max(window.seconds for window in budget.windows) * 1000)
        age = self._outside.age_of_last_call(self._connection.owner, self._connection.name, window_ms)
        # Age 0 is a call that nobody has ended: its worker may be dead, and it may be on its way as long as a call may last.
        open_ms = self._timeout_ms if age == 0 else 0
        quiet = 0 if age is None else max(0, window_ms - age) + open_ms
        self._outside.throttle.warm(self._connection.key, quiet_ms=quiet)

    def _hold_or_park(self, ms: int, why: str, asked_at: float) -> None:
        # Once a write has left, the attempt cannot be started over: it waits here, as long as the attempt may last.
        may_park = self._may_park and not self._unsafe_sent
        if ms > HOLD_MS and may_park:
            raise PermitWait(ms, why)
        held_ms = (monotonic() - asked_at) * 1000
        if held_ms + ms > self._timeout_ms and not may_park:
            raise ServiceError(Kind.THROTTLED, f"no permit in time: waits for {why}", retry_after=ms / 1000)
        if not self._outside.pause(max(ms, 1) / 1000):
            return
        if may_park:
            raise PermitWait(ms, why)
        if not self._may_park:
            raise ServiceError(Kind.THROTTLED, f"this process stops, and there is no permit yet: waits for {why}")
        # Failing here would spoil a step that is half done; if the process is ended meanwhile, the attempt is recovered as interrupted.
        sleep(ms / 1000)

    def _give_back(self, permit: Permit) -> None:
        try:
            self._outside.throttle.done(permit)
        except RedisUnavailable:
            return  # The permit then counts for its whole deadline, which is stricter, never looser.

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: Body) -> Response:
        self._deadline = self._deadline or monotonic() + self._timeout_ms / 1000
        # The throttle counts a permit for its deadline from the grant on: a process that was frozen since must not use it any more.
        left = round((min(self._deadline, self._permit_ends) - monotonic()) * 1000)
        if left <= 0:
            raise ServiceError(Kind.TIMEOUT, f"not through within the step's timeout of {self._timeout_ms / 1000:g} s")
        request = Request(method=method, url=url, headers=headers, body=body.content, deadline_ms=left)
        try:
            return self._outside.egress.send(request)
        except EgressRefused as error:
            raise ServiceError(Kind.INVALID, error.message, remedy=error.remedy) from None
        except NotSent as error:
            raise ServiceError(Kind.NETWORK, f"{_host(url)} could not be reached: {error}") from None
        except AnswerLost as error:
            safe = method in SAFE_METHODS or self._safe_to_repeat
            kind = Kind.TIMEOUT if safe else Kind.UNKNOWN_OUTCOME
            raise ServiceError(kind, f"{_host(url)} gave no complete answer: {error}") from None

    def _heed(self, response: Response) -> None:
        """Obey the service's own count: pause the connection for everyone; a 429 also sends this attempt back to wait."""
        pause_ms = self._stated_pause(response)
        if pause_ms is None:
            return
        with suppress(RedisUnavailable):  # Nobody gets a permit meanwhile, and the service repeats itself afterwards.
            self._outside.throttle.pause(self._connection.key, pause_ms)
        if response.status == 429 and self._may_park and not self._unsafe_sent:
            raise PermitWait(
                pause_ms, f"{self._connection.label} 429 from the service until {self._outside.clock(pause_ms)}"
            )

    def _stated_pause(self, response: Response) -> int | None:
        budget = self._connection.budget
        names = budget.headers
        reset = _seconds(response.headers.get(names.reset.lower())) if names else None
        window = max(item.seconds for item in budget.windows)
        if response.status == 429:
            stated = self._connection.kind.errors(response).retry_after
            plain = stated if stated is not None and math.isfinite(stated) else None
            chosen = plain if plain is not None else reset if reset is not None else window
            return round(min(max(chosen, 1.0), LONGEST_PAUSE) * 1000)
        if names and response.headers.get(names.remaining.lower(), "").strip() == "0":
            return round(min(reset if reset is not None else window, LONGEST_PAUSE) * 1000)
        return None


def _seconds(text: str | None) -> float | None:
    """A non-negative number of seconds; None for anything else (absent, garbage, negative, infinite)."""
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _host(url: str) -> str:
    return urlsplit(url).netloc
