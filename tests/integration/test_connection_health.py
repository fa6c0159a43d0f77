"""A connection's health follows what the service says to the calls of steps, so that the list and the doctor show a broken one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from tests.engine_room import OWNER, TOKEN, EngineRoom, ok, status

READ = "steps:\n  - {id: a, uses: probe.read, with: {name: a}}\n"
CALL = "GET /things/a"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def health(room: EngineRoom) -> tuple[str, str | None]:
    row = room.connections.row("probe", owner=OWNER)
    return row.health, row.health_message


def test_a_step_whose_credentials_are_refused_shows_the_connection_as_broken(room: EngineRoom) -> None:
    room.service.replies[CALL] = [status(401)]
    assert room.run(READ).status is RunStatus.FAILED
    state, message = health(room)
    assert state == "failed"
    assert message
    assert TOKEN not in message


def test_a_call_that_the_service_takes_again_mends_it(room: EngineRoom) -> None:
    room.service.replies[CALL] = [status(401), ok({"name": "a"})]
    room.run(READ)
    assert room.run(READ).status is RunStatus.SUCCEEDED
    assert health(room) == ("ok", None)


@pytest.mark.parametrize("code", [403, 404, 500])
def test_other_refusals_say_nothing_about_the_credentials(room: EngineRoom, code: int) -> None:
    room.run(READ)
    room.service.replies[CALL] = [status(code)]
    room.run(READ)
    assert health(room) == ("ok", None)
