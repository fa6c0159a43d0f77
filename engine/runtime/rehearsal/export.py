"""A recorded run as a test file. Owns which parts of the record become mocks and which become expectations; stores nothing.

Calls become mocks with what the service answered; the run's end, its outputs, and the calls with their inputs become expectations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from engine.core.statuses import RUN_FINAL, STEP_FINAL, RunStatus, StepStatus
from engine.core.times import iso
from engine.errors import FlowFileError, UsageError
from engine.flow.model import Flow
from engine.journal.records import StepRow
from engine.runtime.rehearsal.judge import judge
from engine.runtime.rehearsal.mocks import KINDS
from engine.runtime.rehearsal.read import read_tests
from engine.runtime.rehearsal.replay import Recording, replay
from engine.runtime.rehearsal.written import mapping_lines
from engine.sdk.connector import Connector
from engine.sdk.errors import Kind
from engine.strictjson import Json, JsonObject

CONTROL = frozenset({"if", "foreach", "set", "stop"})


def exported(flow: Flow, recording: Recording, catalogue: Mapping[str, Connector]) -> str:
    """The text of a test file that passes for ``flow``. Raises UsageError for a run of which no test can be made."""
    run = recording.run
    if run.status not in RUN_FINAL:
        raise UsageError(f"the run {run.id} is {run.status.value}; only one that has ended can become a test")
    if run.status is RunStatus.CANCELLED and not replay(flow, recording).whole:
        raise UsageError(f"the run {run.id} was cancelled by a person; nothing in its flow says where it stops")
    text = "\n".join(_lines(flow, recording)) + "\n"
    _prove(text, flow, catalogue, recording)
    return text


def _prove(text: str, flow: Flow, catalogue: Mapping[str, Connector], recording: Recording) -> None:
    """Raises UsageError unless the test passes."""
    file = f"{flow.id}.test.yaml"
    try:
        tests = read_tests(text, file, lambda name: flow if name == flow.id else None, catalogue)
    except FlowFileError as error:
        raise UsageError(f"the run {recording.run.id} cannot become a test: {error.findings[0]}") from None
    for case in tests.cases:
        verdict = judge(flow, case, catalogue)
        if not verdict.passed:
            first = "; ".join(line.strip() for line in verdict.problems[0].lines())
            raise UsageError(
                f"the run {recording.run.id} cannot become a test, because a rehearsal ends differently: {first}",
                remedy="hookline replay shows the run itself.",
            )


def _lines(flow: Flow, recording: Recording) -> Iterator[str]:
    run = recording.run
    yield f"# From the run {run.id}, version {run.version} of the flow."
    yield "# It holds what a real event and real answers held: look through it before you share it."
    yield from mapping_lines({"flow": flow.id})
    yield "tests:"
    first, *rest = mapping_lines(_case(recording), "    ")
    yield f"  - {first.lstrip()}"
    yield from rest


def _case(recording: Recording) -> JsonObject:
    run = recording.run
    found: dict[str, Json] = {"name": f"as in the run {run.id}"}
    found["run"] = {"id": run.id, "started_at": iso(recording.facts.started_at)}
    if recording.manual:
        found["manual"] = True
    if recording.trigger:
        found["trigger"] = recording.trigger
    if run.inputs:
        found["inputs"] = run.inputs
    calls = {path: list(rows) for path, rows in groupby(_calls(recording), key=lambda row: row.path)}
    mocks: dict[str, Json] = {path: mock for path, rows in calls.items() if (mock := _mock(rows)) is not None}
    if mocks:
        found["mock"] = mocks
    found["expect"] = _expect(recording, calls)
    return found


def _calls(recording: Recording) -> list[StepRow]:
    """The attempts of actions that came to an end, by path and number."""
    rows = [row for row in recording.rows if row.uses not in CONTROL and row.status in STEP_FINAL]
    return sorted(rows, key=lambda row: (row.path, row.attempt))


def _mock(rows: Sequence[StepRow]) -> Json:
    replies = [reply for row in rows if (reply := _reply(row)) is not None]
    return replies[0] if len(replies) == 1 else replies or None


def _reply(row: StepRow) -> Json:
    if row.status is StepStatus.SUCCEEDED:
        return {"returns": row.output}
    if row.status is StepStatus.UNCERTAIN:
        return {"error": {"kind": Kind.UNKNOWN_OUTCOME.value, **_message(row)}}
    kind = str(row.error.get("kind")) if row.error is not None else ""
    if row.status is not StepStatus.FAILED or kind not in KINDS:
        return None
    status = row.error.get("status") if row.error is not None else None
    return {"error": {"kind": kind, **_message(row), **({"status": status} if status is not None else {})}}


def _message(row: StepRow) -> dict[str, Json]:
    message = row.error.get("message") if row.error is not None else None
    return {"message": message} if message else {}


def _expect(recording: Recording, calls: Mapping[str, Sequence[StepRow]]) -> JsonObject:
    run = recording.run
    found: dict[str, Json] = {"status": run.status.value}
    message = run.message or (run.error.get("message") if run.error is not None else None)
    if message:
        found["message"] = message
    broken = [
        row.path
        for row in recording.rows
        if row.uses == "foreach" and row.status not in (StepStatus.SUCCEEDED, StepStatus.SKIPPED)
    ]
    # Which iterations ran beside one that failed is chance; a rehearsal stops at the first.
    sure = {path: rows for path, rows in calls.items() if not any(path.startswith(f"{loop}[") for loop in broken)}
    steps: dict[str, Json] = {path: _step(rows) for path, rows in sure.items() if not _skipped(rows)}
    if steps:
        found["steps"] = steps
    if run.outputs:
        found["outputs"] = run.outputs
    if skipped := [path for path, rows in sure.items() if _skipped(rows)]:
        found["not_called"] = skipped
    return found


def _skipped(rows: Sequence[StepRow]) -> bool:
    return rows[-1].status is StepStatus.SKIPPED


def _step(rows: Sequence[StepRow]) -> Json:
    last = rows[-1]
    found: dict[str, Json] = {"status": last.status.value}
    if _reply(last) is not None:
        found["attempts"] = len(rows)
    if last.given is not None:
        found["input"] = last.given
    if last.error is not None:
        found["error"] = {"kind": last.error.get("kind")}
    return found
