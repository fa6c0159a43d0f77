"""What a connector says about a webhook trigger. Owns the declaration and its values; keeping subscriptions is the engine's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRequest:
    """Which subscription the service is to be asked about (its URI there), and what it should be like."""

    remote_uri: str
    callback_url: str
    given: JsonObject


class RemoteState(StrEnum):
    """What the service says about a subscription."""

    ACTIVE = "active"
    """It delivers what we asked for, to where we asked for it."""

    ALTERED = "altered"
    """It delivers, but something else, or to somewhere else."""

    DISABLED = "disabled"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedRequest:
    """What the engine wants to know of the past: what happened from ``since`` until ``until``, in seconds since the epoch.

    ``lost(words)`` is told of what this reading came upon and the service does not show; people read it beside ``unrecoverable``.
    """

    given: JsonObject
    since: float
    until: float
    lost: Callable[[str], None] = lambda words: None


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedEvent:
    """An event that the service's API shows, in the form that ``events`` gives those of deliveries in. ``at``: when it happened."""

    event: JsonObject
    at: float


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
    callback URL is replaced. ``check(http, request)`` compares what is there with what should be. ``unsubscribe(http, remote_uri)``: a
    missing one is fine. ``sweep(http, callback_url, remote_uri)`` removes every other subscription whose URL is ours but for its query,
    which is how the engine tells a new one from the one that it replaces.
    ``verify(delivery, keys)`` raises SignatureError, and fails closed. ``events(body)`` splits a parsed delivery into events.
    ``dedupe_key(event)`` is equal for repeats of one event and different for different ones.
    ``former_keys(event, received_at)``: keys under which an earlier release of the connector may have stored the event; none for one
    that cannot be a repeat. ``received_at`` is None for an event that ``missed`` gave.

    ``missed(http, request)`` gives, one after the other, what happened in a time in which deliveries may have been lost; equal to their
    deliveries in what ``dedupe_key`` reads. Each of its calls has a deadline of its own. ``unrecoverable(given)`` says in words what it
    cannot give. ``retries_for``: how long the service tries to deliver an event, in seconds.
    """

    subscribe: Callable[[Http, SubscribeRequest], str]
    check: Callable[[Http, CheckRequest], RemoteState]
    unsubscribe: Callable[[Http, str], None]
    verify: Callable[[Delivery, Sequence[str]], Verdict]
    dedupe_key: Callable[[JsonObject], str]
    events: Callable[[JsonObject], Sequence[JsonObject]] = lambda body: (body,)
    sweep: Callable[[Http, str, str], None] = lambda http, callback_url, remote_uri: None
    former_keys: Callable[[JsonObject, float | None], Sequence[str]] = lambda event, received_at: ()
    missed: Callable[[Http, MissedRequest], Iterator[MissedEvent]] | None = None
    unrecoverable: Callable[[JsonObject], Sequence[str]] = lambda given: ()
    retries_for: float = 0.0

    @property
    def needs_connection(self) -> bool:
        return True
