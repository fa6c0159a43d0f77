"""What the triggers say of their events is true of the samples."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from connectors.calendly import calendly
from engine.strictjson import Json

# Deliveries before 2023 had fewer fields; carries speaks of what the service sends today.
SAMPLES = {name: event for name, event in calendly.samples.items() if ".2021" not in name}


def at(event: Json, path: str) -> Json:
    found = event
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_carries_what_its_event_carries(name: str) -> None:
    event = SAMPLES[name]
    carried = [
        trigger.carries[kind]
        for trigger in calendly.triggers.values()
        if (kind := str(event["event"])) in trigger.carries
    ]
    assert len(carried) == 1
    for path, presence in carried[0].items():
        assert (at(event, path) is not None) == (presence == "always"), path


def test_every_event_that_can_be_chosen_is_told_of() -> None:
    assert set(calendly.webhooks["invitee"].carries) == {
        "invitee.created",
        "invitee.canceled",
        "invitee_no_show.created",
        "invitee_no_show.deleted",
    }
    assert set(calendly.webhooks["routing_form_submission"].carries) == {"routing_form_submission.created"}


def test_what_an_action_fires_is_an_event_of_a_trigger() -> None:
    fired = [pair for action in calendly.actions.values() for pair in action.fires]
    assert len(fired) == 2
    assert all(event in calendly.triggers[name].carries for name, event in fired)
