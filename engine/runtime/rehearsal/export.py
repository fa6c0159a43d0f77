"""A recorded run as a test file. Owns which parts of the record become expectations and that the test passes; stores nothing.

Calls become mocks with what was answered (recorded_mocks.py); the run's end, its outputs, and the calls with their inputs become expectations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from engine.core.interpreter import HANDLER, LASTLY, MAIN
from engine.core.statuses import RUN_FINAL, STEP_FINAL, RunStatus, StepStatus
from engine.core.times import iso, lasting
from engine.errors import FlowFileError, UsageError
from engine.flow.model import Flow, ParallelStep, WaitStep
from engine.journal.records import StepRow
from engine.runtime.rehearsal.differences import Problem
from engine.runtime.rehearsal.judge import judge
from engine.runtime.rehearsal.paths import step_at
from engine.runtime.rehearsal.read import read_tests
from engine.runtime.rehearsal.recorded_mocks import RecordedMocks, is_call, span
from engine.runtime.rehearsal.recording import Recording
from engine.runtime.rehearsal.replay import replay
from engine.runtime.rehearsal.written import mapping_lines
from engine.sdk.connector import Connector
from engine.strictjson import Json, JsonObject


def exported(flow: Flow, recording: Recording, catalogue: Mapping[str, Connector]) -> str:
    """The text of a test file that passes for ``flow``. Raises UsageError for a run of which no test can be made."""
    run = recording.run
    if run.status not in RUN_FINAL:
        raise UsageError(f"the run {run.id} is {run.status.value}; only one that has ended can become a test")
    if run.status is RunStatus.POISONED:
        raise UsageError(f"the run {run.id} was put aside because its workers stopped; nothing in its flow says so")
    if "inputs" in recording.hidden:
        raise UsageError(
            f"the step that started the run {run.id} hides its inputs (secure), and a test would show them",
            remedy="Write the test by hand, with inputs of your own.",
        )
    if run.status is RunStatus.CANCELLED and not replay(flow, recording).whole:
        raise UsageError(f"the run {run.id} was cancelled by a person; nothing in its flow says where it stops")
    # How long calls took is written down only where the run would have gone another way without it.
    problem: Problem | None = None
    told_time = any(row.begun_at is not None for row in recording.rows)
    for timed, loose in ((False, False), (True, False), *(((False, True), (True, True)) if told_time else ())):
        text = "\n".join(_Export(flow, recording, catalogue, timed=timed, loose=loose).lines()) + "\n"
        found = _problem(text, flow, catalogue, recording)
        if found is None:
            return text
        problem = problem or found
    assert problem is not None
    first = "; ".join(line.strip() for line in problem.lines())
    raise UsageError(
        f"the run {run.id} cannot become a test, because a rehearsal ends differently: {first}",
        remedy="hookline replay shows the run itself.",
    )


def _problem(text: str, flow: Flow, catalogue: Mapping[str, Connector], recording: Recording) -> Problem | None:
    """Why the test does not pass. Raises UsageError when it cannot be read."""
    file = f"{flow.id}.test.yaml"
    try:
        tests = read_tests(text, file, lambda name: flow if name == flow.id else None, catalogue)
    except FlowFileError as error:
        raise UsageError(f"the run {recording.run.id} cannot become a test: {error.findings[0]}") from None
    problems = (problem for case in tests.cases for problem in judge(flow, case, catalogue).problems)
    return next(problems, None)


class _Export:
    """``loose``: no values are expected, since they hold instants of the run, which the virtual clock meets to the second only."""

    def __init__(
        self,
        flow: Flow,
        recording: Recording,
        catalogue: Mapping[str, Connector],
        *,
        timed: bool,
        loose: bool,
    ) -> None:
        self._flow = flow
        self._recording = recording
        self._mocks = RecordedMocks(flow, recording, catalogue, timed=timed)
        self._loose = loose
        hides = "outputs" in recording.hidden or any("outputs" in row.secure for row in recording.rows)
        self._without_values = loose or hides

    def lines(self) -> Iterator[str]:
        run = self._recording.run
        yield f"# From the run {run.id}, version {run.version} of the flow."
        yield "# It holds what a real event and real answers held: look through it before you share it."
        if self._recording.hides:
            yield "# What the flow hides with secure is not in it: such answers are made up, and nothing that may hold them is expected."
        if self._loose:
            yield "# Its values hold instants of the run itself, so that no inputs and outputs are expected."
        yield from mapping_lines({"flow": self._flow.id})
        yield "tests:"
        first, *rest = mapping_lines(self._case(), "    ")
        yield f"  - {first.lstrip()}"
        yield from rest

    def _case(self) -> JsonObject:
        recording, run = self._recording, self._recording.run
        found: dict[str, Json] = {"name": f"as in the run {run.id}"}
        found["run"] = {"id": run.id, "started_at": iso(recording.facts.started_at)}
        if recording.manual:
            found["manual"] = True
        if recording.trigger:
            found["trigger"] = recording.trigger
        if run.inputs:
            found["inputs"] = run.inputs
        calls = {path: list(rows) for path, rows in groupby(self._calls(), key=lambda row: row.path)}
        mocks = {path: mock for path, rows in calls.items() if (mock := self._mocks.mock(rows)) is not None}
        if mocks:
            found["mock"] = mocks
        if events := self._events():
            found["events"] = events
        if (cancelled := self._cancelled_after()) is not None:
            found["cancel"] = {"at": lasting(cancelled)}
        found["expect"] = self._expect(calls)
        return found

    def _calls(self) -> list[StepRow]:
        """The attempts of actions and of starting flows that came to an end, by path and number."""
        ended = [row for row in self._recording.rows if is_call(row) and row.status in STEP_FINAL]
        rows = [row for row in ended if row.status is not StepStatus.CANCELLED]
        return sorted(rows, key=lambda row: (row.path, row.attempt))

    def _events(self) -> list[Json]:
        """What waits for events got, in order of time."""
        rows = [row for row in self._recording.rows if row.uses == "wait" and row.status is StepStatus.SUCCEEDED]
        got = [row for row in rows if self._waits_for_event(row) and row.ended_at is not None]
        got.sort(key=lambda row: row.ended_at or 0)
        return [{"at": lasting(self._after(row)), "event": row.output} for row in got]

    def _waits_for_event(self, row: StepRow) -> bool:
        step = step_at(self._flow, row.path)
        return isinstance(step, WaitStep) and step.event is not None

    def _cancelled_after(self) -> int | None:
        """Milliseconds from the start until somebody's wish to end the run was met."""
        return next((self._after(row) for row in self._recording.rows if row.cut == "cancelled"), None)

    def _after(self, row: StepRow) -> int:
        return max(0, (row.ended_at or 0) - self._recording.facts.started_at)

    def _expect(self, calls: Mapping[str, Sequence[StepRow]]) -> JsonObject:
        run = self._recording.run
        found: dict[str, Json] = {"status": run.status.value}
        message = run.message or (run.error.get("message") if run.error is not None else None)
        if message and not self._without_values:
            found["message"] = message
        sure = {path: rows for path, rows in calls.items() if not self._is_chance(path)}
        steps: dict[str, Json] = {path: self._step(rows) for path, rows in sure.items() if not _skipped(rows)}
        if steps:
            found["steps"] = steps
        if run.outputs and not self._without_values:
            found["outputs"] = run.outputs
        if skipped := [path for path, rows in sure.items() if _skipped(rows)]:
            found["not_called"] = skipped
        return found

    def _is_chance(self, path: str) -> bool:
        """Whether it is chance how far the step came: side by side with one that failed or was faster, or cut when time was up."""
        return any(_inside(path, row) for row in self._recording.rows if self._is_broken(row))

    def _is_broken(self, row: StepRow) -> bool:
        if row.status is StepStatus.SKIPPED:
            return False
        step = step_at(self._flow, row.path) if row.uses == "parallel" else None
        races = isinstance(step, ParallelStep) and step.join == "any"
        side_by_side = row.uses in ("foreach", "parallel") and row.status is not StepStatus.SUCCEEDED
        return races or side_by_side or row.cut is not None

    def _step(self, rows: Sequence[StepRow]) -> Json:
        last = rows[-1]
        found: dict[str, Json] = {"status": last.status.value}
        if self._mocks.mock(rows) is not None:
            found["attempts"] = len(rows)
        if last.given is not None and "inputs" not in last.secure and not self._without_values:
            found["input"] = last.given
        if last.error is not None:
            found["error"] = {"kind": last.error.get("kind")}
        return found


def _skipped(rows: Sequence[StepRow]) -> bool:
    return rows[-1].status is StepStatus.SKIPPED


def _inside(path: str, row: StepRow) -> bool:
    if row.path == MAIN and row.uses == MAIN:
        return not path.startswith((f"{HANDLER}.", f"{LASTLY}."))
    return path.startswith(span(row.path))
