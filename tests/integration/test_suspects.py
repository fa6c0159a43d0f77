"""A run that workers stopped with is executed alone in its process: what else was there when they stopped may be to blame, or the victim."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import update

from engine.core.statuses import RunStatus
from engine.egress import Request
from engine.journal.database import writing
from engine.journal.poison import SUSPECT
from engine.journal.tables import runs
from tests.engine_room import EngineRoom
from tests.eventually import PATIENCE, eventually

STEPS = "steps: [{id: a, uses: probe.put, with: {name: %s}}]\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


class Held:
    """Calls that stay at the service until they are let go, by the name that they are about."""

    def __init__(self, room: EngineRoom, *names: str) -> None:
        self.arrived = {name: Event() for name in names}
        self._released = {name: Event() for name in names}
        room.service.before = self._hold

    def _hold(self, request: Request) -> None:
        for name, arrived in self.arrived.items():
            if f'"name":"{name}"' in (request.body or b"").decode().replace(" ", ""):
                arrived.set()
                assert self._released[name].wait(PATIENCE)

    def let_go(self, *names: str) -> None:
        for name in names:
            self._released[name].set()


def suspected(room: EngineRoom, run_id: str) -> None:
    with writing(room.journal.engine) as db:
        db.execute(update(runs).where(runs.c.id == run_id).values(idle_claims=SUSPECT))


def test_a_suspect_begins_when_nothing_else_is_under_way_and_nothing_else_begins_beside_it(room: EngineRoom) -> None:
    before, suspect, after = (room.start(STEPS % name) for name in ("before", "suspect", "after"))
    suspected(room, suspect)
    held = Held(room, "before", "suspect", "after")
    futures = room.crew.take([before])
    assert held.arrived["before"].wait(PATIENCE)
    futures += room.crew.take([suspect])
    eventually(lambda: room.crew._turnstile._is_taken)
    futures += room.crew.take([after])
    assert [room.state(run).status for run in (suspect, after)] == [RunStatus.QUEUED, RunStatus.QUEUED]
    held.let_go("before")
    assert held.arrived["suspect"].wait(PATIENCE)
    assert room.state(before).status is RunStatus.SUCCEEDED
    assert not held.arrived["after"].is_set()
    assert room.state(after).status is RunStatus.QUEUED
    held.let_go("suspect", "after")
    for future in futures:
        future.result(PATIENCE)
    assert {room.state(run).status for run in (before, suspect, after)} == {RunStatus.SUCCEEDED}
    assert room.state(suspect).claim_no == 1, "it was not claimed before it was alone"


def test_a_worker_that_stops_waits_for_nobody(room: EngineRoom) -> None:
    before, suspect, after = (room.start(STEPS % name) for name in ("before", "suspect", "after"))
    suspected(room, suspect)
    held = Held(room, "before")
    room.crew.take([before])
    assert held.arrived["before"].wait(PATIENCE)
    room.crew.take([suspect])
    eventually(lambda: room.crew._turnstile._is_taken)
    room.crew.take([after])
    room.stopping.set()
    held.let_go("before")
    room.crew.close()
    assert [room.state(run).status for run in (suspect, after)] == [RunStatus.QUEUED, RunStatus.QUEUED]
