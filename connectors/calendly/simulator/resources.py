"""Things as Calendly's JSON. Owns the two forms of a scheduled event and an invitee (API and delivery) and the order of keys on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping

from connectors.calendly.simulator.domain import (
    EventType,
    Invitee,
    JsonDict,
    Meeting,
    NoShow,
    RoutingForm,
    Submission,
    Subscription,
    User,
)
from connectors.calendly.simulator.ids import later
from connectors.calendly.simulator.world import World
from engine.sdk import Json

_PAGES = "https://calendly.com"
# Captured deliveries have their keys in alphabetical order, but for the values of these two.
_OWN_ORDER = frozenset({"tracking", "invitees_counter"})
TRACKING_KEYS = ("utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "salesforce_uuid")


def wire(envelope: JsonDict) -> bytes:
    """The body of a delivery: compact JSON in the order that captured deliveries have."""
    return json.dumps(_ordered(envelope), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: Json, *, own_order: bool = False) -> Json:
    if isinstance(value, Mapping):
        keys = list(value) if own_order else sorted(value)
        return {key: _ordered(value[key], own_order=key in _OWN_ORDER) for key in keys}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def user(world: World, of: User) -> JsonDict:
    return {
        "uri": world.user_uri(of),
        "name": of.name,
        "slug": of.slug,
        "email": of.email,
        "scheduling_url": f"{_PAGES}/{of.slug}",
        "timezone": of.timezone,
        "time_notation": "24h",
        "locale": "en",
        "avatar_url": None,
        "created_at": "2025-01-07T08:30:00.000000Z",
        "updated_at": "2025-01-07T08:30:00.000000Z",
        "current_organization": world.organization,
    }


def event_type(world: World, of: EventType) -> JsonDict:
    profile: JsonDict = {"type": "User", "name": of.owner.name, "owner": world.user_uri(of.owner)}
    return {
        "uri": world.uri("event_types", of.id),
        "name": of.name,
        "active": of.active,
        "booking_method": "instant",
        "slug": of.slug,
        "scheduling_url": f"{_PAGES}/{of.owner.slug}/{of.slug}",
        "duration": of.duration,
        "duration_options": None,
        "kind": of.kind,
        "pooling_type": of.pooling_type,
        "type": "StandardEventType",
        "color": "#0069ff",
        "created_at": of.created_at,
        "updated_at": of.created_at,
        "internal_note": of.note,
        "is_paid": of.is_paid,
        "description_plain": f"Book {of.name.lower()} with {of.owner.name}.",
        "description_html": f"<p>Book {of.name.lower()} with {of.owner.name}.</p>",
        "profile": profile,
        "secret": False,
        "deleted_at": None,
        "admin_managed": of.admin_managed,
        "locations": [of.location] if of.location else None,
        "position": 0,
        "locale": "en",
        "custom_questions": list(of.questions),
    }


def meeting(world: World, of: Meeting) -> JsonDict:
    """A scheduled event as deliveries carry it: without ``calendar_event``."""
    cancelled: JsonDict = {"cancellation": of.cancellation} if of.cancellation else {}
    return {
        **cancelled,
        "created_at": of.created_at,
        "end_time": of.end_time,
        "event_guests": list(of.guests),
        "event_memberships": [
            {"user": world.user_uri(host), "user_email": host.email, "user_name": host.name} for host in of.hosts
        ],
        "event_type": world.uri("event_types", of.type.id),
        "invitees_counter": {
            "total": len(of.invitees),
            "active": len(of.active_invitees),
            "limit": of.type.limit,
        },
        "location": _location(of),
        "meeting_notes_html": None,
        "meeting_notes_plain": None,
        "name": of.type.name,
        "start_time": of.start_time,
        "status": "canceled" if of.cancellation else "active",
        "updated_at": of.updated_at,
        "uri": world.uri("scheduled_events", of.id),
    }


def meeting_resource(world: World, of: Meeting) -> JsonDict:
    """A scheduled event as the API returns it: with the calendar's entry and the hosts' buffers."""
    buffers: JsonDict = {
        "buffered_start_time": later(of.start_time, minutes=-5),
        "buffered_end_time": later(of.end_time, minutes=5),
    }
    hosts: list[Json] = [
        {"user": world.user_uri(host), "user_email": host.email, "user_name": host.name, **buffers} for host in of.hosts
    ]
    calendar: JsonDict = {"kind": "google", "external_id": of.id.replace("-", "")[:26].lower()}
    return {**meeting(world, of), "event_memberships": hosts, "calendar_event": calendar}


def invitee_resource(world: World, of: Invitee) -> JsonDict:
    """An invitee as the API returns it; ``cancellation`` is there once cancelled."""
    cancelled: JsonDict = {"cancellation": of.cancellation} if of.cancellation else {}
    return {
        **cancelled,
        "cancel_url": f"{_PAGES}/cancellations/{of.id}",
        "created_at": of.created_at,
        "email": of.email,
        "event": world.uri("scheduled_events", of.meeting.id),
        "first_name": of.first_name,
        "invitee_scheduled_by": None,
        "last_name": of.last_name,
        "name": of.name,
        "new_invitee": world.invitee_uri(of.new_invitee) if of.new_invitee else None,
        "no_show": _no_show(world, of.no_show),
        "old_invitee": world.invitee_uri(of.old_invitee) if of.old_invitee else None,
        "payment": of.payment,
        "questions_and_answers": list(of.answers),
        "reconfirmation": None,
        "reschedule_url": f"{_PAGES}/reschedulings/{of.id}",
        "rescheduled": of.rescheduled,
        "routing_form_submission": of.routing_form_submission,
        "scheduling_method": None,
        "status": "canceled" if of.cancellation else "active",
        "text_reminder_number": of.text_reminder_number,
        "timezone": of.timezone,
        "tracking": of.tracking,
        "updated_at": of.updated_at,
        "uri": world.invitee_uri(of),
    }


def invitee_payload(world: World, of: Invitee) -> JsonDict:
    """An invitee as deliveries carry it: with the scheduled event inside."""
    return {**invitee_resource(world, of), "scheduled_event": meeting(world, of.meeting)}


def no_show_resource(world: World, of: Invitee) -> JsonDict:
    """The no-show of a marked invitee."""
    mark = _no_show(world, of.no_show) or {}
    return {"uri": mark.get("uri"), "invitee": world.invitee_uri(of), "created_at": mark.get("created_at")}


def routing_form(world: World, of: RoutingForm) -> JsonDict:
    return {
        "uri": world.uri("routing_forms", of.id),
        "organization": world.organization,
        "name": of.name,
        "status": "published",
        "questions": list(of.questions),
        "created_at": of.created_at,
        "updated_at": of.created_at,
    }


def submission(world: World, of: Submission) -> JsonDict:
    return {
        "created_at": of.created_at,
        "questions_and_answers": list(of.answers),
        "result": of.result,
        "routing_form": world.uri("routing_forms", of.form.id),
        "submitter": world.invitee_uri(of.submitter) if of.submitter else None,
        "submitter_type": "Invitee" if of.submitter else None,
        "tracking": of.tracking,
        "updated_at": of.created_at,
        "uri": world.uri("routing_form_submissions", of.id),
    }


def subscription(world: World, of: Subscription) -> JsonDict:
    """A webhook subscription; the signing key is never returned."""
    return {
        "uri": world.uri("webhook_subscriptions", of.id),
        "callback_url": of.url,
        "created_at": of.created_at,
        "updated_at": of.updated_at,
        "retry_started_at": of.retry_started_at,
        "state": of.state,
        "events": list(of.events),
        "scope": of.scope,
        "organization": world.organization,
        "user": world.user_uri(of.user) if of.user else None,
        "group": None,
        "creator": world.user_uri(of.creator),
    }


def _no_show(world: World, of: NoShow | None) -> JsonDict | None:
    return {"uri": world.uri("invitee_no_shows", of.id), "created_at": of.created_at} if of else None


def _location(of: Meeting) -> JsonDict | None:
    """Where it takes place. Answers say ``type`` where event types say ``kind``, and captured ones say ``zoom``."""
    asked = of.type.location
    if asked is None:
        return None
    kind = str(asked["kind"])
    if kind == "google_conference":
        return {"join_url": f"{_PAGES}/events/{of.id}/google_meet", "status": "processing", "type": kind}
    if kind == "zoom_conference":
        return {"data": None, "join_url": None, "status": "initiated", "type": "zoom"}
    if kind.endswith("_conference"):
        return {"data": None, "join_url": None, "status": "processing", "type": kind}
    return {"location": asked.get("location"), "type": kind}
