"""Doing a run again. Owns what the new run is: its version, what it keeps of the old one, and the keys of calls of which nobody knows what came.

A run that is over is never changed; what a person does about it is another run. Two steps: ``plan`` reads and decides, ``start`` makes the run.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from engine import strictjson
from engine.core.again import Kept, NoSuchPlace, Record, Recorded, first_undone, has_step, kept_before, unknown_outcomes
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.errors import BusyError, NotFoundError, UsageError
from engine.flow.load import FlowCache
from engine.flow.model import Flow
from engine.journal.again import Copies, NewRerun, Rerun, Resealed, Word
from engine.journal.ids import IdMaker
from engine.journal.records import Lane, Run, StepChange, StepRow, with_item
from engine.journal.seal import KeyRing, is_sealed
from engine.runtime.calls import AMBIGUOUS
from engine.runtime.iterations import FOLD_EVERY
from engine.runtime.keys import key_of
from engine.runtime.manual import given_inputs
from engine.runtime.secrecy import Sealer
from engine.runtime.starting import Refused, lane_of
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.journal.journal import Journal

GONE = "It was cleared away, as HOOKLINE_RETAIN says, or is about to be. See what is there: hookline runs list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a person wants done again: all of the run, from ``step`` on, or (``resume``) from the first step that did not succeed.

    ``latest``: on the active version of the flow instead of the run's own. ``again``: also when another run did it again already.
    """

    latest: bool = False
    step: str | None = None
    resume: bool = False
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a new run will be. ``path``: where it goes on, None for the start. ``unsettled``: keys, by path, of calls with unknown outcome."""

    run: Run
    flow: Flow
    record: Record
    path: str | None = None
    kept: Kept = field(default_factory=Kept)
    unsettled: Mapping[str, str] = field(default_factory=dict)

    @property
    def repeated(self) -> Sequence[Recorded]:
        """Calls that succeeded in the old run, or of which nobody knows what came, and that are done again, as far as the old run came."""
        kept, known = self.kept.paths, self.unsettled
        lasts = [self.record.attempts(path)[-1] for path in self.record.paths if path not in kept]
        return [row for row in lasts if "." in row.uses and (_happened(row) or row.path in known)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """The new run. ``held``: it waits for a place in its lane."""

    run_id: str
    path: str | None = None
    held: bool = False


@dataclass(frozen=True, kw_only=True)
class Again:
    """Does runs again, as ``actor``. ``keyring`` is asked for only where something is sealed; it may raise SecretError."""

    journal: Journal
    flows: FlowCache
    keyring: Callable[[], KeyRing]
    actor: str
    _ids: IdMaker = field(default_factory=IdMaker)

    def plan(self, run: Run, wish: Wish) -> Plan:
        """Raises BusyError (the run is not over, or was done again), NotFoundError and UsageError, each with what to do."""
        _require_over(run)
        if run.rerun_by is not None and not wish.again:
            raise _done_already(run, run.rerun_by)
        flow = self.version(run, latest=wish.latest)
        record = self.record(run)
        try:
            path = self._from(run, flow, record, wish)
        except UsageError:
            # What is recorded may be newer than the run: a word was said of it, and it went on.
            found = self.journal.runs.get(run.id, limit=0)
            by = found[0].rerun_by if found is not None else None
            if by is not None and by != run.rerun_by:
                raise _done_already(run, by) from None
            raise
        plan = self.plan_from(run, flow, record, path)
        _require_steps(plan)
        return plan

    def plan_from(self, run: Run, flow: Flow, record: Record, path: str | None) -> Plan:
        """Raises UsageError when the flow cannot go on at ``path``."""
        try:
            kept = Kept() if path is None else kept_before(flow, record, path)
        except NoSuchPlace as error:
            raise UsageError(f"run {run.id} cannot go on from {path}: {error}") from None
        unsettled = dict(self._unsettled(run, record, kept.paths))
        return Plan(run=run, flow=flow, record=record, path=path, kept=kept, unsettled=unsettled)

    def start(self, plan: Plan, *, word: Word | None = None, done: Callable[[str], StepChange] | None = None) -> Done:
        """Make the run; the scheduler rings for it at its next look. ``done``: a step that counts as done, made for the new run's id.

        Raises BusyError when another run was made meanwhile or the flow's lane takes no more, NotFoundError when the old one is gone.
        """
        run = plan.run
        new_id = self._ids.new()
        inputs, lane = self._start_values(plan, new_id)
        changes = [*self._progress(plan), *([done(new_id)] if done is not None else [])]
        new = NewRerun(
            id=new_id,
            origin=run.id,
            digest=plan.flow.digest,
            inputs=inputs,
            lane=lane,
            actor=self.actor,
            seen=run.rerun_by,
            path=plan.path,
            copies=tuple(_copies(plan.kept)),
            copied=len(plan.kept.succeeded) + sum(len(plan.record.attempts(path)) for path in plan.kept.whole),
            resealed=tuple(self._resealed(plan, new_id)),
            changes=changes,
            unsettled=plan.unsettled,
            word=word,
        )
        answer = self.journal.reruns.start(new, ring_in_ms=0)
        if answer.run_id is None:
            raise _not_started(run, answer)
        return Done(run_id=answer.run_id, path=plan.path, held=answer.held)

    def version(self, run: Run, *, latest: bool) -> Flow:
        """The run's own version, or the active one. Raises NotFoundError when it is not there, FlowFileError when this release cannot read it."""
        if latest:
            row = self.journal.flows.get(run.flow)
            if row is None or row.owner != run.owner:
                raise NotFoundError(
                    f"the flow {run.flow} is not deployed, so that it has no latest version",
                    remedy="Deploy it (hookline deploy FILE), or leave out --latest to take the run's own version.",
                )
            return self.flows.get(row.digest, row.source, row.file)
        found = self.journal.flows.source(run.digest)
        if found is None:
            raise NotFoundError(
                f"the version {run.version} of {run.flow} is not stored any more",
                remedy="Take the active one: --latest",
            )
        return self.flows.get(run.digest, *found)

    def record(self, run: Run) -> Record:
        put_aside_at = run.ended_at if run.status is RunStatus.POISONED else None
        return Record(self.journal.reruns.recorded(run.id), put_aside_at=put_aside_at)

    def _from(self, run: Run, flow: Flow, record: Record, wish: Wish) -> str | None:
        if wish.step is None and not wish.resume:
            return None
        if not record.paths:
            raise UsageError(
                f"run {run.id} never began, so that there is nothing to go on from",
                remedy=f"Do it from the start: hookline runs rerun {run.id}",
            )
        if wish.step is not None:
            require_come_to(run, record, wish.step)
            return wish.step
        return _resumed_at(run, flow, record)

    def _unsettled(self, run: Run, record: Record, kept: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Calls that are done again although nobody knows what came of them, in the run and in those that its steps started."""
        for path, key in (run.unsettled or {}).items():
            if path not in kept and isinstance(key, str) and not self._is_known(run, record, path):
                yield path, key
        for path in unknown_outcomes(record, kept, AMBIGUOUS):
            yield path, key_of(run, path)
        for path in record.paths:
            row = record.attempts(path)[-1]
            if row.uses.startswith("flow ") and path not in kept:
                child = self.journal.runs.child(run.id, path) if row.settled is None else None
                if child is not None:
                    _require_left(run, row, child)
                    inner = self.record(child)
                    for below, key in self._unsettled(child, inner, frozenset()):
                        yield f"{path}/{below}", key

    def _is_known(self, run: Run, record: Record, path: str) -> bool:
        """Whether it is known what came of a call that was unsettled before the run began."""
        caller, inner, _ = path.partition("/")
        last = record.last(caller)
        if last is None or last.settled is not None:
            return last is not None
        if inner:
            return self.journal.runs.child(run.id, caller) is not None  # It knows more.
        return last.status is StepStatus.SUCCEEDED

    def _start_values(self, plan: Plan, new_id: str) -> tuple[JsonObject, Lane | None]:
        run = plan.run
        event = self.journal.events.get(run.event_id)
        if event is None:
            raise NotFoundError(f"the event of run {run.id} is gone", remedy=GONE)
        sealed = is_sealed(run.inputs)
        inputs = self.sealer(run, run.id).open_run(run.inputs, "inputs") if sealed else run.inputs
        if plan.flow.digest != run.digest:
            declared = {name: value for name, value in inputs.items() if name in plan.flow.inputs}
            inputs = given_inputs(plan.flow, declared)
        try:
            lane = lane_of(plan.flow, with_item(event.event or {}, run.trigger_item, run.trigger_index), inputs)
        except Refused as refused:
            raise UsageError(f"run {run.id} cannot be done again: {refused.reason}") from None
        kept = self.sealer(run, new_id).seal_run(inputs, "inputs") if sealed else inputs
        return kept, lane

    def sealer(self, run: Run, run_id: str) -> Sealer:
        """Of the run ``run_id``, which belongs to the owner of ``run``. Raises SecretError without the key."""
        return Sealer(keyring=self.keyring(), owner=run.owner, run_id=run_id)

    def _resealed(self, plan: Plan, new_id: str) -> Iterator[Resealed]:
        """What is copied and sealed: a sealed text opens only in the run that it was made for."""
        numbers = dict(plan.kept.succeeded)
        sealed = [path for path in plan.kept.paths if any(row.sealed for row in plan.record.attempts(path))]
        if not sealed:
            return
        old, new = self.sealer(plan.run, plan.run.id), self.sealer(plan.run, new_id)
        for row in self.journal.runs.attempts(plan.run.id, sealed):
            if row.secure and numbers.get(row.path, row.attempt) == row.attempt:
                attempt = 1 if row.path in numbers else row.attempt
                yield Resealed(path=row.path, attempt=attempt, **_sealed_anew(row, old, new))

    def _progress(self, plan: Plan) -> Iterator[StepChange]:
        """How far long loops are that go on, as they note it themselves."""
        for loop, indices in plan.kept.folded(above=FOLD_EVERY).loops.items():
            span = range(indices[0], indices[-1] + 1)
            rows = self.journal.runs.iterations(plan.run.id, loop, span)
            size = sum(len(strictjson.dump(row.output)) for row in rows)
            own = plan.record.last(loop)
            yield StepChange(
                path=loop,
                attempt=1,
                uses=own.uses if own is not None else "foreach",
                status=StepStatus.RUNNING,
                output={"through": [[part[0], part[-1] + 1] for part in _spans(indices)], "bytes": size},
            )


def _sealed_anew(row: StepRow, old: Sealer, new: Sealer) -> dict[str, Json]:
    given, output = row.given, row.output
    if "inputs" in row.secure and given is not None:
        given = new.seal(old.open(given, row.path, "inputs"), row.path, "inputs")
    if "outputs" in row.secure and output is not None:
        output = new.seal(old.open(output, row.path, "outputs"), row.path, "outputs")
    return {"given": given, "output": output}


def _copies(kept: Kept) -> Iterator[Copies]:
    folded = kept.folded(above=FOLD_EVERY).paths
    wanted: list[tuple[int | None, str]] = [*((None, path) for path in kept.whole)]
    wanted += [(attempt, path) for path, attempt in kept.succeeded]
    groups: dict[tuple[int | None, bool], list[str]] = {}
    for attempt, path in wanted:
        groups.setdefault((attempt, path in folded), []).append(path)
    for (attempt, is_folded), paths in groups.items():
        yield Copies(paths=sorted(paths), attempt=attempt, folded=is_folded)


def _spans(indices: Sequence[int]) -> Iterator[Sequence[int]]:
    """Runs of numbers that follow each other."""
    for _, part in groupby(enumerate(indices), lambda item: item[1] - item[0]):
        yield [index for _, index in part]


def require_come_to(run: Run, record: Record, step: str) -> None:
    """Raises NotFoundError when the run did not come to the step."""
    if record.has(step):
        return
    near = difflib.get_close_matches(step, record.paths, 1) or [p for p in record.paths if p.endswith(f".{step}")][:1]
    hint = f"; did you mean {near[0]}?" if near else ""
    raise NotFoundError(
        f"run {run.id} did not come to a step {step!r}{hint}", remedy=f"See its steps: hookline runs show {run.id}"
    )


def _require_over(run: Run) -> None:
    if run.status not in RUN_FINAL:
        raise BusyError(
            f"run {run.id} is not over: it is {run.status.value}",
            remedy=f"Wait for its end, or end it: hookline runs cancel {run.id}",
        )


def _require_steps(plan: Plan) -> None:
    """Raises UsageError for an uncertain call that another version knows no more: done there under another name, it would be something new."""
    for path in plan.unsettled:
        last = plan.record.last(path.partition("/")[0])
        if last is not None and last.status is StepStatus.UNCERTAIN and not has_step(plan.flow, last.path):
            raise UsageError(
                f"{last.path} of run {plan.run.id} is uncertain, and the version {plan.flow.version} has no such step that would find out",
                remedy="Leave out --latest, or say first what happened, which goes on with the run's own version: "
                f"hookline runs resolve {plan.run.id} {last.path} --happened, or --did-not-happen",
            )


def _require_left(run: Run, step: Recorded, child: Run) -> None:
    """Raises BusyError while a run that the step waited for, and that was asked to end with it, may still have a call under way."""
    if child.status not in RUN_FINAL and step.status is not StepStatus.SUCCEEDED:
        raise BusyError(
            f"run {child.id}, which {step.path} of run {run.id} waited for, is not over: it is {child.status.value}",
            remedy=f"Wait for its end, or end it: hookline runs cancel {child.id}",
        )


def _happened(row: Recorded) -> bool:
    return row.status is StepStatus.SUCCEEDED or row.settled == "happened"


def _done_already(run: Run, by: str) -> BusyError:
    return BusyError(
        f"run {run.id} is done again already, as {by}",
        remedy=f"See it: hookline runs show {by}. To do it once more all the same: --again",
    )


def _resumed_at(run: Run, flow: Flow, record: Record) -> str:
    remedy = f"Do it from the start (hookline runs rerun {run.id}), or say from which step: --from STEP"
    if run.status is RunStatus.SUCCEEDED:
        raise UsageError(f"run {run.id} succeeded, so that there is nothing to go on with", remedy=remedy)
    try:
        path = first_undone(flow, record)
    except NoSuchPlace as error:
        raise UsageError(f"run {run.id} has nothing to go on with: {error}", remedy=remedy) from None
    row = record.last(path)
    if row is not None and row.settled == "happened":
        went_on = f"; it went on as {run.rerun_by}" if run.rerun_by else ""
        raise UsageError(f"{path} of run {run.id} was settled as happened{went_on}", remedy=remedy)
    return path


def _not_started(run: Run, answer: Rerun) -> BusyError | NotFoundError:
    if answer.done_by is not None:
        return _done_already(run, answer.done_by)
    if answer.said is not None:
        return said_already(run.id, answer.said)
    if answer.refused is not None:
        flow = run.flow
        return BusyError(
            f"run {run.id} was not done again: {answer.refused}",
            remedy=f"Wait for the runs that are under way: hookline runs list --flow {flow} --status parked,queued,running",
        )
    return NotFoundError(f"run {run.id} is gone", remedy=GONE)


def said_already(run_id: str, said: str) -> BusyError:
    """Why a second, other word is not taken."""
    return BusyError(
        f"the step was settled already, the other way: {said.replace('_', ' ')}",
        remedy=f"See what was made of it: hookline runs show {run_id}",
    )
