"""Purging: what is over for long enough is deleted. Owns what may go, in which order, and how much of it in one transaction.

Never deleted, however old: a run that is not over; what one may still read (its caller, the runs that it started, the run that it does again, events
that it may be waiting for); an event that a run refers to, or that its service may tell again, for it is what makes a duplicate of the second
telling; a version that a run or a flow refers to. Candidates are looked for without locks, and looked at again under them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Row,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from engine.core.statuses import RUN_ACTIVE, RUN_FINAL, RunStatus
from engine.journal.clock import now_ms
from engine.journal.database import reading_much, repeated, writing
from engine.journal.tables import audit, events, flow_versions, flows, heard, runs, steps, subscriptions, waits
from engine.retention import DAY_MS, REDELIVERED_MS, Retention

ROWS = 1_000
"""No transaction deletes more rows than this: whoever else writes to SQLite waits for it."""
AT_ONCE = 100
"""Nor more runs or events, whose values may be large."""
FIRST_ROWS, FEWEST_ROWS = 50, 5
QUICK_SECONDS, SLOW_SECONDS = 0.05, 0.2
"""Values may be a megabyte each, and disks slow: a sweep begins with few rows and takes more, or fewer, as long as transactions are quick, or slow."""
PLAN_SECONDS = 600.0
PAGE_SECONDS = 60.0
"""How long PostgreSQL may look: a plan counts everything, and a page of what may go can lie behind a million rows that have to stay."""
VERSION_KEPT_MS = 30 * DAY_MS
"""A version that nothing refers to may be deployed again soon."""


class SqlPurges:
    """The Purges port on SQL. ``rows`` and ``at_once``: as ROWS and AT_ONCE; ``clock``: seconds."""

    def __init__(
        self,
        engine: Engine,
        *,
        rows: int = ROWS,
        at_once: int = AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._rows = rows
        self._at_once = min(at_once, rows)

    def plan(self, keep: Retention) -> Mapping[str, int]:
        of_runs = _run_may_go(keep, runs)
        wanted: dict[str, tuple[Table, ColumnElement[bool]]] = {
            **{status.value: (runs, and_(runs.c.status == status, of_runs)) for status in _timed(keep)},
            "events": (events, _event_may_go(keep, not_(of_runs))),
            "versions": (flow_versions, _version_may_go(keep, not_(of_runs))),
            "audit": (audit, _entry_may_go(keep)),
        }
        with reading_much(self._engine, patience_s=PLAN_SECONDS) as db:
            return {
                kind: db.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
                for kind, (table, condition) in wanted.items()
            }

    def sweep(self, keep: Retention) -> Iterator[Mapping[str, int]]:
        pace = _Pace(self._rows, self._clock)
        some = True
        while some:
            # Callers first, and what they started in a further round: who does a run again asks those below it for the keys of what is unknown.
            some = False
            for status in _timed(keep):
                for gone in self._sweep_runs(status, keep, pace):
                    some = some or any(gone.values())
                    yield gone
        if not keep.keeps_all:
            order = (events.c.received_at, events.c.id)
            yield from self._sweep_rows("events", events, order, _event_may_go(keep), pace)
            key = (flow_versions.c.flow, flow_versions.c.digest)
            yield from self._sweep_rows("versions", flow_versions, key, _version_may_go(keep), pace)
            yield from self._sweep_rows("audit", audit, (audit.c.at, audit.c.id), _entry_may_go(keep), pace)

    def _sweep_runs(self, status: RunStatus, keep: Retention, pace: _Pace) -> Iterator[Mapping[str, int]]:
        # The bound on created_at follows from that on ended_at; the index has it.
        old = runs.c.created_at < now_ms() - _timed(keep)[status]
        caller = runs.alias()
        may_go = and_(
            runs.c.status == status, old, _run_may_go(keep, runs), ~exists().where(caller.c.id == runs.c.parent_run)
        )
        size = select(func.count()).where(steps.c.run_id == runs.c.id).scalar_subquery().label("size")
        for page in self._pages(select(runs.c.id, runs.c.created_at, size), (runs.c.created_at, runs.c.id), may_go):
            for bunch in _bunches(page, pace):
                left = bunch[0].size + 1
                while left > pace.rows:
                    gone = self._thin(bunch[0].id, may_go, pace)
                    if gone == 0:
                        break
                    left -= gone
                    yield {}
                else:
                    yield {status.value: self._drop_runs([row.id for row in bunch], may_go, pace)}

    @repeated
    def _thin(self, run_id: str, may_go: ColumnElement[bool], pace: _Pace) -> int:
        """Delete some steps of a run that has more than one transaction may delete; how many. From the first time on it is marked."""
        place = (steps.c.path, steps.c.attempt)
        with pace.writing(self._engine) as db:
            if not _taken(db, runs, [run_id], may_go):
                return 0
            db.execute(update(runs).where(runs.c.id == run_id, ~runs.c.purging).values(purging=True))
            mine = select(*place).where(steps.c.run_id == run_id).order_by(*place)
            last = db.execute(mine.offset(pace.rows - 1).limit(1)).one_or_none()
            if last is None:
                return 0
            return db.execute(
                delete(steps).where(steps.c.run_id == run_id, tuple_(*place) <= tuple_(last.path, last.attempt))
            ).rowcount

    @repeated
    def _drop_runs(self, ids: Sequence[str], may_go: ColumnElement[bool], pace: _Pace) -> int:
        with pace.writing(self._engine) as db:
            mine = _taken(db, runs, ids, may_go)
            for table in (steps, waits, heard):
                db.execute(delete(table).where(table.c.run_id.in_(mine)))
            return db.execute(delete(runs).where(runs.c.id.in_(mine))).rowcount

    def _sweep_rows(
        self, kind: str, table: Table, order: Sequence[Any], may_go: ColumnElement[bool], pace: _Pace
    ) -> Iterator[Mapping[str, int]]:
        for page in self._pages(select(*{*order, *table.primary_key}), order, may_go):
            while page:
                some, page = page[: pace.rows], page[pace.rows :]
                yield {kind: self._drop_rows(table, some, may_go, pace)}

    @repeated
    def _drop_rows(self, table: Table, page: Sequence[Row[Any]], may_go: ColumnElement[bool], pace: _Pace) -> int:
        key = tuple(table.primary_key)
        wanted = tuple_(*key).in_([tuple(row._mapping[column.name] for column in key) for row in page])
        with pace.writing(self._engine) as db:
            locked = select(*key).where(wanted).order_by(*key).with_for_update(skip_locked=True)
            if mine := [tuple(row) for row in db.execute(locked)]:
                return db.execute(delete(table).where(tuple_(*key).in_(mine), may_go)).rowcount
            return 0

    def _pages(self, wanted: Any, order: Sequence[Any], may_go: ColumnElement[bool]) -> Iterator[Sequence[Row[Any]]]:
        """What may go, oldest first. Each page is read anew behind the last one, so that what had to stay is passed over once."""
        place: ColumnElement[bool] = ~false()
        while True:
            with reading_much(self._engine, patience_s=PAGE_SECONDS) as db:
                page = db.execute(wanted.where(may_go, place).order_by(*order).limit(self._at_once)).all()
            if page:
                yield page
            if len(page) < self._at_once:
                return
            last = page[-1]._mapping
            place = tuple_(*order) > tuple_(*(last[column.name] for column in order))


class _Pace:
    """How many rows the next transaction of a sweep may delete."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self.rows = min(FIRST_ROWS, most)

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        """As ``database.writing``; what counts is for how long others wait."""
        with writing(engine) as db:
            began = self._clock()
            yield db
        took = self._clock() - began
        if took > SLOW_SECONDS:
            self.rows = max(min(FEWEST_ROWS, self._most), self.rows // 2)
        elif took < QUICK_SECONDS:
            self.rows = min(self._most, 2 * self.rows)


def _bunches(page: Sequence[Row[Any]], pace: _Pace) -> Iterator[Sequence[Row[Any]]]:
    """Runs that go together in one transaction; one that is too large for it stands alone."""
    bunch: list[Row[Any]] = []
    rows = 0
    for row in page:
        if bunch and rows + row.size + 1 > pace.rows:
            yield bunch
            bunch, rows = [], 0
        bunch.append(row)
        rows += row.size + 1
    if bunch:
        yield bunch


def _taken(db: Connection, table: Table, ids: Sequence[str], may_go: ColumnElement[bool]) -> Sequence[str]:
    """Those of the ids that nobody else has and that may go under the lock too: a statement of its own sees what was committed before it."""
    if db.dialect.name == "postgresql":
        free = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update(skip_locked=True)
        ids = db.scalars(free).all()
    return db.scalars(select(table.c.id).where(table.c.id.in_(ids), may_go)).all()


def _timed(keep: Retention) -> Mapping[RunStatus, int]:
    """The statuses with which runs end, that are not kept forever."""
    times = {status: keep.kinds[status.value] for status in sorted(RUN_FINAL)}
    return {status: kept for status, kept in times.items() if kept is not None}


def _run_may_go(keep: Retention, run: FromClause) -> ColumnElement[bool]:
    """Once its caller is gone, which may go as soon as it is old."""
    parent, child, again = runs.alias(), runs.alias(), runs.alias()
    return and_(
        _is_old(keep, run),
        ~exists().where(parent.c.id == run.c.parent_run, not_(_is_old(keep, parent))),
        ~exists().where(child.c.parent_run == run.c.id, child.c.due_at.is_not(None)),
        ~exists().where(again.c.origin_run == run.c.id, again.c.due_at.is_not(None)),
    )


def _is_old(keep: Retention, run: FromClause) -> ColumnElement[bool]:
    ended = (and_(run.c.status == status, run.c.ended_at < now_ms() - kept) for status, kept in _timed(keep).items())
    return or_(false(), *ended)


def _event_may_go(keep: Retention, of: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """``of``: which runs keep their events; None: all."""
    if keep.events is None:
        return false()
    oldest_active = select(func.min(runs.c.created_at)).where(runs.c.status.in_(RUN_ACTIVE)).scalar_subquery()
    # What a subscription may have missed since then will be asked for, and must be known again; a gap that is open may be opened from further back.
    asked_from = (subscriptions.c.gap_from - REDELIVERED_MS, subscriptions.c.good_at - REDELIVERED_MS)
    return and_(
        events.c.received_at < now_ms() - max(keep.events, REDELIVERED_MS),
        ~exists().where(runs.c.event_id == events.c.id, *(() if of is None else (of,))),
        events.c.id.not_in(select(heard.c.event_id)),
        ~exists().where(
            subscriptions.c.id == events.c.subscription_id,
            # A run may come to wait for events of any subscription that there is, from its creation on.
            or_(*(events.c.received_at >= since for since in (*asked_from, oldest_active))),
        ),
    )


def _version_may_go(keep: Retention, of: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    if keep.keeps_all:
        return false()
    pinned = and_(runs.c.flow == flow_versions.c.flow, runs.c.digest == flow_versions.c.digest)
    return and_(
        flow_versions.c.deployed_at < now_ms() - VERSION_KEPT_MS,
        ~exists().where(flows.c.id == flow_versions.c.flow, flows.c.digest == flow_versions.c.digest),
        ~exists().where(pinned, *(() if of is None else (of,))),
    )


def _entry_may_go(keep: Retention) -> ColumnElement[bool]:
    return false() if keep.audit is None else audit.c.at < now_ms() - keep.audit
