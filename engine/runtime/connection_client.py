"""The HTTP client of one connection for one attempt. Owns joining URLs, credentials, the attempt's deadline, and what an answer means.

Permits are taken here, per request, right before it leaves: a connector cannot forget them. ``permits`` says who waits how long for one.
It must not retry, except what the service refused with 429 and what cannot go back to the line.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import monotonic

from engine.egress import AnswerLost, Client, NotSent, Request
from engine.errors import EgressRefused
from engine.failpoints import Point, reach
from engine.metrics import Metrics
from engine.redaction import HIDDEN, spellings
from engine.runtime.permits import TOO_MANY_REQUESTS, Permits
from engine.runtime.places import Places
from engine.runtime.request_parts import Body, body_of, headers_of, joined, with_key
from engine.sdk.budget import Budget
from engine.sdk.connection import ConnectionType
from engine.sdk.connector import Connector
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Params, Response
from engine.sdk.keyed import checked_key
from engine.strictjson import Json, JsonObject
from engine.throttle import Permit, Throttle

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SUCCESS = range(200, 300)
PERMITS_AT_MOST = 3

SHORTEST_CREDENTIAL = 8
"""Shorter words occur in honest answers too: hiding them there would spoil the answer and protect nothing."""


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
    returns True, early, when the process stops. ``clock(ms)`` renders the instant that lies ``ms`` from now for people. ``places``: the threads that a
    connection may occupy.
    """

    egress: Client
    throttle: Throttle
    age_of_last_call: Callable[[str, str, int], int | None]
    pause: Callable[[float], bool]
    clock: Callable[[int], str]
    places: Places = field(default_factory=Places)
    metrics: Metrics = field(default_factory=Metrics)


class ConnectionClient:
    """Implements engine.sdk.http.Http. ``before_send`` is called before the first request leaves, after its permit is held.
    ``may_leave`` is called at the last moment before each request, and raises when it must not leave any more.

    ``may_call`` is asked before a permit is asked for, unless a write has left already, and may raise PermitWait.
    ``key_header``: the header that carries ``idempotency_key`` on every request that is not GET, HEAD or OPTIONS; None for none.
    ``note_health`` is told of answers that show whether the service takes the credentials: None, or its refusal of kind auth. ``time_left``:
    the milliseconds that time limits around the step leave, None without one; no call outlasts them.
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
        may_leave: Callable[[], None] = lambda: None,
        may_call: Callable[[], None] = lambda: None,
        note_health: Callable[[ServiceError | None], None] = lambda refusal: None,
        may_park: bool = True,
        idempotency_key: str = "",
        time_left: Callable[[], int | None] = lambda: None,
        key_header: str | None = None,
    ) -> None:
        self._connection = connection
        self._outside = outside
        self._timeout_ms = timeout_ms
        self._safe_to_repeat = safe_to_repeat
        self._before_send = before_send
        self._may_leave = may_leave
        self._may_call = may_call
        self._note_health = note_health
        self._idempotency_key = idempotency_key
        self._key_header = key_header
        self._deadline: float | None = None
        self._time_left = time_left
        self._permits = Permits(
            connection, outside, ticket=ticket, timeout_ms=timeout_ms, may_park=may_park, time_left=time_left
        )
        self.has_acted = False
        """Whether the service has said of a write that it is done."""
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
        return checked_key(self._idempotency_key)

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
        response = self._exchange(method, url, self._headers(method, body, headers or {}), body)
        if response.ok:
            self._note_health(None)
            self.has_acted = self.has_acted or method not in SAFE_METHODS
        if response.status != TOO_MANY_REQUESTS and response.status in (SUCCESS if expect is None else expect):
            return response
        refusal = self._connection.kind.errors(response)
        if refusal.kind is Kind.AUTH:
            self._note_health(refusal)
        raise refusal

    def _headers(self, method: str, body: Body, given: Mapping[str, str]) -> Mapping[str, str]:
        """With the key on what may have an effect: a connector cannot forget it, nor send another one."""
        credentials = self._connection.credentials
        headers = headers_of(body, given, credentials)
        if self._key_header is None or method in SAFE_METHODS:
            return headers
        return with_key(headers, self._key_header, self.idempotency_key, credentials)

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: Body) -> Response:
        try:
            response = self._exchange_once(method, url, headers, body)
            while self._permits.heed(response):
                response = self._exchange_once(method, url, headers, body)
            self._note_sent(method)
        except ServiceError as error:
            if error.kind is Kind.UNKNOWN_OUTCOME:
                self._note_sent(method)
            raise
        except BaseException as error:
            self.interrupted = error
            raise
        return response

    def _exchange_once(self, method: str, url: str, headers: Mapping[str, str], body: Body) -> Response:
        self._ask_leave()
        with self._permits.place() as place:
            permit = self._permit_for_now()
            try:
                place.calls()
                self._permits.calls += 1
                response = self._without_credentials(self._send(method, url, headers, body))
                reach(Point.CALL_AFTER_ANSWER)
            finally:
                self._permits.give_back(permit)
        return response

    def _ask_leave(self) -> None:
        if not self._permits.has_written:
            self._may_call()

    def _permit_for_now(self) -> Permit:
        """A permit that is still good when the attempt is written ahead: a slow disk, or a process that was frozen, spoils no attempt."""
        for nth in range(PERMITS_AT_MOST):
            permit = self._permits.take(had_turn=nth > 0)
            is_first = self._permits.calls == 0
            try:
                if is_first:
                    # Again when it was late: the claim may be another worker's by now, and this says so.
                    self._before_send()
                else:
                    self._ask_leave()
            except BaseException:
                self._permits.give_back(permit)
                raise
            if monotonic() < self._permits.usable_until:
                return permit
            self._permits.give_back(permit)
            if not is_first:
                break
        raise ServiceError(Kind.TIMEOUT, "this process stood still between a permit and its call; nothing was sent")

    def _note_sent(self, method: str) -> None:
        self._permits.has_written = self._permits.has_written or method not in SAFE_METHODS

    def _without_credentials(self, response: Response) -> Response:
        """A service that repeats what it was sent must not bring our credentials into a step's output or a message."""
        body, headers = response.body, dict(response.headers)
        for word in sorted(self._connection.secret_words, key=len, reverse=True):
            body = body.replace(word.encode(), HIDDEN.encode())
            headers = {name: value.replace(word, HIDDEN) for name, value in headers.items()}
        return replace(response, headers=headers, body=body)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: Body) -> Response:
        self._may_leave()
        self._deadline = self._deadline or monotonic() + self._timeout_ms / 1000
        # The throttle counts a permit for its deadline from the grant on: a process that was frozen since must not use it any more.
        left = round((min(self._deadline, self._permits.ends_at) - monotonic()) * 1000)
        limited = self._time_left()
        left = left if limited is None else min(left, limited)
        if left <= 0:
            raise ServiceError(Kind.TIMEOUT, f"not through within the step's timeout of {self._timeout_ms / 1000:g} s")
        request = Request(method=method, url=url, headers=headers, body=body.content, deadline_ms=left)
        try:
            return self._outside.egress.send(request)
        except EgressRefused as error:
            raise ServiceError(Kind.INVALID, error.message, remedy=error.remedy) from None
        except NotSent as error:
            raise ServiceError(Kind.NETWORK, str(error)) from None
        except AnswerLost as error:
            safe = method in SAFE_METHODS or self._safe_to_repeat
            kind = Kind.TIMEOUT if safe else Kind.UNKNOWN_OUTCOME
            raise ServiceError(kind, str(error)) from None
