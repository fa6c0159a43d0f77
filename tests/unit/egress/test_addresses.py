"""Which addresses may be called, as a table."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from engine.egress.addresses import is_allowed, parse_networks, refusal

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]

FORBIDDEN = {
    "0.0.0.0": "this network",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "10.255.255.255": "private",
    "100.64.0.1": "carrier",
    "100.100.100.200": "carrier",
    "127.0.0.1": "this machine",
    "127.255.255.254": "this machine",
    "168.63.129.16": "cloud",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.192": "reserved",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarks",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "no address",
    "::1": "this machine",
    "::127.0.0.1": "not a global unicast",
    "::ffff:127.0.0.1": "this machine",
    "::ffff:169.254.169.254": "link-local",
    "::ffff:0:127.0.0.1": "not a global unicast",
    "64:ff9b::7f00:1": "this machine",
    "64:ff9b::a9fe:a9fe": "link-local",
    "64:ff9b:1::1": "NAT64",
    "100::1": "black hole",
    "2001::1": "this network",
    "2001:0:a00:1::f7f7:f7f7": "private",
    "2001:0:808:808::80ff:fffe": "this machine",
    "2001:2::1": "protocols",
    "2001:10::1": "protocols",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "this machine",
    "2002:a9fe:a9fe::1": "link-local",
    "2002:c0a8:101::1": "private",
    "3fff::1": "documentation",
    "4000::1": "not a global unicast",
    "5f00::1": "segment",
    "fc00::1": "private",
    "fd00:ec2::254": "private",
    "fe80::1": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert refusal(ip_address(address), ()) is None


@pytest.mark.parametrize(("address", "meaning"), FORBIDDEN.items())
def test_addresses_that_lead_inside_may_not(address: str, meaning: str) -> None:
    reason = refusal(ip_address(address), ())
    assert reason is not None
    assert meaning in reason
    assert "RFC" in reason or "Azure" in reason


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("10.1.2.3", ["10.2.0.0/16"], False),
        ("10.1.2.3", ["10.1.2.3/32", "fd00::/8"], True),
        ("::ffff:10.1.2.3", ["10.0.0.0/8"], True),
        ("64:ff9b::a01:203", ["10.0.0.0/8"], True),
        ("2002:a01:203::1", ["10.0.0.0/8"], True),
        ("::1", ["127.0.0.0/8"], False),
        ("fd00::1", ["fd00::/8"], True),
        ("127.0.0.1", ["0.0.0.0/0"], True),
        ("::1", ["0.0.0.0/0"], False),
    ],
)
def test_what_the_operator_allows_may_be_called(address: str, networks: list[str], allowed: bool) -> None:
    assert (refusal(ip_address(address), parse_networks(networks)) is None) is allowed


def test_a_public_address_is_not_one_that_the_operator_allowed() -> None:
    assert not is_allowed(ip_address("8.8.8.8"), parse_networks(["10.0.0.0/8"]))


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        parse_networks(["10.0.0.0/8", "10.0.0.1/8"])
