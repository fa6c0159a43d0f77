"""Ends of runs, and what they set going. Owns waking runs and asking them to end; who writes the end of a claimed run is ``runs``.

A wake is a mark that the run carries until its next claim. ``park`` looks at it in the statement that parks, under the row's lock, so that it
does not matter which of the two comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, select, update

from engine.core.statuses import RunStatus
from engine.journal.clock import now_ms
from engine.journal.lanes import release
from engine.journal.locks import lock_runs
from engine.journal.tables import runs

CANCELLED = "cancelled by request"

_due_at_once = case((runs.c.status == RunStatus.PARKED, now_ms()), else_=runs.c.due_at)
_wake = (
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.due_at.is_not(None), ~runs.c.held)
    .values(woken=True, due_at=_due_at_once)
)
_ask = (
    update(runs)
    .where(runs.c.id == bindparam("run"), runs.c.due_at.is_not(None))
    # A run that is asked to end is paused no more: it has to be claimed to end itself.
    .values(cancel_requested=True, paused=False, woken=True, due_at=_due_at_once)
)


def wake(db: Connection, ids: Iterable[str]) -> None:
    """Wake these runs; those that have ended or are held stay as they are."""
    _each(db, _wake, ids)


def after_end(db: Connection, ended: Row[Any], *, now: int) -> Sequence[str]:
    """What the end of a run sets going, in its transaction: ids of runs that may be due now."""
    waiting = [ended.parent_run] if ended.parent_run is not None and ended.parent_waits else []
    wake(db, waiting)
    return [*waiting, *(release(db, ended.lane, now=now) if ended.lane is not None else ())]


def tree(db: Connection, roots: Collection[str]) -> Sequence[Row[Any]]:
    """The runs that have not ended among these and those that they wait for, at any depth: (id, lane, parent_run)."""
    columns = (runs.c.id, runs.c.lane, runs.c.parent_run)
    top = select(*columns).where(runs.c.id.in_(roots), runs.c.due_at.is_not(None)).cte("tree", recursive=True)
    below = (
        select(*columns)
        .join(top, runs.c.parent_run == top.c.id)
        .where(runs.c.parent_run.is_not(None), runs.c.parent_waits, runs.c.due_at.is_not(None))
    )
    return db.execute(select(top.union(below))).all()


def ask_to_end(
    db: Connection, roots: Collection[str], *, lanes: Collection[str | None], now: int, message: str = CANCELLED
) -> Sequence[str]:
    """End the runs and those that they wait for: at once where nothing has happened yet, else by asking. Ids that may be due now.

    ``lanes``: those that the transaction has locked. A run of another lane (its caller started it this moment) is asked, whatever it did.
    """
    found = tree(db, roots)
    lock_runs(db, {row.id for row in found} | {row.parent_run for row in found if row.parent_run is not None})
    # Once more, under the locks: what was started in between belongs to it, and what has ended does not.
    ids = [row.id for row in tree(db, roots)]
    unended = (
        select(runs.c.id, runs.c.lane, runs.c.parent_run, runs.c.parent_waits, runs.c.status, runs.c.started_at)
        .where(runs.c.id.in_(ids), runs.c.due_at.is_not(None))
        .order_by(runs.c.id)
    )
    rows: Sequence[Any] = db.execute(unended).all()
    fresh = [row for row in rows if _is_fresh(row) and (row.lane is None or row.lane in lanes)]
    at_once = _end_fresh(db, [row.id for row in fresh], now, message)
    _each(db, _ask, {row.id for row in rows} - at_once)
    return [run for row in fresh if row.id in at_once for run in after_end(db, row, now=now)]


def _is_fresh(row: Row[Any]) -> bool:
    return bool(row.status == RunStatus.QUEUED and row.started_at is None)


def _end_fresh(db: Connection, ids: Sequence[str], now: int, message: str) -> set[str]:
    if not ids:
        return set()
    # A claim may have come between the look and this statement.
    still = (runs.c.id.in_(ids), runs.c.status == RunStatus.QUEUED, runs.c.started_at.is_(None))
    ended = (
        update(runs)
        .where(*still)
        .values(
            status=RunStatus.CANCELLED,
            due_at=None,
            ended_at=now,
            held=False,
            paused=False,
            cancel_requested=True,
            message=message,
            waiting_for=None,
        )
        .returning(runs.c.id)
    )
    return set(db.scalars(ended))


def _each(db: Connection, statement: Any, ids: Iterable[str]) -> None:
    # In the order of their ids, as all who take several runs do.
    if wanted := [{"run": run} for run in sorted(set(ids))]:
        db.execute(statement, wanted)
