"""What one segment reads from and writes to the journal. Owns the write-ahead order and the claim's fence for one claimed run.

Changes without effects ride along with the next commit. Every commit carries the claim's number; once it is lost, nothing more is
written. What a step wants hidden is sealed here, on its way in. Shared by the segment's threads.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import TypeVar

from engine.core.commands import Ending, Note, Outcome, StepError
from engine.core.statuses import STEP_FINAL, STEP_OPEN, StepStatus
from engine.errors import ClaimLost
from engine.failpoints import Point, reach
from engine.flow.model import Secret
from engine.journal.port import Runs
from engine.journal.records import ClaimedRun, Pulse, StepChange, StepRow
from engine.runtime.secrecy import Sealer
from engine.sdk.errors import Kind
from engine.strictjson import Json, JsonObject

T = TypeVar("T")

LEASE_MS = 10_000
WAITS_FROM_THE_START = frozenset({"wait", "iteration"})
"""Steps that do nothing but wait from the moment that they are come to."""
_DONE = (StepStatus.RUNNING, StepStatus.SUCCEEDED)


class Ledger:
    """The journal as one segment sees it."""

    def __init__(self, runs: Runs, claimed: ClaimedRun, sealer: Sealer) -> None:
        self._runs = runs
        self._sealer = sealer
        self.claim = claimed.claim
        self._recorded = {(row.path, row.attempt): row for row in claimed.steps}
        self._open = {(row.path, row.attempt): _as_it_is(row) for row in claimed.steps if row.status in STEP_OPEN}
        self._kinds: dict[tuple[str, int], str] = {}
        self._first = {row.uses: row.path for row in reversed(claimed.steps) if row.status in _DONE}
        self._pending: list[StepChange] = []
        self._lock = Lock()
        self._lost = False
        self._held_until = 0.0
        self.closed = False
        self.cancel_requested = claimed.run.cancel_requested
        self.flow_is_paused = False
        self._paused_connections: frozenset[str] = frozenset()
        self._offset = claimed.now - monotonic() * 1000

    def now(self) -> int:
        """Milliseconds since the epoch by the database's clock, as of the last commit plus what has passed since."""
        return round(self._offset + monotonic() * 1000)

    def recorded(self, path: str, attempt: int = 1) -> StepRow | None:
        return self._recorded.get((path, attempt))

    @cached_property
    def _paths(self) -> Sequence[str]:
        return sorted({path for path, _ in self._recorded})

    def below(self, prefix: str) -> Sequence[str]:
        """The recorded paths that begin with ``prefix``."""
        return self._paths[bisect_left(self._paths, prefix) : bisect_left(self._paths, prefix + "\U0010ffff")]

    def ended(self, path: str) -> bool:
        """Whether the step at ``path`` was recorded as ended when the run was claimed."""
        row = self._recorded.get((path, 1))
        return row is not None and row.status in STEP_FINAL

    def last_error_kind(self, path: str, attempt: int) -> str | None:
        """The kind of error in which an attempt ended, recorded or of this segment."""
        row = self._recorded.get((path, attempt))
        recorded = row.error.get("kind") if row is not None and row.error is not None else None
        return self._kinds.get((path, attempt)) or (str(recorded) if recorded is not None else None)

    def outcome(self, row: StepRow) -> Outcome:
        """The recorded outcome of a final attempt."""
        return Outcome(status=row.status, output=self.output(row), error=error_of(row), ended_at=row.ended_at or 0)

    def output(self, row: StepRow) -> Json:
        return self._sealer.open(row.output, row.path, "outputs") if "outputs" in row.secure else row.output

    def given(self, row: StepRow) -> Json:
        return self._sealer.open(row.given, row.path, "inputs") if "inputs" in row.secure else row.given

    def first_path(self, uses: str) -> str | None:
        """The first step that has performed the action ``uses`` in this run, or is performing it."""
        return self._first.get(uses)

    def note(self, note: Note) -> None:
        """A step without effects is through; written with the next commit, once."""
        error = note.error.to_json() if note.error else None
        self.change(
            StepChange(
                path=note.path,
                attempt=1,
                uses=note.uses,
                status=note.status,
                output=note.output,
                error=error,
                cut=note.cut,
                secure=note.secure,
            )
        )

    def begin(self, path: str, uses: str) -> int:
        """The step is come to, now."""
        now = self.now()
        status = StepStatus.WAITING if uses in WAITS_FROM_THE_START else StepStatus.RUNNING
        # A loop that another run began says how far it was.
        row = self._recorded.get((path, 1))
        output = None if row is None else row.output
        self.change(StepChange(path=path, attempt=1, uses=uses, status=status, output=output, begun_at=now))
        return now

    def open(self, change: StepChange) -> None:
        """Commit an attempt before its call leaves. Raises ClaimLost."""
        self.change(change)
        self._first.setdefault(change.uses, change.path)
        self.commit()

    def settle(
        self, path: str, attempt: int, uses: str, outcome: Outcome, *, secure: frozenset[Secret] = frozenset()
    ) -> None:
        """How an attempt ended; written with the next commit."""
        if outcome.error is not None:
            self._kinds[(path, attempt)] = outcome.error.kind
        self.change(settled(path, attempt, uses, outcome, secure=secure))

    def waiting(
        self,
        path: str,
        attempt: int,
        uses: str,
        why: str,
        *,
        connection: str | None = None,
        given: Json = None,
        secure: frozenset[Secret] = frozenset(),
        under_way: bool = False,
    ) -> None:
        """The attempt waits; an attempt whose call may have left (``under_way``, or found so) stays ``running``."""
        row = self._recorded.get((path, attempt))
        may_have_left = under_way or (row is not None and row.status is StepStatus.RUNNING)
        status = StepStatus.RUNNING if may_have_left else StepStatus.WAITING
        self.change(
            StepChange(
                path=path,
                attempt=attempt,
                uses=uses,
                status=status,
                connection=connection,
                given=given,
                waiting_for=why,
                secure=secure,
            )
        )

    def leave_unknown(self, why: str) -> bool:
        """The run ends without what would settle calls that are under way; whether there is such a call."""
        with self._lock:
            # A step that holds others is open while they are, and has no input of its own: it calls nothing.
            found = [
                change
                for change in self._open.values()
                if change.status is StepStatus.RUNNING and change.given is not None
            ]
        for change in found:
            message = f"the call was under way; {why}"
            unknown = StepError(step=change.path, kind=Kind.UNKNOWN_OUTCOME.value, message=message)
            outcome = Outcome(status=StepStatus.UNCERTAIN, error=unknown, ended_at=self.now())
            self.settle(change.path, change.attempt, change.uses, outcome)
        return bool(found)

    def cancel(self, prefix: str) -> Sequence[StepChange]:
        """End what is open below ``prefix``; what that was."""
        with self._lock:
            found = [change for (path, _), change in self._open.items() if path.startswith(prefix)]
        for change in found:
            # Its output stays: it says how far a loop is through.
            self._add(replace(change, status=StepStatus.CANCELLED, given=None, waiting_for=None))
        return found

    def change(self, change: StepChange) -> None:
        """Written with the next commit."""
        self._add(self._sealed(change))

    def _sealed(self, change: StepChange) -> StepChange:
        if not change.secure:
            return change
        seal, path = self._sealer.seal, change.path
        return replace(
            change,
            given=seal(change.given, path, "inputs") if "inputs" in change.secure else change.given,
            output=seal(change.output, path, "outputs") if "outputs" in change.secure else change.output,
        )

    def _add(self, change: StepChange) -> None:
        with self._lock:
            self._pending.append(change)
            if change.status in STEP_OPEN:
                self._open[change.path, change.attempt] = change
            else:
                self._open.pop((change.path, change.attempt), None)

    def commit(self) -> None:
        since = monotonic()
        pulse = self.through(lambda changes: self._runs.record(self.claim, changes, lease_ms=LEASE_MS))
        self.heard(pulse, since=since)

    def hold(self) -> None:
        """Right before a call leaves. A process that was frozen since its last commit may have lost the run to others: it asks. Raises ClaimLost."""
        while not self._lost and monotonic() >= self._held_until:
            self.commit()
        self._check()

    def through(self, send: Callable[[Sequence[StepChange]], T | None], *last: StepChange) -> T:
        """Commit what is pending, and then ``last``, by a use-case of the journal; its answer. Raises ClaimLost, and Refused when it
        answers None, which says that nothing was written."""
        with self._lock:
            self._check()
            try:
                reach(Point.RECORD_BEFORE_COMMIT)
                answer = send([*self._pending, *map(self._sealed, last)])
                reach(Point.RECORD_AFTER_COMMIT)
            except ClaimLost:
                self._lost = True
                raise
            if answer is None:
                raise Refused
            self._pending = []
        for change in last:
            self._note_open(change)
        return answer

    def _note_open(self, change: StepChange) -> None:
        with self._lock:
            if change.status in STEP_OPEN:
                self._open[change.path, change.attempt] = self._sealed(change)
            else:
                self._open.pop((change.path, change.attempt), None)

    def heard(self, pulse: Pulse, *, since: float = 0.0) -> None:
        """A renewal of the lease was answered. ``since``: when it was begun (seconds, monotonic), from which on the lease is ours."""
        self._held_until = max(self._held_until, since + LEASE_MS / 1000)
        self._offset = pulse.now - monotonic() * 1000
        self.cancel_requested = self.cancel_requested or pulse.cancel_requested
        self.flow_is_paused = pulse.paused
        self._paused_connections = pulse.paused_connections

    def is_paused(self, connection: str) -> bool:
        """Whether no call may leave on the connection of this name, as of the last commit or renewal."""
        return connection in self._paused_connections

    def lose(self) -> None:
        """A renewal found the claim lost: no further commit will be tried, no further call may leave."""
        self._lost = True

    def park(self, *, in_ms: int, waiting_for: str | None) -> None:
        with self._lock:
            self._check()
            self.closed = True
            reach(Point.PARK_BEFORE_COMMIT)
            self._runs.park(self.claim, self._pending, in_ms=in_ms, waiting_for=waiting_for)
            reach(Point.PARK_AFTER_COMMIT)

    def finish(self, ending: Ending) -> Sequence[str]:
        """Runs that may be due by it."""
        with self._lock:
            self._check()
            self.closed = True
            reach(Point.FINISH_BEFORE_COMMIT)
            due = self._runs.finish(self.claim, self._pending, ending)
            reach(Point.FINISH_AFTER_COMMIT)
            return due

    def _check(self) -> None:
        if self._lost:
            raise ClaimLost(f"the claim {self.claim.number} on run {self.claim.run_id} was lost")


class Refused(Exception):
    """The journal did not write what it was given."""


def settled(
    path: str, attempt: int, uses: str, outcome: Outcome, *, secure: frozenset[Secret] = frozenset()
) -> StepChange:
    """The change that records an outcome."""
    error = outcome.error.to_json() if outcome.error else None
    return StepChange(
        path=path,
        attempt=attempt,
        uses=uses,
        status=outcome.status,
        output=outcome.output,
        error=error,
        secure=secure,
    )


def error_of(row: StepRow) -> StepError | None:
    """The recorded error of an attempt."""
    if row.error is None:
        return None
    status = row.error.get("status")
    place = row.error.get("place")
    return StepError(
        step=str(row.error.get("step", row.path)),
        kind=str(row.error.get("kind", "server")),
        message=str(row.error.get("message", "")),
        status=status if isinstance(status, int) else None,
        attempt=row.attempt,
        place=str(place) if place is not None else None,
    )


def _as_it_is(row: StepRow) -> StepChange:
    """An open row as the change that would leave it as it is."""
    return StepChange(
        path=row.path,
        attempt=row.attempt,
        uses=row.uses,
        status=row.status,
        given=row.given,
        output=row.output,
        waiting_for=row.waiting_for,
        secure=row.secure,
    )


def as_object(value: Json) -> JsonObject:
    """``value`` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
