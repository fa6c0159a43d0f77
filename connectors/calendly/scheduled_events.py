"""The scheduled event of an invitee's delivery. Owns its fields, the location in all its types, guests and hosts."""

from __future__ import annotations

from pydantic import Field, JsonValue

from connectors.calendly.models import Cancellation, Delivered
from engine.sdk import Output, typed_by_strangers


class Location(Delivered):
    """Where the meeting takes place: one shape for every type, with the fields that the type uses."""

    type: str = Field(
        description="Type of the location: physical, inbound_call, outbound_call, ask_invitee, custom, google_conference, "
        "zoom (or zoom_conference), microsoft_teams_conference, webex_conference or gotomeeting.",
    )
    status: str | None = Field(
        default=None,
        description="Web conference only: initiated, processing, pushed or failed; the link may come later.",
    )
    join_url: str | None = Field(
        default=None, description="Web conference only: link to join; null while the conference is being made."
    )
    location: str | None = Field(
        default=None, description="Address, phone number or text; for physical, call, ask_invitee and custom locations."
    )
    additional_info: str | None = Field(default=None, description="Further directions to a physical location.")
    data: JsonValue = Field(default=None, description="What the conference's provider says about it.")


class InviteesCounter(Output):
    """How many invitees a scheduled event has."""

    total: int = Field(description="All invitees, those who cancelled included.")
    active: int = Field(description="Invitees who have not cancelled.")
    limit: int = Field(description="Most active invitees that can book.")


class EventMembership(Delivered):
    """One host of a scheduled event."""

    user: str = Field(description="URI of the host.")
    user_email: str | None = Field(default=None, description="E-mail address of the host.")
    user_name: str | None = Field(default=None, description="Name of the host.")

    always_sent = ("user_email", "user_name")


class Guest(Output):
    """A person whom an invitee brings along."""

    email: str = Field(description="E-mail address of the guest.", json_schema_extra=typed_by_strangers())
    created_at: str = Field(description="When the guest was added (UTC).")
    updated_at: str = Field(description="When the guest was last changed (UTC).")


class CalendarEvent(Output):
    """The entry in the host's calendar."""

    kind: str = Field(description="Provider of the calendar: exchange, google, icloud, outlook or outlook_desktop.")
    external_id: str = Field(description="Id of the entry at that provider.")


class ScheduledEvent(Delivered):
    """The meeting that was booked. Several invitees share one when its type is a group."""

    uri: str = Field(description="URI of the scheduled event.")
    name: str | None = Field(default=None, description="Name of the meeting.")
    status: str = Field(description="State of the meeting: active or canceled.")
    start_time: str = Field(description="When the meeting starts (UTC).")
    end_time: str = Field(description="When the meeting ends (UTC).")
    event_type: str | None = Field(default=None, description="URI of the event type; get_event_type takes it.")
    location: Location | None = Field(
        default=None, description="Where the meeting takes place; null when no place was set."
    )
    invitees_counter: InviteesCounter = Field(description="How many invitees the meeting has.")
    created_at: str = Field(description="When the meeting was booked (UTC).")
    updated_at: str = Field(description="When the meeting was last changed (UTC).")
    event_memberships: list[EventMembership] = Field(description="Hosts of the meeting.")
    event_guests: list[Guest] = Field(default_factory=list, description="Guests whom the invitees bring along.")
    cancellation: Cancellation | None = Field(
        default=None, description="Who cancelled the meeting, and why; once cancelled."
    )
    calendar_event: CalendarEvent | None = Field(
        default=None, description="Entry in the host's calendar; deliveries have been seen without it."
    )
    meeting_notes_plain: str | None = Field(default=None, description="Internal notes of the meeting as plain text.")
    meeting_notes_html: str | None = Field(default=None, description="Internal notes of the meeting as HTML.")

    never_null = ("event_type",)
    always_sent = ("event_guests", "event_type", "location", "meeting_notes_html", "meeting_notes_plain", "name")
