"""The HTTP client of one connection for one attempt. Owns joining URLs, credentials, permits, the attempt's deadline, and what an answer means.

Permits are taken here, per request, right before it leaves: a connector cannot forget them. A short wait holds the thread; a longer one
raises PermitWait, which parks the run. It must not retry and must not sleep longer than ``HOLD_MS``.
"""

from __future__ import annotations

import json as stdjson
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from urllib.parse import unquote, urlencode, urlsplit

from engine.egress import AnswerLost, Client, NotSent, Request
from engine.errors import EgressRefused, RedisUnavailable
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
_DOTS = frozenset({".", ".."})


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

    @property
    def label(self) -> str:
        return f"{self.connector.name}/{self.name}"


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
        note_health: Callable[[ServiceError | None], None] = lambda refusal: None,
        may_park: bool = True,
    ) -> None:
        self._connection = connection
        self._outside = outside
        self._ticket = ticket
        self._timeout_ms = timeout_ms
        self._safe_to_repeat = safe_to_repeat
        self._before_send = before_send
        self._note_health = note_health
        self._may_park = may_park
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

    def get(self, path: str, *, params: Params | None = None) -> Response:
        return self._request("GET", path, params, None)

    def post(self, path: str, *, json: Json = None, params: Params | None = None) -> Response:
        return self._request("POST", path, params, json)

    def delete(self, path: str, *, params: Params | None = None) -> Response:
        return self._request("DELETE", path, params, None)

    def _request(self, method: str, path: str, params: Params | None, body: Json) -> Response:
        if self.interrupted is not None:
            raise self.interrupted
        url = self._url(path, params)
        try:
            permit = self._permit()
            try:
                if self._sent == 0:
                    self._before_send()
                self._sent += 1
                response = self._send(method, url, body)
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
        if response.ok:
            self._note_health(None)
            return response
        refusal = self._connection.connector.connection.errors(response)
        if refusal.kind is Kind.AUTH:
            self._note_health(refusal)
        raise refusal

    def _note_sent(self, method: str) -> None:
        """The request may have had an effect: from now on the attempt cannot be started over."""
        self._unsafe_sent = self._unsafe_sent or method not in SAFE_METHODS

    def _url(self, path: str, params: Params | None) -> str:
        base = self._connection.connector.connection.base_url(self._connection.settings).rstrip("/")
        url = base + path if path.startswith("/") else path
        if not _below(url, base):
            raise ServiceError(Kind.INVALID, f"{_shown(path)} is not below the connection's base URL {base}")
        given = {name: _text(value) for name, value in (params or {}).items() if value is not None}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(given)}" if given else url

    def _permit(self) -> Permit:
        """Hold the thread for short waits; raise PermitWait for long ones."""
        budget = self._connection.connector.budget
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
        budget = self._connection.connector.budget
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

    def _send(self, method: str, url: str, body: Json) -> Response:
        self._deadline = self._deadline or monotonic() + self._timeout_ms / 1000
        # The throttle counts a permit for its deadline from the grant on: a process that was frozen since must not use it any more.
        left = round((min(self._deadline, self._permit_ends) - monotonic()) * 1000)
        if left <= 0:
            raise ServiceError(Kind.TIMEOUT, f"not through within the step's timeout of {self._timeout_ms / 1000:g} s")
        request = Request(method=method, url=url, headers=self._headers(body), body=_encoded(body), deadline_ms=left)
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

    def _headers(self, body: Json) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            **self._connection.connector.connection.authorize(self._connection.secrets),
        }
        return headers if body is None else {**headers, "Content-Type": "application/json"}

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
        budget = self._connection.connector.budget
        names = budget.headers
        reset = _seconds(response.headers.get(names.reset.lower())) if names else None
        window = max(item.seconds for item in budget.windows)
        if response.status == 429:
            stated = self._connection.connector.connection.errors(response).retry_after
            plain = stated if stated is not None and math.isfinite(stated) else None
            chosen = plain if plain is not None else reset if reset is not None else window
            return round(min(max(chosen, 1.0), LONGEST_PAUSE) * 1000)
        if names and response.headers.get(names.remaining.lower(), "").strip() == "0":
            return round(min(reset if reset is not None else window, LONGEST_PAUSE) * 1000)
        return None


def _below(url: str, base: str) -> bool:
    """Whether the URL stays below the base. Dot segments are resolved on the way out, and so could lead anywhere on the host."""
    try:
        given, allowed = urlsplit(url), urlsplit(base)
    except ValueError:
        return False
    same = (given.scheme, given.netloc) == (allowed.scheme, allowed.netloc)
    plain = not given.fragment and "\\" not in given.path and _DOTS.isdisjoint(unquote(given.path).split("/"))
    return same and plain and given.path.startswith(allowed.path.rstrip("/") + "/")


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encoded(body: Json) -> bytes | None:
    return None if body is None else stdjson.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _seconds(text: str | None) -> float | None:
    """A non-negative number of seconds; None for anything else (absent, garbage, negative, infinite)."""
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _shown(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
