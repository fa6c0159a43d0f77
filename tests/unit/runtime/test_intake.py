"""Group commit: what waits shares a transaction, what cannot be stored is refused alone, who gave up is not stored. The journal is a stub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from threading import Event
from typing import cast

import pytest

from engine.errors import DatabaseUnavailable, NotFoundError
from engine.journal.port import Events
from engine.journal.records import Accepted, EventSource, NewEvent
from engine.runtime.intake import BATCH, RING_IN_MS, Intake

PATIENCE = 10


def event(key: str) -> NewEvent:
    return NewEvent(subscription_id="s", source=EventSource.WEBHOOK, dedupe_key=key, body=b"{}", event={})


class StubEvents:
    """Stores keys, one list per commit; ``poison`` cannot be stored; while ``gate`` is shut, committing blocks."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.failures: list[Exception] = []
        self.poison: Exception | None = None
        self.gate = Event()
        self.gate.set()
        self.entered = Event()

    def accept(self, batch: Sequence[NewEvent], *, ring_in_ms: int) -> Sequence[Accepted]:
        assert ring_in_ms == RING_IN_MS
        self.entered.set()
        assert self.gate.wait(PATIENCE)
        if self.failures:
            raise self.failures.pop(0)
        keys = [item.dedupe_key for item in batch]
        if self.poison is not None and "poison" in keys:
            raise self.poison
        self.commits.append(keys)
        return [Accepted(event_id=f"e-{key}", duplicate=False, run_ids=(f"r-{key}",)) for key in keys]


class Desk:
    """An intake, its stub journal, and what it rang."""

    def __init__(self) -> None:
        self.events = StubEvents()
        self.rung: list[str] = []
        self.intake = Intake(cast(Events, self.events), self.rung.extend)

    def busy(self) -> None:
        """Hold the intake in a first commit, so that what is submitted next waits."""
        self.events.gate.clear()
        self.intake.submit((event("first"),))
        assert self.events.entered.wait(PATIENCE)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.events.gate.set()
    desk.intake.close()


def test_what_is_stored_is_answered_and_rung(desk: Desk) -> None:
    answer = desk.intake.submit((event("a"), event("b"))).result(PATIENCE)
    assert [item.event_id for item in answer] == ["e-a", "e-b"]
    desk.intake.close()
    assert desk.rung == ["r-a", "r-b"]


def test_deliveries_that_arrive_during_a_commit_share_the_next_one_and_get_their_own_answers(desk: Desk) -> None:
    desk.busy()
    answers = [desk.intake.submit((event("a"),)), desk.intake.submit((event("b"), event("c")))]
    desk.events.gate.set()
    found = [[item.event_id for item in answer.result(PATIENCE)] for answer in answers]
    assert found == [["e-a"], ["e-b", "e-c"]]
    assert desk.events.commits == [["first"], ["a", "b", "c"]]


def test_a_batch_has_an_end(desk: Desk) -> None:
    desk.busy()
    answers = [desk.intake.submit((event(str(number)),)) for number in range(BATCH + 1)]
    desk.events.gate.set()
    for answer in answers:
        answer.result(PATIENCE)
    assert [len(commit) for commit in desk.events.commits] == [1, BATCH, 1]


def test_without_a_database_every_delivery_of_the_batch_hears_so_and_the_next_one_is_stored(desk: Desk) -> None:
    desk.busy()
    desk.events.failures = [DatabaseUnavailable("away"), DatabaseUnavailable("away")]
    answers = [desk.intake.submit((event(key),)) for key in "ab"]
    desk.events.gate.set()
    for answer in answers:
        with pytest.raises(DatabaseUnavailable):
            answer.result(PATIENCE)
    assert desk.intake.submit((event("c"),)).result(PATIENCE)
    assert desk.events.commits == [["c"]]


@pytest.mark.parametrize("poison", [NotFoundError("no such version"), ValueError("cannot be written")])
def test_an_event_that_cannot_be_stored_does_not_take_its_neighbours_with_it(desk: Desk, poison: Exception) -> None:
    desk.busy()
    desk.events.poison = poison
    answers = {key: desk.intake.submit((event(key),)) for key in ("a", "poison", "b")}
    desk.events.gate.set()
    assert answers["a"].result(PATIENCE)
    assert answers["b"].result(PATIENCE)
    with pytest.raises(type(poison)):
        answers["poison"].result(PATIENCE)
    assert desk.events.commits == [["first"], ["a"], ["b"]]


def test_who_gave_up_before_the_commit_is_not_stored(desk: Desk) -> None:
    desk.busy()
    given_up, patient = desk.intake.submit((event("a"),)), desk.intake.submit((event("b"),))
    assert given_up.cancel()
    desk.events.gate.set()
    assert patient.result(PATIENCE)
    assert desk.events.commits == [["first"], ["b"]]
    with pytest.raises(CancelledError):
        given_up.result(PATIENCE)


def test_once_its_commit_is_under_way_a_delivery_cannot_be_taken_back(desk: Desk) -> None:
    desk.events.gate.clear()
    answer = desk.intake.submit((event("a"),))
    assert desk.events.entered.wait(PATIENCE)
    assert not answer.cancel()
    desk.events.gate.set()
    assert answer.result(PATIENCE)


def test_closing_stores_what_was_submitted_before(desk: Desk) -> None:
    desk.busy()
    answer = desk.intake.submit((event("a"),))
    desk.events.gate.set()
    desk.intake.close()
    assert answer.done()
    assert desk.events.commits == [["first"], ["a"]]
