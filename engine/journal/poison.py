"""Runs that take their worker down. Owns when a run is put aside as poisoned, what becomes of what it had under way, and that those that
only shared its worker are told from it.

A process that dies reports nothing, so that claims are counted: the claim adds one, and a fenced write with the end of an attempt, or an
orderly park, sets the count to 0 (``fence``). Opening the same attempt once more does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, bindparam, select, update

from engine.core.commands import StepError
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.clock import now_ms
from engine.journal.ends import after_end
from engine.journal.fence import Fence
from engine.journal.locks import lock_lanes, lock_runs
from engine.journal.records import Claim
from engine.journal.tables import runs, steps
from engine.journal.waits import forget_waits

MOST_IDLE_CLAIMS = 5
"""Claims in a row without the end of an attempt; the next one ends the run."""

KIND = "poisoned"

SUSPECT = 3
"""Claims in a row without the end of an attempt after which a run is executed alone in its process.

A run that kills its worker takes those along that the worker has besides: without this they would be claimed together again, and be put aside
together, whoever of them it is.
"""

APART_MS = 2_000
LONGEST_APART_MS = 60_000


class Suspected(Exception):
    """The run may take along what is executed beside it: it is to be had by who executes nothing else meanwhile."""


_come_later = (
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.due_at.is_not(None))
    .values(status=RunStatus.QUEUED, due_at=now_ms() + bindparam("apart", type_=BigInteger))
)
_under_way = (
    select(steps.c.path, steps.c.attempt)
    # A step that holds others is open while they are, and has no input of its own: it calls nothing.
    .where(
        steps.c.run_id == bindparam("run"),
        steps.c.ended_at.is_(None),
        steps.c.status == StepStatus.RUNNING,
        steps.c.given.is_not(None),
    )
    .order_by(steps.c.position)
)
_leave_unknown = (
    update(steps)
    .where(steps.c.run_id == bindparam("run"), steps.c.path == bindparam("at"), steps.c.attempt == bindparam("number"))
    .values(
        status=StepStatus.UNCERTAIN,
        ended_at=bindparam("now", type_=BigInteger),
        called_at=bindparam("now", type_=BigInteger),
        waiting_for=None,
        error=bindparam("why", type_=steps.c.error.type),
    )
)


def one_suspect(db: Connection, due: Sequence[tuple[str, int]]) -> Sequence[str]:
    """Ids of these runs (with their idle claims), which are due and locked, to be rung for now; of suspects the first one. The others come later, each after the other."""
    suspects = [run for run, idle in due if idle >= SUSPECT]
    later = {run: min(place * APART_MS, LONGEST_APART_MS) for place, run in enumerate(suspects) if place > 0}
    if later:
        rows = [{"run": run, "apart": apart} for run, apart in sorted(later.items())]
        db.execute(_come_later, rows)
    return [run for run, _ in due if run not in later]


def put_aside(db: Connection, fence: Fence, claim: Claim) -> Sequence[str]:
    """End the run under the claim that was one too many. Ids of runs that may be due by it. Raises ClaimLost."""
    lock_lanes(db, [claim.lane])
    lock_runs(db, [run for run in (claim.parent, claim.run_id) if run is not None])
    under_way = db.execute(_under_way, {"run": claim.run_id}).all()
    culprit = under_way[0].path if under_way else ""
    row = fence.write(
        db,
        claim,
        (),
        status=RunStatus.POISONED,
        due_at=None,
        ended_at=now_ms(),
        waiting_for=None,
        paused=False,
        error=StepError(step=culprit, kind=KIND, message=_words(culprit)).to_json(),
    )
    if under_way:
        rows = [
            {"run": claim.run_id, "at": step.path, "number": step.attempt, "now": row.now, "why": _unknown(step.path)}
            for step in under_way
        ]
        db.execute(_leave_unknown, rows)
    fence.attempts.cancel_open(db, claim.run_id, now=row.now)
    if row.has_waits:
        forget_waits(db, claim.run_id)
    return after_end(db, row, now=row.now)


def _words(culprit: str) -> str:
    where = "while this step was under way" if culprit else "before a step began"
    return f"{MOST_IDLE_CLAIMS} workers in a row took the run up and stopped {where}; it was put aside so that others go on"


def _unknown(path: str) -> dict[str, object]:
    message = "the worker stopped while the call was under way, each time; whether it had its effect is not known"
    return dict(StepError(step=path, kind="unknown_outcome", message=message).to_json())
