"""Builds ``retry``. Owns its keys and ranges, and how a step's keys go before those of ``defaults``; when an attempt is repeated is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, cast

from engine.expressions import Expression
from engine.flow import codes, words
from engine.flow.model import Backoff, Retry
from engine.flow.node import Node

_FORM = "retry: {max_attempts: 3, interval: 2s}"
_USUAL = Retry()
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryKeys:
    """The keys that stand under one ``retry``; None: it does not. Milliseconds."""

    max_attempts: int | None = None
    backoff: Backoff | None = None
    interval_ms: int | None = None
    max_interval_ms: int | None = None
    jitter: bool | None = None
    condition: Expression | None = None


def retry_keys(node: Node | None) -> RetryKeys | None:
    """What a ``retry`` says; None without one."""
    if node is None or not node.is_mapping(_FORM):
        return None
    node.keys_are("retry", words.RETRY_KEYS)
    attempts, backoff, jitter, condition = (node.child(key) for key in ("max_attempts", "backoff", "jitter", "if"))
    interval, most = (child.duration() if child else None for child in map(node.child, ("interval", "max_interval")))
    if interval is not None and most is not None and most < interval:
        node.refuse(codes.BAD_CHOICE, "max_interval is shorter than interval; make it longer, or leave it out")
    return RetryKeys(
        max_attempts=attempts.whole_number(1, 100) if attempts else None,
        backoff=cast("Backoff | None", backoff.choice(words.BACKOFFS) if backoff else None),
        interval_ms=interval,
        max_interval_ms=most,
        jitter=jitter.truth() if jitter else None,
        condition=condition.expression() if condition else None,
    )


def retry_of(own: RetryKeys | None, defaults: RetryKeys | None) -> Retry:
    """A step's retry, key by key: its own, else the flow's default, else the usual. One attempt when there is neither."""
    if own is None and defaults is None:
        return Retry(max_attempts=1)
    first, second = own or RetryKeys(), defaults or RetryKeys()
    interval, most = _intervals(first, second)
    jitter = _first(first.jitter, second.jitter)
    return Retry(
        max_attempts=first.max_attempts or second.max_attempts or _USUAL.max_attempts,
        backoff=first.backoff or second.backoff or _USUAL.backoff,
        interval_ms=interval,
        max_interval_ms=most,
        jitter=_USUAL.jitter if jitter is None else jitter,
        condition=first.condition or second.condition,
    )


def _intervals(own: RetryKeys, defaults: RetryKeys) -> tuple[int, int]:
    """The first pause and the longest one; the one that the author wrote nearer to the step moves the other."""
    interval = _first(own.interval_ms, defaults.interval_ms)
    most = _first(own.max_interval_ms, defaults.max_interval_ms)
    if own.max_interval_ms is not None and own.interval_ms is None:
        return min(_USUAL.interval_ms if interval is None else interval, own.max_interval_ms), own.max_interval_ms
    interval = _USUAL.interval_ms if interval is None else interval
    return interval, max(_USUAL.max_interval_ms if most is None else most, interval)


def _first(own: _T | None, default: _T | None) -> _T | None:
    return default if own is None else own
