"""An answer's body under a cap. Owns decompression and the cap after it; reads from any source of chunks and does no I/O of its own."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

ACCEPT_ENCODING = "gzip"
_GZIP = zlib.MAX_WBITS | 16


class OverCap(Exception):
    """The body is longer than the cap, on the way or after decompression."""


class Damaged(Exception):
    """The body is not what its encoding says; the message says how."""


def read_capped(chunks: Iterable[bytes], *, encoding: str, cap: int) -> bytes:
    """All of ``chunks``, decompressed as ``encoding`` (a Content-Encoding) says. Raises OverCap, Damaged; holds no more than the cap."""
    match encoding.strip().lower():
        case "" | "identity":
            return _join(_limited(chunks, cap), cap)
        case "gzip" | "x-gzip":
            return _join(_gunzip(_limited(chunks, cap), cap), cap)
        case _:
            raise Damaged("it is in a Content-Encoding that was not asked for")


def _limited(chunks: Iterable[bytes], cap: int) -> Iterable[bytes]:
    # A stream of empty compressed blocks never grows once decompressed, so what arrives is capped as well.
    arrived = 0
    for chunk in chunks:
        arrived += len(chunk)
        if arrived > cap:
            raise OverCap
        yield chunk


def _join(parts: Iterable[bytes], cap: int) -> bytes:
    joined = bytearray()
    for part in parts:
        joined += part
        if len(joined) > cap:
            raise OverCap
    return bytes(joined)


def _gunzip(chunks: Iterable[bytes], cap: int) -> Iterable[bytes]:
    """Members one after the other, as RFC 1952 section 2.2 allows; no part that is given is longer than the cap and a byte."""
    member, begun = zlib.decompressobj(_GZIP), False
    for chunk in chunks:
        while chunk:
            if member.eof:
                member = zlib.decompressobj(_GZIP)
            try:
                yield member.decompress(chunk, cap + 1)
            except zlib.error:
                raise Damaged("it is not the gzip that its Content-Encoding says") from None
            begun = True
            chunk = member.unused_data or member.unconsumed_tail
    if begun and not member.eof:
        raise Damaged("its gzip ends too early")
