"""A run waits for an event, and its flow is deployed anew without that wait, disabled or taken away: the run finishes on its own version.

So what it listens to stays at the service, and an address stays open, for as long as such a run is not over, and no longer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from engine.errors import NewerRelease
from engine.flow.load import FlowCache
from engine.journal.records import EventSource, NewEvent, NewRun, SubscriptionRow
from tests.calendly_room import OWNER, CalendlyRoom, flow_text, loaded
from tests.trigger_room import TriggerRoom

WAITS = (
    "  - id: cancelled\n    wait: {event: {uses: calendly.invitee, with: {events: [invitee.canceled]}}, timeout: 5d}\n"
)
WAITING, PLAIN = flow_text(steps=WAITS), flow_text()


@pytest.fixture
def calendly(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        room.connect()
        yield room


def under_way(room: CalendlyRoom, text: str) -> str:
    """A run of this version that is not over; its id."""
    flow = loaded(text)
    run = NewRun(flow=flow.id, digest=flow.digest, trigger=flow.triggers[0].id, owner=OWNER)
    new = NewEvent(subscription_id=None, source=EventSource.MANUAL, dedupe_key="k", body=b"{}", event={}, runs=(run,))
    return room.journal.events.accept([new], ring_in_ms=60_000)[0].run_ids[0]


def awaited(room: CalendlyRoom) -> list[str]:
    """The events of the webhooks at the service that only the wait needs."""
    return [hook["uri"] for hook in room.hooks_there if hook["events"] == ["invitee.canceled"]]


def changed(room: CalendlyRoom) -> None:
    plan = room.deployer.plan([loaded(PLAIN)])
    assert {item.change for item in plan.subscriptions} == {"keep"}, "the plan says what will be"
    room.deployer.apply(plan)


def disabled(room: CalendlyRoom) -> None:
    room.deployer.set_enabled("f", False)


def removed(room: CalendlyRoom) -> None:
    room.deployer.remove(["f"])


@pytest.mark.parametrize("meanwhile", [changed, disabled, removed], ids=lambda case: case.__name__)
def test_what_a_run_waits_for_stays_at_the_service_until_the_run_is_over(
    calendly: CalendlyRoom, meanwhile: Callable[[CalendlyRoom], None]
) -> None:
    calendly.deploy(WAITING)
    run_id = under_way(calendly, WAITING)
    before = awaited(calendly)
    assert len(before) == 1
    meanwhile(calendly)
    assert awaited(calendly) == before
    calendly.subscriptions.reconcile(check=True)
    assert awaited(calendly) == before, "however often anybody looks"
    calendly.journal.runs.request_cancel(run_id)
    calendly.subscriptions.reconcile()
    assert awaited(calendly) == []


def test_without_such_a_run_it_goes_at_once(calendly: CalendlyRoom) -> None:
    calendly.deploy(WAITING)
    run_id = under_way(calendly, WAITING)
    calendly.journal.runs.request_cancel(run_id)
    plan = calendly.deployer.plan([loaded(PLAIN)])
    assert {item.change for item in plan.subscriptions} == {"keep", "remove"}
    calendly.deployer.apply(plan)
    assert awaited(calendly) == []


def test_a_run_keeps_nothing_but_what_it_waits_for(calendly: CalendlyRoom) -> None:
    """The trigger that started it may go: a version that is not active starts nothing."""
    calendly.deploy(WAITING)
    under_way(calendly, WAITING)
    calendly.deploy(WAITING.replace("[invitee.created]", "[invitee_no_show.created]"))
    assert sorted(hook["events"] for hook in calendly.hooks_there) == [
        ["invitee.canceled"],
        ["invitee_no_show.created"],
    ]


def test_where_a_version_cannot_be_read_nothing_is_taken_away(
    calendly: CalendlyRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer release deployed it: what its runs wait for, nobody here can say."""
    calendly.deploy(WAITING)
    under_way(calendly, WAITING)
    calendly.deploy(PLAIN)
    read = FlowCache.deployed

    def of_a_newer_release(self: FlowCache, digest: str, source: str, file: str) -> object:
        if digest == loaded(WAITING).digest:
            raise NewerRelease("this release cannot read it")
        return read(self, digest, source, file)

    monkeypatch.setattr(FlowCache, "deployed", of_a_newer_release)
    calendly.subscriptions.reconcile()
    assert len(awaited(calendly)) == 1


# An address of our own

ASKS = (
    "id: ask\ntriggers: [{uses: manual}]\nsteps:\n"
    "  - id: answer\n    wait: {event: {uses: http.request, with: {}}, timeout: 2d}\n"
    "outputs: {said: '{{ steps.answer.output.payload.said }}'}\n"
)
ASKS_NOBODY = "id: ask\ntriggers: [{uses: manual}]\nsteps: [{id: note, set: {seen: 1}}]\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[TriggerRoom]:
    room = TriggerRoom(tmp_path)
    with room:
        yield room


def answered(room: TriggerRoom, address: SubscriptionRow, secret: str) -> int:
    """What the button sends; the status of the answer."""

    async def send() -> int:
        async with room.client() as client:
            headers = {"authorization": f"Bearer {secret}", "content-type": "application/json"}
            body = json.dumps({"said": "yes"}).encode()
            return (await client.post(f"/hooks/{address.id}", content=body, headers=headers)).status_code

    return asyncio.run(send())


@pytest.mark.parametrize("meanwhile", ["changed", "disabled", "removed"])
def test_the_answer_to_a_question_reaches_the_run_that_asked(room: TriggerRoom, meanwhile: str) -> None:
    room.deploy_texts(ASKS)
    address, secret = room.address, room.secret
    flow = room.flows.get(*_active(room))
    run = NewRun(flow=flow.id, digest=flow.digest, trigger="manual", owner=OWNER)
    new = NewEvent(subscription_id=None, source=EventSource.MANUAL, dedupe_key="k", body=b"{}", event={}, runs=(run,))
    [run_id] = room.journal.events.accept([new], ring_in_ms=0)[0].run_ids
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.PARKED
    if meanwhile == "changed":
        room.deploy_texts(ASKS_NOBODY)
    elif meanwhile == "disabled":
        room.deployer.set_enabled("ask", False)
    else:
        room.deployer.remove(["ask"])
    assert answered(room, address, secret) == 202
    ended = room.through(run_id)
    assert (ended.status, ended.outputs) == (RunStatus.SUCCEEDED, {"said": "yes"})
    room.subscriptions.reconcile()
    gone = meanwhile != "disabled"
    assert answered(room, address, secret) == (404 if gone else 202), "whoever is not waited for is not listened to"


def _active(room: TriggerRoom) -> tuple[str, str, str]:
    found = room.journal.flows.get("ask")
    assert found is not None
    return found.digest, found.source, found.file
