"""Subscriptions are ours alone, tell what stands in their way, and each event has one key."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import pytest
from pydantic import ValidationError

from connectors.calendly import calendly
from connectors.calendly.triggers import InviteeTrigger, RoutingFormTrigger, dedupe_key, former_keys
from engine.sdk import CheckRequest, Json, JsonObject, Kind, RemoteState, ServiceError, SubscribeRequest
from engine.sdk.testing import FakeHttp
from tests.connectors.calendly.simulated import Simulated

API = "https://api.calendly.com"
ORGANIZATION, USER = f"{API}/organizations/ORG1", f"{API}/users/USER1"
HOOK = f"{API}/webhook_subscriptions/HOOK1"
URL = "https://hooks.example/hooks/abc"
AS_WANTED: dict[str, Json] = {"callback_url": URL, "events": ["invitee.created"], "scope": "organization"}
INVITEE = calendly.webhooks["invitee"]
ROUTING_FORM = calendly.webhooks["routing_form_submission"]


def fake(**settings: Json) -> FakeHttp:
    return FakeHttp(calendly, settings=settings, facts={"organization": ORGANIZATION, "user": USER})


def request(url: str = URL, key: str = "signing-key", **given: Json) -> SubscribeRequest:
    return SubscribeRequest(callback_url=url, signing_key=key, given=given or {"events": ["invitee.created"]})


def asked(remote_uri: str, url: str = URL) -> CheckRequest:
    return CheckRequest(remote_uri=remote_uri, callback_url=url, given={"events": ["invitee.created"]})


def test_subscribing_sends_everything_that_calendly_asks_for() -> None:
    http = fake().answer("POST", "/webhook_subscriptions", status=201, json={"resource": {"uri": HOOK}})
    assert INVITEE.subscribe(http, request()) == HOOK
    assert http.calls[0].json == {
        "url": URL,
        "events": ["invitee.created"],
        "organization": ORGANIZATION,
        "scope": "organization",
        "signing_key": "signing-key",
    }


def test_with_the_users_scope_the_user_is_named() -> None:
    http = fake(scope="user").answer("POST", "/webhook_subscriptions", status=201, json={"resource": {"uri": HOOK}})
    INVITEE.subscribe(http, request())
    sent = cast(JsonObject, http.calls[0].json)
    assert (sent["scope"], sent["user"], sent["organization"]) == ("user", USER, ORGANIZATION)


def test_routing_forms_need_the_organizations_scope_and_say_so() -> None:
    with pytest.raises(ServiceError, match="whole organization only") as refused:
        ROUTING_FORM.subscribe(fake(scope="user"), request(events=["routing_form_submission.created"]))
    assert refused.value.kind is Kind.PERMISSION
    assert "scope to organization" in (refused.value.remedy or "")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"resource": {}}'])
def test_the_location_header_is_taken_where_the_body_has_no_uri(body: bytes) -> None:
    http = fake().answer("POST", "/webhook_subscriptions", status=201, body=body, headers={"Location": HOOK})
    assert INVITEE.subscribe(http, request()) == HOOK


def test_an_answer_without_any_uri_is_an_error() -> None:
    http = fake().answer("POST", "/webhook_subscriptions", status=201, json={})
    with pytest.raises(ServiceError, match="without saying its URI"):
        INVITEE.subscribe(http, request())


def test_an_existing_subscription_is_replaced_wherever_it_is_in_the_list() -> None:
    http = fake().answer("POST", "/webhook_subscriptions", status=409, json={"title": "T", "message": "exists"})
    http.answer("GET", "/webhook_subscriptions", json=page([("HOOK7", "https://hooks.example/other")], following="two"))
    http.answer("GET", "/webhook_subscriptions", json=page([("HOOK1", URL)]))
    http.answer("DELETE", "/webhook_subscriptions/HOOK1", status=204)
    http.answer("GET", "/webhook_subscriptions", json=page([]))
    http.answer(
        "POST", "/webhook_subscriptions", status=201, json={"resource": {"uri": f"{API}/webhook_subscriptions/HOOK2"}}
    )
    assert INVITEE.subscribe(http, request()).endswith("HOOK2")
    listed = [call.params for call in http.calls if call.method == "GET"]
    assert listed[0] == {"organization": ORGANIZATION, "scope": "organization", "count": 100}
    assert listed[1]["page_token"] == "two"
    assert listed[2] == {"organization": ORGANIZATION, "scope": "user", "user": USER, "count": 100}


def test_a_list_that_a_member_may_not_see_does_not_stop_the_replacement() -> None:
    http = fake(scope="user").answer(
        "POST", "/webhook_subscriptions", status=409, json={"title": "T", "message": "exists"}
    )
    http.answer("GET", "/webhook_subscriptions", json=page([("HOOK1", URL)]))
    http.answer("DELETE", "/webhook_subscriptions/HOOK1", status=404, json={})
    http.answer("GET", "/webhook_subscriptions", status=403, json={"title": "T", "message": "no"})
    http.answer("POST", "/webhook_subscriptions", status=201, json={"resource": {"uri": HOOK}})
    assert INVITEE.subscribe(http, request()) == HOOK


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, {"resource": {"state": "active"}}, RemoteState.ACTIVE),
        (200, {"resource": {"state": "active", **AS_WANTED}}, RemoteState.ACTIVE),
        (200, {"resource": {"state": "active", **AS_WANTED, "callback_url": f"{URL}?n=2"}}, RemoteState.ALTERED),
        (200, {"resource": {"state": "active", **AS_WANTED, "events": ["invitee.canceled"]}}, RemoteState.ALTERED),
        (200, {"resource": {"state": "active", **AS_WANTED, "scope": "user"}}, RemoteState.ALTERED),
        (200, {"resource": {"state": "disabled", **AS_WANTED}}, RemoteState.DISABLED),
        (404, {}, RemoteState.MISSING),
    ],
)
def test_the_state_at_the_service_is_told(status: int, body: Json, state: RemoteState) -> None:
    http = fake().answer("GET", "/webhook_subscriptions/HOOK1", status=status, json=body)
    assert INVITEE.check(http, asked(HOOK)) is state


@pytest.mark.parametrize("answer", [{}, {"resource": None}, {"resource": AS_WANTED}, {"resource": {"state": None}}])
def test_an_answer_that_tells_no_state_takes_nothing_for_broken(answer: Json) -> None:
    http = fake().answer("GET", "/webhook_subscriptions/HOOK1", json=answer)
    with pytest.raises(ServiceError, match="without its state") as odd:
        INVITEE.check(http, asked(HOOK))
    assert odd.value.kind is Kind.INVALID


@pytest.mark.parametrize("status", [204, 404])
def test_removing_a_subscription_that_is_gone_is_fine(status: int) -> None:
    http = fake().answer("DELETE", "/webhook_subscriptions/HOOK1", status=status)
    INVITEE.unsubscribe(http, HOOK)
    assert [call.method for call in http.calls] == ["DELETE"]


def test_a_subscription_that_may_not_be_removed_is_an_error() -> None:
    http = fake().answer("DELETE", "/webhook_subscriptions/HOOK1", status=403, json={})
    with pytest.raises(ServiceError):
        INVITEE.unsubscribe(http, HOOK)


@pytest.mark.parametrize(
    "events", [[], ["invitee.deleted"], ["invitee.created", "invitee.created"], "invitee.created", None]
)
def test_the_events_of_an_invitee_are_a_list_of_the_four_each_once(events: Json) -> None:
    with pytest.raises(ValidationError):
        InviteeTrigger.model_validate({"events": events})


def test_the_event_of_a_routing_form_need_not_be_written() -> None:
    assert RoutingFormTrigger().events == ["routing_form_submission.created"]
    event: JsonObject = {"event": "routing_form_submission.created"}
    assert ROUTING_FORM.accepts({}, event)
    assert not ROUTING_FORM.accepts({}, {"event": "invitee.created"})


def test_an_event_that_was_not_asked_for_is_not_accepted() -> None:
    given: JsonObject = {"events": ["invitee.created", "invitee.canceled"]}
    assert INVITEE.accepts(given, {"event": "invitee.canceled"})
    assert not INVITEE.accepts(given, {"event": "invitee_no_show.created"})
    assert not INVITEE.accepts(given, {})


def test_two_invitees_of_one_group_event_are_two_events() -> None:
    first, second = calendly.samples["invitee.created.group"], calendly.samples["invitee.created.group.second"]
    assert cast(JsonObject, first["payload"])["event"] == cast(JsonObject, second["payload"])["event"]
    assert dedupe_key(first) != dedupe_key(second)


def test_the_key_says_what_it_is_made_of() -> None:
    for name in ("invitee.created", "invitee.canceled", "routing_form_submission.created"):
        event = calendly.samples[name]
        assert dedupe_key(event) == f"{name}|{cast(JsonObject, event['payload'])['uri']}"
    marked = calendly.samples["invitee_no_show.created"]
    mark = cast(JsonObject, cast(JsonObject, marked["payload"])["no_show"])
    assert dedupe_key(marked) == f"invitee_no_show.created|{mark['uri']}"
    unmarked = calendly.samples["invitee_no_show.deleted"]
    uri = cast(JsonObject, unmarked["payload"])["uri"]
    assert dedupe_key(unmarked) == f"invitee_no_show.deleted|{unmarked['created_at']}|{uri}"


def test_a_late_delivery_is_looked_up_under_the_key_of_earlier_releases_too() -> None:
    event = calendly.samples["invitee.canceled"]
    made = datetime.fromisoformat(str(event["created_at"])).timestamp()
    former = f"invitee.canceled|{event['created_at']}|{cast(JsonObject, event['payload'])['uri']}"
    assert list(former_keys(event, made + 3600)) == [former]
    assert list(former_keys(event, made + 1)) == [], "no query for what arrives in time"
    assert list(former_keys(calendly.samples["invitee_no_show.deleted"], made + 3600)) == [], "its key did not change"


def test_an_event_that_was_asked_for_is_looked_up_under_each_time_that_its_notification_may_have_had() -> None:
    event = {**calendly.samples["invitee.canceled"], "created_at": "2026-03-02T10:01:59.000000Z"}
    uri = cast(JsonObject, event["payload"])["uri"]
    keys = former_keys(event, None)
    assert f"invitee.canceled|2026-03-02T10:02:11.000000Z|{uri}" in keys
    assert len(keys) == len(set(keys)) == 121


def test_signs_inside_the_parts_cannot_make_two_events_alike() -> None:
    assert dedupe_key({"event": "a|b", "created_at": "c", "payload": {"uri": "d"}}) != dedupe_key(
        {"event": "a", "created_at": "b|c", "payload": {"uri": "d"}}
    )


def test_subscribing_twice_at_the_simulator_leaves_one_with_the_new_key(simulated: Simulated) -> None:
    first = INVITEE.subscribe(simulated, request(key="old"))
    second = INVITEE.subscribe(simulated, request(key="new"))
    assert INVITEE.check(simulated, asked(first)) is RemoteState.MISSING
    assert INVITEE.check(simulated, asked(second)) is RemoteState.ACTIVE
    assert [found.signing_key for found in simulated.app.service.world.subscriptions.values()] == ["new"]
    INVITEE.unsubscribe(simulated, second)
    assert INVITEE.check(simulated, asked(second)) is RemoteState.MISSING


def test_a_connection_that_changed_its_scope_replaces_the_subscription_of_the_other(simulated: Simulated) -> None:
    INVITEE.subscribe(simulated, request())
    simulated.use_scope("user")
    INVITEE.subscribe(simulated, request())
    assert [found.scope for found in simulated.app.service.world.subscriptions.values()] == ["user"]


@pytest.mark.parametrize(
    ("mode", "remedy"),
    [
        ({"plan": "free"}, "paid plan"),
        ({"scopes": ["users:read", "webhooks:read"]}, "webhooks:write"),
        ({"role": "user"}, "owner or admin"),
    ],
)
def test_what_stands_in_the_way_is_told_with_the_way_out(
    simulated: Simulated, mode: dict[str, Json], remedy: str
) -> None:
    simulated.control("mode", **mode)
    with pytest.raises(ServiceError) as refused:
        INVITEE.subscribe(simulated, request())
    assert refused.value.kind is Kind.PERMISSION
    assert remedy in (refused.value.remedy or "")


def test_a_new_subscription_can_stand_beside_the_one_that_it_replaces_and_the_sweep_leaves_only_the_new(
    simulated: Simulated,
) -> None:
    INVITEE.subscribe(simulated, request())
    lost = INVITEE.subscribe(simulated, request(f"{URL}?n=2"))
    stranger = INVITEE.subscribe(simulated, request("https://hooks.example/hooks/other"))
    new = INVITEE.subscribe(simulated, request(f"{URL}?n=3"))
    assert len(simulated.app.service.world.subscriptions) == 4
    INVITEE.sweep(simulated, f"{URL}?n=3", new)
    assert INVITEE.check(simulated, asked(new, f"{URL}?n=3")) is RemoteState.ACTIVE
    assert INVITEE.check(simulated, asked(lost)) is RemoteState.MISSING
    assert INVITEE.check(simulated, asked(stranger, "https://hooks.example/hooks/other")) is RemoteState.ACTIVE
    assert len(simulated.app.service.world.subscriptions) == 2


def page(rows: list[tuple[str, str]], *, following: str | None = None) -> Json:
    listed: list[Json] = [{"uri": f"{API}/webhook_subscriptions/{name}", "callback_url": url} for name, url in rows]
    return {"collection": listed, "pagination": {"count": len(rows), "next_page_token": following}}
