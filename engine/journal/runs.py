"""Claims and what is written under them. Owns the fence: no write of a segment passes once its claim number is not the run's.

Every statement that changes a run names its status in the WHERE clause: SQLite ignores FOR UPDATE, PostgreSQL's snapshot may be old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Row, and_, bindparam, func, or_, select, tuple_, update
from sqlalchemy.sql.dml import ReturningUpdate

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus
from engine.errors import ClaimLost
from engine.journal.attempts import Attempts
from engine.journal.clock import now_ms
from engine.journal.database import writing
from engine.journal.records import Claim, ClaimedRun, Pulse, Run, StepChange, StepRow
from engine.journal.run_history import RunHistory, run_columns, steps_of, to_run
from engine.journal.tables import events, flow_versions, runs


class SqlRuns:
    """The Runs port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._history = RunHistory(engine)
        self._attempts = Attempts(engine)
        self._take = _take()

    def claim(self, run_id: str, *, lease_ms: int) -> ClaimedRun | None:
        with writing(self._engine) as db:
            row = db.execute(self._take, {"run": run_id, "lease": lease_ms}).one_or_none()
            return None if row is None else _claimed(db, row)

    def renew(self, claims: Sequence[Claim], *, lease_ms: int) -> Mapping[Claim, Pulse]:
        if not claims:
            return {}
        numbers = [(claim.run_id, claim.number) for claim in claims]
        extended = (
            update(runs)
            .where(tuple_(runs.c.id, runs.c.claim_no).in_(numbers), runs.c.status == RunStatus.RUNNING)
            .values(due_at=now_ms() + lease_ms)
            .returning(runs.c.id, runs.c.claim_no, runs.c.cancel_requested, now_ms().label("now"))
        )
        with writing(self._engine) as db:
            return {
                Claim(run_id=row.id, number=row.claim_no): Pulse(now=row.now, cancel_requested=row.cancel_requested)
                for row in db.execute(extended)
            }

    def record(self, claim: Claim, changes: Sequence[StepChange], *, lease_ms: int) -> Pulse:
        with writing(self._engine) as db:
            row = self._fenced(db, claim, changes, due_at=now_ms() + lease_ms)
            return Pulse(now=row.now, cancel_requested=row.cancel_requested)

    def park(self, claim: Claim, changes: Sequence[StepChange], *, in_ms: int, waiting_for: str | None) -> None:
        status = RunStatus.PARKED if in_ms > 0 else RunStatus.QUEUED
        with writing(self._engine) as db:
            self._fenced(db, claim, changes, status=status, due_at=now_ms() + max(0, in_ms), waiting_for=waiting_for)

    def finish(self, claim: Claim, changes: Sequence[StepChange], ending: Ending) -> None:
        if ending.status not in RUN_FINAL:
            raise ValueError(f"a run cannot end as {ending.status}")
        with writing(self._engine) as db:
            row = self._fenced(
                db,
                claim,
                changes,
                status=ending.status,
                due_at=None,
                ended_at=now_ms(),
                waiting_for=None,
                outputs=ending.outputs,
                error=ending.error.to_json() if ending.error else None,
                message=ending.message,
            )
            self._attempts.cancel_open(db, claim.run_id, now=row.now)

    def ring(self, *, limit: int, again_in_ms: int) -> Sequence[str]:
        due = (
            select(runs.c.id)
            .where(runs.c.due_at <= now_ms())
            .order_by(runs.c.due_at, runs.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with writing(self._engine) as db:
            ids = db.scalars(due).all()
            if ids:
                db.execute(
                    update(runs)
                    .where(runs.c.id.in_(ids), runs.c.due_at.is_not(None))
                    .values(status=RunStatus.QUEUED, due_at=now_ms() + again_in_ms)
                )
            return ids

    def next_due_in(self) -> int | None:
        return self._history.next_due_in()

    def get(self, run_id: str) -> tuple[Run, tuple[StepRow, ...]] | None:
        return self._history.get(run_id)

    def list(
        self, *, flow: str | None = None, statuses: Sequence[RunStatus] = (), limit: int = 50, before: str | None = None
    ) -> Sequence[Run]:
        return self._history.list(flow=flow, statuses=statuses, limit=limit, before=before)

    def last_call_age(self, connection: str, *, owner: str, within_ms: int) -> int | None:
        return self._history.last_call_age(connection, owner=owner, within_ms=within_ms)

    def _fenced(self, db: Connection, claim: Claim, changes: Sequence[StepChange], **values: object) -> Row[Any]:
        """The run's row is locked first and until the end of the transaction, so that two segments never write steps in turns."""
        fence = (
            update(runs)
            .where(runs.c.id == claim.run_id, runs.c.claim_no == claim.number, runs.c.status == RunStatus.RUNNING)
            .values(changes=runs.c.changes + len(changes), **values)
            .returning(runs.c.cancel_requested, runs.c.changes, now_ms().label("now"))
        )
        row = db.execute(fence).one_or_none()
        if row is None:
            raise ClaimLost(
                f"claim {claim.number} of run {claim.run_id} is lost; another worker has it, or it has ended"
            )
        self._attempts.write(db, claim.run_id, changes, now=row.now, position=row.changes - len(changes))
        return row


def _take() -> ReturningUpdate[Any]:
    overdue = and_(runs.c.status.in_([RunStatus.PARKED, RunStatus.RUNNING]), runs.c.due_at <= now_ms())
    return (
        update(runs)
        .where(runs.c.id == bindparam("run"), or_(runs.c.status == RunStatus.QUEUED, overdue))
        .values(
            status=RunStatus.RUNNING,
            claim_no=runs.c.claim_no + 1,
            due_at=now_ms() + bindparam("lease", type_=BigInteger),
            started_at=func.coalesce(runs.c.started_at, now_ms()),
            waiting_for=None,
        )
        .returning(*run_columns(), now_ms().label("now"))
    )


def _claimed(db: Connection, row: Row[Any]) -> ClaimedRun:
    pinned = and_(flow_versions.c.flow == runs.c.flow, flow_versions.c.digest == runs.c.digest)
    given = db.execute(
        select(events.c.event, flow_versions.c.source, flow_versions.c.file)
        .select_from(runs)
        .join(events, events.c.id == runs.c.event_id)
        .join(flow_versions, pinned)
        .where(runs.c.id == row.id)
    ).one()
    return ClaimedRun(
        claim=Claim(run_id=row.id, number=row.claim_no),
        run=to_run(row),
        now=row.now,
        trigger=given.event or {},
        source=given.source,
        file=given.file,
        steps=steps_of(db, row.id),
    )
