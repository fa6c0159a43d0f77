"""How the database is, for `hookline doctor`. Owns reading a few facts that no use-case needs; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select, text

from engine.journal.clock import now_ms
from engine.journal.database import reading
from engine.journal.tables import runs


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseFacts:
    """``now``: milliseconds since the epoch by the database's clock."""

    product: str
    version: str
    now: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkFacts:
    """``active``: runs that are not final. ``late_ms``: by how much the run that is due longest is overdue; 0 when none is."""

    active: int
    late_ms: int


def inspect_database(engine: Engine) -> DatabaseFacts:
    """Works on a database of any schema. Raises DatabaseUnavailable."""
    is_sqlite = engine.dialect.name == "sqlite"
    with reading(engine) as db:
        version = db.scalar(text("SELECT sqlite_version()" if is_sqlite else "SHOW server_version"))
        now: int = db.execute(select(now_ms())).scalar_one()
    return DatabaseFacts(product="SQLite" if is_sqlite else "PostgreSQL", version=str(version).split()[0], now=now)


def inspect_work(engine: Engine) -> WorkFacts:
    """Raises DatabaseUnavailable, SchemaMismatch."""
    with reading(engine) as db:
        oldest, active, now = db.execute(
            select(func.min(runs.c.due_at), func.count(runs.c.due_at), now_ms()).where(runs.c.due_at.is_not(None))
        ).one()
    return WorkFacts(active=active, late_ms=0 if oldest is None else max(0, now - oldest))
