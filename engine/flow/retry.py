"""Builds ``retry``. Owns its keys and ranges; when an attempt is repeated is decided elsewhere."""

from __future__ import annotations

from typing import cast

from engine.flow import codes, words
from engine.flow.model import Backoff, Retry
from engine.flow.node import Node

_FORM = "retry: {max_attempts: 3, interval: 2s}"
_DEFAULT = Retry()


def retry_of(node: Node | None) -> Retry:
    """What ``retry:`` says; without it one attempt only."""
    if node is None or not node.is_mapping(_FORM):
        return Retry(max_attempts=1)
    node.keys_are("retry", words.RETRY_KEYS)
    attempts, backoff, jitter, condition = (node.child(key) for key in ("max_attempts", "backoff", "jitter", "if"))
    interval = _duration(node, "interval", _DEFAULT.interval_ms)
    most = _duration(node, "max_interval", max(_DEFAULT.max_interval_ms, interval))
    if most < interval:
        node.refuse(codes.BAD_CHOICE, "max_interval is shorter than interval; make it longer, or leave it out")
    return Retry(
        max_attempts=(attempts.whole_number(1, 100) if attempts else None) or _DEFAULT.max_attempts,
        backoff=cast(Backoff, (backoff.choice(words.BACKOFFS) if backoff else None) or _DEFAULT.backoff),
        interval_ms=interval,
        max_interval_ms=most,
        jitter=_DEFAULT.jitter if jitter is None else bool(jitter.truth()),
        condition=condition.expression() if condition else None,
    )


def _duration(node: Node, key: str, default: int) -> int:
    child = node.child(key)
    given = child.duration() if child is not None else None
    return default if given is None else given
