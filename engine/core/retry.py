"""When a failed attempt is tried again. Owns that decision as a value; reads no clock and draws no random number.

Jitter comes from a hash of run, path and attempt: spread over runs, yet equal each time a run is replayed.
"""

from __future__ import annotations

import hashlib

from engine.core.commands import StepError
from engine.errors import ExpressionError
from engine.flow.model import Retry
from engine.sdk.errors import Kind
from engine.strictjson import JsonObject

RETRYABLE = frozenset(kind.value for kind in Kind if kind.retryable)


def delay_ms(
    retry: Retry, error: StepError, context: JsonObject, *, seed: str, wanted: bool | None = None
) -> int | None:
    """Milliseconds from the end of the failed attempt until the next one, or None when there is none.

    ``context`` is what ``retry.if`` may read, with ``error`` in it. An expression that fails there means no retry. ``wanted`` decides
    instead of ``retry.if`` and the error's kind.
    """
    if error.attempt >= retry.max_attempts:
        return None
    if not (_wanted(retry, error, context) if wanted is None else wanted):
        return None
    base = retry.interval_ms
    if retry.backoff == "exponential":
        base = min(retry.interval_ms * 2 ** min(error.attempt - 1, 40), retry.max_interval_ms)
    return round(base * _spread(seed, error.attempt)) if retry.jitter else base


def _wanted(retry: Retry, error: StepError, context: JsonObject) -> bool:
    if retry.condition is None:
        return error.kind in RETRYABLE
    try:
        return retry.condition.truth(context)
    except ExpressionError:
        return False


def _spread(seed: str, attempt: int) -> float:
    """A factor in [0.5, 1.0]."""
    digest = hashlib.sha256(f"{seed}#{attempt}".encode()).digest()
    return 0.5 + int.from_bytes(digest[:4], "big") / 2**33
