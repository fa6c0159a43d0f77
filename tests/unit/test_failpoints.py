"""Failpoints: what is armed happens once, at the passing that was named, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.failpoints import FailpointReached, Point, arm, reach


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def test_nothing_is_armed_by_itself() -> None:
    for point in Point:
        reach(point)


def test_the_named_passing_fails_and_no_other() -> None:
    arm("open.after-commit:2:raise")
    reach(Point.OPEN_AFTER_COMMIT)
    reach(Point.OPEN_BEFORE_COMMIT)
    with pytest.raises(FailpointReached, match=r"open\.after-commit"):
        reach(Point.OPEN_AFTER_COMMIT)
    reach(Point.OPEN_AFTER_COMMIT)


def test_several_can_be_armed() -> None:
    arm("open.after-commit:1:raise, park.before-commit:1:raise")
    for point in (Point.OPEN_AFTER_COMMIT, Point.PARK_BEFORE_COMMIT):
        with pytest.raises(FailpointReached):
            reach(point)


@pytest.mark.parametrize("text", ["no-such-point", "open.after-commit:1:dance", "open.after-commit:x", "x:1:raise"])
def test_a_mistake_in_the_name_is_an_error_and_arms_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"failpoint|invalid literal"):
        arm(text)
    for point in Point:
        reach(point)


def test_every_point_says_what_it_means() -> None:
    assert all(point.meaning for point in Point)
