"""The rhythm of purging: little at a time, with pauses, and long rests. The journal and the clock are stubs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from engine.errors import DatabaseUnavailable
from engine.journal.port import Purges
from engine.retention import Retention, retention
from engine.runtime.purging import FIRST_REST_SECONDS, PAUSE_SECONDS, REST_SECONDS, STEPS_A_TURN, Purging


class Journal:
    """``sweeps``: what each sweep deletes, step by step."""

    def __init__(self, *sweeps: list[Mapping[str, int] | Exception]) -> None:
        self.sweeps = list(sweeps)
        self.steps = 0

    def sweep(self, keep: Retention) -> Iterator[Mapping[str, int]]:
        for step in self.sweeps.pop(0):
            self.steps += 1
            if isinstance(step, Exception):
                raise step
            yield step


class Room:
    def __init__(self, journal: Journal, keep: str = "succeeded=7d", *, stops_after: int = 1_000) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.stops_after = stops_after
        self.purging = Purging(cast(Purges, journal), retention(keep), pause=self.pause, clock=lambda: self.now)
        self.now = FIRST_REST_SECONDS

    def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return len(self.pauses) >= self.stops_after


def test_a_process_that_has_just_started_purges_nothing() -> None:
    journal = Journal([{"failed": 1}])
    room = Room(journal)
    room.now = FIRST_REST_SECONDS - 1

    room.purging.turn()

    assert journal.steps == 0


def test_a_turn_is_short_and_the_next_one_goes_on_where_it_was() -> None:
    journal = Journal([{"failed": 1}] * (STEPS_A_TURN + 3))
    room = Room(journal)

    room.purging.turn()
    assert (journal.steps, room.pauses) == (STEPS_A_TURN, [PAUSE_SECONDS] * STEPS_A_TURN)

    room.purging.turn()
    assert journal.steps == STEPS_A_TURN + 3


def test_when_all_is_done_it_rests(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal([{"failed": 2}, {"failed": 1, "events": 1}], [{}])
    room = Room(journal)
    with caplog.at_level("INFO"):
        room.purging.turn()
    assert "purged what was old enough" in caplog.text

    room.now += REST_SECONDS - 1
    room.purging.turn()
    assert len(journal.sweeps) == 1

    room.now += 2
    room.purging.turn()
    assert journal.sweeps == []


def test_a_process_that_is_to_stop_breaks_off() -> None:
    journal = Journal([{"failed": 1}] * 10)
    room = Room(journal, stops_after=2)

    room.purging.turn()

    assert journal.steps == 2


def test_after_a_failure_it_rests_and_begins_anew() -> None:
    journal = Journal([{"failed": 1}, DatabaseUnavailable("gone")], [{"failed": 1}])
    room = Room(journal)
    with pytest.raises(DatabaseUnavailable):
        room.purging.turn()

    room.purging.turn()
    assert len(journal.sweeps) == 1

    room.now += FIRST_REST_SECONDS
    room.purging.turn()
    assert journal.sweeps == []


def test_with_retention_off_nothing_is_looked_at() -> None:
    journal = Journal([{"failed": 1}])

    Room(journal, "off").purging.turn()

    assert journal.steps == 0
