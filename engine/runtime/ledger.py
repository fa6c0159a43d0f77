"""What one segment reads from and writes to the journal. Owns the write-ahead order and the claim's fence for one claimed run.

Changes without effects ride along with the next commit. Every commit carries the claim's number; once it is lost, nothing more is
written. Shared by the segment's threads.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic

from engine.core.commands import Ending, Note, Outcome, StepError
from engine.core.statuses import STEP_FINAL, StepStatus
from engine.errors import ClaimLost
from engine.journal.port import Runs
from engine.journal.records import ClaimedRun, Pulse, StepChange, StepRow
from engine.strictjson import Json

LEASE_MS = 10_000
_DONE = (StepStatus.RUNNING, StepStatus.SUCCEEDED)


class Ledger:
    """The journal as one segment sees it."""

    def __init__(self, runs: Runs, claimed: ClaimedRun) -> None:
        self._runs = runs
        self.claim = claimed.claim
        self._recorded = {(row.path, row.attempt): row for row in claimed.steps}
        self._kinds: dict[tuple[str, int], str] = {}
        self._first = {row.uses: row.path for row in reversed(claimed.steps) if row.status in _DONE}
        self._pending: list[StepChange] = []
        self._lock = Lock()
        self._lost = False
        self.closed = False
        self.cancel_requested = claimed.run.cancel_requested
        self._offset = claimed.now - monotonic() * 1000

    def now(self) -> int:
        """Milliseconds since the epoch by the database's clock, as of the last commit plus what has passed since."""
        return round(self._offset + monotonic() * 1000)

    def recorded(self, path: str, attempt: int) -> StepRow | None:
        return self._recorded.get((path, attempt))

    def ended(self, path: str) -> bool:
        """Whether the step at ``path`` was recorded as ended when the run was claimed."""
        row = self._recorded.get((path, 1))
        return row is not None and row.status in STEP_FINAL

    def last_error_kind(self, path: str, attempt: int) -> str | None:
        """The kind of error in which an attempt ended, recorded or of this segment."""
        row = self._recorded.get((path, attempt))
        recorded = row.error.get("kind") if row is not None and row.error is not None else None
        return self._kinds.get((path, attempt)) or (str(recorded) if recorded is not None else None)

    def first_path(self, uses: str) -> str | None:
        """The first step that has performed the action ``uses`` in this run, or is performing it."""
        return self._first.get(uses)

    def note(self, note: Note) -> None:
        """A step without effects is through; written with the next commit, once."""
        if self.ended(note.path):
            return
        error = note.error.to_json() if note.error else None
        self._add(
            StepChange(path=note.path, attempt=1, uses=note.uses, status=note.status, output=note.output, error=error)
        )

    def open(self, change: StepChange) -> None:
        """Commit an attempt before its call leaves. Raises ClaimLost."""
        self._add(change)
        self._first.setdefault(change.uses, change.path)
        self.commit()

    def settle(self, path: str, attempt: int, uses: str, outcome: Outcome) -> None:
        """How an attempt ended; written with the next commit."""
        error = outcome.error.to_json() if outcome.error else None
        if outcome.error is not None:
            self._kinds[(path, attempt)] = outcome.error.kind
        self._add(
            StepChange(path=path, attempt=attempt, uses=uses, status=outcome.status, output=outcome.output, error=error)
        )

    def waiting(self, path: str, attempt: int, uses: str, why: str, *, connection: str | None, given: Json) -> None:
        """The attempt waits; an attempt whose call may have left stays ``running``."""
        row = self._recorded.get((path, attempt))
        status = StepStatus.RUNNING if row is not None and row.status is StepStatus.RUNNING else StepStatus.WAITING
        self._add(
            StepChange(
                path=path,
                attempt=attempt,
                uses=uses,
                status=status,
                connection=connection,
                given=given,
                waiting_for=why,
            )
        )

    def _add(self, change: StepChange) -> None:
        with self._lock:
            self._pending.append(change)

    def commit(self) -> None:
        with self._lock:
            self._check()
            try:
                pulse = self._runs.record(self.claim, self._pending, lease_ms=LEASE_MS)
            except ClaimLost:
                self._lost = True
                raise
            self._pending = []
        self.heard(pulse)

    def heard(self, pulse: Pulse) -> None:
        """A renewal of the lease was answered."""
        self._offset = pulse.now - monotonic() * 1000
        self.cancel_requested = self.cancel_requested or pulse.cancel_requested

    def lose(self) -> None:
        """A renewal found the claim lost: no further commit will be tried, no further call may leave."""
        self._lost = True

    def park(self, *, in_ms: int, waiting_for: str | None) -> None:
        with self._lock:
            self._check()
            self.closed = True
            self._runs.park(self.claim, self._pending, in_ms=in_ms, waiting_for=waiting_for)

    def finish(self, ending: Ending) -> None:
        with self._lock:
            self._check()
            self.closed = True
            self._runs.finish(self.claim, self._pending, ending)

    def _check(self) -> None:
        if self._lost:
            raise ClaimLost(f"the claim {self.claim.number} on run {self.claim.run_id} was lost")


def outcome_of(row: StepRow) -> Outcome:
    """The recorded outcome of a final attempt."""
    error = None
    if row.error is not None:
        status = row.error.get("status")
        place = row.error.get("place")
        error = StepError(
            step=str(row.error.get("step", row.path)),
            kind=str(row.error.get("kind", "server")),
            message=str(row.error.get("message", "")),
            status=status if isinstance(status, int) else None,
            attempt=row.attempt,
            place=str(place) if place is not None else None,
        )
    return Outcome(status=row.status, output=row.output, error=error, ended_at=row.ended_at or 0)
