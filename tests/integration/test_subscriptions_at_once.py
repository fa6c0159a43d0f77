"""Several processes keep the same subscriptions at once: one webhook at the service, and nobody undoes another's work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Barrier, Thread

import pytest

from engine.journal.records import SubscriptionRow
from engine.runtime.registrar import SubscriptionReport
from tests.calendly_room import OWNER, PUBLIC_URL, CalendlyRoom, flow_text, loaded

CREATE = "POST /webhook_subscriptions"


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


def test_two_processes_that_reconcile_at_once_make_one_webhook(room: CalendlyRoom) -> None:
    flow = loaded(flow_text())
    room.journal.flows.deploy(flow_id="f", name="F", owner=OWNER, digest=flow.digest, source=flow_text(), file="f.yaml")
    room.subscriptions.bind(flow, owner=OWNER)
    together = Barrier(4)
    reports: list[str] = []

    def reconcile() -> None:
        mine = room.subscriptions_at(PUBLIC_URL)
        together.wait(20)
        reports.extend(became(mine.reconcile()))

    threads = [Thread(target=reconcile) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert room.calls.count(CREATE) == 1, "nobody replaced what another had just made"
    assert set(reports) <= {"active", "busy"}
    assert [found["uri"] for found in room.hooks_there] == [only_row(room).remote_uri]


def test_a_row_that_another_process_works_on_is_left_to_it(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    row = only_row(room)
    assert room.journal.subscriptions.lock(row.id, for_ms=60_000)
    assert became(room.subscriptions.reconcile(check=True)) == ["busy"]
    room.journal.subscriptions.unlock(row.id)
    assert became(room.subscriptions.reconcile(check=True)) == ["active"]


def test_a_new_row_that_another_process_removed_before_it_was_bound_is_made_again(
    room: CalendlyRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = room.subscriptions_at(PUBLIC_URL)
    bind = room.journal.subscriptions.bind
    interfered: list[None] = []

    def after_the_other(flow_id: str, bindings: object) -> None:
        if not interfered:
            interfered.append(None)
            other.reconcile()
        bind(flow_id, bindings)  # type: ignore[arg-type]

    monkeypatch.setattr(room.journal.subscriptions, "bind", after_the_other)
    assert became(room.deploy(flow_text())) == ["active"]
    assert len(room.hooks_there) == 1


def test_a_flow_that_is_bound_while_another_process_removes_the_webhook_gets_a_working_one(
    room: CalendlyRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.deploy(flow_text("f"))
    room.journal.flows.remove("f")
    trigger, flow = room.connections.catalogue["calendly"].webhooks["invitee"], loaded(flow_text("g"))
    unsubscribe = trigger.unsubscribe

    def bound_meanwhile(http: object, uri: str) -> None:
        monkeypatch.undo()
        unsubscribe(http, uri)  # type: ignore[arg-type]
        room.journal.flows.deploy(
            flow_id="g", name="G", owner=OWNER, digest=flow.digest, source=flow_text("g"), file="g.yaml"
        )
        room.subscriptions.bind(flow, owner=OWNER)

    monkeypatch.setitem(trigger.__dict__, "unsubscribe", bound_meanwhile)
    assert became(room.subscriptions_at(PUBLIC_URL).reconcile()) == ["active"]
    row = only_row(room)
    assert [bound.flow.id for bound in room.journal.subscriptions.listeners(row.id)] == ["g"]
    assert [found["uri"] for found in room.hooks_there] == [row.remote_uri]


def test_only_the_connection_that_is_asked_for_is_reconciled(room: CalendlyRoom) -> None:
    room.connect("second")
    room.deploy(flow_text("a"), flow_text("b").replace("calendly: team", "calendly: second"))
    assert [report.connection for report in room.subscriptions.reconcile(check=True, connection="second")] == ["second"]
