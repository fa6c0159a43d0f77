"""Pauses of flows and connections. Owns that nothing of a paused flow is claimed, that who works or waits hears of it, and who asked for it.

A flow's pause stands in ``flows.paused``, which every claim looks at, and as a mark on its runs that have not ended, which the look for due runs
and the running segments go by. A run that is asked to end bears no mark: it has to be claimed to end itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, case, func, or_, select, update

from engine.core.statuses import RUN_ACTIVE, RunStatus, StepStatus
from engine.journal import audit
from engine.journal.database import reading, repeated, writing
from engine.journal.ends import wake
from engine.journal.locks import lock_runs_that, lock_waits
from engine.journal.paused import PauseChange
from engine.journal.tables import audit as acts
from engine.journal.tables import connections, flows, runs, steps

_ACTIVE = runs.c.status.in_(sorted(RUN_ACTIVE))


class SqlPauses:
    """The Pauses port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @repeated
    def flow(self, flow_id: str, *, paused: bool, actor: str) -> PauseChange | None:
        with writing(self._engine) as db:
            # Alone: runs that events start are either there to be marked, or see the flow as it is from now on.
            lock_waits(db)
            row = db.execute(select(flows).where(flows.c.id == flow_id).with_for_update()).one_or_none()
            if row is None:
                return None
            db.execute(update(flows).where(flows.c.id == flow_id).values(paused=paused))
            _mark(db, flow_id, paused=paused)
            changed = row.paused != paused
            if changed:
                action = "flow.pause" if paused else "flow.resume"
                audit.note(db, owner=row.owner, actor=actor, action=action, subject=f"flow:{flow_id}")
            active, running = db.execute(_flow_counts(flow_id)).one()
            return PauseChange(changed=changed, runs=active, under_way=running or 0)

    def connection(self, name: str, *, owner: str, paused: bool, actor: str) -> PauseChange | None:
        found = self._set_connection(name, owner, paused=paused, actor=actor)
        if found is not None and not paused:
            self._wake_concerned(name, owner)
        return found

    @repeated
    def _set_connection(self, name: str, owner: str, *, paused: bool, actor: str) -> PauseChange | None:
        mine = and_(connections.c.name == name, connections.c.owner == owner)
        with writing(self._engine) as db:
            row = db.execute(select(connections.c.paused).where(mine).with_for_update()).one_or_none()
            if row is None:
                return None
            db.execute(update(connections).where(mine).values(paused=paused))
            changed = row.paused != paused
            if changed:
                action = "connection.pause" if paused else "connection.resume"
                audit.note(db, owner=owner, actor=actor, action=action, subject=f"connection:{name}")
            waiting, running = db.execute(_connection_counts(name, owner)).one()
            return PauseChange(changed=changed, runs=waiting, under_way=running or 0)

    @repeated
    def _wake_concerned(self, name: str, owner: str) -> None:
        """Those that work are woken too: one that saw the pause, and parks only after this, goes on at once."""
        # After the resume is committed: whoever saw the pause was claimed before, and is to be seen here.
        with writing(self._engine) as db:
            wake(db, db.scalars(_concerned(name, owner)))

    def mend(self) -> int:
        with reading(self._engine) as db:
            found = db.execute(_out_of_step).all()
        return sum(self._mend(row.flow) for row in found)

    @repeated
    def _mend(self, flow_id: str) -> int:
        with writing(self._engine) as db:
            lock_waits(db)
            paused = db.scalar(select(flows.c.paused).where(flows.c.id == flow_id).with_for_update())
            return 0 if paused is None else _mark(db, flow_id, paused=paused)

    def since(self) -> Mapping[str, int]:
        began = select(acts.c.subject, func.max(acts.c.at).label("at")).group_by(acts.c.subject)
        began = began.where(acts.c.action.in_(["flow.pause", "connection.pause"]))
        with reading(self._engine) as db:
            now = {f"flow:{flow_id}" for flow_id in db.scalars(select(flows.c.id).where(flows.c.paused))}
            now |= {f"connection:{name}" for name in db.scalars(select(connections.c.name).where(connections.c.paused))}
            return {row.subject: row.at for row in db.execute(began) if row.subject in now} if now else {}

    def waiting_runs(self, flow_id: str) -> int:
        with reading(self._engine) as db:
            return db.execute(_flow_counts(flow_id)).one()[0]


def flow_is_paused() -> ColumnElement[bool]:
    """For a statement on runs."""
    return select(flows.c.id).where(flows.c.id == runs.c.flow, flows.c.paused).correlate(runs).exists()


def _mark(db: Connection, flow_id: str, *, paused: bool) -> int:
    """Give the flow's runs the mark, or take it away; how many it was."""
    wrong = and_(runs.c.flow == flow_id, _ACTIVE, _unmarked if paused else runs.c.paused)
    lock_runs_that(db, wrong)
    return db.execute(update(runs).where(wrong).values(paused=paused)).rowcount


_unmarked = and_(~runs.c.paused, ~runs.c.cancel_requested)
_out_of_step = (
    select(runs.c.flow)
    .join(flows, flows.c.id == runs.c.flow)
    .where(_ACTIVE, or_(and_(flows.c.paused, _unmarked), and_(~flows.c.paused, runs.c.paused)))
    .distinct()
)


def _flow_counts(flow_id: str) -> Select[int, int | None]:
    """Runs that have not ended, and those of them that a worker has."""
    working = case((runs.c.status == RunStatus.RUNNING, 1), else_=0)
    return select(func.count(), func.sum(working)).where(runs.c.flow == flow_id, _ACTIVE)


def _connection_counts(name: str, owner: str) -> Select[int, int | None]:
    """Runs with a step on the connection that has not ended, and steps of them whose call may be under way."""
    calling = case((steps.c.status == StepStatus.RUNNING, 1), else_=0)
    return (
        select(func.count(runs.c.id.distinct()), func.sum(calling))
        .select_from(steps)
        .join(runs, runs.c.id == steps.c.run_id)
        .where(_open_on(name, owner))
    )


def _concerned(name: str, owner: str) -> Select[str]:
    """Runs that wait on the connection, and all of the owner's that a worker has: what those wait for may not be written yet."""
    waiting = select(runs.c.id).join(steps, steps.c.run_id == runs.c.id).where(_open_on(name, owner))
    working = select(runs.c.id).where(runs.c.status == RunStatus.RUNNING, runs.c.owner == owner)
    both: Select[str] = select(waiting.union(working).subquery().c.id)
    return both


def _open_on(name: str, owner: str) -> ColumnElement[bool]:
    return and_(steps.c.connection == name, steps.c.ended_at.is_(None), runs.c.owner == owner)
