"""What people do at the simulated Calendly. Owns booking, cancelling, rescheduling, no-shows and routing forms; sends nothing itself.

Every function changes the world and returns what happened, in the order in which the service would tell it.
"""

from __future__ import annotations

from typing import Literal

from connectors.calendly.simulator import resources
from connectors.calendly.simulator.domain import (
    EventType,
    Happening,
    Invitee,
    JsonDict,
    Meeting,
    NoShow,
    Submission,
    User,
)
from connectors.calendly.simulator.ids import canonical, later, milliseconds, moment, stamp
from connectors.calendly.simulator.orders import Book, RoutingFormSubmission
from connectors.calendly.simulator.problems import Problem
from connectors.calendly.simulator.world import World

Canceler = Literal["host", "invitee"]


def book(world: World, order: Book) -> tuple[Invitee, list[Happening]]:
    """Somebody books: a new scheduled event, or a seat in one of a group that is named or starts at the same time."""
    invitee = _add_invitee(world, _meeting_for(world, order), order)
    return invitee, [_told(world, "invitee.created", invitee)]


def cancel(world: World, invitee: Invitee, by: Canceler, reason: str) -> list[Happening]:
    """The invitee gives up the seat, or the host cancels the whole event with all its invitees. Raises Problem 403 when it is cancelled."""
    if invitee.cancellation is not None:
        raise Problem.denied("Event is already canceled")
    if by == "host":
        return cancel_meeting(world, invitee.meeting, reason)
    _cancel_seat(world, invitee, _cancellation(world, invitee.name, by, reason))
    return [_told(world, "invitee.canceled", invitee)]


def cancel_meeting(world: World, meeting: Meeting, reason: str) -> list[Happening]:
    """The host cancels: one invitee.canceled for each active invitee. Raises Problem 403 when it is over or cancelled."""
    if meeting.cancellation is not None:
        raise Problem.denied("Event is already canceled")
    if moment(meeting.start_time) < moment(stamp(world.clock())):
        raise Problem.denied("Event in the past")
    leaving = meeting.active_invitees
    cancellation = _cancellation(world, meeting.hosts[0].name, "host", reason)
    for invitee in leaving:
        _cancel_seat(world, invitee, cancellation)
    meeting.cancellation = cancellation
    return [_told(world, "invitee.canceled", invitee) for invitee in leaving]


def reschedule(world: World, old: Invitee, start_time: str | None, reason: str) -> tuple[Invitee, list[Happening]]:
    """The invitee takes another time: a new event and a new invitee, both with new URIs, that point at the old ones."""
    if old.cancellation is not None:
        raise Problem.denied("Event is already canceled")
    order = Book(
        event_type=old.meeting.type.id,
        name=old.name,
        email=old.email,
        timezone=old.timezone,
        start_time=start_time or later(old.meeting.start_time, days=1),
        tracking={key: str(value) for key, value in old.tracking.items() if value is not None},
        guests=[str(guest["email"]) for guest in old.meeting.guests],
        text_reminder_number=old.text_reminder_number,
    )
    new = _add_invitee(world, _meeting_for(world, order), order)
    new.answers, new.payment, new.old_invitee = list(old.answers), old.payment, old
    old.rescheduled, old.new_invitee = True, new
    _cancel_seat(world, old, _cancellation(world, old.name, "invitee", reason))
    return new, [_told(world, "invitee.canceled", old), _told(world, "invitee.created", new)]


def mark_no_show(world: World, invitee: Invitee) -> list[Happening]:
    """Mark the invitee; the caller has seen to it that the invitee is unmarked."""
    invitee.no_show = NoShow(id=world.ids.new(), created_at=stamp(world.clock()))
    world.no_shows[invitee.no_show.id] = invitee
    return [_told(world, "invitee_no_show.created", invitee)]


def unmark_no_show(world: World, invitee: Invitee) -> list[Happening]:
    """Take the mark back."""
    if invitee.no_show is not None:
        del world.no_shows[invitee.no_show.id]
    invitee.no_show = None
    return [_told(world, "invitee_no_show.deleted", invitee)]


def submit_routing_form(world: World, order: RoutingFormSubmission) -> tuple[Submission, list[Happening]]:
    """A visitor submits a routing form, and is led to an event type, an address or a message."""
    form = world.routing_form(order.form) if order.form else world.routing_forms[0]
    given = order.answers or {str(question["name"]): "Something" for question in form.questions}
    uuids = {question["name"]: question["uuid"] for question in form.questions}
    answers: list[JsonDict] = [
        {"answer": answer, "question": name, "question_uuid": uuids.get(name)} for name, answer in given.items()
    ]
    submission = Submission(
        id=world.ids.new(),
        form=form,
        answers=answers,
        tracking=_tracking(order.tracking),
        result=_result(world, order),
        submitter=world.invitee(order.submitter) if order.submitter else None,
        created_at=milliseconds(world.clock()),
    )
    world.submissions.append(submission)
    payload = resources.submission(world, submission)
    return submission, [Happening(event="routing_form_submission.created", payload=payload)]


def _result(world: World, order: RoutingFormSubmission) -> JsonDict:
    if order.result == "event_type":
        kind = world.event_type(order.value) if isinstance(order.value, str) else world.event_types[0]
        return {"type": order.result, "value": resources.event_type(world, kind)["uri"]}
    if order.result == "external_url":
        return {"type": order.result, "value": order.value or "https://www.example.com/thanks"}
    message: JsonDict = {"headline": "Thank you", "body": "We will write to you."}
    return {"type": order.result, "value": order.value or message}


def _meeting_for(world: World, order: Book) -> Meeting:
    if order.scheduled_event:
        return _with_seat(world.meeting(order.scheduled_event))
    kind = world.event_type(order.event_type)
    start = _start(world, order.start_time)
    shared = _group_at(world, kind, start) if kind.kind == "group" else None
    if shared is not None:
        return _with_seat(shared)
    now = stamp(world.clock())
    meeting = Meeting(
        id=world.ids.new(),
        type=kind,
        hosts=_hosts(world, kind),
        start_time=start,
        end_time=later(start, minutes=kind.duration),
        created_at=now,
        updated_at=now,
    )
    world.meetings[meeting.id] = meeting
    return meeting


def _group_at(world: World, kind: EventType, start: str) -> Meeting | None:
    found = (m for m in world.meetings.values() if m.type is kind and m.start_time == start and not m.cancellation)
    return next(found, None)


def _with_seat(meeting: Meeting) -> Meeting:
    if meeting.cancellation or len(meeting.active_invitees) >= meeting.type.limit:
        raise Problem.exists("The scheduled event has no seat left")
    return meeting


def _start(world: World, wanted: str | None) -> str:
    if wanted is None:
        return f"{later(stamp(world.clock()), days=2)[:14]}00:00.000000Z"
    try:
        return canonical(wanted)
    except ValueError:
        raise Problem.invalid(("start_time", "must be an ISO 8601 time")) from None


def _hosts(world: World, kind: EventType) -> list[User]:
    if kind.pooling_type == "round_robin":
        earlier = sum(meeting.type is kind for meeting in world.meetings.values())
        return [kind.hosts[earlier % len(kind.hosts)]]
    return list(kind.hosts)


def _add_invitee(world: World, meeting: Meeting, order: Book) -> Invitee:
    now = stamp(world.clock())
    first, _, last = order.name.partition(" ")
    split = meeting.type.split_name
    invitee = Invitee(
        id=world.ids.new(),
        meeting=meeting,
        name=order.name,
        first_name=first if split else None,
        last_name=last if split else None,
        email=order.email,
        timezone=order.timezone,
        created_at=now,
        updated_at=now,
        answers=_answers(meeting.type, order.answers),
        tracking=_tracking(order.tracking),
        payment=_payment(world, meeting.type, order),
        text_reminder_number=order.text_reminder_number,
        routing_form_submission=order.routing_form_submission,
    )
    meeting.invitees.append(invitee)
    meeting.updated_at = now
    meeting.guests += [{"created_at": now, "email": email, "updated_at": now} for email in order.guests]
    return invitee


def _answers(kind: EventType, given: dict[str, str]) -> list[JsonDict]:
    positions = {str(question["name"]): question["position"] for question in kind.questions}
    return [
        {"answer": answer, "position": positions.get(question, index), "question": question}
        for index, (question, answer) in enumerate(given.items())
    ]


def _payment(world: World, kind: EventType, order: Book) -> JsonDict | None:
    if order.payment is None and not kind.is_paid:
        return None
    paid: JsonDict = {
        "amount": 120.0,
        "currency": "EUR",
        "external_id": f"ch_{world.ids.old()}",
        "provider": "stripe",
        "successful": True,
        "terms": "Paid when booked.",
    }
    return {**paid, **(order.payment or {})}


def _tracking(given: dict[str, str]) -> JsonDict:
    return {key: given.get(key) for key in resources.TRACKING_KEYS}


def _cancel_seat(world: World, invitee: Invitee, cancellation: JsonDict) -> None:
    now = stamp(world.clock())
    invitee.cancellation, invitee.updated_at, invitee.meeting.updated_at = cancellation, now, now
    # Seen in captured deliveries: an event is cancelled with its last invitee, and stays active while others come.
    if not invitee.meeting.active_invitees:
        invitee.meeting.cancellation = cancellation


def _cancellation(world: World, name: str, by: Canceler, reason: str) -> JsonDict:
    return {"canceled_by": name, "canceler_type": by, "created_at": stamp(world.clock()), "reason": reason}


def _told(world: World, event: str, invitee: Invitee) -> Happening:
    payload = resources.invitee_payload(world, invitee)
    return Happening(event=event, payload=payload, hosts=tuple(invitee.meeting.hosts))
