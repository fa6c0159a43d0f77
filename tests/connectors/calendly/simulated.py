"""The simulator inside the test's process: a client as connectors see it, control calls, and what it delivered. Owns no socket and no clock."""

from __future__ import annotations

import json as json_text
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import cast

import httpx
from anyio.from_thread import BlockingPortal

from connectors.calendly import calendly
from connectors.calendly.simulator import TOKEN
from connectors.calendly.simulator.app import Simulation, build
from connectors.calendly.simulator.gate import ConnectionDropped
from engine.sdk import Json, JsonObject, Kind, Params, Response, ServiceError

BASE = "https://calendly.test"


@dataclass
class Clock:
    """Nanoseconds since the epoch, turned by hand."""

    now_ns: int = 1_795_000_000_123_456_000

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        self.now_ns += int(seconds * 1_000_000_000)


@dataclass
class Receiver:
    """Takes the deliveries. ``statuses`` are answered in turn, then 200 (0 is no answer); each takes ``seconds`` of the clock."""

    clock: Clock
    seconds: float = 0
    statuses: list[int] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.clock.advance(self.seconds)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)

    @property
    def envelopes(self) -> list[JsonObject]:
        return [cast(JsonObject, json_text.loads(request.content)) for request in self.requests]

    @property
    def events(self) -> list[str]:
        return [str(envelope["event"]) for envelope in self.envelopes]


class Simulated:
    """One simulator with a receiver. Implements ``Http``, as the engine's client would."""

    def __init__(self, portal: BlockingPortal) -> None:
        self.clock = Clock()
        self.receiver = Receiver(clock=self.clock)
        self.app: Simulation = build(BASE, clock=self.clock, transport=httpx.MockTransport(self.receiver))
        self.token = TOKEN
        self._portal = portal
        self._settings: dict[str, Json] = {"base_url": BASE, "scope": "organization"}
        self._facts: JsonObject = {}

    @property
    def settings(self) -> JsonObject:
        return self._settings

    @property
    def facts(self) -> JsonObject:
        if not self._facts:
            self._facts = calendly.connection.test(self)
        return self._facts

    @property
    def idempotency_key(self) -> str:
        return "key"

    def use_scope(self, scope: str) -> None:
        self._settings["scope"] = scope

    def get(self, path: str, *, params: Params | None = None) -> Response:
        return self._checked("GET", path, params=params)

    def post(self, path: str, *, json: Json = None, params: Params | None = None) -> Response:
        return self._checked("POST", path, json=json, params=params)

    def delete(self, path: str, *, params: Params | None = None) -> Response:
        return self._checked("DELETE", path, params=params)

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
        assert (form, text, headers, expect) == (None, None, None, None), "nothing of Calendly needs these"
        return self._checked(method, path, json=json, params=params)

    def raw(
        self, method: str, path: str, *, json: Json = None, params: Params | None = None, content: bytes | None = None
    ) -> Response:
        """The answer of any status."""
        sent = {
            name: _text(cast("str | int | bool", value)) for name, value in (params or {}).items() if value is not None
        }
        return self._portal.call(self._send, method, path, sent, json, content)

    def control(self, name: str, /, **order: Json) -> JsonObject:
        """A control call that must succeed: POST with an order, GET for calls, deliveries and state."""
        method = "GET" if name in ("calls", "deliveries", "state", "") else "POST"
        answer = self.raw(method, f"/_sim/{name}", json=order if method == "POST" else None)
        assert answer.ok, answer.body
        return answer.json_object()

    def book(self, **order: Json) -> str:
        """Book, and return the invitee's URI."""
        return str(cast(JsonObject, self.control("book", **order)["invitee"])["uri"])

    def settle(self) -> None:
        """Await that no delivery is pending."""
        assert self.control("wait", settled=True)["done"]

    def close(self) -> None:
        self._portal.call(self.app.service.deliverer.close)

    def _checked(self, method: str, path: str, *, json: Json = None, params: Params | None = None) -> Response:
        answer = self.raw(method, path.removeprefix(BASE), json=json, params=params)
        if not answer.ok:
            raise calendly.connection.errors(answer)
        return answer

    async def _send(
        self, method: str, path: str, params: Mapping[str, str], json: Json, content: bytes | None
    ) -> Response:
        headers = dict(calendly.connection.authorize(self._settings, {"token": self.token}))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=BASE, headers=headers) as client:
            try:
                answer = await client.request(method, path, params=params or None, json=json, content=content)
            except ConnectionDropped as dropped:
                raise ServiceError(Kind.UNKNOWN_OUTCOME, str(dropped)) from None
        return Response(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
