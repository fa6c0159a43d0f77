"""Waits for events. Owns that a wait hears every event of its subscription once, whichever of the two came first.

Registering a wait and storing events exclude each other (the registry of waits in ``locks``), so that an event is either stored before the
wait looks back, or sees the wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, select, update

from engine.journal.clock import now_ms
from engine.journal.database import insert_into, reading, repeated, writing
from engine.journal.ends import wake
from engine.journal.fence import Fence, pulse_of
from engine.journal.locks import lock_runs, lock_waits
from engine.journal.records import Claim, Pulse, StepChange
from engine.journal.tables import events, heard, runs, waits
from engine.journal.wakers import Heard

LOOK_BACK_MS = 60_000
"""Longer than any transaction that stores events lasts: what was received before is there to be seen, and is looked up without locks."""


anybody_waits = exists(select(waits.c.run_id)).label("anybody_waits")
"""For a statement that comes after ``locks.sharing_waits`` in the transaction that stores events."""


class SqlWaits:
    """The Waits port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._fence = Fence(engine)

    @repeated
    def await_event(
        self, claim: Claim, changes: Sequence[StepChange], *, path: str, subscription_id: str, lease_ms: int
    ) -> Pulse:
        before, old = self._long_ago(claim.run_id, path, subscription_id)
        new_wait = (
            insert_into(self._engine, waits)
            .values(run_id=claim.run_id, path=path, subscription_id=subscription_id)
            .on_conflict_do_nothing()
            .returning(waits.c.path)
        )
        with writing(self._engine) as db:
            lock_waits(db)
            row = self._fence.write(db, claim, changes, due_at=now_ms() + lease_ms, has_waits=True)
            if db.execute(new_wait).one_or_none() is not None:
                since = max(before, row.created_at)
                recent = db.scalars(
                    select(events.c.id).where(
                        _awaited(subscription_id), events.c.received_at >= since, events.c.id != row.event_id
                    )
                ).all()
                taken = frozenset(db.scalars(select(heard.c.event_id).where(_taken_by(claim.run_id))))
                _hear(db, {(claim.run_id, path, event) for event in (*old, *recent) if event not in taken})
            return pulse_of(row)

    def _long_ago(self, run_id: str, path: str, subscription_id: str) -> tuple[int, Sequence[str]]:
        """An instant, and the events since the run's creation that were received before it."""
        known = exists().where(waits.c.run_id == run_id, waits.c.path == path)
        with reading(self._engine) as db:
            run = db.execute(
                select(
                    runs.c.created_at, runs.c.event_id, (now_ms() - LOOK_BACK_MS).label("before"), known.label("known")
                ).where(runs.c.id == run_id)
            ).one_or_none()
            if run is None or run.known or run.created_at >= run.before:
                return (0 if run is None else run.before), ()
            old = select(events.c.id).where(
                _awaited(subscription_id),
                events.c.received_at >= run.created_at,
                events.c.received_at < run.before,
                events.c.id != run.event_id,
            )
            return run.before, db.scalars(old).all()

    def heard(self, run_id: str, path: str) -> Sequence[Heard]:
        elsewhere = heard.alias()
        found = (
            select(heard.c.event_id, events.c.event)
            .join(events, events.c.id == heard.c.event_id)
            .where(
                heard.c.run_id == run_id,
                heard.c.path == path,
                ~exists().where(
                    elsewhere.c.run_id == run_id, elsewhere.c.event_id == heard.c.event_id, elsewhere.c.taken
                ),
            )
            .order_by(events.c.received_at, events.c.id)
        )
        with reading(self._engine) as db:
            return [Heard(event_id=row.event_id, event=row.event) for row in db.execute(found)]

    @repeated
    def pass_over(self, claim: Claim, path: str, event_ids: Sequence[str]) -> None:
        with writing(self._engine) as db:
            self._fence.write(db, claim, ())
            for event_id in event_ids:
                db.execute(delete(heard).where(_at(claim.run_id, path), heard.c.event_id == event_id, ~heard.c.taken))

    @repeated
    def end_wait(
        self, claim: Claim, changes: Sequence[StepChange], *, path: str, taken: str | None, lease_ms: int
    ) -> Pulse | None:
        try:
            with writing(self._engine) as db:
                row = self._fence.extend(db, claim, changes, lease_ms=lease_ms)
                if taken is not None:
                    _take(db, claim.run_id, path, taken)
                db.execute(delete(heard).where(_at(claim.run_id, path), ~heard.c.taken))
                db.execute(delete(waits).where(waits.c.run_id == claim.run_id, waits.c.path == path))
                return pulse_of(row)
        except _TakenElsewhere:
            return None


class _TakenElsewhere(Exception):
    """The event is another wait's; the transaction is rolled back."""


def _take(db: Connection, run_id: str, path: str, event_id: str) -> None:
    if db.scalar(select(exists().where(_taken_by(run_id), heard.c.event_id == event_id))):
        raise _TakenElsewhere
    taken = update(heard).where(_at(run_id, path), heard.c.event_id == event_id).values(taken=True)
    if db.execute(taken).rowcount == 0:
        raise _TakenElsewhere


def spread(db: Connection, stored: Mapping[str, str]) -> None:
    """Hand new events (id → subscription) to the waits of their subscriptions, and wake their runs."""
    waiting = db.execute(select(waits).where(waits.c.subscription_id.in_(set(stored.values())))).all()
    if not waiting:
        return
    ids = {row.run_id for row in waiting}
    lock_runs(db, ids)
    # Under the locks: a run that ended meanwhile has no waits any more.
    active = frozenset(db.scalars(select(runs.c.id).where(runs.c.id.in_(ids), runs.c.due_at.is_not(None))))
    _hear(
        db,
        {
            (row.run_id, row.path, event_id)
            for event_id, subscription in stored.items()
            for row in waiting
            if row.subscription_id == subscription and row.run_id in active
        },
    )
    wake(db, active)


def forget_waits(db: Connection, run_id: str) -> None:
    """The run has ended."""
    db.execute(delete(waits).where(waits.c.run_id == run_id))
    db.execute(delete(heard).where(heard.c.run_id == run_id))


def _hear(db: Connection, found: Iterable[tuple[str, str, str]]) -> None:
    rows = [{"run_id": run, "path": path, "event_id": event, "taken": False} for run, path, event in sorted(found)]
    if rows:
        db.execute(insert_into(db.engine, heard).on_conflict_do_nothing(), rows)


def _awaited(subscription_id: str) -> ColumnElement[bool]:
    # What could not be read is no event that anybody waits for.
    return and_(events.c.subscription_id == subscription_id, events.c.event.is_not(None))


def _at(run_id: str, path: str) -> ColumnElement[bool]:
    return and_(heard.c.run_id == run_id, heard.c.path == path)


def _taken_by(run_id: str) -> ColumnElement[bool]:
    return and_(heard.c.run_id == run_id, heard.c.taken)
