"""Promise 12. The fault: webhooks of one booking arrive in another order than things happened: the two halves of a reschedule, and a booking, its
no-show and its cancellation.

What must hold: whatever the order, each event has one run, and the final state is the same; for the halves of a reschedule both runs are there and
each names the other's booking. The flows are written as flows/README.md says (`Follow a reschedule`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from connectors.calendly import calendly
from engine.core.statuses import RunStatus
from tests.faults.site import Site
from tests.faults.test_repeated_webhook import listen_to_calendly, post

PAIRS = (Path(__file__).parents[2] / "flows" / "track-reschedules.yaml").read_text()
EVENTS = "[invitee.created, invitee.canceled, invitee_no_show.created]"
LATEST = f"""
id: latest
connections: {{calendly: calendly}}
triggers:
  - uses: calendly.invitee
    with: {{events: {EVENTS}}}
concurrency: {{key: trigger.payload.uri, limit: 1}}
steps: [{{id: note, set: {{seen: '{{{{ trigger.event }}}}', at: '{{{{ trigger.created_at }}}}', of: '{{{{ trigger.payload.uri }}}}'}}}}]
outputs: {{seen: '{{{{ vars.seen }}}}', at: '{{{{ vars.at }}}}', of: '{{{{ vars.of }}}}'}}
"""


def the_halves() -> Sequence[bytes]:
    """invitee.canceled of the old booking and invitee.created of the new one; each names the other."""
    old, new = sample_of("invitee.canceled.rescheduled"), sample_of("invitee.created.rescheduled")
    old["payload"]["new_invitee"], new["payload"]["old_invitee"] = new["payload"]["uri"], old["payload"]["uri"]
    return [json.dumps(event).encode() for event in (old, new)]


def the_story() -> Sequence[bytes]:
    """What happened to one booking, oldest first."""
    uri = sample_of("invitee.created")["payload"]["uri"]
    found = []
    for minute, name in enumerate(("invitee.created", "invitee_no_show.created", "invitee.canceled")):
        event = sample_of(name)
        event["created_at"] = f"2026-03-01T09:3{minute}:00.000000Z"
        event["payload"]["uri"] = uri
        found.append(json.dumps(event).encode())
    return found


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["old half first", "new half first"])
def test_the_halves_of_a_reschedule_are_two_runs_that_name_each_other(site: Site, order: Sequence[int]) -> None:
    paths = listen_to_calendly(site, PAIRS)
    site.up()
    delivered(site, paths, [the_halves()[number] for number in order])
    outputs = outputs_of(site)
    assert sorted(str(found["half"]) for found in outputs) == ["new", "old"]
    old, new = (json.loads(body)["payload"]["uri"] for body in the_halves())
    assert {(found["old_invitee"], found["new_invitee"]) for found in outputs} == {(old, new)}


def test_a_booking_ends_the_same_in_whatever_order_its_events_arrive(site: Site) -> None:
    paths = listen_to_calendly(site, LATEST)
    site.up()
    orders = list(permutations(the_story()))
    for number, order in enumerate(orders):
        delivered(site, paths, [retold(body, number) for body in order])
    outputs = outputs_of(site)
    assert len(outputs) == 3 * len(orders), "every event has its run"
    for number in range(len(orders)):
        mine = [found for found in outputs if str(found["of"]).endswith(f"-{number}")]
        assert len(mine) == 3
        assert max(mine, key=lambda found: str(found["at"]))["seen"] == "invitee.canceled"


def retold(body: bytes, number: int) -> bytes:
    """The same of another booking."""
    event = json.loads(body)
    for thing in (event["payload"], event["payload"].get("no_show")):
        if thing:
            thing["uri"] += f"-{number}"
    return json.dumps(event).encode()


def sample_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(dict(calendly.samples[name])))
    return found


def delivered(site: Site, paths: Sequence[str], bodies: Sequence[bytes]) -> None:
    """One after the other, each accepted before the next one is sent; a subscription that did not ask for an event starts nothing."""
    for body in bodies:
        for path in paths:
            assert 200 <= post(site, path, body, round(time.time())) < 300
    site.faults.append("webhooks in another order")


def outputs_of(site: Site) -> Sequence[Mapping[str, object]]:
    site.quiet()
    runs = site.journal.runs.list(limit=100)
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
    return [run.outputs or {} for run in runs]
