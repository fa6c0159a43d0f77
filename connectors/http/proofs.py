"""Who may call an inbound webhook. Owns the two proofs, a token and a signature; it does not read the body.

Token: ``Authorization: Bearer <secret>`` or ``X-Hookline-Token: <secret>``.
Signature: ``X-Hookline-Signature: t=<unix seconds>,v1=<hex>`` with v1 = HMAC-SHA256(secret, t + "." + raw body), lower-case hex. A ``t`` that is
more than five minutes off is refused: who sends again signs again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from engine.sdk import Delivery, SignatureError, Verdict

TOKEN_HEADER = "x-hookline-token"
SIGNATURE_HEADER = "x-hookline-signature"
FRESH_S = 300

_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", re.ASCII)
_BEARER = re.compile(r"(?i:Bearer) +(\S{1,512})", re.ASCII)


def signature(body: bytes, key: str, at: int) -> str:
    """The header's value for a body that is signed at ``at`` (seconds since the epoch)."""
    return f"t={at},v1={_digest(body, key, str(at))}"


def verify_token(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    """Raises SignatureError unless the delivery carries one of the keys."""
    usable = _usable(keys)
    bearer = _BEARER.fullmatch(delivery.headers.get("authorization", ""))
    given = delivery.headers.get(TOKEN_HEADER) or (bearer[1] if bearer else "")
    if not given:
        raise SignatureError(f"there is no token: it belongs into Authorization: Bearer … or {TOKEN_HEADER}")
    # All are compared, and whole, so that the time it takes says nothing.
    fits = [hmac.compare_digest(given.encode(errors="replace"), key.encode()) for key in usable]
    if not any(fits):
        raise SignatureError("the token is not this webhook's")
    return Verdict()


def verify_signature(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    """Raises SignatureError unless the body was signed with one of the keys, less than five minutes ago."""
    usable = _usable(keys)
    found = _SIGNATURE.fullmatch(delivery.headers.get(SIGNATURE_HEADER, "")[:200])
    if found is None:
        raise SignatureError(
            f"the {SIGNATURE_HEADER} header is not there, or not of the form t=<seconds>,v1=<64 hex digits>"
        )
    fits = [hmac.compare_digest(found[2], _digest(delivery.body, key, found[1])) for key in usable]
    if not any(fits):
        raise SignatureError(f"the {SIGNATURE_HEADER} header does not match the body")
    if abs(delivery.received_at - int(found[1])) > FRESH_S:
        raise SignatureError(f"the signature is more than {FRESH_S // 60} minutes off; sign it anew")
    return Verdict()


def _usable(keys: Sequence[str]) -> Sequence[str]:
    usable = [key for key in keys if key]
    if not usable:
        raise SignatureError("the webhook has no secret, so that nobody can be believed")
    return usable


def _digest(body: bytes, key: str, at: str) -> str:
    return hmac.new(key.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
