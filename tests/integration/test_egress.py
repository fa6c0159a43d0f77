"""Outgoing calls against real listeners: what may be reached, what goes over the wire, and what comes back."""

from __future__ import annotations

import concurrent.futures
import socket
from collections.abc import Iterator, Sequence
from ipaddress import ip_network

import pytest

import engine
from engine.egress import AnswerLost, NotSent, Request
from engine.egress.addresses import parse_networks
from engine.egress.client import HttpxClient
from engine.egress.connect import SocketAddress
from engine.errors import EgressRefused
from tests.integration.egress_listener import OK, Listener, says

LOOPBACK = parse_networks(["127.0.0.0/8", "::1/128"])


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener(says(OK)) as listener:
        yield listener


@pytest.fixture
def client() -> Iterator[HttpxClient]:
    client = HttpxClient(LOOPBACK)
    yield client
    client.close()


@pytest.fixture
def strict() -> Iterator[HttpxClient]:
    client = HttpxClient()
    yield client
    client.close()


def get(url: str) -> Request:
    return Request(method="GET", url=url, deadline_ms=20_000)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "0.0.0.0", "127.1"]
)
def test_this_machine_sees_no_connection_unless_the_operator_allows_it(
    listener: Listener, strict: HttpxClient, scheme: str, host: str
) -> None:
    with pytest.raises(EgressRefused, match="HOOKLINE_EGRESS_ALLOW"):
        strict.send(get(f"{scheme}://{host}:{listener.port}/"))
    assert listener.connections == 0


def test_an_allowed_network_is_reached_by_plain_http(listener: Listener, client: HttpxClient) -> None:
    answer = client.send(get(listener.url("/a?b=c")))
    assert (answer.status, answer.body) == (200, b"ok")
    assert listener.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")


def test_the_refusal_names_the_host_the_reason_and_the_setting(strict: HttpxClient) -> None:
    with pytest.raises(EgressRefused) as caught:
        strict.send(get("https://169.254.169.254/latest/meta-data?secret=1"))
    text = str(caught.value)
    assert "169.254.169.254 is not called" in text
    assert "link-local" in text
    assert "HOOKLINE_EGRESS_ALLOW" in text
    assert "secret" not in text


def test_plain_http_needs_every_address_of_the_host_to_be_allowed(listener: Listener) -> None:
    answers: list[SocketAddress] = [("127.0.0.1", listener.port), ("192.0.2.1", listener.port)]
    client = HttpxClient(LOOPBACK, resolve=lambda host, port: answers)
    with pytest.raises(EgressRefused, match="use https"):
        client.send(get(listener.url(host="mixed.example")))
    assert listener.connections == 0
    client.close()


def test_only_the_permitted_addresses_of_a_host_are_dialled(listener: Listener) -> None:
    with Listener(says(OK), host="127.0.0.2") as forbidden:
        answers: list[SocketAddress] = [("127.0.0.2", forbidden.port), ("127.0.0.1", listener.port)]
        client = HttpxClient([ip_network("127.0.0.1/32")], resolve=lambda host, port: answers)
        with pytest.raises(NotSent):
            client.send(Request(method="GET", url=f"https://mixed.example:{listener.port}/", deadline_ms=500))
        assert (forbidden.connections, listener.connections) == (0, 1)
        client.close()


def test_a_name_that_answers_differently_the_second_time_is_asked_once(listener: Listener) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[SocketAddress]:
        asked.append(host)
        return [("127.0.0.1" if len(asked) == 1 else "127.0.0.2", listener.port)]

    with Listener(says(OK), host="127.0.0.2") as inner:
        client = HttpxClient([ip_network("127.0.0.1/32")], resolve=rebinding)
        assert client.send(get(listener.url(host="rebind.example"))).status == 200
        assert asked == ["rebind.example"]
        listener.drop_all()
        with pytest.raises(EgressRefused):
            client.send(get(f"http://rebind.example:{listener.port}/"))
        assert inner.connections == 0
        client.close()


def test_the_host_header_stays_the_name(listener: Listener) -> None:
    client = HttpxClient(LOOPBACK, resolve=lambda host, port: [("127.0.0.1", port)])
    client.send(get(listener.url(host="named.example")))
    assert f"Host: named.example:{listener.port}\r\n".lower().encode() in listener.requests[0].lower()
    client.close()


def test_an_ipv6_listener_is_reached_when_allowed() -> None:
    try:
        listener = Listener(says(OK), host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with listener:
        client, strict = HttpxClient(LOOPBACK), HttpxClient()
        with pytest.raises(EgressRefused):
            strict.send(get(listener.url(host="[::1]")))
        assert listener.connections == 0
        assert client.send(get(listener.url(host="[::1]"))).status == 200
        client.close()
        strict.close()


def test_the_environment_sets_no_proxy(
    listener: Listener, client: HttpxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Listener(says(OK)) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert client.send(get(listener.url())).status == 200
        assert proxy.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pass-word@example.com/",
        "https://user@example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "https://",
        "https://exa mple.com/",
        "https://example.com:99999/",
        "https://[fe80::1%25eth0]/",
        "https://a%2eb/",
        "https://\ud800/",
        "",
    ],
)
def test_an_url_that_is_not_a_plain_https_one_is_refused(strict: HttpxClient, url: str) -> None:
    with pytest.raises(EgressRefused) as caught:
        strict.send(get(url))
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize("headers", [{"Host": "inner"}, {"Transfer-Encoding": "chunked"}, {"content-length": "0"}])
def test_headers_that_frame_the_message_are_refused(
    listener: Listener, client: HttpxClient, headers: dict[str, str]
) -> None:
    with pytest.raises(EgressRefused, match="leave it out"):
        client.send(Request(method="POST", url=listener.url(), headers=headers, body=b"x"))
    assert listener.connections == 0


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"Authorization": "s3cret\r\nX-Evil: 1"}),
        ("GET", {"Authorization": "s3crét"}),
        ("GET", {"Bad Name": "s3cret"}),
        ("GE\r\nT", {}),
        ("CONNECT", {}),
    ],
)
def test_a_request_that_http_cannot_carry_is_refused_without_showing_it(
    listener: Listener, client: HttpxClient, method: str, headers: dict[str, str]
) -> None:
    with pytest.raises(EgressRefused) as caught:
        client.send(Request(method=method, url=listener.url(), headers=headers))
    assert "s3cr" not in str(caught.value)
    assert listener.requests == []


def test_the_request_carries_what_was_given_and_says_who_calls(listener: Listener, client: HttpxClient) -> None:
    client.send(
        Request(method="POST", url=listener.url("/x"), headers={"Authorization": "Bearer t"}, body='{"é":1}'.encode())
    )
    head, _, body = listener.requests[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert body == '{"é":1}'.encode()
    assert f"user-agent: hookline/{engine.__version__}".encode() in lines
    assert b"authorization: bearer t" in lines
    assert b"content-length: 8" in lines
    assert b"accept-encoding: gzip" in lines


def test_a_redirect_is_an_answer_and_is_not_followed(client: HttpxClient) -> None:
    with Listener(says(OK)) as target:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {target.url()}\r\nContent-Length: 0\r\n\r\n".encode()
        with Listener(says(moved)) as listener:
            answer = client.send(get(listener.url()))
        assert (answer.status, answer.headers["location"]) == (302, target.url())
        assert target.connections == 0


@pytest.mark.parametrize("status", [204, 301, 404, 429, 500, 503])
def test_every_status_is_an_answer(client: HttpxClient, status: int) -> None:
    with Listener(says(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nX-A: 1\r\nx-a: 2\r\n\r\n".encode())) as listener:
        answer = client.send(get(listener.url()))
    assert answer.status == status
    assert answer.headers["x-a"] == "1, 2"


def test_cookies_are_not_kept(client: HttpxClient) -> None:
    with Listener(says(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")) as listener:
        for _ in range(2):
            client.send(get(listener.url()))
    assert all(b"cookie" not in request.lower() for request in listener.requests)


def test_a_connection_is_kept_and_used_again(listener: Listener, client: HttpxClient) -> None:
    for _ in range(5):
        client.send(get(listener.url()))
    assert (listener.connections, len(listener.requests)) == (1, 5)


def test_a_kept_connection_that_the_service_has_closed_is_replaced(listener: Listener, client: HttpxClient) -> None:
    for _ in range(5):
        assert client.send(get(listener.url())).status == 200
        listener.drop_all()
    assert len(listener.requests) == 5


@pytest.mark.parametrize("closed_by", ["an end", "a reset"])
def test_a_kept_connection_that_closes_just_now_is_replaced_only_if_nothing_has_left(
    listener: Listener, client: HttpxClient, monkeypatch: pytest.MonkeyPatch, closed_by: str
) -> None:
    client.send(get(listener.url()))
    monkeypatch.setattr("engine.egress.connect._is_readable", lambda connected: False)
    listener.drop_all(reset=closed_by == "a reset")
    if closed_by == "a reset":
        assert client.send(get(listener.url())).status == 200
    else:
        with pytest.raises(AnswerLost):
            client.send(get(listener.url()))
        assert len(listener.requests) == 1


def test_many_threads_share_one_client(listener: Listener, client: HttpxClient) -> None:
    with concurrent.futures.ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: client.send(get(listener.url())).status, range(200)))
    assert answers == [200] * 200
    assert listener.connections <= 16


def test_nobody_at_home_means_not_sent(client: HttpxClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent, match=rf"^127\.0\.0\.1:{port} could not be reached: "):
        client.send(get(f"http://127.0.0.1:{port}/"))


def test_a_name_that_does_not_exist_means_not_sent() -> None:
    def nowhere(host: str, port: int) -> Sequence[SocketAddress]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = HttpxClient(resolve=nowhere)
    with pytest.raises(NotSent, match="cannot be resolved"):
        client.send(get("https://nowhere.example/"))
    client.close()
