"""The one HTTP client, on httpx. Owns the request's way out and the answer's way in; the only file that imports httpx.

It follows no redirect, keeps no cookie, reads no proxy or certificate setting from the environment, and never repeats a request of which a
byte may have left. Which address may be called is for ``addresses`` and ``connect`` to say.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import httpcore
import httpx

import engine
from engine.egress import AnswerLost, NotSent, Request
from engine.egress.addresses import Network
from engine.egress.body import ACCEPT_ENCODING, Damaged, OverCap, read_capped
from engine.egress.connect import CheckedBackend, Exchange, Resolve, refused, system_resolve
from engine.errors import EgressRefused
from engine.sdk.http import Response

MAX_BODY = 2 * 1024 * 1024
MAX_HEADERS = 64 * 1024

# Node's and uvicorn's servers close idle connections after 5 s: ours are gone before, or a request would race with the close.
KEEPALIVE_S = 3.0
MAX_CONNECTIONS = 200
MAX_IDLE = 40

_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "expect", "te", "trailer"}
)
"""Request headers that frame the message: set by somebody else, they would let one request hide another."""


class HttpxClient:
    """Implements ``engine.egress.Client``: one pool of connections, shared by all threads of the process.

    ``allow``: networks that may be called although they are private, and by plain http. ``max_body``: bytes after decompression.
    ``tls``: the context that verifies services, by default with the certificates that come with httpx. ``resolve``: the look-up of names.
    """

    def __init__(
        self,
        allow: Sequence[Network] = (),
        *,
        max_body: int = MAX_BODY,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = system_resolve,
    ) -> None:
        self._max_body = max_body
        self._transport = _CheckedTransport(
            CheckedBackend(allow, resolve), httpx.create_ssl_context(trust_env=False) if tls is None else tls
        )

    def send(self, request: Request) -> Response:
        """As the port says. Messages name the host and the reason, and never the path, the query, a header or a body."""
        url = _checked_url(request.url)
        headers = _checked_headers(request)
        exchange = Exchange.begin(request.deadline_ms, plain=url.scheme == "http")
        while True:
            try:
                return self._exchange(request, url, headers, exchange)
            except httpx.LocalProtocolError:
                raise _unsendable() from None
            except TimeoutError as error:
                raise NotSent(f"{_name(url)} could not be reached: {error}") from error
            except httpx.TransportError as error:
                if exchange.left:
                    raise AnswerLost(f"{_name(url)} gave no complete answer: {_reason(error)}") from error
                if exchange.dialled or isinstance(error, httpx.TimeoutException):
                    raise NotSent(f"{_name(url)} could not be reached: {_reason(error)}") from error
                # The connection was kept from an earlier request and took not one byte of this one: the service had closed it.

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _exchange(self, request: Request, url: httpx.URL, headers: Mapping[str, str], exchange: Exchange) -> Response:
        timeout = {"pool": exchange.remaining(), "connect": exchange, "read": exchange, "write": exchange}
        answer = self._transport.handle_request(
            httpx.Request(request.method, url, headers=headers, content=request.body, extensions={"timeout": timeout})
        )
        try:
            return self._read(answer, _name(url))
        finally:
            answer.close()

    def _read(self, answer: httpx.Response, host: str) -> Response:
        if sum(len(name) + len(value) for name, value in answer.headers.raw) > MAX_HEADERS:
            raise EgressRefused(f"the answer of {host} has more than {MAX_HEADERS // 1024} KiB of headers")
        encoding = answer.headers.get("content-encoding", "")
        try:
            body = read_capped(cast("Iterable[bytes]", answer.stream), encoding=encoding, cap=self._max_body)
        except OverCap:
            raise EgressRefused(f"the answer of {host} is longer than {self._max_body:,} bytes") from None
        except Damaged as damage:
            raise AnswerLost(f"the answer of {host} cannot be read: {damage}") from None
        return Response(status=answer.status_code, headers=dict(answer.headers.items()), body=body)


class _CheckedTransport(httpx.HTTPTransport):
    """httpx's transport over a pool that dials through the check; httpx itself offers no way to give it a network backend."""

    def __init__(self, backend: CheckedBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_IDLE,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=backend,
        )


def _checked_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError):
        raise EgressRefused("the URL of the request is not one that can be called") from None
    if url.scheme not in ("https", "http") or not url.host:
        raise EgressRefused(f"the URL of the request must start with https:// and a host, not {url.scheme[:20]!r}")
    if not _HOST.fullmatch(url.raw_host) or (url.port or 0) > 65535:
        raise EgressRefused("the URL of the request names no host and port that can be called")
    if url.userinfo:
        raise refused(url.host, "its URL carries a user name or password, which belong into a connection's secrets")
    return url


def _checked_headers(request: Request) -> Mapping[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    for name in headers:
        if name in _OURS:
            raise EgressRefused(f"the header {name!r} is set by the client itself; leave it out")
    if not "".join([request.method, *headers, *headers.values()]).isascii() or request.method.upper() == "CONNECT":
        raise _unsendable()
    headers.setdefault("user-agent", f"hookline/{engine.__version__}")
    headers.setdefault("accept", "*/*")
    return {**headers, "accept-encoding": ACCEPT_ENCODING}


def _unsendable() -> EgressRefused:
    # Without what it was: a header's value may be a secret.
    return EgressRefused("the request is not sent: its method or one of its headers holds what HTTP does not allow")


def _name(url: httpx.URL) -> str:
    """The host, with the port where it is not the usual one."""
    return url.netloc.decode("ascii")


def _reason(error: httpx.TransportError) -> str:
    return str(error)[:200] or type(error).__name__
