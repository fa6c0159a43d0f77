"""The simulator answers as Calendly is documented to: shapes, pages, refusals, the limit and its headers."""

from __future__ import annotations

from typing import cast

import pytest

from connectors.calendly.event_types import EventTypePage
from engine.sdk import Json, JsonObject, Response
from tests.connectors.calendly.simulated import BASE, Simulated


def organization(simulated: Simulated) -> str:
    return str(simulated.facts["organization"])


def body_of(answer: Response) -> dict[str, JsonObject]:
    return cast("dict[str, JsonObject]", answer.json_object())


def rows_of(answer: Response) -> list[JsonObject]:
    assert answer.ok, answer.body
    return cast("list[JsonObject]", answer.json_object()["collection"])


def hook(simulated: Simulated, **changes: Json) -> dict[str, Json]:
    return {
        "url": "https://hooks.example/a",
        "events": ["invitee.created"],
        "organization": organization(simulated),
        "scope": "organization",
        "signing_key": "k",
        **changes,
    }


def test_every_answer_says_what_is_left(simulated: Simulated) -> None:
    simulated.control("mode", limit=3)
    left = [simulated.raw("GET", "/users/me").headers["x-ratelimit-remaining"] for _ in range(3)]
    refused = simulated.raw("GET", "/users/me")
    assert left == ["2", "1", "0"]
    assert refused.status == 429
    assert refused.headers["x-ratelimit-limit"] == "3"
    assert "retry-after" not in refused.headers


def test_the_limit_is_a_sliding_window_and_reset_is_in_seconds(simulated: Simulated) -> None:
    simulated.control("mode", limit=2)
    simulated.raw("GET", "/users/me")
    simulated.clock.advance(40)
    assert simulated.raw("GET", "/users/me").headers["x-ratelimit-reset"] == "20"
    simulated.clock.advance(19.9)
    assert simulated.raw("GET", "/users/me").status == 429
    simulated.clock.advance(0.1)
    assert simulated.raw("GET", "/users/me").status == 200
    assert simulated.raw("GET", "/users/me").status == 429


def test_the_witness_knows_the_busiest_window(simulated: Simulated) -> None:
    for seconds in (0, 30, 29, 1, 40):
        simulated.clock.advance(seconds)
        simulated.raw("GET", "/users/me")
    assert simulated.control("calls")["busiest_window"] == {"seconds": 60, "calls": 3}


def test_the_witness_keeps_what_was_sent_but_never_the_token(simulated: Simulated) -> None:
    simulated.raw("POST", "/invitee_no_shows", json={"invitee": "x"}, params={"a": "b c"})
    seen = simulated.control("calls")
    call = cast("list[JsonObject]", seen["calls"])[0]
    assert (call["method"], call["path"], call["query"], call["body"], call["status"]) == (
        "POST",
        "/invitee_no_shows",
        {"a": "b c"},
        {"invitee": "x"},
        400,
    )
    assert simulated.token not in str(seen)


@pytest.mark.parametrize(
    "path", ["/", "/event_type", "/users", "/_simulated", "/event_types/x/y", "/webhook_subscriptions/nope"]
)
def test_what_does_not_exist_is_told_in_calendlys_words(simulated: Simulated, path: str) -> None:
    answer = simulated.raw("GET", path)
    assert answer.status == 404
    assert answer.json_object()["title"] == "Resource Not Found"


def test_event_types_need_an_owner(simulated: Simulated) -> None:
    answer = simulated.raw("GET", "/event_types")
    details = cast("list[JsonObject]", answer.json_object()["details"])
    assert answer.status == 400
    assert [detail["parameter"] for detail in details] == ["organization", "user"]


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({"active": False}, {"old-consultation"}),
        ({"admin_managed": True}, {"support-session"}),
        (
            {"active": True, "admin_managed": False},
            {"intro-call", "demo", "group-onboarding", "sales-round-robin", "paid-workshop"},
        ),
    ],
)
def test_event_types_are_filtered(simulated: Simulated, filters: dict[str, bool], slugs: set[str]) -> None:
    rows = rows_of(simulated.raw("GET", "/event_types", params={"organization": organization(simulated), **filters}))
    assert {row["slug"] for row in rows} == slugs


def test_pages_link_to_their_neighbours_and_keep_the_filters(simulated: Simulated) -> None:
    asked: dict[str, str | int | bool | None] = {"organization": organization(simulated), "active": True, "count": 2}
    first = simulated.raw("GET", "/event_types", params=asked).json_object()
    EventTypePage.model_validate(first)
    pagination = cast(JsonObject, first["pagination"])
    assert (pagination["count"], pagination["previous_page"], pagination["previous_page_token"]) == (2, None, None)
    link = str(pagination["next_page"])
    assert "active=true" in link
    assert "organization=https%3A%2F%2F" in link
    second = simulated.raw("GET", link.removeprefix(BASE)).json_object()
    back = cast(JsonObject, second["pagination"])["previous_page_token"]
    again = simulated.raw("GET", "/event_types", params={**asked, "page_token": str(back)}).json_object()
    assert again["collection"] == first["collection"]
    assert second["collection"] != first["collection"]


@pytest.mark.parametrize(
    "query", [{"count": "0"}, {"count": "101"}, {"count": "ten"}, {"page_token": "made-up"}, {"active": "yes"}]
)
def test_odd_queries_are_refused(simulated: Simulated, query: dict[str, str]) -> None:
    answer = simulated.raw("GET", "/event_types", params={"organization": organization(simulated), **query})
    assert answer.status == 400


def test_another_organization_is_refused(simulated: Simulated) -> None:
    assert simulated.raw("GET", "/event_types", params={"organization": f"{BASE}/organizations/OTHER"}).status == 403
    assert simulated.raw("GET", "/event_types", params={"user": f"{BASE}/users/OTHER"}).status == 403


def test_a_booking_can_be_read_in_every_way(simulated: Simulated) -> None:
    invitee = simulated.book(event_type="demo", email="mara@guests.example")
    meeting = invitee.rpartition("/invitees/")[0]
    read = body_of(simulated.get(invitee))["resource"]
    assert (read["uri"], read["first_name"], read["no_show"]) == (invitee, "Alex", None)
    assert body_of(simulated.get(meeting))["resource"]["calendar_event"] is not None
    assert [row["uri"] for row in rows_of(simulated.get(f"{meeting}/invitees", params={"status": "active"}))] == [
        invitee
    ]
    assert rows_of(simulated.get(f"{meeting}/invitees", params={"email": "other@guests.example"})) == []
    listed = {"organization": organization(simulated), "invitee_email": "mara@guests.example", "status": "active"}
    assert [row["uri"] for row in rows_of(simulated.get("/scheduled_events", params=listed))] == [meeting]
    assert (
        rows_of(simulated.get("/scheduled_events", params={**listed, "max_start_time": "2020-01-01T00:00:00Z"})) == []
    )


def test_the_host_cancels_through_the_api_once(simulated: Simulated) -> None:
    meeting = simulated.book().rpartition("/invitees/")[0].removeprefix(BASE)
    cancelled = simulated.raw("POST", f"{meeting}/cancellation", json={"reason": "ill"})
    assert cancelled.status == 201
    assert body_of(cancelled)["resource"]["canceler_type"] == "host"
    again = simulated.raw("POST", f"{meeting}/cancellation")
    assert (again.status, again.json_object()["message"]) == (403, "Event is already canceled")


def test_a_past_event_cannot_be_cancelled(simulated: Simulated) -> None:
    meeting = simulated.book().rpartition("/invitees/")[0].removeprefix(BASE)
    simulated.clock.advance(10 * 86_400)
    answer = simulated.raw("POST", f"{meeting}/cancellation")
    assert (answer.status, answer.json_object()["message"]) == (403, "Event in the past")


def test_a_no_show_is_made_read_and_removed(simulated: Simulated) -> None:
    invitee = simulated.book()
    made = simulated.raw("POST", "/invitee_no_shows", json={"invitee": invitee})
    uri = str(body_of(made)["resource"]["uri"])
    assert (made.status, body_of(simulated.get(uri))["resource"]["invitee"]) == (201, invitee)
    assert (simulated.delete(uri).status, simulated.raw("GET", uri.removeprefix(BASE)).status) == (204, 404)


def test_a_subscription_is_shown_without_its_key_and_with_its_location(simulated: Simulated) -> None:
    made = simulated.raw("POST", "/webhook_subscriptions", json=hook(simulated))
    resource = body_of(made)["resource"]
    assert made.status == 201
    assert made.headers["location"] == resource["uri"]
    assert (resource["state"], resource["callback_url"], "signing_key" in resource) == (
        "active",
        "https://hooks.example/a",
        False,
    )


def test_the_location_header_can_be_left_out(simulated: Simulated) -> None:
    simulated.control("mode", location_header=False)
    assert "location" not in simulated.raw("POST", "/webhook_subscriptions", json=hook(simulated)).headers


def test_a_second_subscription_to_a_url_is_refused(simulated: Simulated) -> None:
    simulated.post("/webhook_subscriptions", json=hook(simulated))
    again = simulated.raw("POST", "/webhook_subscriptions", json=hook(simulated, events=["invitee.canceled"]))
    assert (again.status, again.json_object()["message"]) == (409, "Hook with this url already exists")


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"url": ""}, "url"),
        ({"url": "not a url"}, "url"),
        ({"url": "http://[::1"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["invitee.moved"]}, "events"),
        ({"scope": "galaxy"}, "scope"),
        ({"scope": "user"}, "user"),
        ({"organization": None}, "organization"),
    ],
)
def test_a_subscription_with_something_missing_is_refused_by_name(
    simulated: Simulated, changes: dict[str, Json], parameter: str
) -> None:
    answer = simulated.raw("POST", "/webhook_subscriptions", json=hook(simulated, **changes))
    assert answer.status == 400
    assert [detail["parameter"] for detail in cast("list[JsonObject]", answer.json_object()["details"])] == [parameter]


def test_routing_forms_are_not_told_to_a_user(simulated: Simulated) -> None:
    wanted = hook(simulated, events=["routing_form_submission.created"], scope="user", user=simulated.facts["user"])
    assert simulated.raw("POST", "/webhook_subscriptions", json=wanted).status == 400


def test_listing_subscriptions_needs_organization_and_scope(simulated: Simulated) -> None:
    assert simulated.raw("GET", "/webhook_subscriptions").status == 400
    simulated.post("/webhook_subscriptions", json=hook(simulated))
    asked = {"organization": organization(simulated)}
    assert len(rows_of(simulated.get("/webhook_subscriptions", params={**asked, "scope": "organization"}))) == 1
    user = {"scope": "user", "user": str(simulated.facts["user"])}
    assert rows_of(simulated.get("/webhook_subscriptions", params={**asked, **user})) == []


def test_a_token_without_a_scope_is_told_which(simulated: Simulated) -> None:
    simulated.control("mode", scopes=["users:read", "webhooks:write"])
    answer = simulated.raw("POST", "/webhook_subscriptions", json=hook(simulated))
    assert (answer.status, answer.json_object()["required_scopes"]) == (403, ["scheduled_events:read"])


def test_writing_implies_reading(simulated: Simulated) -> None:
    simulated.control("mode", scopes=["users:read", "scheduled_events:write"])
    assert simulated.raw("GET", "/scheduled_events", params={"user": str(simulated.facts["user"])}).status == 200


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"invitee": NaN}', b'{"invitee": "\\ud800"}']
)
def test_a_body_that_is_no_object_is_refused(simulated: Simulated, content: bytes) -> None:
    assert simulated.raw("POST", "/invitee_no_shows", content=content).status == 400
    assert simulated.control("calls")["count"] == 1


def test_a_fault_strikes_as_often_as_it_was_asked_to(simulated: Simulated) -> None:
    simulated.control("faults", path="/users/*", status=503, count=2, skip=1)
    assert [simulated.raw("GET", "/users/me").status for _ in range(4)] == [200, 503, 503, 200]
    assert simulated.control("state")["faults"] == [
        {"path": "/users/*", "status": 503, "count": 2, "skip": 1, "struck": 2, "spent": True}
    ]


def test_a_fault_may_act_before_it_fails(simulated: Simulated) -> None:
    invitee = simulated.book()
    simulated.control("faults", method="POST", path="/invitee_no_shows", act=True, status=500)
    assert simulated.raw("POST", "/invitee_no_shows", json={"invitee": invitee}).status == 500
    assert body_of(simulated.get(invitee))["resource"]["no_show"] is not None


def test_a_fault_may_be_a_limit_of_the_service(simulated: Simulated) -> None:
    simulated.control("faults", rate_limit=True, reset_s=7, headers={"Retry-After": "9"})
    answer = simulated.raw("GET", "/users/me")
    assert (answer.status, answer.headers["retry-after"]) == (429, "9")
    assert (answer.headers["x-ratelimit-remaining"], answer.headers["x-ratelimit-reset"]) == ("0", "7")


def test_a_fault_may_answer_with_what_is_not_json(simulated: Simulated) -> None:
    simulated.control("faults", status=502, body="<html>bad gateway</html>")
    answer = simulated.raw("GET", "/users/me")
    assert (answer.status, answer.body) == (502, b"<html>bad gateway</html>")


def test_reset_forgets_everything_but_the_seed(simulated: Simulated) -> None:
    simulated.post("/webhook_subscriptions", json=hook(simulated))
    simulated.book()
    simulated.control("mode", plan="free")
    simulated.control("reset")
    state = simulated.control("state")
    assert (state["scheduled_events"], state["webhook_subscriptions"], state["invitees"]) == ([], [], [])
    assert cast(JsonObject, state["mode"])["plan"] == "paid"
    assert len(cast("list[Json]", state["event_types"])) == 7
    assert simulated.control("calls")["count"] == 0
