"""Subscriptions against the simulated service over real HTTP: what the service has afterwards is what counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.calendly.simulator import TOKEN
from engine.errors import NotFoundError
from engine.journal.records import SubscriptionRow, SubscriptionState
from engine.journal.seal import KeyRing
from engine.runtime.registrar import SubscriptionReport
from engine.runtime.subscriptions import AGAIN_SECONDS, Subscriptions
from engine.sdk.errors import Kind, ServiceError
from tests.calendly_room import OWNER, PUBLIC_URL, CalendlyRoom, flow_text, loaded
from tests.unit.runtime.outside import Clock

CREATE = "POST /webhook_subscriptions"
BROKEN_CHECK = {"method": "GET", "path": "/webhook_subscriptions/*", "status": 500, "count": 1}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        room.connect()
        yield room


def only_row(room: CalendlyRoom) -> SubscriptionRow:
    [row] = room.journal.subscriptions.list()
    return row


def became(reports: Sequence[SubscriptionReport]) -> list[str]:
    return [report.became for report in reports]


def key_of(room: CalendlyRoom, row: SubscriptionRow) -> str:
    assert row.signing_key is not None
    return room.keyring.open(row.signing_key, owner=OWNER, of=row.id, field="signing_key")


def keys_there(room: CalendlyRoom) -> list[str | None]:
    return [found.signing_key for found in room.simulation.service.world.subscriptions.values()]


# Registering


def test_a_webhook_is_registered_with_our_address_events_and_key(room: CalendlyRoom) -> None:
    room.deploy(flow_text(events="[invitee.created, invitee.canceled]"))
    row = only_row(room)
    [there] = room.hooks_there
    assert there["callback_url"] == row.callback_url == f"{PUBLIC_URL}/hooks/{row.id}"
    assert there["events"] == ["invitee.created", "invitee.canceled"]
    assert (row.state, row.remote_uri) == (SubscriptionState.ACTIVE, there["uri"])
    assert keys_there(room) == [key_of(room, row)]


def test_without_a_location_header_the_body_names_the_webhook(room: CalendlyRoom) -> None:
    room.control("mode", {"location_header": False})
    room.deploy(flow_text())
    assert only_row(room).remote_uri == room.hooks_there[0]["uri"]


def test_the_key_is_stored_sealed_before_the_service_learns_it(
    room: CalendlyRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[SubscriptionState, str]] = []
    trigger = room.connections.catalogue["calendly"].webhooks["invitee"]
    subscribe = trigger.subscribe

    def look(http: object, request: object) -> str:
        row = only_row(room)
        seen.append((row.state, key_of(room, row)))
        assert seen[-1][1] not in str(row.signing_key)
        return subscribe(http, request)  # type: ignore[arg-type]

    monkeypatch.setitem(trigger.__dict__, "subscribe", look)
    room.deploy(flow_text())
    assert seen == [(SubscriptionState.PENDING, key_of(room, only_row(room)))]


def test_neither_key_nor_token_stands_in_the_journal(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    key = key_of(room, only_row(room))
    content = b"".join(file.read_bytes() for file in room.folder.iterdir())
    assert key.encode() not in content
    assert TOKEN.encode() not in content
    assert room.redactor.text(f"about {key}") == "about ***"


def test_reconciling_what_is_as_wanted_asks_nobody(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    before = room.calls
    assert room.subscriptions.reconcile() == []
    assert room.calls == before


def test_checking_asks_the_service_and_leaves_a_good_one_alone(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    before = room.hooks_there
    assert became(room.subscriptions.reconcile(check=True)) == ["active"]
    assert room.hooks_there == before


# Mending


def test_a_webhook_that_the_service_disabled_is_replaced(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    [old] = room.simulation.service.world.subscriptions.values()
    old.state = "disabled"
    assert became(room.subscriptions.reconcile(check=True)) == ["active"]
    [new] = room.hooks_there
    assert new["state"] == "active"
    assert new["uri"] != f"{room.simulator_url}/webhook_subscriptions/{old.id}"
    assert only_row(room).remote_uri == new["uri"]


def test_a_webhook_that_somebody_removed_is_made_again(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    room.simulation.service.world.subscriptions.clear()
    room.subscriptions.reconcile(check=True)
    assert only_row(room).remote_uri == room.hooks_there[0]["uri"]


def test_the_key_stays_when_a_webhook_is_replaced_so_that_late_retries_still_verify(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    before = key_of(room, only_row(room))
    room.simulation.service.world.subscriptions.clear()
    room.subscriptions.reconcile(check=True)
    assert keys_there(room) == [before]


def test_a_key_that_cannot_be_opened_any_more_is_made_anew(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    row = only_row(room)
    foreign = KeyRing.parse(KeyRing.generate()).seal("x" * 20, owner=OWNER, of=row.id, field="signing_key")
    room.journal.subscriptions.set_state(row.id, SubscriptionState.FAILED, signing_key=foreign)
    assert became(room.subscriptions.reconcile()) == ["active"]
    assert keys_there(room) == [key_of(room, only_row(room))]


def test_a_webhook_that_is_there_but_unknown_to_us_is_replaced(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    row, [stray] = only_row(room), room.hooks_there
    room.journal.subscriptions.delete(row.id)
    flow = loaded(flow_text())
    room.subscriptions.bind(flow, owner=OWNER)
    again = only_row(room)
    stranger = next(iter(room.simulation.service.world.subscriptions.values()))
    stranger.url = again.callback_url
    room.subscriptions.reconcile()
    [there] = room.hooks_there
    assert there["uri"] != stray["uri"]
    assert only_row(room).remote_uri == there["uri"]
    assert "GET /webhook_subscriptions" in room.calls, "the service said 409, and we looked whose it is"


def test_a_webhook_of_which_the_answer_was_lost_is_found_again(room: CalendlyRoom) -> None:
    room.control("faults", {"method": "POST", "path": "/webhook_subscriptions", "act": True, "drop": True})
    [report] = room.deploy(flow_text())
    assert report.became == "failed"
    assert len(room.hooks_there) == 1
    assert became(room.subscriptions.reconcile()) == ["active"]
    assert [found["uri"] for found in room.hooks_there] == [only_row(room).remote_uri]
    assert keys_there(room) == [key_of(room, only_row(room))]


def test_a_check_that_fails_does_not_take_a_good_webhook_for_broken(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    room.control("faults", BROKEN_CHECK)
    [report] = room.subscriptions.reconcile(check=True)
    assert report.became == "failed"
    row = only_row(room)
    assert row.state is SubscriptionState.ACTIVE
    assert row.detail is not None
    assert room.calls.count(CREATE) == 1


def test_another_public_url_registers_anew_and_removes_the_old_webhook(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    moved = room.subscriptions_at("https://new.example.com")
    assert became(moved.reconcile()) == ["active"]
    [there] = room.hooks_there
    assert there["callback_url"] == only_row(room).callback_url == f"https://new.example.com/hooks/{only_row(room).id}"
    calls = [call for call in room.calls if "webhook_subscriptions" in call]
    assert calls[-2] == CREATE, "the new one first, so that there is no gap"
    assert calls[-1].startswith("DELETE ")


def test_an_old_webhook_that_cannot_be_removed_does_not_spoil_the_new_one(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    room.control("faults", {"method": "DELETE", "status": 500})
    assert became(room.subscriptions_at("https://new.example.com").reconcile()) == ["active"]
    assert only_row(room).state is SubscriptionState.ACTIVE


# Failing


def test_a_plan_without_webhooks_fails_with_a_remedy_and_upkeep_tries_again(room: CalendlyRoom) -> None:
    clock = Clock()
    subscriptions = Subscriptions(connections=room.connections, public_url=PUBLIC_URL, clock=clock)
    room.control("mode", {"plan": "free"})
    [report] = room.deployer_of(subscriptions).apply(room.deployer.plan([loaded(flow_text())]))
    assert report.became == "failed"
    row = only_row(room)
    assert row.state is SubscriptionState.FAILED
    assert row.detail is not None
    assert "paid plan" in row.detail
    room.control("mode", {"plan": "paid"})
    subscriptions.upkeep()
    clock.now += AGAIN_SECONDS - 1
    subscriptions.upkeep()
    assert room.hooks_there == [], "not before its time"
    clock.now += 1
    subscriptions.upkeep()
    assert only_row(room).state is SubscriptionState.ACTIVE
    assert len(room.hooks_there) == 1


def test_upkeep_that_fails_again_waits_again(room: CalendlyRoom) -> None:
    clock = Clock()
    subscriptions = Subscriptions(connections=room.connections, public_url=PUBLIC_URL, clock=clock)
    room.control("mode", {"plan": "free"})
    room.deploy(flow_text())
    for _ in range(4):
        subscriptions.upkeep()
        clock.now += AGAIN_SECONDS
        subscriptions.upkeep()
    assert room.calls.count(CREATE) == 1 + 4


def test_upkeep_finishes_what_a_dead_process_left_half_done(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    row = only_row(room)
    room.journal.subscriptions.set_state(row.id, SubscriptionState.PENDING)
    clock = Clock()
    subscriptions = Subscriptions(connections=room.connections, public_url=PUBLIC_URL, clock=clock)
    subscriptions.upkeep()
    clock.now += AGAIN_SECONDS
    subscriptions.upkeep()
    assert only_row(room).state is SubscriptionState.ACTIVE
    assert len(room.hooks_there) == 1


def test_a_token_that_the_service_refuses_is_told_with_its_remedy(room: CalendlyRoom) -> None:
    room.control("mode", {"token": "revoked"})
    [report] = room.deploy(flow_text())
    assert report.detail is not None
    assert "personal access token" in report.detail
    with pytest.raises(ServiceError) as refused:
        room.connections.test("team", owner=OWNER)
    assert refused.value.kind is Kind.AUTH
    connection = room.connections.row("team", owner=OWNER)
    assert (connection.health, "was revoked" in str(connection.health_message)) == ("failed", True)


def test_a_connection_of_another_connector_does_not_get_the_call(room: CalendlyRoom) -> None:
    row = room.connections.row("team", owner=OWNER)
    room.journal.connections.save(
        connection_id=row.id, owner=OWNER, name="team", connector="other", settings={}, secrets={}
    )
    room.subscriptions.bind(loaded(flow_text()), owner=OWNER)
    room.journal.flows.deploy(flow_id="f", name="F", owner=OWNER, digest="d", source=flow_text(), file="f.yaml")
    before = room.calls
    [report] = room.subscriptions.reconcile()
    assert report.detail == "calendly.invitee needs a calendly connection, but 'team' is other's"
    assert room.calls == before


@pytest.mark.parametrize("uses", ["calendly.gone", "gone.trigger"])
def test_a_trigger_that_is_not_installed_any_more_fails_and_stops_nobody_else(room: CalendlyRoom, uses: str) -> None:
    room.journal.subscriptions.ensure(owner=OWNER, connection="team", uses=uses, given={}, public_url=PUBLIC_URL)
    stale = only_row(room)
    room.journal.subscriptions.set_state(stale.id, SubscriptionState.ACTIVE, remote_uri="https://x.example/1")
    reports = room.deploy(flow_text())
    assert {report.uses: report.became for report in reports} == {"calendly.invitee": "active", uses: "failed"}


# Removing


def test_removing_the_flow_removes_the_webhook(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    assert became(room.deployer.remove(["f"])) == ["removed"]
    assert room.hooks_there == []
    assert room.journal.subscriptions.list() == []


def test_a_webhook_that_is_gone_already_is_fine_to_remove(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    room.simulation.service.world.subscriptions.clear()
    assert became(room.deployer.remove(["f"])) == ["removed"]
    assert room.journal.subscriptions.list() == []


def test_a_removal_that_fails_is_tried_again_by_upkeep(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    room.control("faults", {"method": "DELETE", "status": 500})
    assert became(room.deployer.remove(["f"])) == ["failed"]
    assert only_row(room).state is SubscriptionState.REMOVING
    clock = Clock()
    subscriptions = Subscriptions(connections=room.connections, public_url=PUBLIC_URL, clock=clock)
    subscriptions.upkeep()
    clock.now += AGAIN_SECONDS
    subscriptions.upkeep()
    assert room.hooks_there == []
    assert room.journal.subscriptions.list() == []


def test_a_flow_that_comes_back_while_its_webhook_is_being_removed_gets_a_working_one(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    room.control("faults", {"method": "DELETE", "status": 500})
    room.deployer.remove(["f"])
    room.deploy(flow_text())
    assert only_row(room).state is SubscriptionState.ACTIVE
    assert [found["uri"] for found in room.hooks_there] == [only_row(room).remote_uri]


def test_without_its_connection_a_webhook_cannot_be_removed_but_is_let_go(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    [there] = room.hooks_there
    room.journal.connections.remove(room.connections.row("team", owner=OWNER).id)
    [report] = room.deployer.remove(["f"])
    assert report.became == "removed"
    assert there["uri"] in str(report.detail)
    assert room.journal.subscriptions.list() == []


def test_without_its_connection_a_webhook_that_is_wanted_fails_with_a_remedy(room: CalendlyRoom) -> None:
    flow = loaded(flow_text())
    room.deploy(flow_text())
    room.journal.connections.remove(room.connections.row("team", owner=OWNER).id)
    [report] = room.subscriptions.reconcile(check=True)
    assert report.became == "failed"
    assert "hookline connection add team" in str(report.detail)
    with pytest.raises(NotFoundError, match="there is no connection called 'team'"):
        room.deployer.plan([flow])


# A connection that is paused


def test_the_service_of_a_paused_connection_is_left_alone_and_the_report_says_so(room: CalendlyRoom) -> None:
    [name] = [row.name for row in room.journal.connections.list()]
    room.deploy(flow_text())
    room.journal.pauses.connection(name, owner=OWNER, paused=True, actor="cli")
    before, there = room.calls, room.hooks_there

    [report] = room.subscriptions.reconcile(check=True)

    assert report.became == "paused"
    assert f"hookline connection resume {name}" in str(report.detail)
    row = only_row(room)
    assert (row.state, row.detail) == (
        SubscriptionState.ACTIVE,
        f"the connection {name!r} is paused, and no call leaves on it",
    )
    assert (room.calls, room.hooks_there) == (before, there)

    room.journal.pauses.connection(name, owner=OWNER, paused=False, actor="cli")
    assert became(room.subscriptions.reconcile(check=True)) == ["active"]
    assert only_row(room).detail is None


def test_a_webhook_that_was_wanted_while_its_connection_was_paused_is_registered_after_the_resume(
    room: CalendlyRoom,
) -> None:
    [name] = [row.name for row in room.journal.connections.list()]
    room.journal.pauses.connection(name, owner=OWNER, paused=True, actor="cli")
    room.deploy(flow_text())
    assert (only_row(room).state, room.hooks_there) == (SubscriptionState.PENDING, [])

    room.journal.pauses.connection(name, owner=OWNER, paused=False, actor="cli")
    assert became(room.subscriptions.reconcile()) == ["active"]
    assert len(room.hooks_there) == 1
