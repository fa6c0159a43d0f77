"""Reading runs. Owns the lists, the look-ups and how a row becomes a record; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    false,
    func,
    select,
    tuple_,
    union_all,
)

from engine.core.statuses import RunStatus, StepStatus
from engine.journal.attempts import PAGE, pages
from engine.journal.clock import now_ms
from engine.journal.database import reading
from engine.journal.ids import child_id, prefix_range
from engine.journal.records import Run, StepRow
from engine.journal.tables import connections, runs, steps


class RunHistory:
    """The reading half of the Runs port."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept = _in_order_of_start().where(~steps.c.folded)

    def get(
        self, run_id: str, *, folded: bool = True, limit: int | None = None
    ) -> tuple[Run, tuple[StepRow, ...]] | None:
        with reading(self._engine) as db:
            row = one_by_prefix(db, runs, run_columns(), run_id)
            if row is None:
                return None
            found = _in_order_of_start().limit(limit)
            rows = db.execute(found if folded else found.where(~steps.c.folded), {"run": row.id})
            return to_run(row), tuple(map(_to_step, rows))

    def kept_steps(self, db: Connection, run_id: str) -> tuple[StepRow, ...]:
        """Attempts that are not folded, in order of start, for a claim."""
        return tuple(map(_to_step, db.execute(self._kept, {"run": run_id})))

    def iterations(self, run_id: str, path: str, indices: range) -> Iterator[StepRow]:
        for paths in pages(path, indices):
            found = _select_steps().where(steps.c.path.in_(paths), steps.c.attempt == 1)
            with reading(self._engine) as db:
                rows = {row.path: row for row in map(_to_step, db.execute(found, {"run": run_id}))}
            yield from (rows[path] for path in paths if path in rows)

    def outline(self, run_id: str) -> Sequence[tuple[str, StepStatus]]:
        found = select(steps.c.path, steps.c.status).where(steps.c.run_id == run_id)
        with reading(self._engine) as db:
            # The last attempt of a path comes last and stays.
            rows = db.execute(found.order_by(steps.c.path, steps.c.attempt))
            return list({row.path: row.status for row in rows}.items())

    def attempts(self, run_id: str, paths: Iterable[str]) -> Iterator[StepRow]:
        wanted = sorted(set(paths))
        for start in range(0, len(wanted), PAGE):
            page = steps.c.path.in_(wanted[start : start + PAGE])
            with reading(self._engine) as db:
                rows = db.execute(
                    _select_steps().where(page).order_by(steps.c.path, steps.c.attempt), {"run": run_id}
                ).all()
            yield from map(_to_step, rows)

    def child(self, run_id: str, path: str) -> Run | None:
        with reading(self._engine) as db:
            row = db.execute(select(*run_columns()).where(runs.c.id == child_id(run_id, path))).one_or_none()
            return None if row is None else to_run(row)

    def children(self, run_id: str) -> Sequence[Run]:
        found = select(*run_columns()).where(
            runs.c.parent_run == run_id, runs.c.parent_run.is_not(None), runs.c.origin_run.is_(None)
        )
        with reading(self._engine) as db:
            return [to_run(row) for row in db.execute(found.order_by(runs.c.created_at, runs.c.id))]

    def list(
        self,
        *,
        flow: str | None = None,
        statuses: Sequence[RunStatus] = (),
        limit: int = 50,
        before: str | None = None,
        undone: bool = False,
    ) -> Sequence[Run]:
        # One index range per status: a page of any flow and statuses then reads no more entries than ``limit`` per status.
        wanted: Sequence[RunStatus | None] = sorted(set(statuses)) or (
            tuple(RunStatus) if flow is not None else (None,)
        )
        with reading(self._engine) as db:
            page = newest_first(db, select(runs.c.id), runs, runs.c.created_at, before).limit(limit)
            page = page.where(runs.c.rerun_by.is_(None)) if undone else page
            parts = [_only(page, flow, status).subquery() for status in wanted]
            merged = union_all(*(select(part) for part in parts)).subquery()
            found = select(*run_columns()).where(runs.c.id.in_(select(merged.c.id)))
            return [
                to_run(row) for row in db.execute(newest_first(db, found, runs, runs.c.created_at, None).limit(limit))
            ]

    def next_due_in(self) -> int | None:
        with reading(self._engine) as db:
            # The condition is the index's own; without it SQLite reads the whole table.
            first = select(func.min(runs.c.due_at), now_ms()).where(
                runs.c.due_at.is_not(None), runs.c.paused == false()
            )
            due, now = db.execute(first).one()
            return None if due is None else max(0, due - now)

    def last_call_age(self, connection: str, *, owner: str, within_ms: int) -> int | None:
        with reading(self._engine) as db:
            if db.scalar(select(_call_is_open(connection, owner))):
                return 0
            now: int = db.execute(select(now_ms())).scalar_one()
            last = max(
                db.scalar(calls(connection, owner, since=now - within_ms)) or 0 for calls in (_step_calls, _other_calls)
            )
            return max(0, now - last) if last else None


def run_columns() -> Sequence[Column[Any]]:
    return [runs.c[field.name] for field in fields(Run)]


def to_run(row: Row[Any]) -> Run:
    """``row`` begins with run_columns()."""
    return Run(**{field.name: row._mapping[field.name] for field in fields(Run)})


def _select_steps() -> Select[Any]:
    return select(*(steps.c[field.name] for field in fields(StepRow))).where(steps.c.run_id == bindparam("run"))


def _in_order_of_start() -> Select[Any]:
    """Those that have not started come last."""
    return _select_steps().order_by(steps.c.started_at.nulls_last(), steps.c.position)


def _to_step(row: Row[Any]) -> StepRow:
    return StepRow(**row._mapping)


def one_by_prefix(db: Connection, table: Table, columns: Sequence[Column[Any]], text: str) -> Row[Any] | None:
    """The row whose id is, or alone starts with, ``text``."""
    span = prefix_range(text)
    if span is None:
        return None
    rows = db.execute(select(*columns).where(table.c.id >= span[0], table.c.id < span[1]).limit(2)).all()
    return rows[0] if len(rows) == 1 else None


def newest_first(
    db: Connection, found: Select[Any], table: Table, instant: Column[int], before: str | None
) -> Select[Any]:
    """``found`` in the order of lists, after the row ``before``; nothing when there is no such row."""
    ordered = found.order_by(instant.desc(), table.c.id.desc())
    if before is None:
        return ordered
    last = db.scalar(select(instant).where(table.c.id == before))
    return ordered.where(tuple_(instant, table.c.id) < (last, before))


def _only(found: Select[Any], flow: str | None, status: RunStatus | None) -> Select[Any]:
    if flow is not None:
        found = found.where(runs.c.flow == flow)
    return found if status is None else found.where(runs.c.status == status)


def _call_is_open(connection: str, owner: str) -> ColumnElement[bool]:
    return exists().where(
        and_(
            steps.c.connection == connection,
            steps.c.ended_at.is_(None),
            steps.c.status == StepStatus.RUNNING,
            steps.c.run_id == runs.c.id,
            runs.c.owner == owner,
        )
    )


def _step_calls(connection: str, owner: str, *, since: int) -> Select[int]:
    return (
        select(steps.c.called_at)
        .join(runs, runs.c.id == steps.c.run_id)
        .where(steps.c.connection == connection, steps.c.called_at >= since, runs.c.owner == owner)
        .order_by(steps.c.called_at.desc())
        .limit(1)
    )


def _other_calls(connection: str, owner: str, *, since: int) -> Select[int]:
    mine = and_(connections.c.name == connection, connections.c.owner == owner)
    return select(connections.c.called_at).where(mine, connections.c.called_at >= since)
