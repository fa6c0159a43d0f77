"""What every call of the API passes before and after its endpoint. Owns the witness, faults, the token, the limit and its headers."""

from __future__ import annotations

import asyncio
import json

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.calendly.simulator.calls import Call
from connectors.calendly.simulator.limiter import rate_headers
from connectors.calendly.simulator.orders import FaultOrder
from connectors.calendly.simulator.problems import Problem
from connectors.calendly.simulator.service import Service


class ConnectionDropped(Exception):
    """The call's connection was closed without an answer, where there is no real connection to close (in-process transports)."""


async def pass_through(service: Service, api: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let one call of the API through, or answer it here."""
    request = Request(scope, receive)
    try:
        body = await request.body()
    except ClientDisconnect:
        return
    call = service.calls.add(
        at_ns=service.clock(),
        method=request.method,
        path=request.url.path,
        query=request.url.query,
        headers=dict(request.headers),
        body=body,
    )
    fault = service.faults.strike(request.method, request.url.path)
    call.fault = fault is not None
    answering = _Answer(service, call, send, fault)
    inside = _Endpoint(api, scope, body)
    try:
        await _answer(service, request, answering, inside, fault)
    finally:
        async with service.changed:
            service.changed.notify_all()


async def _answer(
    service: Service, request: Request, answer: _Answer, endpoint: _Endpoint, fault: FaultOrder | None
) -> None:
    if fault is not None:
        await asyncio.sleep(fault.delay_s)
    try:
        _admit(service, request)
    except Problem as problem:
        await problem.response()(request.scope, request.receive, answer.send)
        return
    if fault is None or not (fault.drop or fault.status or fault.rate_limit):
        await endpoint.call(answer.send)
        return
    if fault.act:
        await endpoint.call(_nowhere)
    if fault.drop:
        await answer.drop()
    else:
        await _faulty(fault)(request.scope, request.receive, answer.send)


def _admit(service: Service, request: Request) -> None:
    mode = service.mode
    mode.authenticate(request.headers.get("authorization", "").encode())
    if not service.limiter.take(mode.now.limit, mode.now.window_s):
        raise Problem.throttled()


def _faulty(fault: FaultOrder) -> Response:
    if fault.rate_limit and fault.status is None and fault.body is None:
        response: Response = Problem.throttled().response()
    elif isinstance(fault.body, str):
        response = Response(fault.body, status_code=fault.status or 429, media_type="text/html")
    elif fault.body is not None:
        response = Response(json.dumps(fault.body), status_code=fault.status or 429, media_type="application/json")
    else:
        response = Problem.failed(fault.status or 500).response()
    response.headers.update(fault.headers)
    return response


async def _nowhere(message: Message) -> None:
    """Takes an answer that nobody shall see."""


class _Endpoint:
    """The API with a body that has been read already."""

    def __init__(self, api: ASGIApp, scope: Scope, body: bytes) -> None:
        self._api, self._scope, self._body = api, scope, body

    async def call(self, send: Send) -> None:
        await self._api(self._scope, self._receive, send)

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}


class _Answer:
    """The way back: adds the rate-limit headers, notes the status, or closes the connection."""

    def __init__(self, service: Service, call: Call, send: Send, fault: FaultOrder | None) -> None:
        self._service, self._call, self._send, self._fault = service, call, send, fault

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._call.status = message["status"]
            rate = {name.lower().encode(): value.encode() for name, value in self._rate_headers().items()}
            # A fault may set these headers itself, to say what the service never would.
            own = [(name, value) for name, value in message.get("headers", []) if name not in rate or self._fault]
            given = {name for name, _ in own}
            message["headers"] = [*own, *((name, value) for name, value in rate.items() if name not in given)]
        await self._send(message)

    async def drop(self) -> None:
        """Close the connection without an answer, as a service does that dies after it acted.

        ASGI has no word for this, and a server answers 500 to an application that says nothing. So the server's transport is
        taken from its ``send``; in-process transports have none, and see an exception instead.
        """
        self._call.status = 0
        transport = getattr(getattr(self._send, "__self__", None), "transport", None)
        if not isinstance(transport, asyncio.BaseTransport):
            raise ConnectionDropped(f"{self._call.method} {self._call.path}")
        transport.close()
        # The server learns of the closing in its next turn; only then does it take the silence for the client's doing.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _rate_headers(self) -> dict[str, str]:
        mode = self._service.mode.now
        if self._fault is not None and self._fault.rate_limit:
            return rate_headers(mode.limit, 0, self._fault.reset_s)
        return self._service.limiter.headers(mode.limit, mode.window_s)
