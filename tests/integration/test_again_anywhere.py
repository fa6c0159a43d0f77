"""A run is done again from any of its steps, on the real driver and journal: it ends as the first one did and calls what stands from there on.

Flows of every construct are made at random. What is decided is tested on the interpreter alone in tests/unit/core/test_again.py; here the rows are
copied, loaded by a claim and gone on from, also by workers that die.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.core.again import NoSuchPlace, first_undone
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.records import Run
from engine.runtime.again import Again, Wish
from tests.engine_room import EngineRoom
from tests.integration.test_driver_crashes import INSTANT, PATIENT, World, execute, play_on, room, world
from tests.random_flows import FLOWS, dice, written
from tests.unit.core.test_again import timeless

__all__ = ["room", "world"]

TRIED = 3
"""Of the steps of a run so many are tried, as the dice say."""


def ending(run: Run) -> tuple[str, ...]:
    return tuple(INSTANT.sub("an instant", str(part)) for part in (run.status, run.error, run.message, run.outputs))


def side_by_side(flow: dict[str, Any]) -> bool:
    """Whether it depends on the time what is done before a failure elsewhere ends it."""
    return "parallel" in json.dumps(flow)


@given(FLOWS.map(timeless), st.integers(0, 10_000), st.sampled_from([None, 3]))
@PATIENT
def test_a_run_that_is_done_again_from_any_step_ends_as_it_did(
    room: EngineRoom, world: World, flow: dict[str, Any], seed: int, dying: int | None
) -> None:
    text, world.seed, world.before_commit = written(flow), seed, False
    first, steps = execute(room, world, text, dying=None)
    first_calls = list(world.called)
    again = Again(journal=room.journal, flows=room.crew._workshop.flows, keyring=lambda: room._keyring, actor="cli")
    reached = sorted({row.path for row in steps if row.status is not StepStatus.SKIPPED})
    for step in sorted(reached, key=lambda path: dice(seed, path, "tried"))[:TRIED]:
        run = room.state(first.id)
        plan = again.plan(run, Wish(step=step, again=True))
        done = again.start(plan)
        world.called.clear()
        second, rows = play_on(room, world, done.run_id, dying=dying)
        assert (second.origin_run, second.origin_path) == (first.id, step)
        kept = plan.kept.paths
        assert not {path for path, _ in world.called} & kept, step
        if not side_by_side(flow):
            assert ending(second) == ending(first), step
            assert world.called == [(path, attempt) for path, attempt in first_calls if path not in kept], step
        assert {row.path for row in rows} >= kept
        assert all(row.ended_at is not None for row in rows)


@given(FLOWS.map(timeless), st.integers(0, 10_000))
@PATIENT
def test_a_run_that_goes_on_where_it_failed_repeats_no_call_that_succeeded(
    room: EngineRoom, world: World, flow: dict[str, Any], seed: int
) -> None:
    text, world.seed, world.before_commit = written(flow), seed, False
    first, _ = execute(room, world, text, dying=None)
    if first.status not in (RunStatus.FAILED, RunStatus.UNCERTAIN):
        return
    again = Again(journal=room.journal, flows=room.crew._workshop.flows, keyring=lambda: room._keyring, actor="cli")
    found = room.journal.flows.source(first.digest)
    assert found is not None
    whole = again.plan(first, Wish())
    try:
        step = first_undone(whole.flow, whole.record)
    except NoSuchPlace:
        return
    plan = again.plan(first, Wish(resume=True))
    assert plan.path == step
    world.called.clear()
    second, _ = play_on(room, world, again.start(plan).run_id, dying=None)
    assert side_by_side(flow) or ending(second) == ending(first)
    assert not {path for path, _ in world.called} & plan.kept.paths
