"""What one claim executes: from where the run stands to where it finishes or parks. Owns the driver of the interpreter.

It answers each command from the journal if it is recorded there, else performs it. It decides nothing about the flow and knows no SQL.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from threading import BoundedSemaphore, Event, Lock, Thread
from time import monotonic
from typing import TypeVar, cast

from engine import log
from engine.core.commands import Branch, Call, Command, Ending, Note, Outcome, Reply, Result, Steps, WaitUntil
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import STEP_FINAL, RunStatus, StepStatus
from engine.core.times import clock
from engine.errors import FlowFileError
from engine.flow.load import FlowCache
from engine.journal.records import ClaimedRun
from engine.runtime.calls import Attempt, CallSite
from engine.runtime.connection_client import PermitWait
from engine.runtime.connections import Connections
from engine.runtime.ledger import Ledger, outcome_of

T = TypeVar("T")

FAIR_SECONDS = 10.0
"""A segment that has run this long gives its worker back before its next call, so that long runs do not starve short ones."""

WAKE_EARLY_MS = 800
"""A parked wait for a permit ends this much early: claiming the run takes that long at most, and the rest of the wait holds the thread."""


class Parked(Exception):
    """The run cannot go on before ``in_ms`` from now."""

    def __init__(self, in_ms: int, waiting_for: str | None) -> None:
        super().__init__(waiting_for or "")
        self.in_ms = in_ms
        self.waiting_for = waiting_for


@dataclass(frozen=True, kw_only=True, slots=True)
class Became:
    """What became of a run in a segment, in words for the log. ``due_now``: it gave way to others and can be claimed again at once."""

    words: str
    due_now: bool = False


class NotReached(Exception):
    """A replayed branch comes to a call that it never made."""


class CancelRequested(Exception):
    """Somebody asked for the run to end; seen at a commit."""


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What all segments of a worker process share. ``helpers`` bounds the extra threads of parallel branches."""

    connections: Connections
    flows: FlowCache
    stopping: Event
    helpers: BoundedSemaphore


class Segment:
    """One claim at work."""

    def __init__(self, workshop: Workshop, claimed: ClaimedRun) -> None:
        self._workshop = workshop
        self._claimed = claimed
        self._started = monotonic()
        self.ledger = Ledger(workshop.connections.journal.runs, claimed)

    def run(self) -> Became:
        """Execute until the run finishes or parks. Raises ClaimLost and UnavailableError; nothing of the segment is then written."""
        try:
            ending = self._interpret()
        except Parked as parked:
            self.ledger.park(in_ms=parked.in_ms, waiting_for=parked.waiting_for)
            return Became(words=f"parked: {parked.waiting_for or 'others first'}", due_now=parked.in_ms <= 0)
        except CancelRequested:
            ending = Ending(status=RunStatus.CANCELLED, message="cancelled by request")
        self.ledger.finish(ending)
        return Became(words=ending.status.value)

    def _interpret(self) -> Ending:
        run = self._claimed.run
        try:
            flow = self._workshop.flows.get(run.digest, self._claimed.source, self._claimed.file)
        except FlowFileError as error:
            # The version was accepted by another release; its run cannot go on here, and says so.
            return Ending(status=RunStatus.FAILED, message=f"this release cannot read the flow's version: {error}")
        facts = RunFacts(
            run_id=run.id,
            started_at=run.started_at or self._claimed.now,
            trigger=self._claimed.trigger,
            inputs=run.inputs,
        )
        self._site = CallSite(
            run_id=run.id, owner=run.owner, flow=flow, connections=self._workshop.connections, ledger=self.ledger
        )
        return self._drive(interpret(flow, facts))

    def _drive(self, steps: Generator[Command, Reply, T], *, frozen: bool = False) -> T:
        reply: Reply = None
        while True:
            try:
                command = steps.send(reply)
            except StopIteration as ended:
                return cast(T, ended.value)
            reply = self._perform(command, frozen)

    def _perform(self, command: Command, frozen: bool) -> Reply:
        match command:
            case Call():
                return self._call(command, frozen)
            case Note():
                self.ledger.note(command)
                return None
            case WaitUntil():
                self._wait(command, frozen)
                return None
            case Branch():
                return Lanes(self, command).run()

    def _call(self, call: Call, frozen: bool) -> Outcome:
        row = self.ledger.recorded(call.path, call.attempt)
        if row is not None and row.status in STEP_FINAL:
            return outcome_of(row)
        if frozen:
            raise NotReached
        self._give_way()
        attempt = Attempt(self._site, call, row)
        try:
            with log.bound(step=call.path):
                outcome = attempt.run()
        except PermitWait as wait:
            self._note_waiting(call, attempt, wait)
            raise Parked(max(wait.ms - WAKE_EARLY_MS, 1), wait.why) from None
        self.ledger.settle(call.path, call.attempt, call.step.uses, outcome)
        return outcome

    def _note_waiting(self, call: Call, attempt: Attempt, wait: PermitWait) -> None:
        name = attempt.connection_name
        self.ledger.waiting(call.path, call.attempt, call.step.uses, wait.why, connection=name, given=call.given)

    def _give_way(self) -> None:
        if self.ledger.cancel_requested:
            raise CancelRequested
        if self._workshop.stopping.is_set() or monotonic() - self._started > FAIR_SECONDS:
            raise Parked(0, None)

    def _wait(self, wait: WaitUntil, frozen: bool) -> None:
        row = self.ledger.recorded(wait.path, wait.attempt)
        left = wait.at - self.ledger.now()
        if left <= 0 or (row is not None and row.status is not StepStatus.WAITING):
            return
        if frozen:
            raise NotReached
        why = f"{wait.reason}, at {clock(wait.at)}"
        self.ledger.waiting(wait.path, wait.attempt, wait.uses, why, connection=None, given=None)
        raise Parked(left, why)

    def drive_child(self, steps: Steps, *, frozen: bool) -> Result:
        return self._drive(steps, frozen=frozen)

    def helper(self) -> BoundedSemaphore:
        return self._workshop.helpers


class Lanes:
    """Runs a Branch: children in order of index, at most ``limit`` of them begun and not ended, on as many threads as are to be had.

    A parked child stays begun, so that its place counts. After a failure or a stop no further child starts. When the step that
    branches is recorded as ended, nothing that did not run then is started now.
    """

    def __init__(self, segment: Segment, branch: Branch) -> None:
        self._segment = segment
        self._branch = branch
        self._frozen = segment.ledger.ended(branch.path)
        self._lock = Lock()
        self._next = 0
        self._lanes = 1
        self._results: dict[int, Result] = {}
        self._parked: list[Parked] = []
        self._broken: BaseException | None = None
        self._failed = False

    def run(self) -> Sequence[Result]:
        threads = self._start_helpers()
        self._lane()
        for thread in threads:
            thread.join()
        if self._broken is not None:
            raise self._broken
        if self._parked and not self._failed:
            raise min(self._parked, key=lambda parked: parked.in_ms)
        return [self._results[index] for index in sorted(self._results)]

    def _start_helpers(self) -> list[Thread]:
        wanted = min(self._branch.limit, self._branch.count) - 1
        threads: list[Thread] = []
        while len(threads) < wanted and self._segment.helper().acquire(blocking=False):
            thread = Thread(target=copy_context().run, args=(self._helper_lane,), name=f"branch-{self._branch.path}")
            threads.append(thread)
        self._lanes += len(threads)
        for thread in threads:
            thread.start()
        return threads

    def _helper_lane(self) -> None:
        try:
            self._lane()
        finally:
            self._segment.helper().release()

    def _lane(self) -> None:
        while (index := self._take()) is not None:
            try:
                result = self._segment.drive_child(self._branch.child(index), frozen=self._frozen)
            except Parked as parked:
                if not self._may_go_on(parked):
                    return
            except NotReached:
                continue
            except BaseException as error:
                self._broken = self._broken or error
                return
            else:
                self._results[index] = result
                self._failed = self._failed or not result.through

    def _take(self) -> int | None:
        with self._lock:
            if self._failed or self._broken is not None or self._next >= self._branch.count:
                return None
            self._next += 1
            return self._next - 1

    def _may_go_on(self, parked: Parked) -> bool:
        with self._lock:
            self._parked.append(parked)
            if len(self._parked) + self._lanes <= self._branch.limit:
                return True
            self._lanes -= 1
            return False
