"""Event types, as the actions ``get_event_types`` and ``get_event_type`` return them. Owns their fields."""

from __future__ import annotations

from pydantic import Field, JsonValue

from connectors.calendly.models import Delivered, Pagination
from engine.sdk import Output


class Profile(Delivered):
    """Whose booking page an event type is on."""

    type: str = Field(description="Kind of owner: User or Team.")
    name: str | None = Field(default=None, description="Name of the owner.")
    owner: str = Field(description="URI of the owner.")

    always_sent = ("name",)


class CustomQuestion(Delivered):
    """One question of an event type's booking form."""

    name: str = Field(description="Question as the invitee reads it.")
    type: str = Field(description="Kind of answer: string, text, phone_number, single_select or multi_select.")
    position: int = Field(description="Place of the question on the form, from 0.")
    enabled: bool = Field(description="Whether the form shows the question.")
    required: bool = Field(description="Whether the invitee must answer.")
    answer_choices: list[str] | None = Field(
        default=None, description="Answers to choose from; null for a free answer."
    )
    include_other: bool = Field(description="Whether an answer of the invitee's own is possible beside the choices.")

    always_sent = ("answer_choices",)


class EventType(Delivered):
    """A kind of meeting that people can book."""

    uri: str = Field(description="URI of the event type.")
    name: str | None = Field(default=None, description="Name of the event type.")
    active: bool = Field(description="Whether the event type can be booked.")
    booking_method: str | None = Field(default=None, description="How it is booked: instant or poll.")
    slug: str | None = Field(default=None, description="Part of the booking page's address that names the event type.")
    scheduling_url: str = Field(description="Address of the booking page.")
    duration: int = Field(description="Length of a meeting in minutes.")
    kind: str = Field(description="Whether one invitee books a meeting (solo) or several share it (group).")
    pooling_type: str | None = Field(
        default=None,
        description="How several hosts share it: round_robin, collective or multi_pool; null for one host.",
    )
    type: str = Field(description="Whether it is a StandardEventType or an AdhocEventType.")
    color: str = Field(description="Colour of the booking page, as #rrggbb.")
    created_at: str = Field(description="When the event type was made (UTC).")
    updated_at: str = Field(description="When the event type was last changed (UTC).")
    internal_note: str | None = Field(default=None, description="Note that only the team sees.")
    description_plain: str | None = Field(default=None, description="Description as plain text.")
    description_html: str | None = Field(default=None, description="Description as HTML.")
    profile: Profile | None = Field(default=None, description="Whose booking page the event type is on.")
    secret: bool = Field(description="Whether the owner's main page hides the event type.")
    deleted_at: str | None = Field(
        default=None, description="When the event type was deleted (UTC); null while it exists."
    )
    admin_managed: bool | None = Field(
        default=None, description="Whether an administrator of the organization manages it."
    )
    custom_questions: list[CustomQuestion] = Field(default_factory=list, description="Questions of the booking form.")
    duration_options: list[int] | None = Field(
        default=None, description="Lengths in minutes to choose from; null when fixed."
    )
    is_paid: bool | None = Field(default=None, description="Whether invitees pay.")
    locations: list[JsonValue] | None = Field(default=None, description="Places that meetings of this type can have.")
    position: int | None = Field(default=None, description="Place among the owner's event types.")
    locale: str | None = Field(default=None, description="Language of the booking page.")

    # What Calendly's first description of the resource had is on every answer; the fields that are not named here came later.
    always_sent = (
        "name",
        "booking_method",
        "slug",
        "pooling_type",
        "internal_note",
        "description_plain",
        "description_html",
        "profile",
        "deleted_at",
        "admin_managed",
        "custom_questions",
    )


class EventTypePage(Output):
    """One page of event types."""

    collection: list[EventType] = Field(description="Event types of this page.")
    pagination: Pagination = Field(description="Where the page stands in the list.")


class EventTypeResource(Output):
    """One event type."""

    resource: EventType = Field(description="The event type.")
