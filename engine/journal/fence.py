"""The fence: what a claim writes passes only while it holds. Owns that guard, what it locks, what it tells of pauses, and the count of claims
that came to nothing; the use-cases add to its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Row,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from engine.core.statuses import STEP_FINAL, RunStatus
from engine.errors import ClaimLost
from engine.journal.attempts import Attempts
from engine.journal.clock import now_ms
from engine.journal.records import Claim, Pulse, StepChange
from engine.journal.tables import connections, runs

_FACTS = (
    runs.c.id,
    runs.c.flow,
    runs.c.owner,
    runs.c.created_at,
    runs.c.event_id,
    runs.c.lane,
    runs.c.parent_run,
    runs.c.parent_waits,
    runs.c.has_waits,
    runs.c.changes,
    runs.c.key_base,
)


def tells() -> tuple[ColumnElement[Any], ...]:
    """What a statement on runs has to return for ``pulse_of``. One look at the owner's connections, in the same statement."""
    # Under names that runs has not: SQLAlchemy writes them without their tables after SQLite's RETURNING.
    stopped = (
        select(connections.c.owner.label("of_owner"), connections.c.name.label("stopped"))
        .where(connections.c.paused)
        .subquery()
    )
    names = select(func.aggregate_strings(stopped.c.stopped, ",")).where(stopped.c.of_owner == runs.c.owner)
    paused = names.correlate(runs).scalar_subquery()
    return runs.c.cancel_requested, runs.c.paused, paused.label("paused_connections"), now_ms().label("now")


def pulse_of(row: Row[Any]) -> Pulse:
    """What the segment is told."""
    names = row.paused_connections
    return Pulse(
        now=row.now,
        cancel_requested=row.cancel_requested,
        paused=row.paused,
        paused_connections=frozenset(names.split(",")) if names else frozenset(),
    )


class Fence:
    """Writes under claims, over one database. The statement of ``extend``, the commonest, is built once."""

    def __init__(self, engine: Engine) -> None:
        self.attempts = Attempts(engine)
        self._extend = _guarded().values(due_at=now_ms() + bindparam("lease", type_=BigInteger))

    def extend(self, db: Connection, claim: Claim, changes: Sequence[StepChange], *, lease_ms: int) -> Row[Any]:
        """``write`` that extends the lease."""
        return self._write(db, self._extend, claim, changes, {"lease": lease_ms})

    def write(
        self, db: Connection, claim: Claim, changes: Sequence[StepChange], *, orderly: bool = False, **values: object
    ) -> Row[Any]:
        """Set ``values`` of the run and write the changes; the run's ids and flags, and ``now``. Raises ClaimLost.

        The run's row is locked first and until the end of the transaction, so that two segments never write steps in turns. ``orderly``: the
        worker lives and gives the run back, which is progress even where no attempt has ended.
        """
        return self._write(db, _guarded().values(**values), claim, changes, {}, orderly=orderly)

    def _write(
        self,
        db: Connection,
        statement: ReturningUpdate[Any],
        claim: Claim,
        changes: Sequence[StepChange],
        more: Mapping[str, object],
        *,
        orderly: bool = False,
    ) -> Row[Any]:
        progress = orderly or any(change.status in STEP_FINAL for change in changes)
        given = {"run": claim.run_id, "number": claim.number, "count": len(changes), "progress": progress, **more}
        row = db.execute(statement, given).one_or_none()
        if row is None:
            raise ClaimLost(
                f"claim {claim.number} of run {claim.run_id} is lost; another worker has it, or it has ended"
            )
        self.attempts.write(db, claim.run_id, changes, now=row.now, position=row.changes - len(changes))
        return row


def _guarded() -> ReturningUpdate[Any]:
    return (
        update(runs)
        .where(
            runs.c.id == bindparam("run"),
            runs.c.claim_no == bindparam("number"),
            runs.c.status == RunStatus.RUNNING,
        )
        .values(
            changes=runs.c.changes + bindparam("count", type_=Integer),
            idle_claims=case((bindparam("progress", type_=Boolean), 0), else_=runs.c.idle_claims),
        )
        .returning(*_FACTS, *tells())
    )
