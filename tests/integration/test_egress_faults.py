"""Services that misbehave: slow, endless, cut off, huge. Each ends in the right error, and NotSent is said only when nothing can have left.

The deadlines are short because the service never ends its answer; no test measures how long a call took beyond "it came back".
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Sequence

import pytest

from engine.egress import AnswerLost, NotSent, Request
from engine.egress.addresses import parse_networks
from engine.egress.client import HttpxClient
from engine.egress.connect import SocketAddress
from engine.errors import EgressRefused
from tests.integration.egress_listener import OK, Answer, Listener, says

LOOPBACK = parse_networks(["127.0.0.0/8"])
CAP = 100_000


@pytest.fixture
def client() -> Iterator[HttpxClient]:
    client = HttpxClient(LOOPBACK, max_body=CAP)
    yield client
    client.close()


def get(url: str, deadline_ms: int = 400) -> Request:
    return Request(method="GET", url=url, deadline_ms=deadline_ms)


def drips(head: bytes, drop: bytes) -> Answer:
    """Sends ``drop`` again and again, each within any time-out that starts anew with every byte."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:  # until the client hangs up
            connection.sendall(drop)
            time.sleep(0.02)

    return answer


def hangs_up(after: bytes, *, reset: bool = False) -> Answer:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(after)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return answer


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        pytest.param(b"", b"H", id="a status line by the byte"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", id="endless headers"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="endless interim answers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x", id="a body by the byte"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="endless chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x", id="a body without an end"),
    ],
)
def test_one_deadline_covers_everything(client: HttpxClient, head: bytes, drop: bytes) -> None:
    with (
        Listener(drips(head, drop)) as listener,
        pytest.raises(AnswerLost, match=r"^127\.0\.0\.1:\d+ gave no complete answer: "),
    ):
        client.send(get(listener.url()))


def test_a_service_that_never_answers_loses_the_answer(client: HttpxClient) -> None:
    with Listener(lambda connection, request: None) as listener, pytest.raises(AnswerLost, match="no answer in time"):
        client.send(get(listener.url()))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hangs_up(b""), id="closed without an answer"),
        pytest.param(hangs_up(b"", reset=True), id="reset without an answer"),
        pytest.param(hangs_up(b"HTTP/1.1 200 OK\r\nContent-Le"), id="closed in the headers"),
        pytest.param(hangs_up(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), id="closed in the body"),
        pytest.param(hangs_up(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", reset=True), id="reset in the body"),
        pytest.param(hangs_up(b"220 smtp.example ESMTP\r\n"), id="not HTTP"),
        pytest.param(says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), id="another protocol"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"b" * 200_000), id="a header without an end"),
    ],
)
def test_an_answer_that_is_cut_off_or_not_http_is_lost(client: HttpxClient, answer: Answer) -> None:
    with Listener(answer) as listener, pytest.raises(AnswerLost):
        client.send(get(listener.url(), deadline_ms=20_000))
    assert len(listener.requests) == 1, "a request that may have arrived is never sent again"


def test_more_headers_than_the_cap_are_refused(client: HttpxClient) -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"v" * 1_000) for number in range(80))
    with (
        Listener(says(b"HTTP/1.1 200 OK\r\n" + headers + b"Content-Length: 0\r\n\r\n")) as listener,
        pytest.raises(EgressRefused, match="64 KiB of headers"),
    ):
        client.send(get(listener.url(), deadline_ms=20_000))


def _bomb() -> bytes:
    packed = gzip.compress(bytes(200_000_000), compresslevel=9)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (CAP + 1) + bytes(CAP + 1), id="plain"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(3 * CAP), id="of unknown length"),
        pytest.param(_bomb(), id="compressed"),
    ],
)
def test_a_body_over_the_cap_is_refused(client: HttpxClient, answer: bytes) -> None:
    with Listener(says(answer)) as listener, pytest.raises(EgressRefused, match="longer than 100,000 bytes"):
        client.send(get(listener.url(), deadline_ms=20_000))


def test_a_body_of_just_the_cap_is_an_answer(client: HttpxClient) -> None:
    with Listener(says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % CAP + bytes(CAP))) as listener:
        assert len(client.send(get(listener.url(), deadline_ms=20_000)).body) == CAP


def test_a_compressed_body_is_given_decompressed(client: HttpxClient) -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with Listener(says(head + packed)) as listener:
        assert client.send(get(listener.url(), deadline_ms=20_000)).body == b'{"a": 1}'


def test_an_encoding_that_was_not_asked_for_loses_the_answer(client: HttpxClient) -> None:
    packed = zlib.compress(b"x")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with Listener(says(head + packed)) as listener, pytest.raises(AnswerLost, match="not asked for"):
        client.send(get(listener.url(), deadline_ms=20_000))


def test_after_every_fault_the_next_call_gets_its_own_answer(client: HttpxClient) -> None:
    turns = iter([says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (CAP * 9) + bytes(CAP * 9)), says(OK)])
    with Listener(lambda connection, request: next(turns)(connection, request)) as listener:
        with pytest.raises(EgressRefused):
            client.send(get(listener.url(), deadline_ms=20_000))
        assert client.send(get(listener.url(), deadline_ms=20_000)).body == b"ok"
        assert listener.connections == 2


def test_a_look_up_that_hangs_ends_with_the_deadline() -> None:
    over = threading.Event()

    def hangs(host: str, port: int) -> Sequence[SocketAddress]:
        over.wait()
        return []

    client = HttpxClient(resolve=hangs)
    with pytest.raises(NotSent, match="look-up"):
        client.send(get("https://slow.example/", deadline_ms=100))
    over.set()
    client.close()


def test_a_service_that_does_not_accept_means_not_sent(client: HttpxClient) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for early in waiting:
            early.setblocking(False)
            early.connect_ex(full.getsockname())
        with pytest.raises(NotSent, match="no connection in time"):
            client.send(get(f"http://127.0.0.1:{full.getsockname()[1]}/", deadline_ms=300))
        for early in waiting:
            early.close()


def test_a_tls_handshake_that_does_not_end_means_not_sent(client: HttpxClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotSent, match="no TLS connection in time"):
        client.send(get(f"https://127.0.0.1:{silent.getsockname()[1]}/", deadline_ms=300))


def test_a_service_that_speaks_no_tls_means_not_sent(client: HttpxClient) -> None:
    def greets(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"hello, this is no TLS\r\n")
            connection.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greets, args=(server,))
        thread.start()
        with pytest.raises(NotSent, match="no TLS connection"):
            client.send(get(f"https://127.0.0.1:{server.getsockname()[1]}/", deadline_ms=20_000))
        thread.join()


def test_an_early_refusal_of_a_long_request_is_an_answer(client: HttpxClient) -> None:
    def too_large(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1_000)
            connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            while connection.recv(1_000_000):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=too_large, args=(server,))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        answer = client.send(Request(method="POST", url=url, body=bytes(5_000_000), deadline_ms=20_000))
        assert answer.status == 413
        client.close()
        thread.join()
