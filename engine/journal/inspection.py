"""How the database is, for `hookline doctor`. Owns reading a few facts that no use-case needs; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, case, false, func, select, text

from engine.core.statuses import LEFT_TO_NEWER
from engine.journal.clock import now_ms
from engine.journal.database import reading
from engine.journal.tables import flows, runs, schedules, subscriptions


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseFacts:
    """``now``: milliseconds since the epoch by the database's clock."""

    product: str
    version: str
    now: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomFacts:
    """A SQLite file: its bytes, and how many of them hold nothing."""

    size: int
    free: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkFacts:
    """``active``: runs that are not final; ``paused`` are those of paused flows. ``late_ms``: by how much the run that is due longest, and not
    paused, is overdue; 0 when none is.

    ``held``: runs that wait for a place in their lane. ``stuck``: lanes that have a place and a run that is held all the same.
    """

    active: int
    late_ms: int
    paused: int = 0
    held: int = 0
    stuck: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockFacts:
    """Schedules of enabled flows. ``late_ms``: by how much ``flow``'s slot, due longest, is overdue; 0 when none is."""

    schedules: int
    late_ms: int = 0
    flow: str | None = None


def inspect_database(engine: Engine) -> DatabaseFacts:
    """Works on a database of any schema. Raises DatabaseUnavailable."""
    is_sqlite = engine.dialect.name == "sqlite"
    with reading(engine) as db:
        version = db.scalar(text("SELECT sqlite_version()" if is_sqlite else "SHOW server_version"))
        now: int = db.execute(select(now_ms())).scalar_one()
    return DatabaseFacts(product="SQLite" if is_sqlite else "PostgreSQL", version=str(version).split()[0], now=now)


def inspect_room(engine: Engine) -> RoomFacts | None:
    """None on PostgreSQL, whose autovacuum deals with it. Raises DatabaseUnavailable."""
    if engine.dialect.name != "sqlite":
        return None
    with reading(engine) as db:
        free, pages, size = (
            int(db.scalar(text(f"PRAGMA {name}")) or 0) for name in ("freelist_count", "page_count", "page_size")
        )
    return RoomFacts(size=pages * size, free=free * size)


def inspect_work(engine: Engine) -> WorkFacts:
    """Raises DatabaseUnavailable, SchemaMismatch."""
    with reading(engine) as db:
        oldest, active, paused, now = db.execute(
            select(
                func.min(case((~runs.c.paused, runs.c.due_at))),
                func.count(runs.c.due_at),
                func.sum(_is_paused),
                now_ms(),
            ).where(runs.c.due_at.is_not(None))
        ).one()
        lanes = db.execute(_lanes).all()
    return WorkFacts(
        active=active,
        late_ms=0 if oldest is None else max(0, now - oldest),
        paused=paused or 0,
        held=sum(lane.held for lane in lanes),
        stuck=tuple(lane.lane for lane in lanes if lane.active < lane.places),
    )


_is_paused = case((runs.c.paused, 1), else_=0)


def left_to_newer(engine: Engine) -> int:
    """How many runs wait for a worker of a newer release. Raises DatabaseUnavailable, SchemaMismatch."""
    waiting = select(func.count()).where(runs.c.due_at.is_not(None), runs.c.waiting_for.startswith(LEFT_TO_NEWER))
    with reading(engine) as db:
        return db.execute(waiting).scalar_one()


_is_held = case((runs.c.held, 1), else_=0)
_lanes = (
    select(
        runs.c.lane,
        func.sum(_is_held).label("held"),
        func.sum(1 - _is_held).label("active"),
        func.min(case((runs.c.held, runs.c.lane_limit))).label("places"),
    )
    .where(runs.c.lane.is_not(None), runs.c.due_at.is_not(None))
    .group_by(runs.c.lane)
    .having(func.sum(_is_held) > 0)
    .order_by(runs.c.lane)
)


def inspect_clock(engine: Engine) -> ClockFacts:
    """Raises DatabaseUnavailable, SchemaMismatch."""
    enabled = schedules.join(flows, flows.c.id == schedules.c.flow)
    found = select(schedules.c.flow, schedules.c.next_at, now_ms().label("now")).select_from(enabled)
    with reading(engine) as db:
        rows = db.execute(found.where(flows.c.enabled, schedules.c.next_at.is_not(None))).all()
    first = min(rows, key=lambda row: row.next_at, default=None)
    if first is None or first.next_at >= first.now:
        return ClockFacts(schedules=len(rows))
    return ClockFacts(schedules=len(rows), late_ms=first.now - first.next_at, flow=first.flow)


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadFacts:
    """``runs`` by status and ``subscriptions`` by state. ``overdue``: runs that nobody has taken although they are due, the oldest by ``late_ms``.

    ``gaps``: subscriptions of which something may have been missed.
    """

    runs: Mapping[str, int]
    overdue: int
    late_ms: int
    subscriptions: Mapping[str, int]
    gaps: int


def inspect_load(engine: Engine) -> LoadFacts:
    """Counts all runs, by an index: not to be asked for at every turn. Raises DatabaseUnavailable."""
    due = select(func.count(), func.min(runs.c.due_at), now_ms()).where(
        runs.c.due_at < now_ms(), runs.c.paused == false()
    )
    by_status = select(runs.c.status, func.count()).group_by(runs.c.status)
    by_state = select(subscriptions.c.state, func.count()).group_by(subscriptions.c.state)
    with reading(engine) as db:
        overdue, oldest, now = db.execute(due).one()
        return LoadFacts(
            runs={str(status): count for status, count in db.execute(by_status)},
            overdue=overdue,
            late_ms=0 if oldest is None else now - oldest,
            subscriptions={str(state): count for state, count in db.execute(by_state)},
            gaps=db.execute(select(func.count()).where(subscriptions.c.gap_from.is_not(None))).scalar_one(),
        )
