"""Calendly's triggers. Owns their parameters, what makes two deliveries the same, and which deliveries were asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.calendly import signatures, subscriptions
from connectors.calendly.invitees import InviteeDelivery
from connectors.calendly.routing_forms import RoutingFormDelivery
from engine.sdk import Connector, Input, JsonObject, Presence, WebhookTrigger

InviteeEvent = Literal["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"]
RoutingFormEvent = Literal["routing_form_submission.created"]


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
    """Equal for repeats of one notification: event, envelope's created_at and payload.uri, else a digest of everything.

    Never the scheduled event's URI, which all invitees of a group share.
    """
    payload = event.get("payload")
    uri = payload.get("uri") if isinstance(payload, dict) else None
    parts = [part for part in (event.get("event"), event.get("created_at"), uri) if isinstance(part, str) and part]
    key = "|".join(parts)
    # A "|" inside a part could make two different events look alike; Calendly's values have none.
    return key if len(parts) == 3 and key.count("|") == 2 else _digest(event)


def _digest(event: JsonObject) -> str:
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _asked_for_invitee(given: JsonObject, event: JsonObject) -> bool:
    return event.get("event") in InviteeTrigger.model_validate(given).events


def _asked_for_routing_form(given: JsonObject, event: JsonObject) -> bool:
    return event.get("event") in RoutingFormTrigger.model_validate(given).events


invitee = WebhookTrigger(
    name="invitee",
    summary="A booking is made or cancelled, or a no-show is marked or unmarked.",
    given=InviteeTrigger,
    delivery=InviteeDelivery,
    subscribe=lambda http, request: subscriptions.subscribe(
        http, request, events=InviteeTrigger.model_validate(request.given).events
    ),
    check=subscriptions.check,
    unsubscribe=subscriptions.unsubscribe,
    verify=signatures.verify,
    dedupe_key=dedupe_key,
    accepts=_asked_for_invitee,
    carries=CARRIES,
)

routing_form_submission = WebhookTrigger(
    name="routing_form_submission",
    summary="A routing form is submitted.",
    given=RoutingFormTrigger,
    delivery=RoutingFormDelivery,
    subscribe=lambda http, request: subscriptions.subscribe_organization(
        http, request, events=RoutingFormTrigger.model_validate(request.given).events
    ),
    check=subscriptions.check,
    unsubscribe=subscriptions.unsubscribe,
    verify=signatures.verify,
    dedupe_key=dedupe_key,
    accepts=_asked_for_routing_form,
    carries={"routing_form_submission.created": {}},
)


def register(connector: Connector) -> None:
    """Add the triggers to the connector."""
    connector.trigger(invitee)
    connector.trigger(routing_form_submission)
