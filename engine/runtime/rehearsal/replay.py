"""A recorded run against a version of its flow. Owns answering the interpreter from the record and finding where the two part.

The record is never changed and nothing is called. Where a version asks for a call that the run never made, they part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.core.commands import (
    AwaitEvent,
    Begin,
    Branch,
    Call,
    Ending,
    Note,
    Outcome,
    Result,
    StartFlow,
    WaitUntil,
)
from engine.core.interpreter import interpret
from engine.core.statuses import RUN_ENDS_ITSELF, STEP_FINAL, StepStatus
from engine.errors import Place
from engine.flow.model import Flow, ForeachStep, ParallelStep, UntilStep
from engine.journal.records import HIDDEN, StepRow
from engine.runtime.rehearsal.clock import Clock
from engine.runtime.rehearsal.differences import same
from engine.runtime.rehearsal.drive import CutOff, Frame, Frames, Moves, drive
from engine.runtime.rehearsal.paths import step_at, without_numbers
from engine.runtime.rehearsal.recording import Recording, outcome_of
from engine.strictjson import Json, JsonObject

NOTHING_WAITED_FOR: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Where the run and the version part. ``what``: ``path`` (one has the step, the other not), ``action``, ``input``, ``status``,
    ``output``, ``event``, or of the run as a whole (``step`` is "") ``status``, ``outputs``, ``message``."""

    step: str
    what: str
    recorded: Json
    now: Json
    attempt: int = 1
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """``same_steps``: how many steps went as recorded. ``whole``: the record went on to the version's end."""

    difference: Difference | None
    same_steps: int
    whole: bool
    variables: JsonObject
    steps: Mapping[str, JsonObject] = field(default_factory=dict)
    """What expressions after the last step see under ``steps``, by path."""


class _Parted(Exception):
    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.what)
        self.difference = difference


class _RecordEnds(Exception):
    """The run did not come this far."""


def replay(flow: Flow, recording: Recording) -> Replayed:
    """Walk ``flow`` on the record, to its end or to the first difference."""
    driver = _Record(flow, recording)
    difference, whole = None, False
    try:
        ending = Clock(now=0).run(drive(interpret(flow, recording.facts), driver))
        difference, whole = driver.left_over() or _of_endings(ending, recording), True
    except _Parted as parted:
        difference = parted.difference
    except _RecordEnds:
        pass
    return Replayed(
        difference=difference,
        same_steps=len(driver.seen),
        whole=whole,
        variables=driver.variables,
        steps=driver.steps,
    )


class _Record:
    """The source of answers: what the journal keeps of the run. Time stands still; what was cut is cut where its record ends."""

    def __init__(self, flow: Flow, recording: Recording) -> None:
        self._flow = flow
        self._recording = recording
        self._rows = {(row.path, row.attempt): row for row in recording.rows}
        self.seen: dict[str, None] = {}
        self.variables: dict[str, Json] = {}
        self.steps: dict[str, JsonObject] = {}

    def call(self, call: Call, frames: Frames) -> Moves[Outcome]:
        row = self._ended_row(call.path, call.attempt, call.step.uses, call.given, frames)
        yield from NOTHING_WAITED_FOR
        return self._outcome(row)

    def flow(self, start: StartFlow, frames: Frames) -> Moves[Outcome]:
        row = self._ended_row(start.path, 1, f"flow {start.step.flow}", start.given, frames)
        yield from NOTHING_WAITED_FOR
        return self._outcome(row)

    def event(self, awaiting: AwaitEvent, frames: Frames) -> Moves[Outcome]:
        row = self._ended_row(awaiting.path, 1, "wait", None, frames)
        if isinstance(row.output, Mapping) and not awaiting.matches(row.output):
            self._part(awaiting.path, "event", row.output, "its if is false")
        yield from NOTHING_WAITED_FOR
        return self._outcome(row)

    def begin(self, begin: Begin, frames: Frames) -> int:
        row = self._rows.get((begin.path, 1))
        if row is None or row.begun_at is None:
            self._missing(begin.path, {"uses": begin.uses}, frames)
        assert row is not None
        return row.begun_at or 0

    def wait(self, wait: WaitUntil, frames: Frames) -> Moves[None]:
        """It was waited for, or the next thing is not recorded."""
        yield from NOTHING_WAITED_FOR

    def note(self, note: Note, frames: Frames) -> None:
        row = self._rows.get((note.path, 1))
        if row is None or not _has_ended(row, note.status):
            self._unrecorded_note(note, row, frames)
            return
        if row.uses != note.uses and row.status is not StepStatus.SKIPPED:
            self._part(note.path, "action", row.uses, note.uses)
        if row.status is not note.status:
            self._part(note.path, "status", row.status.value, note.status.value)
        if not same(row.output, note.output):
            self._part_in_secret(row, "output", row.output, note.output)
        self._noted(note)

    def _unrecorded_note(self, note: Note, row: StepRow | None, frames: Frames) -> None:
        """It rides along with the next commit, so that a record may lack its last ones; a step that is open has not come to its end."""
        if self._recording.is_whole or row is not None:
            self._missing(note.path, {"uses": note.uses, "status": note.status.value}, frames)
        self._noted(note)

    def _noted(self, note: Note) -> None:
        self.seen[note.path] = None
        if note.uses == "set" and isinstance(note.output, Mapping):
            self.variables.update(note.output)
        self._ended(note.path, note.status, note.output, note.error.to_json() if note.error is not None else None)

    def branch(self, branch: Branch, frames: Frames) -> Moves[Mapping[int, Result]]:
        """Every child that was begun; others were cut wherever they stood, which is no difference."""
        frame = Frame(path=branch.path)
        results: dict[int, Result] = {}
        for index in range(branch.count):
            try:
                results[index] = yield from drive(branch.child(index), self, (*frames, frame))
            except CutOff as cut:
                if cut.frame is not frame:
                    raise
                continue
            if results[index].last or (branch.limit == 1 and not results[index].through):
                break
        return results

    def _ended_row(self, path: str, attempt: int, uses: str, given: Json, frames: Frames) -> StepRow:
        """The row of what is asked for now. Raises _Parted, CutOff or _RecordEnds."""
        row = self._rows.get((path, attempt))
        if row is None or row.status not in STEP_FINAL or row.status is StepStatus.CANCELLED:
            now: JsonObject = {"uses": uses, "input": given} if given is not None else {"uses": uses}
            self._missing(path, now, frames, attempt)
        assert row is not None
        if row.uses != uses:
            self._part(path, "action", row.uses, uses, attempt)
        if row.status is StepStatus.SKIPPED:
            self._part(path, "status", row.status.value, f"calls {uses}", attempt)
        if row.given is not None and given is not None and not same(row.given, given):
            self._part_in_secret(row, "input", row.given, given)
        self.seen[path] = None
        return row

    def _outcome(self, row: StepRow) -> Outcome:
        outcome = outcome_of(row)
        self._ended(row.path, outcome.status, outcome.output, row.error)
        return outcome

    def _ended(self, path: str, status: StepStatus, output: Json, error: Json) -> None:
        self.steps[path] = {"output": output, "status": status.value, "error": error}

    def _missing(self, path: str, now: Json, frames: Frames, attempt: int = 1) -> None:
        """The record has nothing here: something around it was cut, or it ends, or the two part."""
        for frame in reversed(frames):
            row = self._rows.get((frame.path, 1))
            if row is None or row.status not in STEP_FINAL:
                continue
            if row.cut is not None:
                raise CutOff(frame, row.cut)
            if self._lost_in(frame, row):
                raise CutOff(frame, "lost")
        if not self._recording.is_whole:
            raise _RecordEnds
        self._part(path, "path", None, now, attempt)

    def _lost_in(self, frame: Frame, row: StepRow) -> bool:
        """Whether a branch of the step may have been left: one failed, or with ``join: any`` another was through first."""
        step = step_at(self._flow, frame.path)
        if isinstance(step, ParallelStep) and step.join == "any":
            return row.status is StepStatus.SUCCEEDED
        stopped = any(
            each.uses == "stop" and each.path.startswith(_inside(frame.path)) for each in self._recording.rows
        )
        return isinstance(step, ForeachStep | UntilStep | ParallelStep) and (
            row.status is not StepStatus.SUCCEEDED or stopped
        )

    def left_over(self) -> Difference | None:
        """The first recorded step to which the version did not come."""
        for row in self._remaining():
            if row.status in STEP_FINAL and row.status is not StepStatus.CANCELLED:
                recorded: Json = {"uses": row.uses, "status": row.status.value}
                return Difference(step=row.path, what="path", recorded=recorded, now=None)
        return None

    def _remaining(self) -> Iterator[StepRow]:
        return (row for row in self._recording.rows if row.path not in self.seen and row.uses != "iteration")

    def _part_in_secret(self, row: StepRow, what: Literal["input", "output"], recorded: Json, now: Json) -> None:
        """Part in what the flow may want to be shown nowhere."""
        hidden = ("inputs" if what == "input" else "outputs") in row.secure
        self._part(row.path, what, *((HIDDEN, HIDDEN) if hidden else (recorded, now)), row.attempt)

    def _part(self, path: str, what: str, recorded: Json, now: Json, attempt: int = 1) -> None:
        step = step_at(self._flow, path) or step_at(self._flow, without_numbers(path))
        place = step.place if step is not None else None
        raise _Parted(Difference(step=path, what=what, recorded=recorded, now=now, attempt=attempt, place=place))


def _has_ended(row: StepRow, status: StepStatus) -> bool:
    """Whether the row says how the step ended; one that was cancelled says only that it was open when something around it was cut."""
    return row.status in STEP_FINAL and (row.status is not StepStatus.CANCELLED or status is StepStatus.CANCELLED)


def _inside(path: str) -> tuple[str, str]:
    return f"{path}.", f"{path}["


def _of_endings(ending: Ending, recording: Recording) -> Difference | None:
    run = recording.run
    if run.status not in RUN_ENDS_ITSELF:
        return None
    if run.status is not ending.status:
        return Difference(step="", what="status", recorded=run.status.value, now=ending.status.value)
    if not same(run.outputs, ending.outputs):
        if recording.hides:
            return Difference(step="", what="outputs", recorded=HIDDEN, now=HIDDEN)
        return Difference(step="", what="outputs", recorded=run.outputs, now=ending.outputs)
    if (run.message or None) != (ending.message or None):
        return Difference(step="", what="message", recorded=run.message, now=ending.message)
    return None
