"""The service and the load, on one event loop with as little work as there can be. Owns raw HTTP/1.1 on both sides.

The mock answers every request at once and notes when each call arrived; the load sends signed webhooks over kept connections. Both run on
the machine that is measured, so whatever they cost is taken from what they measure.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field


@dataclass
class Mock:
    """``arrived``: by the run's id, when each of its calls came (seconds, monotonic). ``key``: of the last subscription."""

    arrived: dict[str, list[float]] = field(default_factory=dict)
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    complete: int = 0
    callback: str = ""
    key: str = ""

    async def start(self) -> int:
        """Listen on a free port of 127.0.0.1; return it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Answering(self), "127.0.0.1", 0, backlog=512)
        return int(self._server.sockets[0].getsockname()[1])

    def called(self, path: str, body: bytes) -> bytes:
        now = time.monotonic()
        if path.startswith("/things/"):
            thing = path.rpartition("/")[2]
            times = self.arrived.setdefault(thing.partition("-")[0], [])
            times.append(now)
            if len(times) == 2:
                self.complete += 1
                self.seen.set()
            return json.dumps({"id": thing}).encode()
        given = json.loads(body)
        self.callback, self.key = given["url"], given["key"]
        self.subscribed.set()
        return b'{"uri":"mock:1"}'


class _Answering(asyncio.Protocol):
    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _length(head)
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            answer = self._mock.called(head.split(b" ", 2)[1].decode(), body)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                % (len(answer), answer)
            )


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


class Sender:
    """One kept connection to the web process."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._address)

    async def send(self, request: bytes) -> int:
        """The status of the answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        await self._reader.readexactly(_length(head))
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


def webhook(callback: str, key: str, event_id: str) -> bytes:
    """A signed delivery, as bytes on the wire."""
    host, _, path = callback.removeprefix("http://").partition("/")
    body = json.dumps({"id": event_id, "go": True, "note": "x" * 1500}, separators=(",", ":")).encode()
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nx-signature: {signature}\r\n\r\n"
    )
    return head.encode() + body
