"""What one claim executes: from where the run stands to where it finishes or parks. Owns the driver of the interpreter.

It answers each command from the journal if it is recorded there, else performs it. It decides nothing about the flow and knows no SQL.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from functools import cached_property
from threading import BoundedSemaphore, Event
from typing import TypeVar, cast

from engine import log
from engine.core.commands import (
    AwaitEvent,
    Begin,
    Branch,
    Call,
    Command,
    Ending,
    Limit,
    Note,
    Outcome,
    Reply,
    Result,
    StartFlow,
    WaitUntil,
)
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import LEFT_TO_NEWER, RUN_FINAL, STEP_FINAL, RunStatus, StepStatus
from engine.core.times import clock, iso
from engine.errors import NewerRelease
from engine.flow.load import FlowCache
from engine.journal.records import ClaimedRun
from engine.metrics import Metrics
from engine.runtime.awaited import Awaited
from engine.runtime.calls import Attempt, CallSite
from engine.runtime.connections import Connections
from engine.runtime.frames import CutOff, Frame, Frames, Guard, Parked, ended_with, is_frozen
from engine.runtime.iterations import Iterations
from engine.runtime.lanes import Lanes
from engine.runtime.ledger import Ledger
from engine.runtime.permits import PermitWait
from engine.runtime.secrecy import HIDES_ALL, Sealer, hand_over
from engine.runtime.subflows import Subflows
from engine.strictjson import JsonObject

T = TypeVar("T")

WAKE_EARLY_MS = 800
"""A parked wait for a permit ends this much early: claiming the run takes that long at most, and the rest of the wait holds the thread."""

NEWER_LOOKS_MS = 30_000
"""Until a run that was left to workers of a newer release is offered again, in case that this is one by then."""

DAY_MS = 86_400_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Became:
    """What became of a run in a segment, in words for the log. ``due``: runs that can be claimed now because of it, itself among them."""

    words: str
    due: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What all segments of a worker process share. ``helpers`` bounds the extra threads of parallel branches."""

    connections: Connections
    flows: FlowCache
    stopping: Event
    helpers: BoundedSemaphore
    metrics: Metrics = field(default_factory=Metrics)


class Segment:
    """One claim at work."""

    def __init__(self, workshop: Workshop, claimed: ClaimedRun) -> None:
        self._workshop = workshop
        self._claimed = claimed
        run = claimed.run
        self._journal = workshop.connections.journal
        self._sealer = Sealer(keyring=workshop.connections.keyring, owner=run.owner, run_id=run.id)
        self.ledger = Ledger(self._journal.runs, claimed, self._sealer)
        self._guard = Guard(self.ledger, workshop.stopping)
        self._due: list[str] = []

    def run(self) -> Became:
        """Execute until the run finishes or parks. Raises ClaimLost and UnavailableError; nothing of the segment is then written.

        A run that only a newer release can go on with is left to its workers, however often this one finds it.
        """
        try:
            ending = self._interpret()
        except NewerRelease as error:
            self.ledger.park(in_ms=NEWER_LOOKS_MS, waiting_for=f"{LEFT_TO_NEWER}: {error.message}")
            return Became(words="left to a worker of a newer release", due=tuple(self._due))
        except Parked as parked:
            self.ledger.park(in_ms=parked.in_ms, waiting_for=parked.waiting_for)
            own = [self._claimed.run.id] if parked.in_ms <= 0 and not self.ledger.flow_is_paused else []
            return Became(words=f"parked: {parked.waiting_for or 'others first'}", due=(*own, *self._due))
        due = self.ledger.finish(self._handed_over(ending))
        return Became(words=ending.status.value, due=(*self._due, *due))

    def _handed_over(self, ending: Ending) -> Ending:
        """Without what the step that waits for this run hides."""
        run = self._claimed.run
        # Who does another one's child again is waited for by nobody; but what its caller hides stays hidden.
        parent = self._claimed.claim.parent if run.origin_run is None else run.parent_run
        if parent is None or run.parent_path is None:
            return ending
        rows = list(self._journal.runs.attempts(parent, [run.parent_path]))
        hidden = frozenset(side for row in rows for side in row.secure)
        if not rows and run.origin_run is not None:
            hidden = HIDES_ALL  # The caller was cleared away, and nobody can say any more what it hides.
        return hand_over(ending, hidden, self._inputs, self._sealer)

    @cached_property
    def _inputs(self) -> JsonObject:
        return self._sealer.open_run(self._claimed.run.inputs, "inputs")

    def _interpret(self) -> Ending:
        run = self._claimed.run
        try:
            flow = self._workshop.flows.deployed(run.digest, self._claimed.source, self._claimed.file)
        except NewerRelease as error:
            if not self.ledger.cancel_requested:
                raise
            return self._given_up(error)
        facts = RunFacts(
            run_id=run.id,
            started_at=run.started_at or self._claimed.now,
            trigger=self._claimed.trigger,
            inputs=self._inputs,
        )
        connections, guard = self._workshop.connections, self._guard
        self._site = CallSite(run=run, flow=flow, connections=connections, ledger=self.ledger)
        self._awaited = Awaited(run=run, flow=flow, connections=connections, ledger=self.ledger, guard=guard)
        self._subflows = Subflows(
            run=run,
            journal=self._journal,
            flows=self._workshop.flows,
            ledger=self.ledger,
            guard=guard,
            sealer=self._sealer,
            ring=self._due.append,
        )
        return self._drive(interpret(flow, facts), ())

    def _given_up(self, error: NewerRelease) -> Ending:
        """A person wants the run to end, and nobody may ever be able to read what it would do at its end."""
        unknown = self.ledger.leave_unknown(error.message)
        status = RunStatus.UNCERTAIN if unknown else RunStatus.CANCELLED
        return Ending(status=status, message=f"asked to end, without its finally: {error.message}")

    def _drive(self, steps: Generator[Command, Reply, T], frames: Frames) -> T:
        reply: Reply = None
        try:
            while True:
                try:
                    command = steps.send(reply)
                except StopIteration as ended:
                    return cast(T, ended.value)
                reply = self._perform(command, frames)
        finally:
            steps.close()

    def _perform(self, command: Command, frames: Frames) -> Reply:
        match command:
            case Call():
                return self._call(command, frames)
            case Note():
                self._note(command, frames)
                return None
            case Begin():
                return self._begin(command, frames)
            case WaitUntil():
                self._wait(command, frames)
                return None
            case AwaitEvent():
                return self._awaited.wait(command, frames)
            case StartFlow():
                return self._subflows.start(command, frames)
            case Limit():
                return self._limit(command, frames)
            case Branch():
                return self._branch(command, frames)

    def _call(self, call: Call, frames: Frames) -> Outcome:
        row = self.ledger.recorded(call.path, call.attempt)
        if row is not None and row.status in STEP_FINAL:
            if row.status is StepStatus.CANCELLED:
                self._guard.cut_again(frames)
            return self.ledger.outcome(row)
        interrupted = row is not None and row.status is StepStatus.RUNNING
        if not interrupted or is_frozen(frames):
            self._guard.begin(frames)
        attempt = Attempt(
            self._site,
            call,
            row,
            # What was interrupted may have to be settled first, whatever is to be cut.
            may_begin=lambda: self._guard.cut(frames),
            time_left=lambda: self._guard.time_left(frames),
        )
        try:
            with log.bound(step=call.path):
                outcome = attempt.run()
        except PermitWait as wait:
            self._note_waiting(call, attempt, wait)
            in_ms = max(wait.ms - WAKE_EARLY_MS, 1)
            raise self._guard.parked(frames, in_ms, wait.why, under_way=attempt.is_unsettled) from None
        self.ledger.settle(call.path, call.attempt, call.step.uses, outcome, secure=call.step.secure)
        return outcome

    def _note_waiting(self, call: Call, attempt: Attempt, wait: PermitWait) -> None:
        step = call.step
        name = attempt.connection_name
        self.ledger.waiting(
            call.path,
            call.attempt,
            step.uses,
            wait.why,
            connection=name,
            given=call.given,
            secure=step.secure,
            under_way=attempt.is_unsettled,
        )

    def _note(self, note: Note, frames: Frames) -> None:
        row = self.ledger.recorded(note.path)
        if row is not None and row.status is StepStatus.CANCELLED and row.cut is None:
            self._guard.cut_again(frames)
        if row is not None and row.status in STEP_FINAL:
            return
        if is_frozen(frames):
            self._guard.cut(frames)
        self.ledger.note(note)

    def _begin(self, begin: Begin, frames: Frames) -> int:
        row = self.ledger.recorded(begin.path)
        if row is not None and row.begun_at is not None:
            return row.begun_at
        self._guard.begin(frames)
        return self.ledger.begin(begin.path, begin.uses)

    def _wait(self, wait: WaitUntil, frames: Frames) -> None:
        row = self.ledger.recorded(wait.path, wait.attempt)
        if row is not None and row.status is StepStatus.CANCELLED:
            self._guard.cut_again(frames)
        left = wait.at - self.ledger.now()
        if left <= 0 or (row is not None and row.status is not StepStatus.WAITING):
            return
        self._guard.cut(frames)
        instant = clock(wait.at) if left < DAY_MS else f"{iso(wait.at)[:10]} {clock(wait.at)}"
        why = f"{wait.reason}, at {instant}"
        self.ledger.waiting(wait.path, wait.attempt, wait.uses, why)
        raise self._guard.parked(frames, left, why)

    def _limit(self, limit: Limit, frames: Frames) -> Result:
        frozen = ended_with(self.ledger.recorded(limit.path), otherwise="cancelled")
        frame = Frame(path=limit.path, ends_at=limit.ends_at, cancellable=limit.cancellable, frozen=frozen)
        try:
            return self._drive(limit.steps(), (*frames, frame))
        except CutOff as cut:
            why = cut.of(frame)
        if frozen is None:
            self._cancel(limit.prefix)
        return Result(cut=why)

    def _branch(self, branch: Branch, frames: Frames) -> Reply:
        iterations = Iterations(self.ledger, self._journal.runs, branch) if branch.iterations else None
        lanes = Lanes(
            branch,
            frames,
            iterations,
            ledger=self.ledger,
            helpers=self._workshop.helpers,
            drive=self._drive,
            cancel=self._cancel,
        )
        return lanes.run()

    def _cancel(self, prefix: str) -> None:
        """Nothing below ``prefix`` goes on: runs that are waited for are asked to end, waits for events are over."""
        for change in self.ledger.cancel(prefix):
            if change.uses == "wait":
                self._awaited.end(change)
            elif change.uses.startswith("flow ") and change.waiting_for is not None:
                child = self._journal.runs.child(self._claimed.run.id, change.path)
                if child is not None and child.status not in RUN_FINAL:
                    self._journal.runs.request_cancel(child.id)
