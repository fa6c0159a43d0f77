"""A recorded run against a version of its flow. Owns answering the interpreter from the record and finding where the two part.

The record is never changed and nothing is called. Where a version asks for a call that the run never made, they part.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, assert_never

from engine.core.commands import Branch, Call, Command, Ending, Note, Outcome, Reply, Result, Steps, WaitUntil
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import RUN_FINAL, STEP_FINAL, RunStatus, StepStatus
from engine.errors import Place
from engine.flow.model import Flow
from engine.journal.records import Event, EventSource, Run, StepRow
from engine.runtime.ledger import outcome_of
from engine.runtime.rehearsal.differences import same
from engine.runtime.rehearsal.paths import step_at, without_numbers
from engine.strictjson import Json, JsonObject

EndT = TypeVar("EndT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """A run as the journal keeps it."""

    run: Run
    rows: Sequence[StepRow]
    trigger: JsonObject
    manual: bool

    @classmethod
    def of(cls, run: Run, rows: Sequence[StepRow], event: Event | None) -> Recording:
        manual = event is None or event.source is EventSource.MANUAL
        return cls(run=run, rows=rows, trigger=(event.event if event is not None else None) or {}, manual=manual)

    @property
    def facts(self) -> RunFacts:
        started = self.run.started_at if self.run.started_at is not None else self.run.created_at
        return RunFacts(run_id=self.run.id, started_at=started, trigger=self.trigger, inputs=self.run.inputs)

    @property
    def is_whole(self) -> bool:
        """Whether the run went as far as its flow; one that a person cancelled, or that still runs, may stop anywhere."""
        return self.run.status in RUN_FINAL and self.run.status is not RunStatus.CANCELLED


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Where the run and the version part. ``what``: ``path`` (one has the step, the other not), ``action``, ``input``, ``status``,
    ``output``, or of the run as a whole (``step`` is "") ``status``, ``outputs``, ``message``."""

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
    driver = _Driver(flow, recording)
    difference, whole = None, False
    try:
        ending = driver.drive(interpret(flow, recording.facts))
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


class _Driver:
    def __init__(self, flow: Flow, recording: Recording) -> None:
        self._flow = flow
        self._recording = recording
        self._rows = {(row.path, row.attempt): row for row in recording.rows}
        self.seen: dict[str, None] = {}
        self.variables: dict[str, Json] = {}
        self.steps: dict[str, JsonObject] = {}

    def drive(self, walk: Generator[Command, Reply, EndT]) -> EndT:
        reply: Reply = None
        while True:
            try:
                command = walk.send(reply)
            except StopIteration as ended:
                result: EndT = ended.value
                return result
            reply = self._perform(command)

    def _perform(self, command: Command) -> Reply:
        match command:
            case Call():
                return self._call(command)
            case Note():
                self._note(command)
            case WaitUntil():
                pass
            case Branch():
                return self._branch(command)
            case _:
                assert_never(command)
        return None

    def _call(self, call: Call) -> Outcome:
        row = self._rows.get((call.path, call.attempt))
        if row is None or row.status not in STEP_FINAL or row.status is StepStatus.CANCELLED:
            if not self._recording.is_whole:
                raise _RecordEnds
            self._part(call.path, "path", None, {"uses": call.step.uses, "input": call.given}, call.attempt)
        assert row is not None
        if row.uses != call.step.uses:
            self._part(call.path, "action", row.uses, call.step.uses, call.attempt)
        if row.status is StepStatus.SKIPPED:
            self._part(call.path, "status", row.status.value, f"calls {call.step.uses}", call.attempt)
        if row.given is not None and not same(row.given, call.given):
            self._part(call.path, "input", row.given, call.given, call.attempt)
        self.seen[call.path] = None
        outcome = outcome_of(row)
        self._ended(call.path, outcome.status, outcome.output, row.error)
        return outcome

    def _note(self, note: Note) -> None:
        row = self._rows.get((note.path, 1))
        if row is None and self._recording.is_whole:
            self._part(note.path, "path", None, {"uses": note.uses, "status": note.status.value})
        if row is not None and row.status is not note.status:
            self._part(note.path, "status", row.status.value, note.status.value)
        if row is not None and not same(row.output, note.output):
            self._part(note.path, "output", row.output, note.output)
        self.seen[note.path] = None
        if note.uses == "set" and isinstance(note.output, Mapping):
            self.variables.update(note.output)
        self._ended(note.path, note.status, note.output, note.error.to_json() if note.error is not None else None)

    def _ended(self, path: str, status: StepStatus, output: Json, error: Json) -> None:
        self.steps[path] = {"output": output, "status": status.value, "error": error}

    def _branch(self, branch: Branch) -> Sequence[Result]:
        """Every iteration that ran; after a failure others were cut off wherever they stood, which is no difference."""
        whole = self._rows.get((branch.path, 1))
        broken = whole is None or whole.status is not StepStatus.SUCCEEDED
        results = [self._child(branch.child(index), broken) for index in range(branch.count)]
        return [result for result in results if result is not None]

    def _child(self, child: Steps, broken: bool) -> Result | None:
        try:
            return self.drive(child)
        except _RecordEnds:
            if not broken or not self._recording.is_whole:
                raise
            return None
        except _Parted as parted:
            if broken and parted.difference.what == "path" and parted.difference.recorded is None:
                return None
            raise

    def left_over(self) -> Difference | None:
        """The first recorded step to which the version did not come."""
        for row in self._recording.rows:
            if row.path not in self.seen and row.status in STEP_FINAL and row.status is not StepStatus.CANCELLED:
                recorded: Json = {"uses": row.uses, "status": row.status.value}
                return Difference(step=row.path, what="path", recorded=recorded, now=None)
        return None

    def _part(self, path: str, what: str, recorded: Json, now: Json, attempt: int = 1) -> None:
        step = step_at(self._flow, path) or step_at(self._flow, without_numbers(path))
        place = step.place if step is not None else None
        raise _Parted(Difference(step=path, what=what, recorded=recorded, now=now, attempt=attempt, place=place))


def _of_endings(ending: Ending, recording: Recording) -> Difference | None:
    run = recording.run
    if run.status not in RUN_FINAL:
        return None
    if run.status is not ending.status:
        return Difference(step="", what="status", recorded=run.status.value, now=ending.status.value)
    if not same(run.outputs, ending.outputs):
        return Difference(step="", what="outputs", recorded=run.outputs, now=ending.outputs)
    if (run.message or None) != (ending.message or None):
        return Difference(step="", what="message", recorded=run.message, now=ending.message)
    return None
