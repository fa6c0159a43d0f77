"""Places: a connection whose calls are slow leaves threads to others, one whose calls are quick has them all in turns."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from engine.runtime import places as places_module
from engine.runtime.places import NoPlace, Places, most_of

PATIENCE = 10


class Caller(Thread):
    """A worker's thread whose call on ``key`` lasts until ``end``."""

    def __init__(self, places: Places, key: str, *, is_slot: bool = True) -> None:
        super().__init__(daemon=True)
        self._places, self._key, self._is_slot = places, key, is_slot
        self.calling, self.end = Event(), Event()

    def run(self) -> None:
        if self._is_slot:
            with self._places.slot():
                self._call()
        else:
            self._call()

    def _call(self) -> None:
        with self._places.taken(self._key, must=False) as place:
            place.calls()
            self.calling.set()
            assert self.end.wait(PATIENCE)


def start(*callers: Caller) -> None:
    for caller in callers:
        caller.start()
        assert caller.calling.wait(PATIENCE)


def finish(*callers: Caller) -> None:
    for caller in callers:
        caller.end.set()
        caller.join(PATIENCE)


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (16, 12)])
def test_a_quarter_of_the_threads_is_left_to_others(threads: int, most: int) -> None:
    assert most_of(threads) == most


def test_slow_calls_turn_further_ones_of_their_connection_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_module, "SLOW_SECONDS", 0.0)
    places = Places(2)
    slow = [Caller(places, "slow") for _ in range(2)]
    start(*slow)
    with places.slot():
        with pytest.raises(NoPlace) as full, places.taken("slow", must=False):
            pass
        with places.taken("another", must=False), places.taken("slow", must=True):
            pass
    assert full.value.taken == 2
    finish(*slow)
    with places.slot(), places.taken("slow", must=False):
        pass


def test_those_who_are_turned_away_come_again_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_module, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(places_module, "monotonic", lambda: 1_000.0)
    places = Places(1)
    slow = Caller(places, "slow")
    start(slow)
    monkeypatch.setattr(places_module, "monotonic", lambda: 1_001.0)
    monkeypatch.setattr(places_module, "SLOW_SECONDS", 0.5)
    returns = []
    with places.slot():
        for _ in range(80):
            with pytest.raises(NoPlace) as full, places.taken("slow", must=False):
                pass
            returns.append(full.value.ms)
    assert returns[:4] == [2_000, 2_500, 3_000, 3_500]
    assert returns[-1] == 30_000
    finish(slow)


def test_who_finds_quick_calls_waits_for_the_first_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_module, "SLOW_SECONDS", PATIENCE)
    monkeypatch.setattr(places_module, "LONGEST_WAIT", PATIENCE)
    places = Places(1)
    first, second = Caller(places, "quick"), Caller(places, "quick")
    start(first)
    second.start()
    assert not second.calling.wait(0.05)
    finish(first)
    assert second.calling.wait(PATIENCE)
    finish(second)


def test_threads_that_are_no_slots_are_not_counted() -> None:
    places = Places(1)
    helpers = [Caller(places, "k", is_slot=False) for _ in range(3)]
    start(*helpers)
    with places.slot(), places.taken("k", must=False):
        pass
    finish(*helpers)
