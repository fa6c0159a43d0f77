"""Deliveries while the database does not answer: the service is told to come again, and nothing was accepted."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import cast

import httpx
import pytest
from sqlalchemy.event import listen
from starlette.applications import Starlette

from engine.errors import DatabaseUnavailable
from engine.journal.catalog_port import Subscriptions
from engine.journal.journal import Journal
from engine.journal.port import Events
from engine.journal.records import Accepted, NewEvent, SubscriptionRow
from engine.runtime.ingest import Ingest
from engine.runtime.intake import Intake
from engine.web import hooks as hooks_module
from engine.web.app import make_app
from engine.web.hooks import Hooks
from tests.calendly_room import CalendlyRoom, another, flow_text, sample, signed
from tests.deliveries import deliver, nothing_stored, post


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        yield room


class Stuck:
    """A port whose every method hangs until ``release``."""

    def __init__(self, release: Event) -> None:
        self._release = release
        self.entered = Event()

    def get(self, subscription_id: str) -> SubscriptionRow | None:
        self.entered.set()
        self._release.wait(20)
        raise DatabaseUnavailable("it hung")

    def accept(self, batch: object, *, ring_in_ms: int) -> list[Accepted]:
        self.entered.set()
        self._release.wait(20)
        raise DatabaseUnavailable("it hung")


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks_module, "PATIENCE", 0.05)


async def answer_while_stuck(app: Starlette, path: str, release: Event) -> httpx.Response:
    try:
        return await post(app, path, sample(), signed(sample()))
    finally:
        release.set()


@pytest.mark.usefixtures("little_patience")
def test_while_the_journal_hangs_at_reading_the_service_is_told_to_come_again(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    release = Event()
    stuck: Journal = replace(room.journal, subscriptions=cast(Subscriptions, Stuck(release)))
    app = make_app(Hooks(replace(room.ingest(), journal=stuck), room.intake), {})
    answer = asyncio.run(answer_while_stuck(app, f"/hooks/{row.id}", release))
    assert (answer.status_code, answer.json()) == (503, {"error": "try again later"})
    assert nothing_stored(room)


@pytest.mark.usefixtures("little_patience")
def test_while_the_journal_hangs_at_storing_the_service_is_told_to_come_again(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    release = Event()
    stuck = Stuck(release)
    intake = Intake(cast(Events, stuck), room.rung.extend)
    answer = asyncio.run(answer_while_stuck(make_app(Hooks(room.ingest(), intake), {}), f"/hooks/{row.id}", release))
    intake.close()
    assert stuck.entered.is_set()
    assert answer.status_code == 503
    assert nothing_stored(room)


def test_while_the_disk_is_full_the_service_is_told_to_come_again_and_then_all_goes_on_by_itself(
    room: CalendlyRoom,
) -> None:
    row = room.listen_for(flow_text())
    app = room.web()
    full = True

    def limit(connection: sqlite3.Connection, record: object) -> None:
        if full:
            # As small as the database is: no page can be added.
            connection.execute("PRAGMA max_page_count = 1")

    listen(room.journal.engine, "connect", limit)
    room.journal.engine.dispose()
    answers = [deliver(app, row, padded(number)).status_code for number in range(30)]
    assert answers[-1] == 503, "what was free in the pages is used up"
    accepted = answers.count(202)
    assert set(answers) <= {202, 503}
    assert len(room.journal.events.list()) == len(room.journal.runs.list()) == accepted

    full = False
    room.journal.engine.dispose()
    assert deliver(app, row, padded(29)).status_code == 202
    assert len(room.journal.runs.list()) == accepted + 1


def padded(number: int) -> bytes:
    """A delivery of its own that takes its room."""
    event = json.loads(sample())
    event["payload"]["uri"] = f"{event['payload']['uri']}{number}"
    event["payload"]["padding"] = "x" * 3_000
    return json.dumps(event).encode()


class Counting:
    """Events whose first commit hangs until ``release``; remembers how many orders reached the second."""

    def __init__(self, real: Events, release: Event) -> None:
        self._real, self._release = real, release
        self.batches: list[int] = []
        self.entered = Event()

    def accept(self, batch: tuple[NewEvent, ...], *, ring_in_ms: int) -> object:
        self.batches.append(len(batch))
        self.entered.set()
        self._release.wait(20)
        return self._real.accept(batch, ring_in_ms=ring_in_ms)


@pytest.mark.usefixtures("little_patience")
def test_what_was_answered_503_before_its_commit_began_is_not_stored_later(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    release = Event()
    counting = Counting(room.journal.events, release)
    intake = Intake(cast(Events, counting), room.rung.extend)
    app = make_app(Hooks(room.ingest(), intake), {})
    bodies = [another(number) for number in range(4)]

    async def one_then_the_others() -> list[int]:
        try:
            first = asyncio.create_task(post(app, f"/hooks/{row.id}", bodies[0], signed(bodies[0])))
            await asyncio.to_thread(counting.entered.wait, 20)
            others = [post(app, f"/hooks/{row.id}", body, signed(body)) for body in bodies[1:]]
            return [answer.status_code for answer in await asyncio.gather(first, *others)]
        finally:
            release.set()

    assert asyncio.run(one_then_the_others()) == [503, 503, 503, 503]
    intake.close()
    assert counting.batches == [1, 0], "only the one whose commit was under way could not be taken back"
    assert len(room.journal.events.list()) == 1


def test_a_locked_database_is_a_503_and_the_same_delivery_is_stored_once_afterwards(tmp_path: Path) -> None:
    with CalendlyRoom(tmp_path) as room:
        row = room.listen_for(flow_text())
        impatient = Journal.open(f"sqlite:///{tmp_path / 'journal.db'}", patience_ms=50)
        intake = Intake(impatient.events, room.rung.extend)
        app = make_app(Hooks(replace(room.ingest(), journal=impatient), intake), {})
        with room.journal.engine.connect() as other:
            other.begin()
            assert deliver(app, row, sample()).status_code == 503
            assert nothing_stored(room)
        assert deliver(app, row, sample()).status_code == 202
        assert len(room.journal.runs.list()) == 1
        intake.close()
        impatient.close()


def test_a_schema_that_is_not_there_is_a_503(tmp_path: Path) -> None:
    with CalendlyRoom(tmp_path) as room:
        row = room.listen_for(flow_text())
        empty = Journal.open(f"sqlite:///{tmp_path / 'empty.db'}")
        ingest: Ingest = replace(room.ingest(), journal=empty)
        assert deliver(make_app(Hooks(ingest, room.intake), {}), row, sample()).status_code == 503
        empty.close()
