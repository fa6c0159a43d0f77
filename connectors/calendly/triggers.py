"""Calendly's triggers. Owns their parameters, what makes two deliveries the same, and which deliveries were asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.calendly import signatures, subscriptions
from connectors.calendly.invitees import InviteeDelivery
from connectors.calendly.missed import (
    UNRECOVERABLE_OF_ROUTING_FORMS,
    missed_of_invitees,
    missed_of_routing_forms,
    unrecoverable_of_invitees,
)
from connectors.calendly.routing_forms import RoutingFormDelivery
from engine.sdk import Connector, Input, JsonObject, Presence, WebhookTrigger

InviteeEvent = Literal["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"]
RoutingFormEvent = Literal["routing_form_submission.created"]


RETRIES_FOR = 86_400.0
"""Seconds. Source: the vendor's page on webhook errors: 24 hours, then the subscription is disabled."""


def _each_once(events: list[str]) -> list[str]:
    if len(set(events)) != len(events):
        raise ValueError("names an event twice")
    return events


# Sources: the captured deliveries of each event since 2023; a booking that was just made is not cancelled, and its no_show is null.
CARRIES: Mapping[str, Mapping[str, Presence]] = {
    "invitee.created": {"payload.cancellation": "never"},
    "invitee.canceled": {"payload.cancellation": "always", "payload.cancellation.created_at": "always"},
    "invitee_no_show.created": {"payload.no_show": "always"},
    "invitee_no_show.deleted": {"payload.no_show": "never"},
}


class InviteeTrigger(Input):
    """Which events of invitees start the flow."""

    events: Annotated[list[InviteeEvent], AfterValidator(_each_once)] = Field(
        min_length=1, description="Events to be told of, at least one.", json_schema_extra={"uniqueItems": True}
    )


class RoutingFormTrigger(Input):
    """Which events of routing forms start the flow."""

    events: Annotated[list[RoutingFormEvent], AfterValidator(_each_once)] = Field(
        default=["routing_form_submission.created"],
        min_length=1,
        description="Events to be told of; there is one.",
        json_schema_extra={"uniqueItems": True},
    )


def dedupe_key(event: JsonObject) -> str:
    """Equal for repeats of one event, whether Calendly delivered it or was asked for it: what happened, and the URI of that to which it can
    happen once only. An invitee is booked and cancelled once (another time is another invitee), and a mark is set once.

    A mark that was taken back has no URI in the delivery: the notification's time and the invitee stand for it. Never the scheduled
    event's URI, which all invitees of a group share. A digest of everything where a part is missing.
    """
    return _joined(_text(event, "event"), *_identity(event)) or _digest(event)


def former_keys(event: JsonObject, received_at: float | None) -> Sequence[str]:
    """What this function's cousin above gave before recovered events had to have the same key: event, the notification's time, and URI.

    A delivery that comes within two seconds is not the repeat of one that another release took. The notification of an event that was
    asked for was made when it happened, or some seconds later: it may have any of these keys.
    """
    told, uri, name = _text(event, "created_at"), _text(_payload(event), "uri"), _text(event, "event") or ""
    at = _seconds(told)
    if at is None or name not in _LATER or (received_at is not None and received_at - at < _PROMPT_SECONDS):
        return ()
    times = [told] if received_at is not None else [_whole_second(at + later) for later in range(_LATER[name] + 1)]
    return [key for time in times if (key := _joined(name, time, uri)) is not None]


_PROMPT_SECONDS = 2.0
_LATER: Mapping[str, int] = {
    "invitee.created": 120,
    "invitee.canceled": 120,
    # A mark can be taken back and set anew soon.
    "invitee_no_show.created": 5,
    "routing_form_submission.created": 120,
}
"""Seconds within which the notification of an event is made."""


def _identity(event: JsonObject) -> tuple[str | None, ...]:
    payload = _payload(event)
    match event.get("event"):
        case "invitee.created" | "invitee.canceled" | "routing_form_submission.created":
            return (_text(payload, "uri"),)
        case "invitee_no_show.created":
            mark = payload.get("no_show")
            return (_text(mark, "uri") if isinstance(mark, Mapping) else None,)
        case _:
            return _text(event, "created_at"), _text(payload, "uri")


def _joined(*parts: str | None) -> str | None:
    """None where a part is missing, or a "|" inside of one could make two different events look alike."""
    return "|".join(part for part in parts if part) if all(part and "|" not in part for part in parts) else None


def _payload(event: JsonObject) -> JsonObject:
    payload = event.get("payload")
    return payload if isinstance(payload, Mapping) else {}


def _text(of: JsonObject, name: str) -> str | None:
    value = of.get(name)
    return value if isinstance(value, str) else None


def _seconds(stamp: str | None) -> float | None:
    try:
        return None if stamp is None else datetime.fromisoformat(stamp).timestamp()
    except ValueError:
        return None


def _whole_second(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def _digest(event: JsonObject) -> str:
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _invitee_events(given: JsonObject) -> Sequence[InviteeEvent]:
    return InviteeTrigger.model_validate(given).events


def _routing_form_events(given: JsonObject) -> Sequence[RoutingFormEvent]:
    return RoutingFormTrigger.model_validate(given).events


def _asked_for_invitee(given: JsonObject, event: JsonObject) -> bool:
    return event.get("event") in _invitee_events(given)


def _asked_for_routing_form(given: JsonObject, event: JsonObject) -> bool:
    return event.get("event") in _routing_form_events(given)


invitee = WebhookTrigger(
    name="invitee",
    summary="A booking is made or cancelled, or a no-show is marked or unmarked.",
    given=InviteeTrigger,
    delivery=InviteeDelivery,
    subscribe=lambda http, request: subscriptions.subscribe(http, request, events=_invitee_events(request.given)),
    check=lambda http, request: subscriptions.check(http, request, events=_invitee_events(request.given)),
    unsubscribe=subscriptions.unsubscribe,
    sweep=subscriptions.sweep,
    verify=signatures.verify,
    dedupe_key=dedupe_key,
    former_keys=former_keys,
    missed=lambda http, request: missed_of_invitees(http, request, events=_invitee_events(request.given)),
    unrecoverable=lambda given: unrecoverable_of_invitees(_invitee_events(given)),
    retries_for=RETRIES_FOR,
    accepts=_asked_for_invitee,
    carries=CARRIES,
)

routing_form_submission = WebhookTrigger(
    name="routing_form_submission",
    summary="A routing form is submitted.",
    given=RoutingFormTrigger,
    delivery=RoutingFormDelivery,
    subscribe=lambda http, request: subscriptions.subscribe_organization(
        http, request, events=_routing_form_events(request.given)
    ),
    check=lambda http, request: subscriptions.check(http, request, events=_routing_form_events(request.given)),
    unsubscribe=subscriptions.unsubscribe,
    sweep=subscriptions.sweep,
    verify=signatures.verify,
    dedupe_key=dedupe_key,
    former_keys=former_keys,
    missed=missed_of_routing_forms,
    unrecoverable=lambda given: UNRECOVERABLE_OF_ROUTING_FORMS,
    retries_for=RETRIES_FOR,
    accepts=_asked_for_routing_form,
    carries={"routing_form_submission.created": {}},
)


def register(connector: Connector) -> None:
    """Add the triggers to the connector."""
    connector.trigger(invitee)
    connector.trigger(routing_form_submission)
