"""The models hold every field of the connector reference, keep what they do not know, and read what the service sends or once sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import pytest
from pydantic import ValidationError

from connectors.calendly import calendly
from connectors.calendly.event_types import EventTypeResource
from connectors.calendly.invitees import InviteeDelivery
from connectors.calendly.routing_forms import RoutingFormDelivery
from connectors.calendly.scheduled_events import Location
from engine.sdk import JsonObject
from tests.connectors.calendly import seed

INVITEE_PATHS = [
    *seed.INVITEE_DELIVERY,
    *(f"{place}.{path}" for place, paths in seed.INVITEE_DEFINITIONS.items() for path in paths),
]


@pytest.mark.parametrize("path", INVITEE_PATHS)
def test_an_invitees_delivery_has_every_field_of_the_reference(path: str) -> None:
    assert path in set(paths_of(calendly.webhooks["invitee"].delivery.model_json_schema()))


@pytest.mark.parametrize("path", seed.ROUTING_FORM_DELIVERY)
def test_a_routing_forms_delivery_has_every_field_of_the_reference(path: str) -> None:
    assert path in set(paths_of(calendly.webhooks["routing_form_submission"].delivery.model_json_schema()))


def test_the_triggers_are_those_of_the_reference_with_their_parameters() -> None:
    assert {name: list(t.given.model_fields) for name, t in calendly.triggers.items()} == seed.TRIGGER_PARAMETERS


def test_the_actions_are_those_of_the_reference_with_their_parameters() -> None:
    assert {name: list(a.given.model_fields) for name, a in calendly.actions.items()} == seed.ACTION_PARAMETERS


@pytest.mark.parametrize(
    ("action", "path"), [(name, path) for name, paths in seed.ACTION_OUTPUTS.items() for path in paths]
)
def test_an_actions_output_has_every_field_of_the_reference(action: str, path: str) -> None:
    assert path in set(paths_of(calendly.actions[action].output.model_json_schema()))


def test_a_flow_may_rely_on_what_every_delivery_of_today_carries() -> None:
    schema = InviteeDelivery.model_json_schema()["$defs"]["Invitee"]
    assert {"scheduled_event", "tracking", "timezone", "rescheduled", "questions_and_answers"} <= set(
        schema["required"]
    )
    assert "cancellation" not in schema["required"]
    assert {"type": "null"} not in InviteeDelivery.model_json_schema()["$defs"]["ScheduledEvent"]["properties"][
        "event_type"
    ].get("anyOf", [])


def test_a_flow_may_rely_on_what_every_event_type_carries() -> None:
    schema = EventTypeResource.model_json_schema()["$defs"]["EventType"]
    assert {"uri", "name", "slug", "duration", "kind", "profile", "custom_questions"} <= set(schema["required"])
    assert not {"position", "locale", "is_paid"} & set(schema["required"])


def test_an_event_type_of_the_first_kind_is_read_and_gains_nothing() -> None:
    bare = dict.fromkeys(("uri", "scheduling_url", "kind", "type", "color", "created_at", "updated_at"), "x")
    old: JsonObject = {"resource": {**bare, "active": True, "duration": 30, "secret": False}}
    assert EventTypeResource.model_validate(old).to_json() == old


def test_a_delivery_from_before_2023_is_read_and_gains_nothing() -> None:
    old = calendly.samples["invitee.canceled.2021"]
    assert "scheduled_event" not in cast("Mapping[str, object]", old["payload"])
    assert InviteeDelivery.model_validate(old).to_json() == old


def test_fields_that_nobody_knows_yet_pass_through_at_every_depth() -> None:
    sample = calendly.samples["invitee.created"]
    payload = cast("dict[str, JsonObject]", sample["payload"])
    meeting = {**payload["scheduled_event"], "mood": {"sunny": True}}
    event: JsonObject = {**sample, "extra": 1, "payload": {**payload, "more": [1], "scheduled_event": meeting}}
    assert InviteeDelivery.model_validate(event).to_json() == event


@pytest.mark.parametrize(
    "location",
    [
        {"type": "physical", "location": "12 Harbour Street", "additional_info": "ring twice"},
        {"type": "inbound_call", "location": "+39 02 000000"},
        {"type": "outbound_call", "location": None},
        {"type": "ask_invitee", "location": "the cafe"},
        {"type": "custom", "location": None},
        {"type": "google_conference", "status": "processing", "join_url": "https://calendly.com/events/x/google_meet"},
        {"type": "zoom", "status": "initiated", "join_url": None, "data": None},
        {
            "type": "zoom",
            "status": "pushed",
            "join_url": "https://zoom.example/1",
            "data": {"id": 9_876_543_210, "extra": {}},
        },
        {
            "type": "zoom_conference",
            "status": "pushed",
            "join_url": "https://zoom.example/1",
            "data": {"id": "9876543210"},
        },
        {"type": "microsoft_teams_conference", "status": "failed", "join_url": None, "data": None},
        {"type": "hologram", "room": 7},
    ],
)
def test_a_location_of_any_type_is_read(location: JsonObject) -> None:
    assert Location.model_validate(location).to_json() == location


@pytest.mark.parametrize(
    "name", ["payment", "no_show", "reconfirmation", "cancellation", "first_name", "text_reminder_number"]
)
def test_what_the_service_sends_as_null_stays_null(name: str) -> None:
    sample = calendly.samples["invitee.created"]
    payload = cast(JsonObject, sample["payload"])
    read = InviteeDelivery.model_validate({**sample, "payload": {**payload, name: None}}).to_json()
    assert cast(JsonObject, read["payload"])[name] is None


@pytest.mark.parametrize("answer", [None, "", "A\nB\nsomething else"])
def test_a_routing_forms_answer_may_be_anything(answer: str | None) -> None:
    sample = calendly.samples["routing_form_submission.created"]
    payload = cast(JsonObject, sample["payload"])
    answers: list[JsonObject] = [{"question_uuid": None, "question": "Q", "answer": answer}]
    event: JsonObject = {**sample, "payload": {**payload, "questions_and_answers": answers}}
    assert RoutingFormDelivery.model_validate(event).to_json() == event


@pytest.mark.parametrize("result_type", ["event_type", "external_url", "custom_message"])
def test_there_is_a_sample_of_every_result(result_type: str) -> None:
    results = [
        RoutingFormDelivery.model_validate(sample).payload.result.type
        for name, sample in calendly.samples.items()
        if name.startswith("routing_form")
    ]
    assert result_type in results


def test_an_invitees_delivery_is_no_routing_form() -> None:
    with pytest.raises(ValidationError):
        RoutingFormDelivery.model_validate(calendly.samples["invitee.created"])


def paths_of(schema: JsonObject) -> Iterator[str]:
    """Every path of a schema, lists being walked through as the reference does."""
    yield from _paths(schema, cast(JsonObject, schema.get("$defs", {})), "", 0)


def _paths(schema: JsonObject, definitions: JsonObject, prefix: str, depth: int) -> Iterator[str]:
    if depth > 12:
        return
    if isinstance(name := schema.get("$ref"), str):
        schema = cast(JsonObject, definitions[name.rpartition("/")[2]])
    for choice in cast("list[JsonObject]", schema.get("anyOf", [])):
        yield from _paths(choice, definitions, prefix, depth + 1)
    if isinstance(items := schema.get("items"), Mapping):
        yield from _paths(items, definitions, prefix, depth + 1)
    for name, child in cast("Mapping[str, JsonObject]", schema.get("properties", {})).items():
        path = f"{prefix}{name}"
        yield path
        yield from _paths(child, definitions, f"{path}.", depth + 1)
