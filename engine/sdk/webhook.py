"""What a connector says about a webhook trigger. Owns the declaration and its values; keeping subscriptions is the engine's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from engine.sdk.http import Http
from engine.sdk.trigger import TriggerType
from engine.strictjson import JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscribeRequest:
    """What the engine wants registered. ``signing_key`` is made by the engine, known to it and the service only."""

    callback_url: str
    signing_key: str
    given: JsonObject


class RemoteState(StrEnum):
    """What the service says about a subscription."""

    ACTIVE = "active"
    DISABLED = "disabled"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One HTTP request as it arrived: raw body, lower-case header names, and the engine's time in seconds since the epoch.

    ``query``: the values of each name, in order.
    """

    headers: Mapping[str, str]
    body: bytes
    received_at: float
    method: str = "POST"
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A delivery whose signature holds. ``stale`` when its timestamp is outside the usual window (an honest late retry)."""

    stale: bool = False


@dataclass(frozen=True, kw_only=True)
class WebhookTrigger(TriggerType):
    """A trigger that the service delivers by webhook.

    ``subscribe(http, request)`` returns the subscription's URI at the service; it is idempotent: an existing subscription with our
    callback URL is replaced. ``check(http, remote_uri)``; ``unsubscribe(http, remote_uri)``: a missing one is fine.
    ``verify(delivery, keys)`` raises SignatureError, and fails closed. ``events(body)`` splits a parsed delivery into events.
    ``dedupe_key(event)`` is equal for repeats of one event and different for different ones.
    """

    subscribe: Callable[[Http, SubscribeRequest], str]
    check: Callable[[Http, str], RemoteState]
    unsubscribe: Callable[[Http, str], None]
    verify: Callable[[Delivery, Sequence[str]], Verdict]
    dedupe_key: Callable[[JsonObject], str]
    events: Callable[[JsonObject], Sequence[JsonObject]] = lambda body: (body,)

    @property
    def needs_connection(self) -> bool:
        return True
