"""Runs that a step starts. Owns what becomes of ``flow:``: which version, with which inputs, and how the child's end is the step's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.commands import Outcome, StartFlow, StepError
from engine.core.statuses import RUN_FINAL, STEP_FINAL, RunStatus, StepStatus
from engine.core.times import iso
from engine.errors import NotFoundError, UsageError
from engine.flow.load import FlowCache
from engine.flow.model import Flow
from engine.journal.ids import child_id
from engine.journal.records import FlowRow, Lane, Run, StepChange
from engine.journal.wakers import ChildStarted, NewChild
from engine.runtime.frames import FLOW_PAUSED, Frames, Guard, Parked, is_frozen
from engine.runtime.ledger import LEASE_MS, Ledger
from engine.runtime.manual import given_inputs
from engine.runtime.secrecy import Sealer, without
from engine.runtime.starting import Refused as NoRun
from engine.runtime.starting import lane_of
from engine.sdk.errors import Kind
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.journal.journal import Journal

DEEPEST = 8
"""How many callers a run may have above it."""

LOOKS = 5
"""How often a flow is looked at that is deployed anew at the same moment."""

LOOK_AGAIN_MS = 600_000
"""A waiting run is woken by its child's end; it looks by itself this often, whatever happens."""


class CannotStart(Exception):
    """The child is not started; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Subflows:
    """The sub-flows of one run. ``ring`` is told the ids of runs that can be claimed."""

    run: Run
    journal: Journal
    flows: FlowCache
    ledger: Ledger
    guard: Guard
    sealer: Sealer
    ring: Callable[[str], None]

    def start(self, command: StartFlow, frames: Frames) -> Outcome:
        """Raises Parked while the child is waited for."""
        row = self.ledger.recorded(command.path)
        if row is not None and row.status in STEP_FINAL:
            if row.status is StepStatus.CANCELLED:
                self.guard.cut_again(frames)
            return self.ledger.outcome(row)
        if is_frozen(frames):
            self.guard.cut(
                frames
            )  # What has ended did not hear of the child's end, though the child may have ended since.
        child = None if row is None else self.journal.runs.child(self.run.id, command.path)
        if child is None:
            self.guard.begin(frames)
            try:
                run_id = self._started(command, frames)
            except CannotStart as error:
                return self._settle(command, self._failed(command, Kind.INVALID.value, str(error)))
            except (NotFoundError, UsageError) as error:
                words = f"{error.message}; correct the step's with:"
                return self._settle(command, self._failed(command, Kind.INVALID.value, words))
        else:
            run_id = child.id
        if not command.step.wait:
            return self._settle(command, self._outcome(StepStatus.SUCCEEDED, output={"run": run_id}))
        if child is None or child.status not in RUN_FINAL:
            self.guard.cut(frames)
            why = _waits_for(command)
            self.ledger.waiting(command.path, 1, _uses(command), why, secure=command.step.secure)
            raise self.guard.parked(frames, LOOK_AGAIN_MS, why)
        if child.status is RunStatus.CANCELLED:
            self.guard.cut(frames)  # Both were asked to end, and the child was first.
        return self._settle(command, self._ended(command, child))

    def _started(self, command: StartFlow, frames: Frames) -> str:
        """The child's id. Raises CannotStart, UsageError and NotFoundError, and CutOff when the run was asked to end before it was there."""
        if self.run.depth >= DEEPEST:
            raise CannotStart(f"flows call each other more than {DEEPEST} deep here; let one of them do more by itself")
        for _ in range(LOOKS):
            started = self._try(command, cancellable=any(frame.cancellable for frame in frames))
            if started.run_id is not None:
                if started.due:
                    self.ring(started.run_id)
                return started.run_id
            if started.pulse.paused:
                raise Parked(0, FLOW_PAUSED)
            self.guard.cut(frames)
            if not started.changed:
                break
        raise CannotStart(started.reason or "it was not started")

    def _try(self, command: StartFlow, *, cancellable: bool) -> ChildStarted:
        row = self._row(command.step.flow)
        flow = self.flows.deployed(row.digest, row.source, row.file)
        inputs = given_inputs(flow, command.given)
        child = NewChild(
            flow=flow.id,
            digest=flow.digest,
            inputs=self._hidden(command, inputs),
            path=command.path,
            depth=self.run.depth + 1,
            wait=command.step.wait,
            lane=self._lane(flow, inputs),
            unsettled=self._unsettled(command.path),
            cancellable=cancellable,
        )
        change = StepChange(
            path=command.path,
            attempt=1,
            uses=_uses(command),
            status=StepStatus.WAITING,
            given=command.given,
            # Also the mark of a child that is to end with its caller.
            waiting_for=_waits_for(command) if command.step.wait else None,
            secure=command.step.secure,
        )
        runs, claim = self.journal.runs, self.ledger.claim
        started = self.ledger.through(
            lambda changes: runs.start_child(claim, changes, child, lease_ms=LEASE_MS), change
        )
        self.ledger.heard(started.pulse)
        return started

    def _unsettled(self, path: str) -> JsonObject:
        """What the child of the run that this one does again left open, for the child that does that one again."""
        start = f"{path}/"
        known = (self.run.unsettled or {}).items()
        return {found.removeprefix(start): key for found, key in known if found.startswith(start)}

    def _hidden(self, command: StartFlow, inputs: JsonObject) -> JsonObject:
        if "inputs" not in command.step.secure:
            return inputs
        return self.sealer.of_run(child_id(self.run.id, command.path)).seal_run(inputs, "inputs")

    def _row(self, flow_id: str) -> FlowRow:
        row = self.journal.flows.get(flow_id)
        if row is None or row.owner != self.run.owner:
            raise CannotStart(f"the flow {flow_id} is not deployed; deploy it: hookline deploy FILE")
        if not row.enabled:
            raise CannotStart(f"the flow {flow_id} is disabled; enable it: hookline flow enable {flow_id}")
        return row

    def _lane(self, flow: Flow, inputs: JsonObject) -> Lane | None:
        """Raises CannotStart."""
        now = iso(self.ledger.now())
        event: JsonObject = {"event": "flow", "payload": {}, "created_at": now, "created_by": self.run.flow}
        try:
            return lane_of(flow, event, inputs)
        except NoRun as refused:
            raise CannotStart(f"{flow.id}: {refused.reason}") from None

    def _ended(self, command: StartFlow, child: Run) -> Outcome:
        """The child's end as the step's."""
        if child.status is RunStatus.SUCCEEDED:
            return self._outcome(
                StepStatus.SUCCEEDED, output=self.sealer.of_run(child.id).open_run(child.outputs or {}, "outputs")
            )
        if child.status is RunStatus.CANCELLED:
            words = child.message or "it was cancelled"
            return self._failed(command, "cancelled", f"{child.flow}: {words}")
        error = child.error or {}
        inner = str(error.get("step") or "")
        message = ": ".join(filter(None, (child.flow, inner, str(error.get("message") or child.message or "failed"))))
        status = StepStatus.UNCERTAIN if child.status is RunStatus.UNCERTAIN else StepStatus.FAILED
        kind = str(error.get("kind") or Kind.INVALID.value)
        return self._failed(
            command, kind, message, step=f"{command.path}/{inner}" if inner else command.path, status=status
        )

    def _failed(
        self,
        command: StartFlow,
        kind: str,
        message: str,
        *,
        step: str | None = None,
        status: StepStatus = StepStatus.FAILED,
    ) -> Outcome:
        if "inputs" in command.step.secure:
            message = without(message, command.given)
        place = str(command.step.places.get("flow", command.step.place))
        return self._outcome(
            status, error=StepError(step=step or command.path, kind=kind, message=message, place=place)
        )

    def _outcome(self, status: StepStatus, *, output: Json = None, error: StepError | None = None) -> Outcome:
        return Outcome(status=status, output=output, error=error, ended_at=self.ledger.now())

    def _settle(self, command: StartFlow, outcome: Outcome) -> Outcome:
        self.ledger.settle(command.path, 1, _uses(command), outcome, secure=command.step.secure)
        return outcome


def _uses(command: StartFlow) -> str:
    return f"flow {command.step.flow}"


def _waits_for(command: StartFlow) -> str:
    return f"the flow {command.step.flow}"
