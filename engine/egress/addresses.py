"""Which addresses an outgoing call may reach. Owns the table of forbidden networks, each with its source; does no I/O.

The table is our own because ``ipaddress``'s ``is_global`` lets through addresses that reach private machines: on Python 3.11 NAT64, 6to4,
multicast and a cloud's internal service among them. An IPv4 address that is carried inside an IPv6 address is judged as itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_FORBIDDEN_4: Final = {
    "0.0.0.0/8": "this network (RFC 1122)",
    "10.0.0.0/8": "a private network (RFC 1918)",
    "100.64.0.0/10": "a carrier's shared network (RFC 6598)",
    "127.0.0.0/8": "this machine (RFC 1122)",
    "168.63.129.16/32": "a cloud's internal service (Azure: what is IP address 168.63.129.16)",
    "169.254.0.0/16": "link-local, where clouds keep credentials (RFC 3927)",
    "172.16.0.0/12": "a private network (RFC 1918)",
    "192.0.0.0/24": "reserved for protocols (RFC 6890)",
    "192.0.2.0/24": "for documentation (RFC 5737)",
    "192.88.99.0/24": "a retired 6to4 relay (RFC 7526)",
    "192.168.0.0/16": "a private network (RFC 1918)",
    "198.18.0.0/15": "for benchmarks (RFC 2544)",
    "198.51.100.0/24": "for documentation (RFC 5737)",
    "203.0.113.0/24": "for documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved, or broadcast (RFC 1112, RFC 919)",
}

# Only 2000::/3 is handed out as global unicast (RFC 4291, IANA), so that what is not in it needs no list to be refused.
_FORBIDDEN_6: Final = {
    "::/128": "no address (RFC 4291)",
    "::1/128": "this machine (RFC 4291)",
    "64:ff9b:1::/48": "a network's own NAT64 (RFC 8215)",
    "100::/64": "a black hole (RFC 6666)",
    "2001::/23": "reserved for protocols (RFC 2928)",
    "2001:db8::/32": "for documentation (RFC 3849)",
    "3fff::/20": "for documentation (RFC 9637)",
    "5f00::/16": "segment identifiers (RFC 9602)",
    "fc00::/7": "a private network (RFC 4193)",
    "fe80::/10": "link-local (RFC 4291)",
    "fec0::/10": "site-local (RFC 3879)",
    "ff00::/8": "multicast (RFC 4291)",
}

_TABLE_4: Final = tuple((IPv4Network(network), meaning) for network, meaning in _FORBIDDEN_4.items())
_TABLE_6: Final = tuple((IPv6Network(network), meaning) for network, meaning in _FORBIDDEN_6.items())
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_TEREDO: Final = IPv6Network("2001::/32")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")


def refusal(address: Address, allow: Sequence[Network]) -> str | None:
    """Why ``address`` may not be called, in words that end "… it is <this>", None when it may. What is inside ``allow`` may be called."""
    if is_allowed(address, allow):
        return None
    if isinstance(address, IPv4Address):
        return _meaning_4(address)
    carried = _carried(address)
    if carried:
        refused = [reason for inner in carried if (reason := refusal(inner, allow))]
        return f"an IPv6 form of an address that is {refused[0]}" if refused else None
    return _meaning_6(address)


def is_allowed(address: Address, allow: Sequence[Network]) -> bool:
    """Whether the operator has named a network that ``address`` is in. ``::ffff:a.b.c.d`` is the IPv4 address itself."""
    if isinstance(address, IPv6Address) and address in _MAPPED:
        return is_allowed(_low(address), allow) or any(address in network for network in allow)
    return any(address in network for network in allow)


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """CIDRs as an operator writes them. Raises ValueError that names the one that is wrong."""
    return tuple(ip_network(text.strip()) for text in texts)


def _meaning_4(address: IPv4Address) -> str | None:
    return next((meaning for network, meaning in _TABLE_4 if address in network), None)


def _meaning_6(address: IPv6Address) -> str | None:
    listed = next((meaning for network, meaning in _TABLE_6 if address in network), None)
    return listed or (None if address in _GLOBAL_UNICAST else "not a global unicast address (RFC 4291)")


def _carried(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that packets to ``address`` end up at: RFC 4291 (mapped), 6052 (NAT64), 3056 (6to4), 4380 (Teredo)."""
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return (_low(address),)
    if address in _SIX_TO_FOUR:
        return (IPv4Address(number >> 80 & 0xFFFFFFFF),)
    if address in _TEREDO:
        return (IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF))
    return ()


def _low(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
