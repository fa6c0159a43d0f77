"""Signing keys when the key that seals them is lost or changed: what `hookline deploy` has to mend, as the operators' guide says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.calendly.simulator import TOKEN
from engine.journal.records import SubscriptionRow
from engine.journal.seal import KeyRing
from engine.runtime.subscriptions import Subscriptions
from tests.calendly_room import OWNER, PUBLIC_URL, CalendlyRoom, flow_text

OLD, NEW = KeyRing.generate(), KeyRing.generate()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        room.connect()
        yield room


def with_keys(room: CalendlyRoom, keys: str) -> Subscriptions:
    """The room's subscriptions as processes with these keys keep them, the connection's token given again."""
    connections = replace(room.connections, keyring=KeyRing.parse(keys))
    settings = connections.row("team", owner=OWNER).settings
    connections.add("team", "calendly", owner=OWNER, settings=settings, secrets={"token": TOKEN})
    connections.test("team", owner=OWNER)
    return Subscriptions(connections=connections, public_url=PUBLIC_URL)


def opened(row: SubscriptionRow, keys: str) -> str:
    return KeyRing.parse(keys).open(row.signing_key or "", owner=OWNER, of=row.id, field="signing_key")


def key_there(room: CalendlyRoom) -> str | None:
    [found] = room.simulation.service.world.subscriptions.values()
    return found.signing_key


def row_of(room: CalendlyRoom) -> SubscriptionRow:
    [row] = room.journal.subscriptions.list()
    return row


def test_after_the_key_was_lost_a_deploy_registers_with_a_signing_key_that_can_be_opened(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    before = key_there(room)
    [report] = with_keys(room, NEW).reconcile(check=True)
    assert report.became == "active"
    assert key_there(room) == opened(row_of(room), NEW)
    assert key_there(room) != before


def test_after_a_new_key_was_put_in_front_a_deploy_lets_the_old_one_be_taken_away(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    with_keys(room, OLD).reconcile(check=True)
    before = key_there(room)
    [report] = with_keys(room, f"{NEW},{OLD}").reconcile(check=True)
    assert report.became == "active"
    assert opened(row_of(room), NEW) == before == key_there(room), "the webhook is the one that was there"
