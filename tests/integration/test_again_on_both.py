"""Doing runs again and settling steps, from the service's answer to the new run's end, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from engine.errors import BusyError
from engine.runtime.again import Wish
from engine.runtime.resolving import Given
from tests.again_room import ABC, again, do_again, ended, lost, resolving
from tests.contracts.journal.stories import at_once
from tests.engine_room import EngineRoom, status

LOOP = """
variables: {count: 0}
steps:
  - id: each
    foreach: "trigger.names"
    steps:
      - {id: n, set: {count: '{{ vars.count + 1 }}'}}
      - {id: x, uses: probe.write, with: {name: '{{ item }}'}, if: loop.index >= 70}
outputs: {count: '{{ vars.count }}'}
"""


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path, url=database_url) as room:
        yield room


def test_a_long_loop_goes_on_where_it_failed(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [status(404)]
    first = room.through(room.start(LOOP, trigger={"names": ["n"] * 75}))
    assert first.status is RunStatus.FAILED
    room.service.requests.clear()
    second = do_again(room, first, resume=True)
    assert (second.origin_path, second.outputs, len(room.service.seen)) == ("each[70].x", {"count": 75}, 5)


def test_a_word_and_reruns_at_once_make_one_run(room: EngineRoom) -> None:
    first = lost(room)

    def act(number: int) -> str | None:
        found = again(room)
        try:
            if number % 2:
                resolved = resolving(room).resolve(room.state(first.id), "b", "happened", Given(value={"name": "x"}))
                return resolved.went_on.run_id if resolved.went_on is not None else None
            return found.start(found.plan(room.state(first.id), Wish(resume=True))).run_id
        except BusyError:
            return None

    made = {run_id for run_id in at_once(4, act) if run_id is not None}
    assert made == {room.state(first.id).rerun_by}
    second = room.through(made.pop())
    said = room.steps(first.id)["b"][0].settled
    assert second.status is (RunStatus.SUCCEEDED if said == "happened" else RunStatus.UNCERTAIN)


def test_who_plans_a_rerun_while_a_word_is_said_hears_of_the_run_that_it_made(room: EngineRoom) -> None:
    seen = lost(room)
    resolved = resolving(room).resolve(seen, "b", "happened", Given(value={"name": "x"}))
    assert resolved.went_on is not None
    with pytest.raises(BusyError, match=f"is done again already, as {resolved.went_on.run_id}"):
        again(room).plan(seen, Wish(resume=True))


def test_a_plain_rerun_ends_as_the_mended_service_lets_it(room: EngineRoom) -> None:
    first = ended(room, ABC.format(action="write"), status(404))
    assert do_again(room, first).outputs == {"b": "POST /things"}
