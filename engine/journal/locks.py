"""Locks that span tables. Owns their order, which every use-case keeps, so that no two transactions wait for each other.

    0. deploys of a flow       by id; whoever replaces what belongs to it
    1. the registry of waits   shared: storing events, doing a run again; alone: registering a wait, pausing and resuming a flow
    2. lanes                   by key; whoever lets runs in or out of one
    3. rows of runs            by id

Whoever pauses a flow takes the registry alone, then the flow's row, then its runs; starting a sub-flow shares the flow's row.
SQLite has one writer at a time, who holds all of them. PostgreSQL's are advisory locks of the transaction, and row locks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, func, null, select

from engine.journal.columns import as_key
from engine.journal.tables import runs

_WAITS_KEY = 0x686F6F6B77616974  # "hookwait"


def _is_sqlite(db: Connection) -> bool:
    return db.dialect.name == "sqlite"


def sharing_waits(db: Connection) -> ColumnElement[Any]:
    """An expression that takes the registry of waits as one of many; for the first statement of a transaction."""
    return null() if _is_sqlite(db) else func.pg_advisory_xact_lock_shared(bindparam(None, _WAITS_KEY, BigInteger))


def share_waits(db: Connection) -> None:
    """Take the registry of waits as one of many, where there is no other statement to do it with."""
    if not _is_sqlite(db):
        db.execute(select(sharing_waits(db)))


def lock_waits(db: Connection) -> None:
    """Take the registry of waits alone: every event is now either stored and to be seen, or not looked at by its wait yet."""
    _lock(db, [_WAITS_KEY])


def lock_deploys(db: Connection, flow_id: str) -> None:
    """Take the deploys of a flow: of two at the same instant the second one replaces what the first one wrote."""
    _lock(db, [_number(f"deploy {flow_id}")])


def lock_lanes(db: Connection, lanes: Iterable[str | None]) -> None:
    """Take these lanes; None is no lane. Taking one twice is harmless."""
    _lock(db, sorted({_number(lane) for lane in lanes if lane is not None}))


def lock_runs(db: Connection, ids: Iterable[str]) -> None:
    """Take the rows of these runs."""
    wanted = sorted(set(ids))
    if wanted and not _is_sqlite(db):
        db.execute(select(runs.c.id).where(runs.c.id.in_(wanted)).order_by(runs.c.id).with_for_update())


def lock_runs_that(db: Connection, *conditions: ColumnElement[bool]) -> None:
    """Take the rows of the runs for which these hold."""
    if not _is_sqlite(db):
        db.execute(select(runs.c.id).where(*conditions).order_by(runs.c.id).with_for_update())


def _lock(db: Connection, keys: Iterable[int]) -> None:
    if _is_sqlite(db):
        return
    for key in keys:
        db.execute(select(func.pg_advisory_xact_lock(bindparam(None, key, BigInteger))))


def _number(name: str) -> int:
    # Two names with the same number would only wait for each other.
    return int.from_bytes(hashlib.sha256(as_key(name).encode()).digest()[:8], signed=True)
