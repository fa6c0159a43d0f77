"""Changing PostgreSQL's tables while they are in use. Owns how a migration takes locks; which changes are made, the migrations say.

A statement that waits for a table's lock makes everything behind it wait too. So what locks a table changes the catalogue only, waits a moment
for its lock, lets the others pass, and tries again; what reads the rows (checking them, building an index) locks nobody out. Each statement is
a transaction of its own and may be made again: a migration that was cut off goes on where it stood. SQLite has one lock, and needs none of this.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy.exc
from alembic import op
from sqlalchemy import Column, ColumnElement, Connection, text
from sqlalchemy.schema import CreateColumn

from engine.errors import DatabaseUnavailable

LOCK_TIMEOUT_MS = 500
TRIES = 40
PAUSE_SECONDS = 1.0
"""Between two tries; the statements that queued up meanwhile go first."""

_REFUSED = ("55P03", "40P01")
"""lock_not_available and deadlock_detected (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""


def alter(table: str, columns: Iterable[Column[Any]], checks: Mapping[str, str]) -> None:
    """Add columns that are not there yet, and replace check constraints (name: condition), at once; then see that the rows keep the checks.

    A column must be nullable or have a constant default: PostgreSQL then touches no row. A check must hold for all that the releases before write.
    """
    db = op.get_bind()
    clauses = [f"ADD COLUMN IF NOT EXISTS {_written(db, column)}" for column in columns]
    for name, condition in checks.items():
        clauses += [f"DROP CONSTRAINT IF EXISTS {name}", f"ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID"]
    _with_the_lock(db, table, f"ALTER TABLE {table} {', '.join(clauses)}")
    for name in checks:
        _with_the_lock(db, table, f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def create_index(
    name: str, table: str, columns: list[str], where: ColumnElement[bool] | None, *, unique: bool = False
) -> None:
    """Build an index while the table is written to. What an attempt that was cut off has left is built anew."""
    db = op.get_bind()
    broken = text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")
    if db.execute(broken, {"name": name}).first() is not None:
        _with_the_lock(db, table, f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    # It waits for the transactions that are under way, of which none of ours lasts; nobody waits for it.
    db.exec_driver_sql("SET lock_timeout = '60s'")
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        postgresql_where=where,
        postgresql_concurrently=True,
        if_not_exists=True,
    )


def _written(db: Connection, column: Column[Any]) -> str:
    return str(CreateColumn(column).compile(dialect=db.dialect))


def _with_the_lock(db: Connection, table: str, statement: str) -> None:
    db.exec_driver_sql(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    for left in reversed(range(TRIES)):
        try:
            db.exec_driver_sql(statement)
            return
        except sqlalchemy.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _REFUSED:
                raise
            if left == 0:
                break
        time.sleep(PAUSE_SECONDS)
    raise DatabaseUnavailable(
        f"the table {table} is in use without a pause; the schema is not complete yet",
        remedy="Nothing is lost, and processes of the release before work on. See what holds it (a pg_dump?), then run `hookline migrate` again.",
    )
