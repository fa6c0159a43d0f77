"""A run that is broken off and taken up again ends as one that was not: over flows of every construct, made at random, at every point.

The play's dicts stand for the journal. What a play says again after a crash must be what it said before (the play asserts it of notes), no
call that has an outcome is made again, and the ending is the same.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.commands import Ending, Outcome
from engine.core.statuses import RUN_FINAL
from engine.strictjson import JsonObject
from tests.random_flows import FLOWS, answer, dice, written
from tests.unit.core.play import Crash, Play


def scripted(seed: int, *, crash_after: int | None = None, cancelled_at: int | None = None) -> Play:
    class Answers(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            return lambda call: answer(seed, call)

    class Durations(dict[str, int]):
        def get(self, path: str, default: Any = None) -> Any:
            return dice(seed, path, "took") * 1_000

    class Children(dict[str, Outcome]):
        def get(self, path: str, default: Any = None) -> Any:
            return answer(seed, path)

    events: list[tuple[int, JsonObject]] = [(at * 1_000, {"n": at}) for at in range(0, 2_000, 150)]
    return Play(Answers(), Durations(), events, Children(), crash_after=crash_after, cancelled_at=cancelled_at)


@given(FLOWS, st.integers(0, 10_000), st.sampled_from([None, 60_000, 300_000]))
def test_a_run_that_crashes_at_every_point_ends_as_one_that_does_not(
    flow: dict[str, Any], seed: int, cancelled_at: int | None
) -> None:
    text = written(flow)
    whole = scripted(seed, cancelled_at=cancelled_at)
    ending = whole.run(text)
    assert ending.status in RUN_FINAL
    broken = scripted(seed, cancelled_at=cancelled_at)
    assert crashing(broken, text) == ending
    assert broken.notes == whole.notes
    assert [(call.path, call.attempt) for call in broken.calls] == [(call.path, call.attempt) for call in whole.calls]


def crashing(play: Play, text: str) -> Ending:
    """Run it so that the process ends after every single thing that is recorded."""
    for _ in range(2_000):
        play.crash_after = 1
        try:
            return play.run(text)
        except Crash:
            continue
    pytest.fail("the run does not come to an end")
