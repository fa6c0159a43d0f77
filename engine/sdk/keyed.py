"""Keys by which a service tells a repetition from something new. Owns what a header for one may be called, and what a key may hold; sends nothing."""

from __future__ import annotations

import re

from engine.sdk.errors import Kind, ServiceError

LONGEST_KEY = 255
"""Characters. Services that document a limit for such keys mostly set this one."""

# RFC 9110, section 5.6.2: a token.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_TAKEN = frozenset(
    {
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "upgrade",
        "expect",
        "te",
    }
    | {"trailer", "accept", "accept-encoding", "proxy-connection", "authorization", "proxy-authorization", "cookie"}
)


def check_key_header(name: str) -> None:
    """Raises ValueError for what cannot be the name of a header that carries a key."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:60]!r} is no name of a header, such as Idempotency-Key")
    if name.lower() in _TAKEN:
        raise ValueError(
            f"the header {name} has a meaning of its own, and cannot carry a key; take the service's name for it"
        )


def checked_key(key: str) -> str:
    """The key, when it can travel in a header as it is. Raises ServiceError(INVALID), which never quotes it."""
    problem = _problem(key)
    if problem is not None:
        raise ServiceError(
            Kind.INVALID,
            f"the idempotency_key {problem}, and cannot travel in a header",
            remedy="Make one of ids, or put the text through the filter uuid: {{ … | uuid }}.",
        )
    return key


def _problem(key: str) -> str | None:
    if len(key) > LONGEST_KEY:
        return f"has {len(key):,} characters, of at most {LONGEST_KEY}"
    if "\n" in key or "\r" in key:
        return "holds a line break"
    odd = next((char for char in key if not (char.isascii() and char.isprintable())), None)
    if odd is not None:
        return f"holds U+{ord(odd):04X}, which is no printable ASCII"
    return "begins or ends with a space, or is empty" if key != key.strip() or not key else None
