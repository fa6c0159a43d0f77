"""How the witness misbehaves. Owns one value for each way; each says whether the effect happens before the answer is spoilt."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

DAY = 86_400.0
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_WORDS = {200: "OK", 201: "Created", 302: "Found", 404: "Not Found", 429: "Too Many Requests"}


class Wire:
    """The way back to the caller."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bool:
        """A proper answer; True: the connection may be used on."""
        self.head(status, len(body), headers)
        await self.write(body)
        return True

    def head(self, status: int, length: int | None, headers: Mapping[str, str] | None = None) -> None:
        named = {"content-type": "application/json", **(headers or {})}
        if length is not None:
            named["content-length"] = str(length)
        lines = [f"HTTP/1.1 {status} {_WORDS.get(status, 'X')}", *(f"{name}: {value}" for name, value in named.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def reset(self) -> None:
        """RST instead of FIN."""
        found = self._writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()


Doing: TypeAlias = Callable[[Wire, int, bytes], Awaitable[bool]]


@dataclass(frozen=True, kw_only=True)
class Misbehaviour:
    """``acts``: what the call asks for is done first. ``do(wire, status, body)`` is given what an honest answer would be then."""

    name: str
    acts: bool
    do: Doing = field(repr=False)
    lasts: bool = False

    def forever(self) -> Misbehaviour:
        return replace(self, lasts=True)


def delay(seconds: float) -> Misbehaviour:
    """Acts at once, answers later."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        await asyncio.sleep(seconds)
        return await wire.answer(status, body)

    return Misbehaviour(name="delay", acts=True, do=do)


def hang(*, acts: bool = False) -> Misbehaviour:
    """Never answers; the connection stays open."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        await asyncio.sleep(DAY)
        return False

    return Misbehaviour(name="hang", acts=acts, do=do)


def act_then_drop() -> Misbehaviour:
    """The effect happens, and the connection is closed without an answer."""
    return Misbehaviour(name="act-then-drop", acts=True, do=_drop)


def drop() -> Misbehaviour:
    """Nothing happens, and the connection is closed without an answer."""
    return Misbehaviour(name="drop", acts=False, do=_drop)


async def _drop(wire: Wire, status: int, body: bytes) -> bool:
    return False


def reset(*, acts: bool = False) -> Misbehaviour:
    """The connection is reset."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        wire.reset()
        return False

    return Misbehaviour(name="reset", acts=acts, do=do)


def fail(status: int = 500, *, acts: bool = False) -> Misbehaviour:
    """An answer with this status; ``acts``: although it was done."""

    async def do(wire: Wire, honest: int, body: bytes) -> bool:
        return await wire.answer(status, b'{"error": "as the test wants it"}')

    return Misbehaviour(name=str(status), acts=acts, do=do)


def too_many(retry_after: str | None) -> Misbehaviour:
    """429 with this text as Retry-After; None: without the header."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        return await wire.answer(429, b"{}", {} if retry_after is None else {"retry-after": retry_after})

    return Misbehaviour(name="429", acts=False, do=do)


def slow_body(per_second: float = 1.0) -> Misbehaviour:
    """Acts, then answers with so many bytes per second."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        wire.head(status, len(body))
        for number in range(len(body)):
            await wire.write(body[number : number + 1])
            await asyncio.sleep(1 / per_second)
        return True

    return Misbehaviour(name="slow-body", acts=True, do=do)


def endless_headers() -> Misbehaviour:
    """An answer whose headers never end."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        await wire.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000_000):
            await wire.write(b"x-more-%d: %s\r\n" % (number, b"y" * 1000))
            await asyncio.sleep(0.001)
        return False

    return Misbehaviour(name="endless-headers", acts=False, do=do)


def gzip_bomb(megabytes: int = 512) -> Misbehaviour:
    """Acts, then answers with a small body that unpacks to this much."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        # A block that refers to nothing before it can be repeated at no cost. The end and its checksum are left out: nobody should come so far.
        megabyte = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
        return await wire.answer(status, GZIP_HEADER + megabyte * megabytes, {"content-encoding": "gzip"})

    return Misbehaviour(name="gzip-bomb", acts=True, do=do)


def redirect_loop(to: str = "/again") -> Misbehaviour:
    """Sends the caller on; make it last on ``*`` to send it on for ever."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        return await wire.answer(302, b"{}", {"location": to})

    return Misbehaviour(name="redirect", acts=False, do=do)
