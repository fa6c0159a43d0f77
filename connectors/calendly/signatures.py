"""Signatures of Calendly's deliveries. Owns computing and checking them over the raw bytes; it does not read the body.

``Calendly-Webhook-Signature: t=<unix seconds>,v1=<hex>`` with v1 = HMAC-SHA256(key, t + "." + body), lower-case hex. Whether Calendly
signs its retries with a fresh ``t`` is not documented, so that an old ``t`` makes a verdict stale and does not refuse the delivery.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from engine.sdk import Delivery, SignatureError, Verdict

HEADER = "calendly-webhook-signature"
STALE_AFTER_S = 180
_MAX_HEADER = 4096


def signature(body: bytes, key: str, at: int) -> str:
    """The header's value for a body that is signed at ``at`` (seconds since the epoch)."""
    return f"t={at},v1={_digest(body, key, str(at)).decode()}"


def verify(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    """Whether any signature in the header was made with any of the keys. Raises SignatureError, and nothing else; no key, no entry."""
    usable = [key for key in keys if key]
    if not usable:
        raise SignatureError("the subscription has no signing key, so that no delivery can be trusted")
    at, given = _read(delivery.headers.get(HEADER))
    expected = [_digest(delivery.body, key, at) for key in usable]
    if not any(hmac.compare_digest(theirs, ours) for theirs in given for ours in expected):
        raise SignatureError(f"the {HEADER} header does not match the body")
    return Verdict(stale=abs(delivery.received_at - int(at)) > STALE_AFTER_S)


def _read(header: str | None) -> tuple[str, list[bytes]]:
    """The time and the v1 signatures of a header; other parts are skipped, since Calendly may add schemes."""
    if not header:
        raise SignatureError(f"the {HEADER} header is missing")
    pairs = [part.partition("=") for part in header.split(",")] if len(header) <= _MAX_HEADER else []
    times = [value for name, _, value in pairs if name == "t"]
    given = [value.encode(errors="replace") for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdecimal() and len(times[0]) <= 12) or not given:
        raise SignatureError(f"the {HEADER} header is not of the form t=<seconds>,v1=<signature>")
    return times[0], given


def _digest(body: bytes, key: str, at: str) -> bytes:
    return hmac.new(key.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
