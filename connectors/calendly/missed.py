"""What happened while no delivery came through. Owns asking Calendly's lists for it and giving it the form of deliveries; keeps nothing.

No list can be asked by the time of a booking or cancellation: scheduled events are listed by their start, and those that may have been
touched since are looked into, one call each. An answer that is not of a list's form is an error: it must not pass for "nothing happened". Sources: the documented lists (GET /scheduled_events, its invitees, GET
/routing_form_submissions) and captured deliveries, whose ``created_at`` is that of what they tell of, in whole seconds, or a second later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from connectors.calendly.connection import fact, scope
from connectors.calendly.resource_uris import resource_id
from engine.sdk import Http, Json, JsonObject, Kind, MissedEvent, MissedRequest, ServiceError

_DAY = 86_400.0
LOOK_BACK_DAYS = 7
"""Marks are set after the meeting: those of meetings that started longer ago than this before the outage are not looked for."""

_MAX_PAGES = 1_000
_DELIVERED_HOST = ("user", "user_email", "user_name")


def missed_of_invitees(http: Http, request: MissedRequest, *, events: Sequence[str]) -> Iterator[MissedEvent]:
    """Bookings, cancellations and no-show marks of the time, of all meetings that may have had one."""
    marks = "invitee_no_show.created" in events
    back = LOOK_BACK_DAYS * _DAY if marks else _DAY
    params: dict[str, str | int] = {
        "min_start_time": _stamp(request.since - back),
        "sort": "start_time:asc",
        "count": 100,
        **_whose(http),
    }
    author, parts = fact(http, "user"), _Parts(request)
    for meeting in _rows(http, "/scheduled_events", params):
        if not (marks or _is_touched(meeting, request)):
            continue
        path = f"/scheduled_events/{_id(meeting, 'scheduled_events')}/invitees"
        with parts.one(f"invitees of {_text(meeting, 'uri')}"):
            for invitee in _rows(http, path, {"count": 100}):
                for event, at, payload in _told(invitee, meeting):
                    if event in events and _is_within(event, at, invitee, request):
                        yield _missed(event, at, payload, author)
    parts.end()


def missed_of_routing_forms(http: Http, request: MissedRequest) -> Iterator[MissedEvent]:
    """Submissions of the time, of all forms that are there."""
    parts = _Parts(request)
    for form in _rows(http, "/routing_forms", {"organization": fact(http, "organization"), "count": 100}):
        uri = _text(form, "uri")
        with parts.one(f"submissions of {uri}"):
            yield from _missed_of_form(http, request, uri)
    parts.end()


def _missed_of_form(http: Http, request: MissedRequest, form: str) -> Iterator[MissedEvent]:
    params: dict[str, str | int] = {"form": form, "sort": "created_at:desc", "count": 100}
    event, author = "routing_form_submission.created", fact(http, "user")
    for submission in _rows(http, "/routing_form_submissions", params):
        at = _moment(submission.get("created_at"))
        if at is not None and at < request.since:
            return
        if _is_within(event, at, submission, request):
            yield _missed(event, at, submission, author)


def unrecoverable_of_invitees(events: Sequence[str]) -> Sequence[str]:
    """What the lists do not show, in words, for these events."""
    words = []
    if "invitee_no_show.deleted" in events:
        words.append("invitee_no_show.deleted (Calendly keeps no trace of a mark that was taken back)")
    if "invitee_no_show.created" in events:
        words.append(
            "invitee_no_show.created of marks that were taken back since, or of meetings that started more than "
            f"{LOOK_BACK_DAYS} days before"
        )
    if "invitee.created" in events or "invitee.canceled" in events:
        words.append(
            "the notification's own time and the booking's other fields as they were then (they are as they are now)"
        )
    return words


UNRECOVERABLE_OF_ROUTING_FORMS = (
    "submissions of forms that were deleted since",
    "the notification's own time",
)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Lists that are read one after the other. One that Calendly does not show is named, so that the others are read; if it shows none at
    all, that is an error like any other."""

    request: MissedRequest
    shown: list[str] = field(default_factory=list)
    refused: dict[str, ServiceError] = field(default_factory=dict)

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        try:
            yield
        except ServiceError as error:
            if error.kind not in (Kind.NOT_FOUND, Kind.PERMISSION):
                raise
            self.refused[name] = error
        else:
            self.shown.append(name)

    def end(self) -> None:
        for name, error in self.refused.items():
            if not self.shown:
                raise error
            self.request.lost(f"{name} ({error.message})")


def _told(invitee: JsonObject, meeting: JsonObject) -> Iterator[tuple[str, float | None, JsonObject]]:
    """What Calendly would have told of the invitee, with the time, whenever that was."""
    scheduled = _as_delivered(meeting)
    yield "invitee.created", _moment(invitee.get("created_at")), _as_booked(invitee, scheduled)
    payload: JsonObject = {**invitee, "scheduled_event": scheduled}
    cancellation = invitee.get("cancellation")
    if isinstance(cancellation, Mapping):
        # Cancelling is the last change of an invitee, for answers that do not say when.
        at = _moment(cancellation.get("created_at")) or _moment(invitee.get("updated_at"))
        yield "invitee.canceled", at, payload
    mark = invitee.get("no_show")
    if isinstance(mark, Mapping):
        yield "invitee_no_show.created", _moment(mark.get("created_at")), payload


def _as_booked(invitee: JsonObject, scheduled: JsonObject) -> JsonObject:
    """The invitee as the booking's delivery had it: what can only have come afterwards is taken away."""
    later: JsonObject = {"status": "active", "rescheduled": False, "new_invitee": None, "no_show": None}
    counter = scheduled.get("invitees_counter")
    alone = isinstance(counter, Mapping) and counter.get("limit") == 1
    seats: JsonObject = {"invitees_counter": {"total": 1, "active": 1, "limit": 1}} if alone else {}
    meeting: JsonObject = {
        **{name: value for name, value in scheduled.items() if name != "cancellation"},
        "status": "active",
        **seats,
    }
    booked = {name: value for name, value in invitee.items() if name != "cancellation"}
    return {**booked, **later, "scheduled_event": meeting}


def _as_delivered(meeting: JsonObject) -> JsonObject:
    """A scheduled event without what only the API shows: the calendar's entry and the hosts' buffers."""
    hosts = meeting.get("event_memberships")
    plain = [
        {name: host[name] for name in _DELIVERED_HOST if name in host}
        for host in (hosts if isinstance(hosts, list) else ())
        if isinstance(host, Mapping)
    ]
    kept = {name: value for name, value in meeting.items() if name != "calendar_event"}
    return cast(JsonObject, {**kept, "event_memberships": plain})


def _missed(event: str, at: float | None, payload: JsonObject, author: str) -> MissedEvent:
    assert at is not None
    envelope: JsonObject = {
        "created_at": _stamp(float(int(at))),
        "created_by": author,
        "event": event,
        "payload": payload,
    }
    return MissedEvent(event=envelope, at=at)


def _is_touched(meeting: JsonObject, request: MissedRequest) -> bool:
    """Whether somebody may have booked or cancelled it in the time.

    Of a meeting with several seats its own time of change is not known to follow each invitee's, so it is looked into in any case.
    """
    counter = meeting.get("invitees_counter")
    if not isinstance(counter, Mapping) or counter.get("limit") != 1:
        return True
    changed = _moment(meeting.get("updated_at"))
    return changed is None or changed >= request.since


def _is_within(event: str, at: float | None, row: JsonObject, request: MissedRequest) -> bool:
    if at is None:
        request.lost(f"{event} of {row.get('uri')} (Calendly's answer does not say when it happened)")
    return at is not None and request.since <= at < request.until


def _whose(http: Http) -> dict[str, str]:
    own = scope(http)
    return {own: fact(http, own)}


def _rows(http: Http, path: str, params: Mapping[str, str | int]) -> Iterator[JsonObject]:
    """Every row of a collection, page by page. Raises ServiceError(INVALID) for what is no page of one."""
    token: str | None = None
    for _ in range(_MAX_PAGES):
        page = http.get(path, params={**params, "page_token": token}).json_object()
        rows, pagination = page.get("collection"), page.get("pagination")
        if not isinstance(rows, list) or not isinstance(pagination, Mapping):
            raise _odd(f"{path} without a collection and its pagination")
        for row in rows:
            if not isinstance(row, Mapping):
                raise _odd(f"{path} with a row that is no object")
            yield row
        following = pagination.get("next_page_token")
        if not isinstance(following, str) and (following is not None or pagination.get("next_page") is not None):
            raise _odd(f"{path} without the token of its next page")
        if not following:
            return
        token = following
    raise ServiceError(Kind.INVALID, f"Calendly's list {path} does not end after {_MAX_PAGES} pages")


def _id(row: JsonObject, collection: str) -> str:
    try:
        return resource_id(_text(row, "uri"), collection)
    except ValueError as error:
        raise _odd(str(error)) from None


def _text(row: JsonObject, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise _odd(f"a row without {name}")
    return value


def _odd(what: str) -> ServiceError:
    return ServiceError(Kind.INVALID, f"Calendly's answer has an unexpected form: {what}")


def _moment(text: Json) -> float | None:
    """Seconds since the epoch; None for what is no time."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
