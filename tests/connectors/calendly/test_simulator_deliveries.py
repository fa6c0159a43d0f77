"""The simulator tells subscriptions what happened as Calendly does: signed, compact, to whom it concerns, again after a failure."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import cast

import pytest

from connectors.calendly import calendly
from connectors.calendly.invitees import InviteeDelivery
from engine.sdk import CheckRequest, Delivery, Json, JsonObject, RemoteState, SubscribeRequest
from tests.connectors.calendly.simulated import Simulated

INVITEE_EVENTS = ("invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted")
KEY = "the subscription's key"


def subscribe(simulated: Simulated, url: str = "https://hooks.example/invitees", trigger: str = "invitee") -> str:
    events: list[Json] = [*INVITEE_EVENTS] if trigger == "invitee" else ["routing_form_submission.created"]
    wanted = SubscribeRequest(callback_url=url, signing_key=KEY, given={"events": events})
    return calendly.webhooks[trigger].subscribe(simulated, wanted)


def asked(remote_uri: str, url: str = "https://hooks.example/invitees") -> CheckRequest:
    return CheckRequest(remote_uri=remote_uri, callback_url=url, given={"events": [*INVITEE_EVENTS]})


def payload(envelope: JsonObject) -> JsonObject:
    return cast(JsonObject, envelope["payload"])


def deliveries(simulated: Simulated) -> list[JsonObject]:
    return cast("list[JsonObject]", simulated.control("deliveries")["deliveries"])


def quickly(simulated: Simulated, **mode: Json) -> None:
    """Retries in next to no time: the hand-turned clock says when to give up."""
    simulated.control("mode", time_scale=1e-6, **mode)


def test_a_delivery_has_the_documented_headers_and_a_signature_over_its_bytes(simulated: Simulated) -> None:
    subscribe(simulated)
    simulated.book()
    simulated.settle()
    [request] = simulated.receiver.requests
    at = simulated.clock() // 1_000_000_000
    mac = hmac.new(KEY.encode(), f"{at}.".encode() + request.content, hashlib.sha256).hexdigest()
    assert request.headers["calendly-webhook-signature"] == f"t={at},v1={mac}"
    assert (request.headers["user-agent"], request.headers["content-type"]) == ("Calendly", "application/json")
    assert (request.headers["accept"], request.headers["accept-encoding"]) == ("*/*", "gzip")


def test_the_connector_believes_what_the_simulator_signs(simulated: Simulated) -> None:
    subscribe(simulated)
    simulated.book(name="Åsa Öström")
    simulated.settle()
    [request] = simulated.receiver.requests
    arrived = Delivery(headers=dict(request.headers), body=request.content, received_at=simulated.clock() / 1e9)
    assert not calendly.webhooks["invitee"].verify(arrived, [KEY]).stale


def test_without_a_key_a_delivery_is_not_signed(simulated: Simulated) -> None:
    wanted = {"url": "https://hooks.example/x", "events": ["invitee.created"], "scope": "organization"}
    simulated.post("/webhook_subscriptions", json={**wanted, "organization": simulated.facts["organization"]})
    simulated.book()
    simulated.settle()
    assert "calendly-webhook-signature" not in simulated.receiver.requests[0].headers


def test_a_body_is_compact_json_in_alphabetical_order_but_for_two_objects(simulated: Simulated) -> None:
    subscribe(simulated)
    simulated.book(tracking={"utm_source": "newsletter"})
    simulated.settle()
    body = simulated.receiver.requests[0].content.decode()
    envelope = json.loads(body)
    assert body == json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
    assert list(envelope) == ["created_at", "created_by", "event", "payload"]
    assert list(envelope["payload"]) == sorted(envelope["payload"])
    assert list(envelope["payload"]["tracking"])[:3] == ["utm_campaign", "utm_source", "utm_medium"]
    assert list(envelope["payload"]["scheduled_event"]["invitees_counter"]) == ["total", "active", "limit"]


def test_an_envelope_is_of_a_whole_second_and_a_payload_is_not(simulated: Simulated) -> None:
    subscribe(simulated)
    simulated.book()
    simulated.settle()
    envelope = simulated.receiver.envelopes[0]
    assert str(envelope["created_at"]).endswith(".000000Z")
    assert str(payload(envelope)["created_at"]).endswith(".123456Z")
    assert envelope["created_by"] == simulated.facts["user"]
    assert "calendar_event" not in cast(JsonObject, payload(envelope)["scheduled_event"])


@pytest.mark.parametrize(
    "slug",
    [
        "intro-call",
        "demo",
        "group-onboarding",
        "old-consultation",
        "support-session",
        "sales-round-robin",
        "paid-workshop",
    ],
)
def test_a_booking_of_every_type_fits_the_model(simulated: Simulated, slug: str) -> None:
    subscribe(simulated)
    simulated.book(
        event_type=slug,
        answers={"Company": "Us"},
        guests=["guest@guests.example"],
        start_time="2027-01-05T10:00:00+01:00",
    )
    simulated.settle()
    [envelope] = simulated.receiver.envelopes
    assert InviteeDelivery.model_validate(envelope).to_json() == envelope


def test_an_invitee_who_leaves_a_group_leaves_the_others_in_it(simulated: Simulated) -> None:
    subscribe(simulated)
    first = simulated.book(event_type="group-onboarding", email="one@guests.example")
    second = simulated.book(event_type="group-onboarding", email="two@guests.example")
    simulated.control("cancel", invitee=first, reason="ill")
    simulated.settle()
    left = payload(simulated.receiver.envelopes[-1])
    meeting = cast(JsonObject, left["scheduled_event"])
    assert first.rpartition("/invitees/")[0] == second.rpartition("/invitees/")[0]
    assert (left["uri"], left["status"], meeting["status"]) == (first, "canceled", "active")
    assert meeting["invitees_counter"] == {"total": 2, "active": 1, "limit": 8}
    assert "cancellation" not in meeting


def test_a_host_who_cancels_tells_every_invitee_of_the_group(simulated: Simulated) -> None:
    subscribe(simulated)
    invitees = [simulated.book(event_type="group-onboarding", email=f"{n}@guests.example") for n in range(3)]
    simulated.control("cancel", invitee=invitees[0], by="host")
    simulated.settle()
    told = [payload(envelope) for envelope in simulated.receiver.envelopes[3:]]
    cancellation = cast(JsonObject, told[0]["cancellation"])
    assert sorted(str(one["uri"]) for one in told) == sorted(invitees)
    assert (cancellation["canceler_type"], cancellation["reason"]) == ("host", "")
    assert cast(JsonObject, told[0]["scheduled_event"])["cancellation"] == cancellation


def test_a_full_group_takes_nobody(simulated: Simulated) -> None:
    for number in range(8):
        simulated.book(event_type="group-onboarding", email=f"{number}@guests.example")
    assert simulated.raw("POST", "/_sim/book", json={"event_type": "group-onboarding"}).status == 409


@pytest.mark.parametrize(
    ("order", "events"),
    [
        ("canceled_first", ["invitee.canceled", "invitee.created"]),
        ("created_first", ["invitee.created", "invitee.canceled"]),
    ],
)
def test_a_reschedule_is_a_pair_that_points_at_each_other(simulated: Simulated, order: str, events: list[str]) -> None:
    old = simulated.book(email="lena@guests.example")
    subscribe(simulated)
    new = cast(JsonObject, simulated.control("reschedule", invitee="lena@guests.example", order=order)["invitee"])[
        "uri"
    ]
    simulated.settle()
    halves = {str(envelope["event"]): payload(envelope) for envelope in simulated.receiver.envelopes}
    left, came = halves["invitee.canceled"], halves["invitee.created"]
    assert simulated.receiver.events == events
    assert (left["uri"], left["rescheduled"], left["new_invitee"], left["old_invitee"]) == (old, True, new, None)
    assert (came["uri"], came["rescheduled"], came["old_invitee"], came["new_invitee"]) == (new, False, old, None)
    assert left["event"] != came["event"]


def test_marking_through_the_api_and_by_the_host_is_told_alike(simulated: Simulated) -> None:
    invitee = simulated.book()
    subscribe(simulated)
    simulated.post("/invitee_no_shows", json={"invitee": invitee})
    simulated.control("no_show", invitee=invitee, undo=True)
    simulated.settle()
    assert sorted(simulated.receiver.events) == ["invitee_no_show.created", "invitee_no_show.deleted"]


@pytest.mark.parametrize("result", ["event_type", "external_url", "custom_message"])
def test_a_routing_form_is_told_with_its_result(simulated: Simulated, result: str) -> None:
    subscribe(simulated, trigger="routing_form_submission")
    simulated.control("routing_form_submission", result=result, answers={"What do you need?": "Help", "Else?": None})
    simulated.settle()
    [envelope] = simulated.receiver.envelopes
    calendly.webhooks["routing_form_submission"].delivery.model_validate(envelope)
    assert cast(JsonObject, payload(envelope)["result"])["type"] == result


def test_a_users_subscription_hears_of_the_users_own_events_only(simulated: Simulated) -> None:
    simulated.use_scope("user")
    subscribe(simulated)
    simulated.book(event_type="support-session")
    simulated.book(event_type="intro-call")
    simulated.settle()
    [envelope] = simulated.receiver.envelopes
    assert cast(JsonObject, payload(envelope)["scheduled_event"])["name"] == "Intro call"


def test_only_what_was_asked_for_is_told(simulated: Simulated) -> None:
    subscribe(simulated, trigger="routing_form_submission")
    simulated.book()
    assert deliveries(simulated) == []


@pytest.mark.parametrize("failure", [302, 404, 500, 0])
def test_whatever_is_not_2xx_is_tried_again(simulated: Simulated, failure: int) -> None:
    quickly(simulated)
    subscribe(simulated)
    simulated.receiver.statuses = [failure, failure]
    simulated.book()
    simulated.settle()
    [delivery] = deliveries(simulated)
    statuses = [attempt["status"] for attempt in cast("list[JsonObject]", delivery["attempts"])]
    assert statuses == [failure or None, failure or None, 200]
    [hook] = cast("list[JsonObject]", simulated.control("state")["webhook_subscriptions"])
    assert hook["retry_started_at"] is not None
    assert hook["state"] == "active"


@pytest.mark.parametrize(("anew", "differ"), [(True, True), (False, False)])
def test_an_attempt_is_signed_anew_or_not_as_the_mode_says(simulated: Simulated, anew: bool, differ: bool) -> None:
    subscribe(simulated)
    simulated.book()
    simulated.settle()
    simulated.clock.advance(5)
    simulated.control("redeliver", delivery=1, sign_anew=anew)
    first, second = (request.headers["calendly-webhook-signature"] for request in simulated.receiver.requests)
    assert (first != second) is differ
    assert simulated.receiver.requests[0].content == simulated.receiver.requests[1].content


def test_a_delivery_can_be_sent_twenty_times_at_once(simulated: Simulated) -> None:
    subscribe(simulated)
    simulated.book()
    simulated.settle()
    assert simulated.control("redeliver", delivery=1, times=20)["statuses"] == [200] * 20
    assert len({request.content for request in simulated.receiver.requests}) == 1


def test_a_subscription_that_fails_for_too_long_is_disabled_and_hears_nothing_more(simulated: Simulated) -> None:
    hook = subscribe(simulated)
    quickly(simulated)
    simulated.receiver.statuses, simulated.receiver.seconds = [500] * 50, 0.03
    simulated.book()
    simulated.settle()
    [failed] = deliveries(simulated)
    assert (failed["state"], len(cast("list[Json]", failed["attempts"]))) == ("failed", 3)
    assert calendly.webhooks["invitee"].check(simulated, asked(hook)) is RemoteState.DISABLED
    simulated.book()
    assert len(deliveries(simulated)) == 1


def test_a_subscription_that_took_another_delivery_meanwhile_stays_active(simulated: Simulated) -> None:
    invitee = simulated.book()
    hook = subscribe(simulated)
    quickly(simulated)
    simulated.receiver.statuses, simulated.receiver.seconds = [500, 200, 500, 500], 0.03
    simulated.control("reschedule", invitee=invitee, order="canceled_first")
    simulated.settle()
    assert sorted(str(d["state"]) for d in deliveries(simulated)) == ["delivered", "failed"]
    assert calendly.webhooks["invitee"].check(simulated, asked(hook)) is RemoteState.ACTIVE


def test_a_removed_subscription_is_given_up(simulated: Simulated) -> None:
    hook = subscribe(simulated)
    quickly(simulated)
    simulated.receiver.statuses = [500] * 1_000
    simulated.book()
    assert simulated.control("wait", attempts=1)["done"]
    calendly.webhooks["invitee"].unsubscribe(simulated, hook)
    simulated.settle()
    assert [delivery["state"] for delivery in deliveries(simulated)] == ["dropped"]


def test_waiting_ends_without_being_met_when_the_time_is_over(simulated: Simulated) -> None:
    assert simulated.control("wait", delivered=1, timeout_s=0.01)["done"] is False


def test_a_typo_in_an_order_is_refused(simulated: Simulated) -> None:
    answer = simulated.raw("POST", "/_sim/book", json={"emial": "x"})
    assert answer.status == 400
    assert "emial" in answer.body.decode()


def test_the_help_names_every_control_call(simulated: Simulated) -> None:
    told = simulated.control("")
    controls = " ".join(str(line) for line in cast("list[Json]", told["controls"]))
    fields = cast(JsonObject, told["fields"])
    assert all(f"/_sim/{name} " in controls for name in (*fields, "calls", "deliveries", "state", "reset"))
