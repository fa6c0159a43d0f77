"""The delivery of the trigger ``invitee``. Owns its fields: envelope, invitee, answers, payment, reconfirmation."""

from __future__ import annotations

from pydantic import Field

from connectors.calendly.models import Cancellation, Delivered, NoShow, Tracking, unsent
from connectors.calendly.scheduled_events import ScheduledEvent
from engine.sdk import typed_by_strangers


class Answer(Delivered):
    """One question of the booking form with the invitee's answer."""

    question: str = Field(description="Question on the booking form.")
    answer: str | None = Field(
        default=None,
        description="Answer of the invitee; several choices stand on lines of their own.",
        json_schema_extra=typed_by_strangers(),
    )
    position: int = Field(description="Place of the question on the form, from 0.")

    always_sent = ("answer",)


class Payment(Delivered):
    """What the invitee paid."""

    external_id: str = Field(description="Id of the payment at its provider.")
    provider: str = Field(description="Provider of the payment: stripe or paypal.")
    amount: float = Field(description="Amount in units of the currency.")
    currency: str = Field(description="Currency: AUD, CAD, EUR, GBP or USD.")
    terms: str | None = Field(default=None, description="Terms of the payment.")
    successful: bool = Field(description="Whether the payment went through.")

    always_sent = ("terms",)


class Reconfirmation(Delivered):
    """The request to confirm the booking again, where the event type asks for it."""

    created_at: str = Field(description="When the request was sent (UTC).")
    confirmed_at: str | None = Field(default=None, description="When the invitee confirmed (UTC); null until then.")

    always_sent = ("confirmed_at",)


class Invitee(Delivered):
    """A person who booked, with the booking."""

    cancel_url: str = Field(description="Page on which the invitee can cancel.")
    created_at: str = Field(description="When the booking was made (UTC).")
    email: str = Field(description="E-mail address of the invitee.", json_schema_extra=typed_by_strangers())
    event: str = Field(description="URI of the scheduled event.")
    name: str = Field(description="Full name of the invitee.", json_schema_extra=typed_by_strangers())
    first_name: str | None = Field(
        default=None,
        description="First name; null when the booking form has one field for the name.",
        json_schema_extra=typed_by_strangers(),
    )
    last_name: str | None = Field(
        default=None,
        description="Last name; null when the booking form has one field for the name.",
        json_schema_extra=typed_by_strangers(),
    )
    new_invitee: str | None = Field(
        default=None, description="After a reschedule, on the old booking: URI of the new invitee."
    )
    old_invitee: str | None = Field(
        default=None, description="After a reschedule, on the new booking: URI of the old invitee."
    )
    questions_and_answers: list[Answer] = Field(
        default_factory=list, description="Answers to the booking form's questions."
    )
    reschedule_url: str = Field(description="Page on which the invitee can reschedule.")
    rescheduled: bool = Field(default=False, description="Whether this booking was given up for another time.")
    status: str = Field(description="State of the booking: active or canceled.")
    text_reminder_number: str | None = Field(
        default=None, description="Phone number for reminders by text message.", json_schema_extra=typed_by_strangers()
    )
    timezone: str | None = Field(
        default=None, description="Time zone of the invitee (IANA name).", json_schema_extra=typed_by_strangers()
    )
    tracking: Tracking = Field(
        default_factory=unsent(Tracking),
        description="Parameters of the page on which the booking was made.",
        json_schema_extra=typed_by_strangers(),
    )
    updated_at: str | None = Field(default=None, description="When the booking was last changed (UTC).")
    uri: str = Field(description="URI of the invitee; create_invitee_no_show takes it.")
    routing_form_submission: str | None = Field(
        default=None, description="URI of the routing form submission that led to the booking."
    )
    scheduled_event: ScheduledEvent = Field(
        default_factory=unsent(ScheduledEvent), description="The meeting that was booked."
    )
    cancellation: Cancellation | None = Field(
        default=None, description="Who cancelled, and why; present on every invitee.canceled and on no invitee.created."
    )
    payment: Payment | None = Field(
        default=None, description="What the invitee paid; null when the event type is free."
    )
    no_show: NoShow | None = Field(default=None, description="The no-show mark, on a marked invitee.")
    reconfirmation: Reconfirmation | None = Field(
        default=None, description="Request to confirm the booking again, where the event type asks for it."
    )
    scheduling_method: str | None = Field(
        default=None, description="How the booking was made: null, instant_book or api."
    )
    invitee_scheduled_by: str | None = Field(default=None, description="URI of the user who booked for the invitee.")

    # Every key but cancellation is on the wire in each captured delivery since 2023, null where there is nothing to tell.
    always_sent = (
        "first_name",
        "last_name",
        "new_invitee",
        "no_show",
        "old_invitee",
        "payment",
        "questions_and_answers",
        "reconfirmation",
        "rescheduled",
        "routing_form_submission",
        "scheduled_event",
        "text_reminder_number",
        "timezone",
        "tracking",
        "updated_at",
    )


class InviteeDelivery(Delivered):
    """A booking was made or cancelled, or a no-show was marked or unmarked."""

    created_at: str = Field(description="When Calendly made this notification (UTC, whole seconds).")
    created_by: str = Field(description="URI of the user who made the webhook subscription, not of the host.")
    event: str = Field(
        description="What happened: invitee.created, invitee.canceled, invitee_no_show.created or invitee_no_show.deleted."
    )
    payload: Invitee = Field(description="The invitee with the booking.")
