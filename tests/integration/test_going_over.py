"""A changed trigger goes over to a new webhook: an event that both webhooks deliver, at whatever moments of the deploy, starts one run.

Every order is tried: the old webhook's delivery and the new one's, each before, between and after the stages of the deploy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from time import time

import pytest

from engine.journal.records import Accepted, SubscriptionRow, SubscriptionState
from engine.sdk.webhook import Delivery
from tests.calendly_room import OWNER, SIGNING_KEY, CalendlyRoom, flow_text, loaded, sample, signed

BOTH = "[invitee.created, invitee.canceled]"
LANE = "concurrency: {limit: 1, key: 'trigger.payload.email', on_limit: replace}\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        room.connect()
        yield room


def with_our_key(room: CalendlyRoom, row: SubscriptionRow) -> SubscriptionRow:
    sealed = room.keyring.seal(SIGNING_KEY, owner=OWNER, of=row.id, field="signing_key")
    room.journal.subscriptions.set_state(row.id, SubscriptionState.ACTIVE, signing_key=sealed)
    return row


def stages(room: CalendlyRoom, text: str) -> Sequence[Callable[[], object]]:
    """What a deploy does, up to where the old webhook is removed at the service."""
    flow = loaded(text)

    def activate() -> None:
        room.journal.flows.deploy(
            flow_id=flow.id, name=flow.name, owner=OWNER, digest=flow.digest, source=flow.source, file=flow.file
        )

    return [
        lambda: room.subscriptions.prepare([flow], owner=OWNER),
        activate,
        lambda: room.subscriptions.bind(flow, owner=OWNER),
    ]


def deliver(room: CalendlyRoom, row: SubscriptionRow) -> Sequence[Accepted]:
    body = sample()
    delivery = Delivery(
        headers={name.lower(): value for name, value in signed(body).items()}, body=body, received_at=time()
    )
    return room.journal.events.accept(room.ingest().prepare(row.id, delivery), ring_in_ms=0)


@pytest.mark.parametrize("lane", ["", LANE], ids=["plain", "lane"])
@pytest.mark.parametrize(
    ("old_at", "new_at", "new_first"),
    [(*at, False) for at in product(range(4), range(1, 4))] + [(at, at, True) for at in range(1, 4)],
)
def test_one_run_whenever_the_two_deliveries_come(
    room: CalendlyRoom, lane: str, old_at: int, new_at: int, new_first: bool
) -> None:
    before, after = flow_text() + lane, flow_text(events=BOTH) + lane
    room.deploy(before)
    [old] = [with_our_key(room, row) for row in room.journal.subscriptions.list()]

    def from_new() -> None:
        [new] = [with_our_key(room, row) for row in room.journal.subscriptions.list() if row.id != old.id]
        deliver(room, new)

    todo = stages(room, after)
    for moment in range(4):
        due = ([lambda: deliver(room, old)] if old_at == moment else []) + ([from_new] if new_at == moment else [])
        for step in reversed(due) if new_first else due:
            step()
        if moment < 3:
            todo[moment]()

    assert len(room.journal.runs.list()) == 1
    outcomes = [outcome for event in room.journal.events.list() for outcome in event.outcomes]
    assert [outcome.run_id is not None for outcome in outcomes].count(True) == 1
    assert all("started its run already" in str(item.reason) for item in outcomes if item.run_id is None)


def test_an_event_that_only_the_old_webhook_delivers_late_starts_its_run(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    [old] = [with_our_key(room, row) for row in room.journal.subscriptions.list()]
    for step in stages(room, flow_text(events=BOTH)):
        step()
    deliver(room, old)
    [run] = room.journal.runs.list()
    assert run.digest == loaded(flow_text(events=BOTH)).digest


def test_the_old_webhook_goes_although_the_flow_still_hears_of_it(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    [old] = room.hooks_there
    room.deploy(flow_text(events=BOTH))
    [new] = room.hooks_there
    assert new["uri"] != old["uri"]
    assert len(room.journal.subscriptions.bindings()) == 1
