"""What a connector says about a webhook trigger. Owns the declaration and its values; keeping subscriptions is the engine's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from engine.sdk.http import Http
from engine.sdk.models import Input, Output
from engine.strictjson import JsonObject

Presence = Literal["always", "never"]


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
    """One HTTP request as it arrived: raw body, lower-case header names, and the engine's time in seconds since the epoch."""

    headers: Mapping[str, str]
    body: bytes
    received_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A delivery whose signature holds. ``stale`` when its timestamp is outside the usual window (an honest late retry)."""

    stale: bool = False


@dataclass(frozen=True, kw_only=True)
class WebhookTrigger:
    """A trigger that the service delivers by webhook.

    ``given``: the model of the trigger's ``with:``. ``delivery``: the model of what arrives (the ``trigger`` of expressions).
    ``subscribe(http, request)`` returns the subscription's URI at the service; it is idempotent: an existing subscription with our
    callback URL is replaced. ``check(http, remote_uri)``; ``unsubscribe(http, remote_uri)``: a missing one is fine.
    ``verify(delivery, keys)`` raises SignatureError, and fails closed. ``events(body)`` splits a parsed delivery into events.
    ``dedupe_key(event)`` is equal for repeats of one event and different for different ones. ``accepts(given, event)``: whether
    a subscription with these parameters asked for this event.
    ``carries``: for each event that the trigger tells of, by the value of the delivery's field ``event``: which fields (dotted paths
    in the delivery) it always has, not null, and which it never has. The checker reads it; fields that are not named follow the model.
    """

    name: str
    summary: str
    given: type[Input]
    delivery: type[Output]
    subscribe: Callable[[Http, SubscribeRequest], str]
    check: Callable[[Http, str], RemoteState]
    unsubscribe: Callable[[Http, str], None]
    verify: Callable[[Delivery, Sequence[str]], Verdict]
    dedupe_key: Callable[[JsonObject], str]
    events: Callable[[JsonObject], Sequence[JsonObject]] = lambda body: (body,)
    accepts: Callable[[JsonObject, JsonObject], bool] = lambda given, event: True
    carries: Mapping[str, Mapping[str, Presence]] = field(default_factory=dict, hash=False)
