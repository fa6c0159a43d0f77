"""Who waits for whom at a turnstile."""

from __future__ import annotations

from threading import Event, Thread

from engine.runtime.turnstile import Turnstile
from tests.eventually import eventually

PATIENCE = 30.0


class Inside:
    """A thread that goes in and stays until it is told to leave."""

    def __init__(self, turnstile: Turnstile, *, alone: bool = False, patience: float = PATIENCE) -> None:
        self.is_in, self.may_leave, self.is_out = Event(), Event(), Event()
        self.is_alone: bool | None = None
        self._turnstile, self._patience = turnstile, patience
        self._thread = Thread(target=self._alone if alone else self._among_others, daemon=True)
        self._thread.start()

    def _among_others(self) -> None:
        with self._turnstile.among_others(patience=self._patience):
            self._stay()
        self.is_out.set()

    def _alone(self) -> None:
        with self._turnstile.alone(patience=self._patience) as self.is_alone:
            self._stay()
        self.is_out.set()

    def _stay(self) -> None:
        self.is_in.set()
        assert self.may_leave.wait(PATIENCE)

    def leave(self) -> None:
        self.may_leave.set()
        assert self.is_out.wait(PATIENCE)


def test_others_go_in_side_by_side() -> None:
    turnstile = Turnstile()
    several = [Inside(turnstile) for _ in range(3)]
    assert all(each.is_in.wait(PATIENCE) for each in several)
    for each in several:
        each.leave()


def test_one_alone_waits_until_the_others_have_left_and_keeps_new_ones_out() -> None:
    turnstile = Turnstile()
    before = Inside(turnstile)
    assert before.is_in.wait(PATIENCE)
    one = Inside(turnstile, alone=True)
    eventually(lambda: turnstile._is_taken)
    after = Inside(turnstile)
    assert not one.is_in.is_set()
    before.leave()
    assert one.is_in.wait(PATIENCE)
    assert one.is_alone is True
    assert (after.is_in.is_set(), turnstile._inside) == (False, 0)
    one.leave()
    assert after.is_in.wait(PATIENCE)
    after.leave()


def test_two_who_want_to_be_alone_are_one_after_the_other() -> None:
    turnstile = Turnstile()
    first = Inside(turnstile, alone=True)
    assert first.is_in.wait(PATIENCE)
    second = Inside(turnstile, alone=True)
    assert not second.is_in.is_set()
    first.leave()
    assert second.is_in.wait(PATIENCE)
    second.leave()


def test_whoever_has_no_more_patience_goes_in_beside_the_others() -> None:
    turnstile = Turnstile()
    other = Inside(turnstile)
    assert other.is_in.wait(PATIENCE)
    one = Inside(turnstile, alone=True, patience=0.01)
    assert one.is_in.wait(PATIENCE)
    assert one.is_alone is False
    one.leave()
    other.leave()


def test_others_do_not_wait_for_ever_for_one_that_is_alone() -> None:
    turnstile = Turnstile()
    one = Inside(turnstile, alone=True)
    assert one.is_in.wait(PATIENCE)
    other = Inside(turnstile, patience=0.01)
    assert other.is_in.wait(PATIENCE)
    one.leave()
    other.leave()


def test_what_fails_inside_leaves_too() -> None:
    turnstile = Turnstile()
    for way in (turnstile.among_others, turnstile.alone):
        try:
            with way(patience=PATIENCE):
                raise LookupError
        except LookupError:
            pass
    alone = Inside(turnstile, alone=True)
    assert alone.is_in.wait(PATIENCE)
    alone.leave()
