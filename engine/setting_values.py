"""What a setting's value may be. Owns one check per kind of value, from the text that was given to the value that is used; does no I/O.

A check raises ValueError whose message is what was expected, so that it reads well after "given …, expected": the caller adds the rest.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, quote, unquote, urlsplit

from pydantic import SecretStr

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

MAKE_KEY = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
KEY_IS_GONE = (
    "Put it back from your copy. Without a copy: make a new one with "
    "(umask 077; python3 -c 'import secrets; print(secrets.token_urlsafe(32))' > THAT-FILE), "
    "give each connection its token again (hookline connection add), then hookline deploy."
)
"""What to do when the file is not there whose key sealed what is stored."""
_KEY_CHARACTERS = 32


def masked(url: str) -> str:
    """The URL with its password and ``password=`` parameters hidden: rather too much than too little."""
    hidden = re.sub(r"(//[^:@/?#]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return re.sub(r"(?i)([?&][^=&]*(?:password|secret|token)[^=&]*=)[^&]*", r"\1***", hidden)


def path(given: object) -> Path:
    try:
        return Path(str(given)).expanduser().absolute()
    except RuntimeError:
        raise ValueError("a path, whose ~USER is a user of this machine") from None


def database_url(given: object) -> str:
    scheme, separator, rest = str(given).partition("://")
    if scheme == "sqlite" and rest.startswith("/"):
        return _sqlite_url(rest[1:])
    if scheme in ("postgres", "postgresql") and separator:
        return _postgres_url(rest)
    raise ValueError("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")


def _sqlite_url(file: str) -> str:
    if not file or file.endswith("/") or ":memory:" in file or "?" in file:
        raise ValueError("sqlite:///FILE, the path of one file that all processes share, without options")
    return f"sqlite:///{quote(str(Path(unquote(file)).absolute()))}"


def _postgres_url(rest: str) -> str:
    url = f"postgresql://{rest}"
    parts = _split(url)
    _port_in(parts.netloc)
    if not parts.path.strip("/"):
        raise ValueError("postgresql://USER:PASSWORD@HOST/DATABASE with the name of a database")
    return url


def redis_url(given: object) -> str:
    url = str(given)
    parts = _split(url)
    if parts.scheme in ("redis", "rediss") and parts.hostname:
        _port_in(parts.netloc)
        return url
    if parts.scheme == "unix" and parts.path.strip("/") and not parts.netloc:
        return url
    raise ValueError("redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:///SOCKET?db=DB")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("a URL whose IPv6 address stands in one pair of brackets") from None


def _port_in(netloc: str) -> None:
    host_port = netloc.rpartition("@")[2]
    port = host_port.rpartition(":")[2] if ":" in host_port and not host_port.endswith("]") else ""
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError("a URL whose port is a number from 1 to 65535 (percent-encode '@', ':' and '/' in a password)")


def public_url(given: object) -> str:
    url = str(given).removesuffix("/")
    parts = _split(url)
    _port_in(parts.netloc)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or url != origin:
        raise ValueError("https://HOST or http://HOST:PORT, without user, path, query and fragment")
    return origin


def networks(given: object) -> tuple[Network, ...]:
    return tuple(_network(item.strip()) for item in str(given).split(",") if item.strip())


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"networks such as 10.20.0.0/16,fd00::/8, which {text!r} is not{_meant(text)}") from None


def _meant(text: str) -> str:
    try:
        return f" (did you mean {ipaddress.ip_network(text, strict=False)}?)"
    except ValueError:
        return ""


def secret_key(given: object) -> SecretStr:
    key = str(given).strip()
    if len(key) < _KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise ValueError(f"at least {_KEY_CHARACTERS} random characters; {MAKE_KEY}")
    return SecretStr(key)


def whole_number(low: int, high: int) -> Callable[[object], int]:
    def check(given: object) -> int:
        text = str(given).strip()
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return check


def one_of(*names: str) -> Callable[[object], str]:
    def check(given: object) -> str:
        if (text := str(given).strip().lower()) not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return text

    return check


def host(given: object) -> str:
    if not (text := str(given).strip()) or not text.isprintable() or " " in text:
        raise ValueError("a host name or an address")
    return text
