"""Schedules. Owns that a slot fires once, whoever looks at the clock; which slots there are is the caller's to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from engine.journal.clock import now_ms
from engine.journal.database import reading, repeated, writing
from engine.journal.events import SqlEvents, unknown_version
from engine.journal.flows import select_flows, to_flow
from engine.journal.locks import lock_deploys
from engine.journal.records import Accepted, EventSource, NewEvent
from engine.journal.tables import flows, schedules
from engine.journal.timetable import DueSchedule, NewSchedule, ScheduleRow

_READ_WITH = "now"


class SqlSchedules:
    """The Schedules port on SQL."""

    def __init__(self, engine: Engine, events: SqlEvents) -> None:
        self._engine = engine
        self._events = events

    @repeated
    def bind(self, flow_id: str, owner: str, wanted: Sequence[NewSchedule]) -> None:
        mine = schedules.c.flow == flow_id
        with writing(self._engine) as db:
            lock_deploys(db, flow_id)
            before = {row.trigger: row for row in db.execute(select(schedules).where(mine).with_for_update())}
            db.execute(delete(schedules).where(mine))
            rows = [_row(flow_id, owner, new, before.get(new.trigger)) for new in wanted]
            if rows:
                db.execute(insert(schedules), rows)

    def due(self, *, limit: int = 100) -> Sequence[DueSchedule]:
        found = (
            select_flows()
            .add_columns(*(column.label(f"schedule_{name}") for name, column in _columns().items()))
            .join(schedules, schedules.c.flow == flows.c.id)
            .where(schedules.c.next_at <= now_ms(), flows.c.enabled)
            .order_by(schedules.c.next_at, schedules.c.flow, schedules.c.trigger)
            .limit(limit)
        )
        with reading(self._engine) as db:
            return [
                DueSchedule(schedule=_to_schedule(row, "schedule_"), flow=to_flow(row)) for row in db.execute(found)
            ]

    @repeated
    def fire(
        self, schedule: ScheduleRow, slot: int, event: NewEvent, *, next_at: int | None, ring_in_ms: int
    ) -> Accepted | None:
        """As the port says. Raises NotFoundError when a run's flow version was never deployed; the schedule then stays."""
        slot_event = replace(event, subscription_id=schedule.source, dedupe_key=str(slot), source=EventSource.SCHEDULE)
        try:
            with writing(self._engine) as db:
                if not self._move(db, schedule, next_at=next_at, last_slot=slot):
                    return None
                return self._events.store(db, [slot_event], ring_in_ms=ring_in_ms)[0]
        except IntegrityError:
            raise unknown_version([event]) from None

    @repeated
    def skip(self, schedule: ScheduleRow, *, next_at: int | None) -> bool:
        with writing(self._engine) as db:
            return self._move(db, schedule, next_at=next_at)

    def next_due_in(self) -> int | None:
        first = (
            select(func.min(schedules.c.next_at), now_ms())
            .join(flows, flows.c.id == schedules.c.flow)
            .where(schedules.c.next_at.is_not(None), flows.c.enabled)
        )
        with reading(self._engine) as db:
            next_at, now = db.execute(first).one()
            return None if next_at is None else max(0, next_at - now)

    def list(self) -> Sequence[ScheduleRow]:
        with reading(self._engine) as db:
            return [_to_schedule(row) for row in db.execute(_select().order_by(schedules.c.flow, schedules.c.trigger))]

    def _move(self, db: Connection, schedule: ScheduleRow, **values: int | None) -> bool:
        """Only from where the caller saw it: of several schedulers the first one moves it, and the others find it moved."""
        enabled = exists().where(flows.c.id == schedule.flow, flows.c.enabled)
        moved = update(schedules).where(_is(schedule), enabled).values(**values)
        return db.execute(moved).rowcount == 1


def _is(schedule: ScheduleRow) -> ColumnElement[bool]:
    return and_(
        schedules.c.flow == schedule.flow,
        schedules.c.trigger == schedule.trigger,
        schedules.c.uses == schedule.uses,
        schedules.c.given == schedule.given,
        schedules.c.next_at.is_not_distinct_from(schedule.next_at),
    )


def _row(flow_id: str, owner: str, new: NewSchedule, before: Row[Any] | None) -> dict[str, object]:
    is_kept = before is not None and (before.uses, before.given, before.owner) == (new.uses, new.given, owner)
    return {
        "flow": flow_id,
        "trigger": new.trigger,
        "uses": new.uses,
        "given": new.given,
        "owner": owner,
        "next_at": before.next_at if before is not None and is_kept else new.next_at,
        "last_slot": before.last_slot if before is not None and is_kept else None,
    }


def _select() -> Select[Any]:
    return select(*(column.label(name) for name, column in _columns().items()))


def _columns() -> dict[str, ColumnElement[Any]]:
    names = [field.name for field in fields(ScheduleRow) if field.name != _READ_WITH]
    return {**{name: schedules.c[name] for name in names}, _READ_WITH: now_ms()}


def _to_schedule(row: Row[Any], prefix: str = "") -> ScheduleRow:
    return ScheduleRow(**{field.name: row._mapping[f"{prefix}{field.name}"] for field in fields(ScheduleRow)})
