"""Connections that may leave. Owns the look-up, the address check, the connection to exactly the checked address, and the deadline.

There is one look-up per connection, and what it gave is what is connected to: a name that answers differently the second time is never
asked a second time. TLS still verifies the name. This file knows sockets; it knows no HTTP.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any, TypeAlias

import httpcore

from engine.egress.addresses import Address, Network, is_allowed, refusal
from engine.errors import EgressRefused

SocketAddress: TypeAlias = "tuple[str, int] | tuple[str, int, int, int]"
Resolve: TypeAlias = Callable[[str, int], Sequence[SocketAddress]]
"""Name and port to socket addresses, best first. Raises OSError when there are none. May block: the deadline is kept around it."""

_LOOKUPS_AT_ONCE = 64


class Exchange(float):
    """One request on its way: the instant (of ``time.monotonic``) by which all must be over, and what is known of how far it came.

    It travels as the time-out that httpcore hands down to every operation on the network. That keeps one deadline over all of them, where
    a plain number would start anew with each byte.
    """

    plain: bool
    dialled = False
    left = False

    @classmethod
    def begin(cls, deadline_ms: int, *, plain: bool) -> Exchange:
        exchange = cls(time.monotonic() + deadline_ms / 1000)
        exchange.plain = plain
        return exchange

    def remaining(self) -> float:
        """Seconds, more than 0. Raises TimeoutError when the deadline has passed."""
        seconds = self - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds


class CheckedBackend(httpcore.NetworkBackend):
    """Dials for httpcore. ``allow``: networks that the operator permits besides the public ones."""

    def __init__(self, allow: Sequence[Network], resolve: Resolve) -> None:
        self._allow = tuple(allow)
        self._resolve = resolve
        self._lookups = threading.BoundedSemaphore(_LOOKUPS_AT_ONCE)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises EgressRefused, httpcore.ConnectError, httpcore.ConnectTimeout."""
        exchange = _exchange(timeout)
        exchange.dialled = True
        try:
            found = self._look_up(host, port, exchange)
            return CheckedStream(_dial(self._permitted(host, found, exchange), exchange))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection in time ({error})") from error
        except OSError as error:
            raise httpcore.ConnectError(error.strerror or str(error)) from error

    def _look_up(self, host: str, port: int, exchange: Exchange) -> Sequence[SocketAddress]:
        # getaddrinfo takes no time-out, so it runs where it can be left behind: a daemon, which does not hold up the process's end either.
        if not self._lookups.acquire(timeout=exchange.remaining()):
            raise TimeoutError("too many look-ups of names hang")
        answer: list[Sequence[SocketAddress] | OSError | UnicodeError] = []
        answered = threading.Event()

        def look_up() -> None:
            try:
                answer.append(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                answer.append(error)
            finally:
                self._lookups.release()
                answered.set()

        threading.Thread(target=look_up, name="hookline-lookup", daemon=True).start()
        if not answered.wait(exchange.remaining()):
            raise TimeoutError("the look-up of the name does not end")
        return _addresses(answer)

    def _permitted(self, host: str, found: Sequence[SocketAddress], exchange: Exchange) -> list[SocketAddress]:
        judged = [(address, _ip(address)) for address in found]
        if exchange.plain and not all(is_allowed(ip, self._allow) for _, ip in judged):
            raise refused(host, "plain http is for networks that you have allowed; use https")
        reasons = [(ip, refusal(ip, self._allow)) for _, ip in judged]
        permitted = [address for (address, _), (_, reason) in zip(judged, reasons, strict=True) if reason is None]
        if not permitted:
            ip, reason = reasons[0]
            raise refused(host, f"its address {ip} is {reason}")
        return permitted


class CheckedStream(httpcore.NetworkStream):
    """A connected socket whose every operation keeps the exchange's deadline and notes whether a byte of the request may have left."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(_exchange(timeout).remaining())
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("no answer in time") from error
        except OSError as error:
            raise httpcore.ReadError(error.strerror or str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange, rest = _exchange(timeout), memoryview(buffer)
        encrypted = isinstance(self._socket, ssl.SSLSocket)
        try:
            while rest:
                self._socket.settimeout(exchange.remaining())
                # TLS may have given a part of a record to the network before it fails; a bare send() that fails has given nothing.
                exchange.left = exchange.left or encrypted
                rest = rest[self._socket.send(rest) :]
                exchange.left = True
        except TimeoutError as error:
            raise httpcore.WriteTimeout("the request could not be sent in time") from error
        except OSError as error:
            raise httpcore.WriteError(error.strerror or str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(_exchange(timeout).remaining())
            return CheckedStream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout("no TLS connection in time") from error
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise httpcore.ConnectError(f"its certificate is not accepted: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            self.close()
            raise httpcore.ConnectError(f"no TLS connection: {getattr(error, 'reason', None) or error}") from error

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "is_readable":
                return _is_readable(self._socket)
            case "ssl_object":
                return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
            case "server_addr":
                return self._socket.getpeername()
            case _:
                return None


def system_resolve(host: str, port: int) -> Sequence[SocketAddress]:
    """The machine's own look-up (getaddrinfo)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [address for _, _, _, _, address in found if isinstance(address[0], str)]


def refused(host: str, reason: str) -> EgressRefused:
    """The error for a host that may not be called; nothing has been sent."""
    return EgressRefused(
        f"{host} is not called: {reason}",
        remedy="if this host is yours, name its network (CIDR) in the setting HOOKLINE_EGRESS_ALLOW",
    )


def _exchange(timeout: float | None) -> Exchange:
    if not isinstance(timeout, Exchange):
        raise TypeError("every operation on the network needs the exchange's deadline")
    return timeout


def _addresses(answer: Sequence[Sequence[SocketAddress] | OSError | UnicodeError]) -> Sequence[SocketAddress]:
    found = answer[0] if answer else []
    if isinstance(found, OSError):
        raise OSError(found.errno, f"the name cannot be resolved: {found.strerror or found}") from found
    if isinstance(found, UnicodeError) or not found:
        raise OSError("the name cannot be resolved")
    return found


def _ip(address: SocketAddress) -> Address:
    return ip_address(address[0].partition("%")[0])


def _dial(addresses: Sequence[SocketAddress], exchange: Exchange) -> socket.socket:
    """Connect to the first address that answers; each gets an equal share of the time that is left."""
    failure: OSError = OSError("no address")
    for number, address in enumerate(addresses):
        dialled = socket.socket(socket.AF_INET6 if len(address) == 4 else socket.AF_INET, socket.SOCK_STREAM)
        try:
            dialled.settimeout(exchange.remaining() / (len(addresses) - number))
            dialled.connect(address)
            dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return dialled
        except OSError as error:
            dialled.close()
            failure = error
    raise failure


def _is_readable(connected: socket.socket) -> bool:
    if connected.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return bool(poll.poll(0))
