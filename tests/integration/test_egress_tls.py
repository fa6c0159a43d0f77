"""TLS on the way out: the name is verified and announced although the connection is made to a checked address."""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.egress import AnswerLost, NotSent, Request
from engine.egress.addresses import parse_networks
from engine.egress.client import HttpxClient
from tests.integration.egress_listener import OK, Listener, says

NAME = "named.example"
LOOPBACK = parse_networks(["127.0.0.0/8"])


@dataclass(frozen=True, kw_only=True)
class Tls:
    """A service's context and a client's that trusts it. ``announced``: the names that clients asked for (SNI)."""

    service: ssl.SSLContext
    client: ssl.SSLContext
    announced: list[str | None]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for NAME, with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("tls") / "service.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return pem


@pytest.fixture
def tls(certificate: Path) -> Tls:
    announced: list[str | None] = []
    service = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    service.load_cert_chain(certificate)
    service.sni_callback = lambda connection, name, context: announced.append(name)
    return Tls(service=service, client=ssl.create_default_context(cafile=certificate), announced=announced)


@pytest.fixture
def listener(tls: Tls) -> Iterator[Listener]:
    with Listener(says(OK), tls=tls.service) as listener:
        yield listener


@pytest.fixture
def client(tls: Tls) -> Iterator[HttpxClient]:
    client = HttpxClient(LOOPBACK, tls=tls.client, resolve=lambda host, port: [("127.0.0.1", port)])
    yield client
    client.close()


def get(url: str) -> Request:
    return Request(method="GET", url=url, deadline_ms=20_000)


def test_the_name_is_announced_and_verified(listener: Listener, client: HttpxClient, tls: Tls) -> None:
    assert client.send(get(listener.url(host=NAME))).body == b"ok"
    assert tls.announced == [NAME]


def test_another_name_on_the_same_address_is_not_believed(listener: Listener, client: HttpxClient) -> None:
    with pytest.raises(NotSent, match="certificate is not accepted"):
        client.send(get(listener.url(host="other.example")))
    assert listener.requests == []


def test_a_certificate_that_nobody_vouches_for_is_not_believed(listener: Listener) -> None:
    client = HttpxClient(LOOPBACK, resolve=lambda host, port: [("127.0.0.1", port)])
    with pytest.raises(NotSent, match="certificate is not accepted"):
        client.send(get(listener.url(host=NAME)))
    assert listener.requests == []
    client.close()


def test_the_environment_adds_no_trust(listener: Listener, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = HttpxClient(LOOPBACK, resolve=lambda host, port: [("127.0.0.1", port)])
    with pytest.raises(NotSent, match="certificate is not accepted"):
        client.send(get(listener.url(host=NAME)))
    client.close()


def test_a_tls_connection_is_kept_and_replaced_when_the_service_closed_it(
    listener: Listener, client: HttpxClient
) -> None:
    for _ in range(3):
        client.send(get(listener.url(host=NAME)))
    assert listener.connections == 1
    listener.drop_all()
    assert client.send(get(listener.url(host=NAME))).status == 200
    assert listener.connections == 2


def test_an_answer_that_tls_cuts_off_is_lost(tls: Tls, client: HttpxClient) -> None:
    def cut(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        connection.close()

    with Listener(cut, tls=tls.service) as listener:
        with pytest.raises(AnswerLost):
            client.send(get(listener.url(host=NAME)))
        assert len(listener.requests) == 1
