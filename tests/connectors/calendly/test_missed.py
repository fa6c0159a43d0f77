"""What Calendly's lists show of a time is given as the deliveries would have been: compared with those that the simulator made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import pytest

from connectors.calendly import calendly
from engine.sdk import Json, JsonObject, Kind, MissedEvent, MissedRequest, ServiceError
from engine.sdk.testing import FakeHttp
from tests.connectors.calendly.simulated import Simulated

INVITEE, ROUTING_FORM = calendly.webhooks["invitee"], calendly.webhooks["routing_form_submission"]
EVENTS = ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"]
API = "https://api.calendly.com"
SINCE = datetime.fromisoformat("2026-03-02T10:00:00Z").timestamp()
FACTS: JsonObject = {"organization": f"{API}/organizations/ORG1", "user": f"{API}/users/USER1"}


def asked(
    simulated: Simulated, *, events: Sequence[str] = EVENTS, since: float = 0, until: float = 1e11
) -> list[MissedEvent]:
    assert INVITEE.missed is not None
    request = MissedRequest(given={"events": list(events)}, since=since, until=until)
    return list(INVITEE.missed(simulated, request))


def told(answer: Json) -> list[JsonObject]:
    return cast("list[JsonObject]", cast(JsonObject, answer)["envelopes"])


def comparable(event: JsonObject) -> JsonObject:
    """Without what the README says of recovered events: the notification's time, the seats of a group, later times of change."""
    payload = dict(cast(JsonObject, event["payload"]))
    scheduled = dict(cast(JsonObject, payload.pop("scheduled_event")))
    for name in ("updated_at", "invitees_counter"):
        payload.pop(name, None)
        scheduled.pop(name, None)
    return {
        "event": event["event"],
        "created_by": event["created_by"],
        "payload": payload,
        "scheduled_event": scheduled,
    }


def test_bookings_cancellations_and_marks_look_as_they_were_delivered_and_have_the_same_keys(
    simulated: Simulated,
) -> None:
    deliveries = [
        *told(simulated.control("book", email="ada@guests.example", event_type="demo")),
        *told(simulated.control("book", email="bo@guests.example", event_type="group-onboarding")),
        *told(simulated.control("book", email="cy@guests.example", event_type="group-onboarding")),
        *told(simulated.control("reschedule", invitee="ada@guests.example")),
        *told(simulated.control("cancel", invitee="bo@guests.example", reason="ill")),
        *told(simulated.control("no_show", invitee="cy@guests.example")),
    ]
    found = [item.event for item in asked(simulated)]
    by_key = {INVITEE.dedupe_key(event): comparable(event) for event in found}
    assert by_key == {INVITEE.dedupe_key(event): comparable(event) for event in deliveries}
    assert len(found) == len(deliveries) == 7
    for event in found:
        INVITEE.delivery.model_validate(event)


def test_the_time_is_that_of_what_happened_and_only_the_asked_one_is_given(simulated: Simulated) -> None:
    simulated.control("book", email="ada@guests.example")
    [booked] = asked(simulated)
    payload = cast(JsonObject, booked.event["payload"])
    assert booked.at == datetime.fromisoformat(str(payload["created_at"])).timestamp()
    assert asked(simulated, since=booked.at + 0.001) == []
    assert asked(simulated, until=booked.at) == []
    assert len(asked(simulated, since=booked.at, until=booked.at + 0.001)) == 1


def test_only_what_the_trigger_asks_for_is_given(simulated: Simulated) -> None:
    simulated.control("book", email="ada@guests.example")
    simulated.control("cancel", invitee="ada@guests.example")
    assert [item.event["event"] for item in asked(simulated, events=["invitee.canceled"])] == ["invitee.canceled"]


def test_more_than_a_page_is_read_to_its_end(simulated: Simulated) -> None:
    for number in range(103):
        simulated.control(
            "book",
            email=f"p{number}@guests.example",
            start_time=f"2031-01-{number % 28 + 1:02}T{number // 28:02}:00:00Z",
        )
    assert len(asked(simulated, events=["invitee.created"])) == 103


def test_a_connection_of_a_user_sees_the_users_meetings(simulated: Simulated) -> None:
    simulated.use_scope("user")
    simulated.control("book", email="ada@guests.example")
    assert len(asked(simulated)) == 1
    assert simulated.app.service.calls.calls[-2].query.keys() >= {"user", "min_start_time"}


def test_submissions_look_as_they_were_delivered_newest_first_and_no_older_page_is_read(simulated: Simulated) -> None:
    assert ROUTING_FORM.missed is not None
    deliveries = [
        told(simulated.control("routing_form_submission", result=result))
        for result in ("event_type", "external_url", "custom_message")
    ]
    everything = list(ROUTING_FORM.missed(simulated, MissedRequest(given={}, since=0, until=1e11)))
    for item in everything:
        ROUTING_FORM.delivery.model_validate(item.event)
    delivered = {ROUTING_FORM.dedupe_key(event): event["payload"] for [event] in deliveries}
    assert {ROUTING_FORM.dedupe_key(item.event): item.event["payload"] for item in everything} == delivered
    newest = everything[0]
    later = list(ROUTING_FORM.missed(simulated, MissedRequest(given={}, since=newest.at, until=1e11)))
    assert newest in later


def meeting(uri: str, *, updated: str, limit: int = 1) -> Json:
    return {
        "uri": f"{API}/scheduled_events/{uri}",
        "updated_at": updated,
        "invitees_counter": {"total": 1, "active": 1, "limit": limit},
    }


def page(*rows: Json, following: str | None = None) -> Json:
    return {"collection": list(rows), "pagination": {"count": len(rows), "next_page_token": following}}


def calls(http: FakeHttp, events: list[Json]) -> list[str]:
    assert INVITEE.missed is not None
    list(INVITEE.missed(http, MissedRequest(given={"events": events}, since=SINCE, until=SINCE + 3600)))
    return [call.path for call in http.calls]


def lists(*, then: Sequence[str]) -> FakeHttp:
    http = FakeHttp(calendly, facts=FACTS)
    rows = page(
        meeting("OLD", updated="2026-03-02T09:59:59.999999Z"),
        meeting("NEW", updated="2026-03-02T10:00:00.000000Z"),
        meeting("GROUP", updated="2026-02-01T10:00:00.000000Z", limit=8),
    )
    http.answer("GET", "/scheduled_events", json=rows)
    for name in then:
        http.answer("GET", f"/scheduled_events/{name}/invitees", json=page())
    return http


def test_only_meetings_that_may_have_been_touched_cost_a_call() -> None:
    touched = ["/scheduled_events", "/scheduled_events/NEW/invitees", "/scheduled_events/GROUP/invitees"]
    http = lists(then=["NEW", "GROUP"])
    assert calls(http, ["invitee.created", "invitee.canceled"]) == touched
    assert http.calls[0].params["min_start_time"] == "2026-03-01T10:00:00.000000Z"


def test_a_mark_is_looked_for_in_every_meeting_of_the_week_before() -> None:
    http = lists(then=["OLD", "NEW", "GROUP"])
    assert len(calls(http, ["invitee_no_show.created"])) == 4
    assert http.calls[0].params["min_start_time"] == "2026-02-23T10:00:00.000000Z"


def test_a_list_without_an_end_is_an_error() -> None:
    http = FakeHttp(calendly, facts=FACTS)
    for _ in range(1_000):
        http.answer("GET", "/scheduled_events", json=page(following="same"))
    with pytest.raises(ServiceError, match="does not end") as refused:
        calls(http, ["invitee.created"])
    assert refused.value.kind is Kind.INVALID


@pytest.mark.parametrize(
    ("events", "named"),
    [
        (["invitee.created"], ["notification's own time"]),
        (["invitee_no_show.created"], ["taken back since"]),
        (EVENTS, ["invitee_no_show.deleted", "taken back since", "notification's own time"]),
    ],
)
def test_what_cannot_be_recovered_is_named(events: list[Json], named: Sequence[str]) -> None:
    words = INVITEE.unrecoverable({"events": events})
    assert len(words) == len(named)
    assert all(part in word for part, word in zip(named, words, strict=True))


ONE_PAGE: JsonObject = {"next_page_token": None}
NO_LIST = [
    {},
    {"collection": None, "pagination": ONE_PAGE},
    {"collection": []},
    {"collection": [], "pagination": {"next_page": f"{API}/scheduled_events?page_token=x"}},
    {"collection": ["x"], "pagination": ONE_PAGE},
    {"collection": [{}], "pagination": ONE_PAGE},
]


@pytest.mark.parametrize("answer", NO_LIST)
def test_an_answer_that_is_no_list_does_not_pass_for_nothing_happened(answer: Json) -> None:
    http = FakeHttp(calendly, facts=FACTS).answer("GET", "/scheduled_events", json=answer)
    with pytest.raises(ServiceError, match="unexpected form") as odd:
        calls(http, ["invitee.created"])
    assert odd.value.kind is Kind.INVALID


def of_two_meetings(first: int, second: int) -> tuple[list[MissedEvent], list[str]]:
    """What is given and what is lost of two meetings whose invitees are answered for with these statuses."""
    assert INVITEE.missed is not None
    booked = {"uri": f"{API}/scheduled_events/E/invitees/I", "created_at": "2026-03-02T10:30:00Z"}
    rows = [meeting(name, updated="2026-03-02T10:30:00Z") for name in ("ONE", "TWO")]
    http, lost = FakeHttp(calendly, facts=FACTS).answer("GET", "/scheduled_events", json=page(*rows)), list[str]()
    for name, status in (("ONE", first), ("TWO", second)):
        answer = (
            page(booked) if status == 200 else {"title": "Odd", "message": "You are not allowed to view this event"}
        )
        http.answer("GET", f"/scheduled_events/{name}/invitees", status=status, json=answer)
    request = MissedRequest(given={"events": [*EVENTS]}, since=SINCE, until=SINCE + 3600, lost=lost.append)
    return list(INVITEE.missed(http, request)), lost


@pytest.mark.parametrize("status", [403, 404])
def test_a_meeting_that_is_not_shown_is_named_and_keeps_no_other_from_being_read(status: int) -> None:
    found, lost = of_two_meetings(status, 200)
    assert [item.event["event"] for item in found] == ["invitee.created"]
    assert lost == [
        f"invitees of {API}/scheduled_events/ONE (Calendly answered {status} Odd: You are not allowed to view this event)"
    ]


@pytest.mark.parametrize("statuses", [(403, 403), (200, 400)])
def test_a_service_that_shows_no_meeting_at_all_or_refuses_otherwise_is_an_error(statuses: tuple[int, int]) -> None:
    with pytest.raises(ServiceError):
        of_two_meetings(*statuses)


def test_a_form_that_is_not_shown_is_named_and_keeps_no_other_from_being_read() -> None:
    assert ROUTING_FORM.missed is not None
    http, lost = FakeHttp(calendly, facts=FACTS), list[str]()
    http.answer(
        "GET", "/routing_forms", json=page({"uri": f"{API}/routing_forms/ONE"}, {"uri": f"{API}/routing_forms/TWO"})
    )
    http.answer("GET", "/routing_form_submissions", status=404, json={})
    http.answer("GET", "/routing_form_submissions", json=page({"uri": "S", "created_at": "2026-03-02T10:30:00.000Z"}))
    request = MissedRequest(given={}, since=SINCE, until=SINCE + 3600, lost=lost.append)
    assert [item.event["event"] for item in ROUTING_FORM.missed(http, request)] == ["routing_form_submission.created"]
    [words] = lost
    assert words.startswith(f"submissions of {API}/routing_forms/ONE (")


def test_what_happened_at_a_time_that_nobody_can_read_is_named() -> None:
    assert INVITEE.missed is not None
    http, lost = FakeHttp(calendly, facts=FACTS), list[str]()
    odd: Mapping[str, Json] = {"uri": f"{API}/scheduled_events/E1", "invitees_counter": None, "event_memberships": "x"}
    http.answer("GET", "/scheduled_events", json=page(dict(odd)))
    row: JsonObject = {"uri": "I", "created_at": "soon", "cancellation": {}, "no_show": 7}
    http.answer("GET", "/scheduled_events/E1/invitees", json=page(row))
    request = MissedRequest(given={"events": [*EVENTS]}, since=SINCE, until=SINCE + 3600, lost=lost.append)
    assert list(INVITEE.missed(http, request)) == []
    assert [words.partition(" (")[0] for words in lost] == ["invitee.created of I", "invitee.canceled of I"]
