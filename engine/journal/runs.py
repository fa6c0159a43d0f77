"""Claims and what is written under them. Owns the fence: no write of a segment passes once its claim number is not the run's.

Every statement that changes a run names its status in the WHERE clause: SQLite ignores FOR UPDATE, PostgreSQL's snapshot may be old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.journal.children import start_child
from engine.journal.clock import now_ms
from engine.journal.database import reading, repeated, writing
from engine.journal.ends import after_end, ask_to_end, tree
from engine.journal.fence import Fence, pulse_of, tells
from engine.journal.lanes import release
from engine.journal.locks import lock_lanes, lock_runs
from engine.journal.pauses import flow_is_paused
from engine.journal.poison import MOST_IDLE_CLAIMS, SUSPECT, Suspected, one_suspect, put_aside
from engine.journal.records import Claim, ClaimedRun, Pulse, Run, StepChange, StepRow, with_item
from engine.journal.run_history import RunHistory, run_columns, to_run
from engine.journal.tables import events, flow_versions, runs
from engine.journal.waits import forget_waits
from engine.journal.wakers import ChildStarted, NewChild


class SqlRuns:
    """The Runs port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._history = RunHistory(engine)
        self._fence = Fence(engine)
        # Built once: building a statement costs as much as executing it.
        self._take = _take()
        self._suspected = select(runs.c.id).where(*_to_be_had(), _is_suspect())
        self._given = _given()

    def claim(
        self,
        run_id: str,
        *,
        lease_ms: int,
        alone: bool = True,
        on_poisoned: Callable[[Sequence[str]], None] = lambda due: None,
    ) -> ClaimedRun | None:
        taken = self._try(run_id, lease_ms, alone)
        if taken is None and not alone and self._is_suspected(run_id):
            raise Suspected
        if isinstance(taken, Claim):
            # A transaction of its own, because lanes are locked before rows; if it does not come to that, the next claim finds the same.
            on_poisoned(self._put_aside(taken))
            return None
        return taken

    @repeated
    def _try(self, run_id: str, lease_ms: int, alone: bool) -> ClaimedRun | Claim | None:
        """The bare claim, when it was one too many."""
        with writing(self._engine) as db:
            row = db.execute(self._take, {"run": run_id, "lease": lease_ms, "alone": alone}).one_or_none()
            if row is None:
                return None
            parent = row.parent_run if row.parent_waits else None
            claim = Claim(run_id=row.id, number=row.claim_no, lane=row.lane, parent=parent)
            return claim if row.idle_claims > MOST_IDLE_CLAIMS else self._claimed(db, row, claim)

    def _is_suspected(self, run_id: str) -> bool:
        with reading(self._engine) as db:
            return db.execute(self._suspected, {"run": run_id}).one_or_none() is not None

    @repeated
    def _put_aside(self, claim: Claim) -> Sequence[str]:
        with writing(self._engine) as db:
            return put_aside(db, self._fence, claim)

    def _claimed(self, db: Connection, row: Row[Any], claim: Claim) -> ClaimedRun:
        given = db.execute(self._given, {"run": row.id}).one()
        return ClaimedRun(
            claim=claim,
            run=to_run(row),
            now=row.now,
            trigger=with_item(given.event or {}, row.trigger_item, row.trigger_index),
            source=given.source,
            file=given.file,
            steps=self._history.kept_steps(db, row.id),
        )

    @repeated
    def renew(self, claims: Sequence[Claim], *, lease_ms: int) -> Mapping[Claim, Pulse]:
        if not claims:
            return {}
        numbers = [(claim.run_id, claim.number) for claim in claims]
        extended = (
            update(runs)
            .where(tuple_(runs.c.id, runs.c.claim_no).in_(numbers), runs.c.status == RunStatus.RUNNING)
            .values(due_at=now_ms() + lease_ms)
            .returning(runs.c.id, runs.c.claim_no, *tells())
        )
        with writing(self._engine) as db:
            return {Claim(run_id=row.id, number=row.claim_no): pulse_of(row) for row in db.execute(extended)}

    @repeated
    def record(self, claim: Claim, changes: Sequence[StepChange], *, lease_ms: int) -> Pulse:
        with writing(self._engine) as db:
            return pulse_of(self._fence.extend(db, claim, changes, lease_ms=lease_ms))

    @repeated
    def park(self, claim: Claim, changes: Sequence[StepChange], *, in_ms: int, waiting_for: str | None) -> None:
        # Each value is of the row as it is when the statement has its lock: whoever woke the run before that is heard.
        go_on = runs.c.woken if in_ms > 0 else true()
        with writing(self._engine) as db:
            self._fence.write(
                db,
                claim,
                changes,
                orderly=True,
                status=case((go_on, RunStatus.QUEUED.value), else_=RunStatus.PARKED.value),
                due_at=case((go_on, now_ms()), else_=now_ms() + max(0, in_ms)),
                woken=False,
                waiting_for=waiting_for,
            )

    @repeated
    def finish(self, claim: Claim, changes: Sequence[StepChange], ending: Ending) -> Sequence[str]:
        if ending.status not in RUN_FINAL:
            raise ValueError(f"a run cannot end as {ending.status}")
        with writing(self._engine) as db:
            lock_lanes(db, [claim.lane])
            if claim.parent is not None:
                lock_runs(db, [claim.parent, claim.run_id])
            row = self._fence.write(
                db,
                claim,
                changes,
                status=ending.status,
                due_at=None,
                ended_at=now_ms(),
                waiting_for=None,
                paused=False,
                outputs=ending.outputs,
                error=ending.error.to_json() if ending.error else None,
                message=ending.message,
            )
            self._fence.attempts.cancel_open(db, claim.run_id, now=row.now)
            if row.has_waits:
                forget_waits(db, claim.run_id)
            return after_end(db, row, now=row.now)

    @repeated
    def request_cancel(self, run_id: str) -> RunStatus | None:
        status = select(runs.c.status).where(runs.c.id == run_id)
        with writing(self._engine) as db:
            now: int = db.execute(select(now_ms())).scalar_one()
            lanes = {row.lane for row in tree(db, [run_id])}
            lock_lanes(db, lanes)
            ask_to_end(db, [run_id], lanes=lanes, now=now)
            return db.scalar(status)

    def release_held(self) -> Sequence[str]:
        held = select(runs.c.lane).where(runs.c.lane.is_not(None), runs.c.due_at.is_not(None), runs.c.held).distinct()
        with reading(self._engine) as db:
            lanes = sorted(db.scalars(held))
        return [run for lane in lanes for run in self._release(lane)]

    @repeated
    def _release(self, lane: str) -> Sequence[str]:
        with writing(self._engine) as db:
            lock_lanes(db, [lane])
            return release(db, lane, now=db.execute(select(now_ms())).scalar_one())

    def start_child(
        self, claim: Claim, changes: Sequence[StepChange], child: NewChild, *, lease_ms: int
    ) -> ChildStarted:
        return start_child(self._engine, self._fence, claim, changes, child, lease_ms=lease_ms)

    @repeated
    def ring(self, *, limit: int, again_in_ms: int) -> Sequence[str]:
        due = (
            select(runs.c.id, runs.c.idle_claims)
            # As the index is conditioned, so that paused runs are not even passed over.
            .where(runs.c.due_at <= now_ms(), runs.c.due_at.is_not(None), runs.c.paused == false())
            .order_by(runs.c.due_at, runs.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with writing(self._engine) as db:
            ids = one_suspect(db, [(row.id, row.idle_claims) for row in db.execute(due)])
            if ids:
                db.execute(
                    update(runs)
                    .where(runs.c.id.in_(ids), runs.c.due_at.is_not(None), runs.c.paused == false())
                    .values(status=RunStatus.QUEUED, due_at=now_ms() + again_in_ms)
                )
            return ids

    def next_due_in(self) -> int | None:
        return self._history.next_due_in()

    def get(
        self, run_id: str, *, folded: bool = True, limit: int | None = None
    ) -> tuple[Run, tuple[StepRow, ...]] | None:
        return self._history.get(run_id, folded=folded, limit=limit)

    def iterations(self, run_id: str, path: str, indices: range) -> Iterator[StepRow]:
        return self._history.iterations(run_id, path, indices)

    def outline(self, run_id: str) -> Sequence[tuple[str, StepStatus]]:
        return self._history.outline(run_id)

    def attempts(self, run_id: str, paths: Iterable[str]) -> Iterator[StepRow]:
        return self._history.attempts(run_id, paths)

    def child(self, run_id: str, path: str) -> Run | None:
        return self._history.child(run_id, path)

    def children(self, run_id: str) -> Sequence[Run]:
        return self._history.children(run_id)

    def list(
        self,
        *,
        flow: str | None = None,
        statuses: Sequence[RunStatus] = (),
        limit: int = 50,
        before: str | None = None,
        undone: bool = False,
    ) -> Sequence[Run]:
        return self._history.list(flow=flow, statuses=statuses, limit=limit, before=before, undone=undone)

    def last_call_age(self, connection: str, *, owner: str, within_ms: int) -> int | None:
        return self._history.last_call_age(connection, owner=owner, within_ms=within_ms)


def _to_be_had() -> Sequence[ColumnElement[bool]]:
    overdue = and_(runs.c.status.in_([RunStatus.PARKED, RunStatus.RUNNING]), runs.c.due_at <= now_ms())
    return (
        runs.c.id == bindparam("run"),
        # The flow too: a run that was started while it was being paused has no mark yet.
        or_(runs.c.cancel_requested, and_(~runs.c.paused, ~flow_is_paused())),
        or_(and_(runs.c.status == RunStatus.QUEUED, ~runs.c.held), overdue),
    )


def _is_suspect() -> ColumnElement[bool]:
    # One that is put aside now is not executed any more.
    return and_(runs.c.idle_claims >= SUSPECT, runs.c.idle_claims < MOST_IDLE_CLAIMS)


def _take() -> ReturningUpdate[Any]:
    return (
        update(runs)
        .where(*_to_be_had(), or_(bindparam("alone", type_=Boolean), ~_is_suspect()))
        .values(
            status=RunStatus.RUNNING,
            claim_no=runs.c.claim_no + 1,
            idle_claims=runs.c.idle_claims + 1,
            due_at=now_ms() + bindparam("lease", type_=BigInteger),
            started_at=func.coalesce(runs.c.started_at, now_ms()),
            waiting_for=None,
            woken=False,
        )
        .returning(*run_columns(), runs.c.parent_waits, now_ms().label("now"))
    )


def _given() -> Select[Any]:
    pinned = and_(flow_versions.c.flow == runs.c.flow, flow_versions.c.digest == runs.c.digest)
    return (
        select(events.c.event, flow_versions.c.source, flow_versions.c.file)
        .select_from(runs)
        .join(events, events.c.id == runs.c.event_id)
        .join(flow_versions, pinned)
        .where(runs.c.id == bindparam("run"))
    )
