"""What the control calls take. Owns their fields, defaults and limits; unknown fields are refused, so that a typo shows."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from connectors.calendly.simulator.domain import Role


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Book(Order):
    """Somebody books. Fires invitee.created."""

    event_type: str = Field(default="intro-call", description="Slug, uuid or URI.")
    name: str = "Alex Morgan"
    email: str = "alex@guests.example"
    timezone: str = "Europe/Rome"
    start_time: str | None = Field(default=None, description="ISO 8601; default: the full hour in two days.")
    scheduled_event: str | None = Field(default=None, description="URI or uuid of a group's event to join.")
    answers: dict[str, str] = Field(default_factory=dict, description="Answers by question.")
    tracking: dict[str, str] = Field(default_factory=dict, description="utm_* and salesforce_uuid.")
    guests: list[str] = Field(default_factory=list, max_length=10, description="E-mail addresses.")
    payment: dict[str, JsonValue] | None = Field(
        default=None, description="Fields that differ from the default payment."
    )
    text_reminder_number: str | None = None
    routing_form_submission: str | None = None


class Cancel(Order):
    """The invitee or the host cancels. Fires invitee.canceled: one, or one for each invitee when the host cancels."""

    invitee: str = Field(description="URI, uuid or e-mail address (the latest booking).")
    by: Literal["host", "invitee"] = "invitee"
    reason: str = ""


class Reschedule(Order):
    """The invitee takes another time. Fires invitee.canceled for the old and invitee.created for the new."""

    invitee: str = Field(description="URI, uuid or e-mail address (the latest booking).")
    start_time: str | None = Field(default=None, description="ISO 8601; default: a day later.")
    reason: str = ""
    order: Literal["canceled_first", "created_first", "together"] = Field(
        default="together", description="Calendly promises no order; the first two send one after the other."
    )


class RoutingFormSubmission(Order):
    """A visitor submits a routing form. Fires routing_form_submission.created."""

    form: str | None = Field(default=None, description="URI or uuid; default: the only one.")
    result: Literal["event_type", "external_url", "custom_message"] = "event_type"
    value: JsonValue = Field(
        default=None, description="Event type, address, or {headline, body}; default as the result says."
    )
    answers: dict[str, str | None] = Field(default_factory=dict, description="Answers by question.")
    tracking: dict[str, str] = Field(default_factory=dict)
    submitter: str | None = Field(default=None, description="The invitee, when the submission led to a booking.")


class NoShowOrder(Order):
    """The host marks or unmarks an invitee in Calendly. Fires invitee_no_show.created or .deleted."""

    invitee: str = Field(description="URI, uuid or e-mail address (the latest booking).")
    undo: bool = False


class FaultOrder(Order):
    """The next ``count`` matching calls misbehave. Several faults: the oldest that matches is used."""

    method: str = "*"
    path: str = Field(default="*", description="Path with * and ? as wildcards, such as /invitee_no_shows*.")
    count: int | None = Field(default=1, ge=1, description="How many calls; null: until reset.")
    skip: int = Field(default=0, ge=0, description="How many matching calls to leave alone first.")
    delay_s: float = Field(default=0, ge=0, description="Wait before anything else.")
    act: bool = Field(default=False, description="Do what was asked before failing.")
    status: int | None = Field(default=None, ge=300, le=599, description="Answer this status.")
    body: JsonValue = Field(default=None, description="JSON body, or text for a body that is not JSON.")
    headers: dict[str, str] = Field(default_factory=dict)
    drop: bool = Field(default=False, description="Close the connection without an answer.")
    rate_limit: bool = Field(default=False, description="Answer 429 with the rate-limit headers, Reset being reset_s.")
    reset_s: int = Field(default=1, ge=0)


class ModeOrder(Order):
    """What to change of the account and the service; fields that are left out stay as they are."""

    plan: Literal["paid", "free"] = "paid"
    role: Role = "owner"
    scopes: list[str] | None = Field(
        default=None, description="Scopes of the token; null: full access, as old tokens have."
    )
    token: Literal["valid", "invalid", "expired", "revoked"] = "valid"
    location_header: bool = Field(
        default=True, description="Whether a new subscription's answer has a Location header."
    )
    limit: int = Field(default=500, ge=1, description="Calls of the API per window.")
    window_s: float = Field(default=60, gt=0)
    second_no_show: Literal[400, 409, 201] = Field(
        default=409, description="Answer to marking a marked invitee; what Calendly does is not published."
    )
    retry_base_s: float = Field(
        default=60, gt=0, description="Wait before the second attempt of a delivery; doubles each time."
    )
    retry_for_s: float = Field(default=86_400, gt=0, description="How long a delivery is tried.")
    time_scale: float = Field(default=1, gt=0, description="Factor on both retry times, so that tests need not wait.")
    deliveries: Literal["sent", "lost"] = Field(
        default="sent", description="lost: every attempt fails as if nobody answered, without leaving."
    )
    sign_anew: bool = Field(default=True, description="Whether each attempt is signed with its own time.")
    connect_timeout_s: float = Field(default=10, gt=0)
    read_timeout_s: float = Field(default=15, gt=0)


class SubscriptionOrder(Order):
    """Something happens to subscriptions at Calendly: it gives one up, or somebody removes or changes it."""

    subscription: str | None = Field(default=None, description="URI or uuid; null: every one.")
    act: Literal["disable", "delete", "alter"] = "disable"
    url: str | None = Field(default=None, description="With alter: the callback URL that it has from now on.")
    events: list[str] | None = Field(default=None, description="With alter: the events that it has from now on.")


class Redeliver(Order):
    """Send a delivery again, whatever became of it."""

    delivery: int = Field(description="Its id, from /_sim/deliveries.")
    times: int = Field(default=1, ge=1, le=1000)
    sign_anew: bool = True


class Wait(Order):
    """Answer once all conditions hold, or after timeout_s with done: false."""

    delivered: int | None = Field(default=None, ge=0, description="At least this many deliveries were accepted (2xx).")
    attempts: int | None = Field(default=None, ge=0, description="At least this many attempts were made.")
    settled: bool = Field(default=False, description="No delivery is pending.")
    calls: int | None = Field(default=None, ge=0, description="At least this many calls of the API were received.")
    timeout_s: float = Field(default=10, gt=0, le=300)
