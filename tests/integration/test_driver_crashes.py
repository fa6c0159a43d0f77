"""A worker that dies after any of its commits leaves a run that ends as if nothing had happened: random flows on the real driver and journal.

The journal is SQLite with a clock that the test moves; calls are answered by dice. The same flows are played through the interpreter alone in
tests/unit/core/test_crashes.py. Where a worker dies with a call under way its outcome may be another one, so that only promises are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.ext.compiler import compiles

from engine.core.commands import Call, Outcome
from engine.core.statuses import RUN_FINAL, StepStatus
from engine.flow.load import load_flow
from engine.journal import clock as journal_clock
from engine.journal.journal import Journal
from engine.journal.records import EventSource, NewEvent, NewRun, Run, StepChange, StepRow
from engine.runtime.calls import CallSite
from engine.runtime.segment import Segment, Workshop
from tests.engine_room import EngineRoom
from tests.random_flows import FLOWS, answer, dice, written

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z")
HEADER = "name: T\nconnections: {calendly: calendly}\n"
CHILD = (
    "id: other\nname: Other\nsteps: [{id: nap, wait: {for: 30s}}, {id: x, set: {n: 1}}]\noutputs: {n: '{{ vars.n }}'}\n"
)


class Crash(BaseException):
    """The worker process ended here."""


@dataclass
class World:
    """What outlives a worker: the time, what was called, and when the next worker dies (``die_after`` commits, before or after one)."""

    now: int = 1_800_000_000_000
    seed: int = 0
    die_after: int | None = None
    before_commit: bool = False
    called: list[tuple[str, int]] = field(default_factory=list)
    number: int = 0

    def commits(self, commit: Callable[[], Any]) -> Any:
        if self.die_after is None:
            return commit()
        self.die_after -= 1
        if self.die_after < 0 and self.before_commit:
            raise Crash
        done = commit()
        if self.die_after < 0:
            raise Crash
        return done


class DyingRuns:
    """The Runs port of a worker that dies."""

    def __init__(self, runs: Any, world: World) -> None:
        self._runs = runs
        self._world = world

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._runs, name)
        if name in ("record", "park", "finish", "start_child"):
            return lambda *given, **named: self._world.commits(lambda: real(*given, **named))
        return real


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[EngineRoom]:
    patch = pytest.MonkeyPatch()

    @compiles(journal_clock.now_ms, "sqlite")
    def ours(element: object, compiler: object, **kw: object) -> str:
        return "world_ms()"

    folder: Path = tmp_path_factory.mktemp("journal")
    real_open = Journal.open

    def opened(url: str, **kw: int) -> Journal:
        journal = real_open(url, **kw)
        event.listen(journal.engine, "connect", lambda db, _: db.create_function("world_ms", 0, lambda: world.now))
        return journal

    patch.setattr(Journal, "open", opened)
    patch.setattr("engine.runtime.ledger.monotonic", lambda: world.now / 1000)
    patch.setattr("engine.runtime.frames.monotonic", lambda: world.now / 1000)
    patch.setattr("engine.runtime.segment.Attempt", lambda *given, **named: Scripted(world, *given, **named))
    try:
        with EngineRoom(folder, helpers=0) as found:
            child = load_flow(CHILD, "other.yaml")
            found.journal.flows.deploy(
                flow_id="other", name="Other", owner="local", digest=child.digest, source=CHILD, file="other.yaml"
            )
            yield found
    finally:
        patch.undo()
        compiles(journal_clock.now_ms, "sqlite")(journal_clock._sqlite)


class Scripted:
    """An attempt whose call the dice answer; what was interrupted is repeated, as a read would be."""

    is_unsettled = False

    def __init__(
        self, world: World, site: CallSite, call: Call, row: StepRow | None, *, may_begin: Callable[[], None], **_: Any
    ) -> None:
        self._world, self._site, self._call, self._may_begin = world, site, call, may_begin

    @property
    def connection_name(self) -> str:
        return "calendly"

    def run(self) -> Outcome:
        world, call, ledger = self._world, self._call, self._site.ledger
        self._may_begin()
        ledger.open(
            StepChange(path=call.path, attempt=call.attempt, uses=call.step.uses, status=StepStatus.RUNNING, given={})
        )
        world.called.append((call.path, call.attempt))
        world.now += dice(world.seed, call.path, "took") * 1_000
        return replace(answer(world.seed, call), ended_at=ledger.now())


def without_events(flow: Any) -> Any:
    """A wait for an event needs a service that delivers it; here it is a wait for a while."""
    if isinstance(flow, list):
        return [without_events(item) for item in flow]
    if not isinstance(flow, dict):
        return flow
    if isinstance(flow.get("wait"), dict) and "event" in flow["wait"]:
        return {**flow, "wait": {"for": "7m"}}
    return {key: without_events(value) for key, value in flow.items()}


def without_races(flow: Any) -> Any:
    """Which of two branches is first may depend on when a worker dies; both answers are right. Here all of them are waited for."""
    if isinstance(flow, list):
        return [without_races(item) for item in flow]
    if not isinstance(flow, dict):
        return flow
    return {key: "all" if key == "join" else without_races(value) for key, value in flow.items()}


def execute(room: EngineRoom, world: World, text: str, *, dying: int | None) -> tuple[Run, Sequence[StepRow]]:
    """Be scheduler and workers until the run has ended. Each worker survives fewer than ``dying`` commits (None: all), as the dice say."""
    world.number += 1
    world.now = 1_800_000_000_000 + world.number * 10**9
    world.called.clear()
    source = f"id: t\n{HEADER}{text}# {world.number}\n"
    flow = load_flow(source, "t.yaml")
    journal = room.journal
    journal.flows.deploy(flow_id="t", name="T", owner="local", digest=flow.digest, source=source, file="t.yaml")
    new = NewEvent(
        subscription_id=None,
        source=EventSource.MANUAL,
        dedupe_key=str(world.number),
        body=b"{}",
        event={},
        runs=(NewRun(flow="t", digest=flow.digest, trigger="manual", owner="local"),),
    )
    return play_on(room, world, journal.events.accept([new], ring_in_ms=0)[0].run_ids[0], dying=dying)


def play_on(room: EngineRoom, world: World, run_id: str, *, dying: int | None) -> tuple[Run, Sequence[StepRow]]:
    """As ``execute``, of a run that is there."""
    journal = room.journal
    connections = replace(room.connections, journal=replace(journal, runs=DyingRuns(journal.runs, world)))
    lives = count()
    workshop = Workshop(
        connections=connections,
        flows=room.crew._workshop.flows,
        stopping=room.stopping,
        helpers=room.crew._workshop.helpers,
    )
    for _ in range(600):
        found = journal.runs.get(run_id)
        assert found is not None
        if found[0].status in RUN_FINAL:
            return found
        due = journal.runs.ring(limit=10, again_in_ms=0)
        if not due:
            world.now += journal.runs.next_due_in() or 1
        for each in due:
            claimed = journal.runs.claim(each, lease_ms=10_000)
            world.die_after = None if dying is None else dice(world.seed, next(lives), "life") % dying
            try:
                if claimed is not None:
                    Segment(workshop, claimed).run()
            except Crash:
                room.abandon()
    pytest.fail("the run does not come to an end")


def shape(found: tuple[Run, Sequence[StepRow]]) -> tuple[str, ...]:
    """All that a person could see of the run, without instants of the one and the other play."""
    run, steps = found
    rows = sorted(f"{row.path}#{row.attempt} {row.uses} {row.status} {row.output} {row.error}" for row in steps)
    return tuple(
        INSTANT.sub("an instant", str(part)) for part in (run.status, run.error, run.message, run.outputs, *rows)
    )


# A failing example of this size takes minutes to shrink on a real journal; the seed that is printed makes it again.
PATIENT = settings(
    suppress_health_check=list(HealthCheck), max_examples=25, derandomize=True, phases=[Phase.explicit, Phase.generate]
)


@given(FLOWS.map(without_events).map(without_races), st.integers(0, 10_000))
@PATIENT
def test_workers_that_die_after_any_commit_leave_no_trace(
    room: EngineRoom, world: World, flow: dict[str, Any], seed: int
) -> None:
    text, world.seed, world.before_commit = written(flow), seed, False
    whole = shape(execute(room, world, text, dying=None))
    calls = list(world.called)
    assert shape(execute(room, world, text, dying=3)) == whole
    assert world.called == calls


@given(FLOWS.map(without_events), st.integers(0, 10_000))
@PATIENT
def test_workers_that_die_before_a_commit_repeat_no_call_that_has_an_outcome(
    room: EngineRoom, world: World, flow: dict[str, Any], seed: int
) -> None:
    text, world.seed, world.before_commit = written(flow), seed, True
    run, steps = execute(room, world, text, dying=4)
    assert run.status in RUN_FINAL
    assert all(row.ended_at is not None for row in steps)
    recorded = [(row.path, row.attempt) for row in steps if row.status is not StepStatus.SKIPPED]
    assert len(recorded) == len(set(recorded))
    assert set(world.called) <= set(recorded)
