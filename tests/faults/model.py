"""The reference model: what must hold of runs whatever happens to those who execute them. Owns the promises as code; executes nothing.

It is told what was accepted and what left for the service, and is shown what the journal holds; it knows no SQL, no claim and no lease.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.statuses import RUN_FINAL, STEP_FINAL, RunStatus, StepStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSeen:
    """A run as the journal has it. ``key``: of the event that started it, None of a sub-flow's; ``result``: all that a final run must keep."""

    id: str
    flow: str
    digest: str
    status: RunStatus
    key: str | None = None
    """None too for a run that does another one again."""
    due_at: int | None = None
    held: bool = False
    paused: bool = False
    lane: str | None = None
    lane_limit: int = 0
    cancel_requested: bool = False
    parent: str | None = None
    """The run that waits for it, by its step at ``parent_path``."""
    parent_path: str | None = None
    heard: frozenset[str] = frozenset()
    """The events that came for its waits and that it has not dealt with yet."""
    claims: int = 0
    """How often it was taken up."""
    result: Sequence[object] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StepSeen:
    """An attempt as the journal has it."""

    run: str
    path: str
    attempt: int
    status: StepStatus
    result: Sequence[object] = ()

    @property
    def name(self) -> object:
        return self.run, self.path, self.attempt


@dataclass
class Model:
    """``versions``: what each flow that listens has for its active version."""

    versions: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, Mapping[str, str]] = field(default_factory=dict)
    acts: Counter[str] = field(default_factory=Counter)
    """By idempotency key."""
    paused: dict[str, frozenset[object]] = field(default_factory=dict)
    """Flows that are paused, with the attempts that were under way then."""
    _seen: dict[str, RunSeen] = field(default_factory=dict)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _woken: dict[tuple[str, str], int] = field(default_factory=dict)
    _final: dict[object, object] = field(default_factory=dict)

    def accepts(self, key: str, versions: Mapping[str, str]) -> None:
        """An event was stored; a repeat changes nothing."""
        self.accepted.setdefault(key, dict(versions))

    def pauses(self, flow: str, steps: Iterable[StepSeen]) -> None:
        self.paused.setdefault(flow, frozenset(step.name for step in steps if step.status is StepStatus.RUNNING))

    def calls(self, run: RunSeen | None, step: StepSeen | None) -> None:
        """A call is at the service: its attempt was written before, neither it nor its run had ended, and its flow was not paused.

        A run that is asked to end does what it has under ``finally`` all the same.
        """
        assert step is not None, "a call left without an attempt"
        assert step.status is StepStatus.RUNNING, f"a call left for an attempt that is {step.status}"
        assert run is not None
        assert run.status not in RUN_FINAL, f"a call left for a run that is {run.status}"
        under_way = self.paused.get(run.flow, {step.name})
        assert step.name in under_way or run.cancel_requested, f"a call of {run.flow} left, which is paused"

    def taken(self, run: RunSeen, *, now: int) -> None:
        """A worker took it up, which was so before."""
        assert run.status not in RUN_FINAL, f"a run was taken up that is {run.status}"
        assert not run.held, "a run was taken up that has no place in its lane"
        assert run.status is RunStatus.QUEUED or (run.due_at or 0) <= now, (
            "a run was taken from a worker whose lease holds"
        )
        assert run.flow not in self.paused or run.cancel_requested, f"a run of {run.flow} was taken up, which is paused"

    def acted(self, run: str, path: str, key: str, *, repeatable: bool) -> None:
        """The service has done what a step asked for."""
        self.acts[key] += 1
        assert repeatable or self.acts[key] == 1, f"{path} of run {run} was done twice"
        assert self._keys.setdefault((run, path), key) == key, f"{path} of run {run} was sent with two keys"

    def holds(self, runs: Mapping[str, RunSeen], steps: Sequence[StepSeen], *, now: int) -> None:
        """After every commit. ``now``: the latest that the database's clock has ever said."""
        assert all(run.id in runs or run.status in RUN_FINAL for run in self._seen.values()), "a live run was purged"
        self._seen.update(runs)
        started = Counter((run.key, run.flow, run.digest) for run in self._seen.values() if run.key is not None)
        wanted = Counter((key, *version) for key, versions in self.accepted.items() for version in versions.items())
        assert started == wanted, "each accepted event has one run for each flow that listened, of its version"
        for step in steps:
            if step.status in STEP_FINAL:
                self._stays(step.name, (step.status, step.result))
            else:
                assert runs[step.run].status not in RUN_FINAL, f"{step.path} is open in a run that is over"
        waiting = {(step.run, step.path) for step in steps if step.status is StepStatus.WAITING}
        over = [run for run in runs.values() if run.status in RUN_FINAL]
        children = {(run.parent, run.id) for run in over if (run.parent, run.parent_path) in waiting}
        for run in runs.values():
            if run.status in RUN_FINAL:
                self._stays(run.id, (run.status, run.result))
            else:
                ended = {child for parent, child in children if parent == run.id}
                self._can_go_on(run, {*run.heard, *ended, *(["cancel"] if run.cancel_requested else [])}, now)
        for lane in {run.lane for run in runs.values()} - {None}:
            self._lane([run for run in runs.values() if run.lane == lane and run.status not in RUN_FINAL])

    def _stays(self, name: object, result: object) -> None:
        assert self._final.setdefault(name, result) == result, f"{name} had ended, and has changed"

    def _can_go_on(self, run: RunSeen, reasons: Iterable[str], now: int) -> None:
        """Whoever has a reason to look does not sleep before it has looked, which takes a new claim."""
        assert run.due_at is not None, "a run that has not ended is due at some time"
        unseen = [why for why in reasons if self._woken.setdefault((run.id, why), run.claims) == run.claims]
        if unseen and run.status is RunStatus.PARKED:
            assert run.due_at <= now, f"run {run.id} sleeps on, and what it waited for has come: {unseen}"

    def _lane(self, active: Sequence[RunSeen]) -> None:
        """No more than the limit are under way, and none stands in line while there is a place."""
        under_way = sum(not run.held for run in active)
        limit = max((run.lane_limit for run in active), default=0)
        assert under_way <= limit, f"{under_way} runs are under way in a lane for {limit}"
        assert under_way == limit or not any(run.held for run in active), "a place is free, and a run stands in line"
