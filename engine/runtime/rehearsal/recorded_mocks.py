"""Recorded calls as mocks of a test. Owns which answer stands for what was recorded, and how long it took; knows no expectations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from engine.core.commands import OWN_KINDS
from engine.core.statuses import StepStatus
from engine.core.times import lasting
from engine.flow.model import ActionStep, Flow
from engine.journal.records import StepRow
from engine.runtime.rehearsal.answers import made_up_text, placeholder
from engine.runtime.rehearsal.mocks import KINDS
from engine.runtime.rehearsal.paths import step_at
from engine.runtime.rehearsal.recording import Recording
from engine.sdk.connector import Connector
from engine.sdk.errors import Kind
from engine.strictjson import Json

OF_FLOW = "flow "
OUT_OF_TIME_MS = 1_000
"""What a call that a time limit ended gets on top, so that the same limit ends it on the virtual clock."""


def is_call(row: StepRow) -> bool:
    """Whether the row is of an action or of a flow that is called, not of a step that only steers."""
    return "." in row.uses or row.uses.startswith(OF_FLOW)


def span(path: str) -> tuple[str, str]:
    """How the paths of what a step holds begin."""
    return f"{path}.", f"{path}["


class RecordedMocks:
    """``timed``: with how long the calls took."""

    def __init__(self, flow: Flow, recording: Recording, catalogue: Mapping[str, Connector], *, timed: bool) -> None:
        self._flow = flow
        self._catalogue = catalogue
        self._timed = timed
        self._cut = [row.path for row in recording.rows if row.cut == "timeout"]

    def mock(self, rows: Sequence[StepRow]) -> Json:
        """The mock of one step with these attempts; None when nothing was asked of anybody."""
        replies = [reply for row in rows if (reply := self._reply(row)) is not None]
        return replies[0] if len(replies) == 1 else replies or None

    def _reply(self, row: StepRow) -> Json:
        answer = self._answer(row)
        took = self._took(row) if self._timed else 0
        return {**answer, "took": lasting(took)} if answer is not None and took else answer

    def _took(self, row: StepRow) -> int:
        took = max(0, row.ended_at - row.started_at) if row.ended_at is not None and row.started_at is not None else 0
        late = row.status in (StepStatus.FAILED, StepStatus.UNCERTAIN) and any(
            row.path.startswith(span(path)) or path == "flow" for path in self._cut
        )
        return took + OUT_OF_TIME_MS if late else took

    def _answer(self, row: StepRow) -> dict[str, Json] | None:
        if row.status is StepStatus.SUCCEEDED:
            return {"returns": self._hidden(row) if "outputs" in row.secure else row.output}
        kind = str(row.error.get("kind")) if row.error is not None else ""
        if row.uses.startswith(OF_FLOW):
            return self._of_flow(row, kind) if row.status in (StepStatus.FAILED, StepStatus.UNCERTAIN) else None
        if row.status is StepStatus.UNCERTAIN:
            return {"error": {"kind": Kind.UNKNOWN_OUTCOME.value, **_message(row)}}
        if row.status is not StepStatus.FAILED or kind not in KINDS:
            return None
        status = row.error.get("status") if row.error is not None else None
        return {"error": {"kind": kind, **_message(row), **({"status": status} if status is not None else {})}}

    def _of_flow(self, row: StepRow, kind: str) -> dict[str, Json] | None:
        """The child's failure without what the caller put in front of it. One of inputs is not asked of the child, and comes again."""
        if kind not in KINDS and kind not in OWN_KINDS:
            return None
        error = row.error or {}
        step = str(error.get("step") or "").removeprefix(row.path).removeprefix("/")
        front = ": ".join((row.uses.removeprefix(OF_FLOW), *((step,) if step else ()), ""))
        message = str(error.get("message") or "").removeprefix(front)
        found: dict[str, Json] = {"kind": kind, **({"step": step} if step else {}), "message": message or kind}
        return {"error": found}

    def _hidden(self, row: StepRow) -> Json:
        """An answer that has the shape of the one that is not to be shown."""
        step, masked = step_at(self._flow, row.path), _masked(row.output, "")
        connector = self._catalogue.get(step.connector) if isinstance(step, ActionStep) else None
        action = connector.actions.get(step.action) if connector is not None and isinstance(step, ActionStep) else None
        if action is None:
            return masked
        try:
            action.output.model_validate(masked)
        except ValidationError:
            return placeholder(action.output).one
        return masked


def _masked(value: Json, name: str) -> Json:
    """The same shape with other texts and numbers."""
    match value:
        case str():
            return made_up_text(name)
        case bool() | None:
            return value
        case int() | float():
            return 1
        case Mapping():
            return {key: _masked(inner, key) for key, inner in value.items()}
        case _:
            return [_masked(inner, name) for inner in value]


def _message(row: StepRow) -> dict[str, Json]:
    message = row.error.get("message") if row.error is not None else None
    return {"message": message} if message else {}
