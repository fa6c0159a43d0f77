"""Headers that a flow or a connection may set. Owns which names are the client's own and what a value may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

# RFC 9110, section 5.6.2: a token.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_LONGEST = 4_000

FRAMING = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "expect", "te", "trailer"}
    | {"accept-encoding", "proxy-connection"}
)
CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})


def header_name(name: str) -> str:
    """A name that may be chosen for a credential or a key. Raises ValueError for others."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:60]!r} is no name of a header, such as X-Api-Key")
    if name.lower() in FRAMING:
        raise ValueError(f"the header {name} frames the request and is set by the client; leave it out")
    return name


def _plain_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    seen: set[str] = set()
    for name, value in headers.items():
        header_name(name)
        if name.lower() in CREDENTIALS:
            raise ValueError(f"the header {name} carries credentials, which belong into the connection: setting auth")
        if name.lower() in seen:
            raise ValueError(f"the header {name} stands there twice")
        seen.add(name.lower())
        _check_value(name, value)
    return headers


def _check_value(name: str, value: str) -> None:
    # A line break in it would add headers of its own.
    if len(value) > _LONGEST or not value.isascii() or not value.isprintable():
        raise ValueError(
            f"the value of the header {name} must be one line of printable ASCII, at most {_LONGEST} characters"
        )


def merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """All headers, a later layer over the ones before it, whatever letters are capital."""
    named = {name.lower(): (name, value) for layer in layers for name, value in layer.items()}
    return dict(named.values())


_Value = Annotated[str, Field(coerce_numbers_to_str=True)]
Headers = Annotated[dict[str, _Value], AfterValidator(_plain_headers)]
