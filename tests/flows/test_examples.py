"""The flows that we ship load and check without a finding, and do on deliveries what their descriptions say."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import cast

import pytest

from connectors.calendly import calendly
from engine.check import check_flow
from engine.core.statuses import RunStatus
from engine.flow import Flow, load_flow, read_flows
from engine.flow.model import ActionStep, all_steps
from engine.strictjson import Json, JsonObject
from tests.flows.rehearsal import rehearse, starts

FOLDER = Path(__file__).parents[2] / "flows"
FILES = sorted(FOLDER.glob("*.yaml"))
EVENT_TYPE = "https://api.calendly.com/event_types/0180d5e1-945c-407b-8118-9866d29e6868"
TYPE: JsonObject = {
    "uri": EVENT_TYPE,
    "name": "Product demo",
    "kind": "solo",
    "duration": 45,
    "description_plain": None,
}
NO_SHOW: JsonObject = {
    "resource": {"uri": "https://api.calendly.com/invitee_no_shows/AAA", "invitee": "i", "created_at": "t"}
}


def example(name: str) -> Flow:
    path = FOLDER / f"{name}.yaml"
    return load_flow(path.read_bytes(), str(path))


def delivery(sample: str, **changes: Json) -> JsonObject:
    """A sample; ``scheduled_event__name="x"`` changes ``payload.scheduled_event.name``."""
    event = copy.deepcopy(dict(calendly.samples[sample]))
    for path, value in changes.items():
        *parents, last = ("payload", *path.split("__"))
        at = event
        for parent in parents:
            at = cast("dict[str, Json]", at[parent])
        at[last] = value
    return event


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
class TestEachExample:
    def test_loads_and_checks_without_a_finding(self, path: Path) -> None:
        flow = load_flow(path.read_bytes(), str(path))
        assert [str(finding) for finding in check_flow(flow, {"calendly": calendly})] == []

    def test_says_what_it_is(self, path: Path) -> None:
        flow = load_flow(path.read_bytes(), str(path))
        assert flow.id == path.stem
        assert flow.name != flow.id
        assert flow.description.endswith(".")
        assert flow.source.startswith("# "), "a comment says why one would want it"
        assert all(spec.description and not spec.required for spec in flow.inputs.values()), "it can be taken as it is"

    def test_needs_a_calendly_connection_only(self, path: Path) -> None:
        assert load_flow(path.read_bytes(), str(path)).connections == {"calendly": "calendly"}

    def test_cannot_start_itself(self, path: Path) -> None:
        flow = load_flow(path.read_bytes(), str(path))
        actions = {step.action for step in all_steps(flow) if isinstance(step, ActionStep)}
        events = {
            str(event) for trigger in flow.triggers for event in cast("list[str]", trigger.given.get("events", []))
        }
        assert not ("create_invitee_no_show" in actions and "invitee_no_show.created" in events)
        assert not ("delete_invitee_no_show" in actions and "invitee_no_show.deleted" in events)


def test_there_are_enough_of_them_and_their_ids_differ() -> None:
    found = list(read_flows([FOLDER]))
    assert len(found) >= 7
    assert all(each.flow for each in found)


def test_together_they_do_not_go_round_in_circles() -> None:
    flows = [load_flow(path.read_bytes(), str(path)) for path in FILES]
    heard = {
        str(event)
        for flow in flows
        for trigger in flow.triggers
        for event in cast("list[str]", trigger.given.get("events", []))
    }
    assert "invitee_no_show.deleted" not in heard, (
        "marking is answered by taking back, so taking back must not be answered"
    )


def test_a_late_cancellation_is_marked() -> None:
    flow = example("late-cancellation-no-show")
    event = delivery("invitee.canceled", scheduled_event__start_time="2026-03-02T20:00:00.000000Z")
    assert starts(flow, 0, event)
    run = rehearse(flow, event, {"create_invitee_no_show": NO_SHOW})
    assert run.calls == [("create_invitee_no_show", {"invitee": cast("dict[str, Json]", event["payload"])["uri"]})]
    assert run.ending.outputs == {
        "no_show": "https://api.calendly.com/invitee_no_shows/AAA",
        "deadline": "2026-03-01T20:00:00Z",
    }


def test_a_cancellation_in_time_is_left_alone() -> None:
    run = rehearse(example("late-cancellation-no-show"), delivery("invitee.canceled"), {})
    assert run.ending.status is RunStatus.SUCCEEDED
    assert run.ending.message == "mara.jensen@guests.example cancelled in time (before 2026-03-03T14:00:00Z)"
    assert run.ending.outputs == {"no_show": None, "deadline": "2026-03-03T14:00:00Z"}
    assert run.calls == []


@pytest.mark.parametrize("sample", ["invitee.canceled.rescheduled", "invitee.canceled.by_host"])
def test_a_reschedule_or_the_hosts_cancellation_is_no_late_cancellation(sample: str) -> None:
    assert not starts(example("late-cancellation-no-show"), 0, delivery(sample))


def test_a_partners_no_show_is_taken_back() -> None:
    flow = example("undo-no-show-for-partners")
    event = delivery("invitee_no_show.created", email="Kim@Partner.Example")
    assert starts(flow, 0, event)
    assert not starts(flow, 0, delivery("invitee_no_show.created"))
    run = rehearse(flow, event, {"delete_invitee_no_show": {"deleted": True, "uuid": "x"}})
    assert [action for action, _ in run.calls] == ["delete_invitee_no_show"]
    assert run.ending.outputs is not None
    assert run.ending.outputs["unmarked"] is True
    assert rehearse(flow, delivery("invitee_no_show.created", no_show=None), {}).calls == []


@pytest.mark.parametrize(
    ("sample", "event_type", "label"),
    [
        ("invitee.created", {}, "standard"),
        ("invitee.created", {"duration": 15}, "quick"),
        ("invitee.created", {"kind": "group", "duration": 15}, "group"),
        ("invitee.created.paid", {"duration": 15}, "paid"),
    ],
)
def test_bookings_are_labelled(sample: str, event_type: JsonObject, label: str) -> None:
    flow, event = example("label-bookings"), delivery(sample)
    assert starts(flow, 0, event)
    run = rehearse(flow, event, {"get_event_type": {"resource": {**TYPE, **event_type}}})
    assert run.ending.outputs is not None
    assert run.ending.outputs["label"] == label


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ("routing_form_submission.created", "sales: offered Product demo"),
        ("routing_form_submission.created.external_url", "sales: sent to https://"),
        ("routing_form_submission.created.custom_message", "sales: told something, offered nothing"),
    ],
)
def test_form_submissions_are_routed_by_answer_and_result(sample: str, message: str) -> None:
    answers: list[Json] = [{"question": "How large is your team?", "answer": "51-200", "question_uuid": None}]
    run = rehearse(
        example("route-form-submissions"),
        delivery(sample, questions_and_answers=answers),
        {"get_event_type": {"resource": TYPE}},
    )
    assert run.ending.status is RunStatus.SUCCEEDED
    assert (run.ending.message or "").startswith(message)
    assert run.ending.outputs == {"queue": "sales", "answer": "51-200", "booked": False}


@pytest.mark.parametrize(
    "answers",
    [[], [{"question": "How large is your team?", "answer": None}], [{"question": "Other", "answer": "51-200"}]],
)
def test_a_submission_without_the_answer_goes_to_nurture(answers: list[Json]) -> None:
    event = delivery("routing_form_submission.created.custom_message", questions_and_answers=answers)
    run = rehearse(example("route-form-submissions"), event, {})
    assert run.ending.outputs == {"queue": "nurture", "answer": "", "booked": False}


def test_guests_from_outside_are_listed_once() -> None:
    flow = example("review-guests")
    guests: list[Json] = [
        {"email": email} for email in ("ann@example.com", "bo@Elsewhere.example", "bo@Elsewhere.example")
    ]
    event = delivery("invitee.created", scheduled_event__event_guests=guests)
    assert starts(flow, 0, event)
    assert not starts(flow, 0, delivery("invitee.created", scheduled_event__event_guests=[]))
    run = rehearse(flow, event, {})
    assert run.ending.outputs == {"outside": ["bo@Elsewhere.example"], "summary": "1 of 3 guests come from outside"}


def test_the_audit_reads_every_type_of_the_page() -> None:
    flow = example("audit-event-types")
    event = delivery("invitee.created", scheduled_event__name="Weekly review")
    assert starts(flow, 0, event)
    assert not starts(flow, 0, delivery("invitee.created"))
    page: JsonObject = {
        "collection": [TYPE, {**TYPE, "name": "Call", "description_plain": "Short"}],
        "pagination": {"next_page_token": None},
    }
    run = rehearse(flow, event, {"get_event_types": page, "get_event_type": {"resource": TYPE}})
    assert [action for action, _ in run.calls] == ["get_event_types", "get_event_type", "get_event_type"]
    assert run.calls[0][1] == {"active": True, "count": 20}, "a whole number stays one"
    assert run.ending.outputs == {"read": 2, "complete": True, "without_description": ["Product demo"]}


def test_a_type_that_is_gone_does_not_spoil_the_audit() -> None:
    page: JsonObject = {"collection": [TYPE], "pagination": {"next_page_token": "more"}}
    run = rehearse(example("audit-event-types"), delivery("invitee.created"), {"get_event_types": page})
    assert run.ending.status is RunStatus.SUCCEEDED
    assert run.statuses["each[0].read"] == "failed"


def test_both_halves_of_a_reschedule_tell_the_same_story() -> None:
    flow = example("track-reschedules")
    old = delivery("invitee.canceled.rescheduled", uri="OLD", new_invitee="NEW")
    new = delivery("invitee.created.rescheduled", uri="NEW", old_invitee="OLD")
    assert starts(flow, 0, old)
    assert starts(flow, 1, new)
    assert not starts(flow, 0, delivery("invitee.canceled"))
    assert not starts(flow, 1, delivery("invitee.created"))
    found = [rehearse(flow, event, {}).ending.outputs or {} for event in (old, new)]
    assert [(each["old_invitee"], each["new_invitee"], each["half"]) for each in found] == [
        ("OLD", "NEW", "old"),
        ("OLD", "NEW", "new"),
    ]


PAYMENT: JsonObject = {
    "external_id": "ch_1",
    "provider": "stripe",
    "amount": 40.0,
    "currency": "EUR",
    "terms": None,
    "successful": True,
}


def test_a_paid_booking_that_was_cancelled_in_time_asks_for_a_refund() -> None:
    flow = example("refund-reminder")
    event = delivery("invitee.canceled", payment=PAYMENT)
    assert starts(flow, 0, event)
    assert not starts(flow, 0, delivery("invitee.canceled"))
    run = rehearse(flow, event, {})
    assert run.ending.status is RunStatus.FAILED
    assert run.ending.message == "refund 40.0 EUR to mara.jensen@guests.example (ch_1)"


def test_a_late_cancellation_is_refunded_only_when_it_was_the_hosts() -> None:
    flow, start = example("refund-reminder"), "2026-03-02T20:00:00.000000Z"
    by_invitee = delivery("invitee.canceled", payment=PAYMENT, scheduled_event__start_time=start)
    by_host = delivery("invitee.canceled.by_host", payment=PAYMENT)
    assert rehearse(flow, by_invitee, {}).ending.outputs == {"refund_due": False}
    assert rehearse(flow, by_host, {}).ending.status is RunStatus.FAILED
