"""The schema's revision. Owns comparing it with this release's and bringing a database up to it; statements about data live elsewhere.

``check`` is for the start of every process and costs one query; only ``migrate`` needs Alembic.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from engine.errors import DatabaseUnavailable, SchemaMismatch
from engine.journal.database import reading, translated

REVISIONS = ("0001", "0002", "0003")
"""Every revision, oldest first; the files are in migrations/versions."""

_REMAKES = frozenset({"0002"})
"""Revisions that make a table anew on SQLite, which alone could leave rows that refer to nothing."""

_LOCK_KEY = 0x686F6F6B6C696E65  # "hookline"
_ELSEWHERE = (
    "Run `hookline migrate`. Is yours elsewhere? HOOKLINE_HOME names its folder (.hookline in the current one, if not set), "
    "HOOKLINE_DATABASE_URL any other database."
)
_LOOK_AGAIN_SECONDS = 0.2
_OTHERS_TAKE_SECONDS = 3600


def check(engine: Engine) -> None:
    """Raise SchemaMismatch unless the database is at this release's revision."""
    found = current(engine)
    if found == REVISIONS[-1]:
        return
    if found is None or found in REVISIONS:
        if found is None:
            raise SchemaMismatch(f"the database {_name(engine)} has no tables yet", remedy=_ELSEWHERE)
        raise SchemaMismatch(
            f"the database is at schema {found}, this release needs {REVISIONS[-1]}", remedy="Run `hookline migrate`."
        )
    raise SchemaMismatch(
        f"the database is at schema {found}, which is newer than this release's {REVISIONS[-1]}",
        remedy="Upgrade Hookline on this machine to the release that the others run.",
    )


def _name(engine: Engine) -> str:
    """A file, or an address without its password."""
    url = engine.url
    return str(url.database) if engine.dialect.name == "sqlite" else url.render_as_string(hide_password=True)


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None when it has no tables yet."""
    with reading(engine) as connection:
        return _revision(connection)


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to this release's revision while processes of the release before work on; returns the revisions (before, after).

    On SQLite that is one transaction, on PostgreSQL several, which go on where they stood when they were cut off. Processes that migrate at
    once do so one after the other. Raises SchemaMismatch when the database is newer, DatabaseUnavailable when its tables cannot be had.
    """
    before = (_migrate_sqlite if engine.dialect.name == "sqlite" else _migrate_postgresql)(engine)
    check(engine)
    return before, REVISIONS[-1]


def _migrate_sqlite(engine: Engine) -> str | None:
    with _without_foreign_keys(engine) as connection:
        before = _revision(connection)
        pending = _pending(before)
        if pending:
            _upgrade(connection)
        if _REMAKES.intersection(pending):
            _refuse_orphans(connection)
        return before


def _migrate_postgresql(engine: Engine) -> str | None:
    with translated(engine), engine.connect() as connection, _only_one(engine):
        before = _revision(connection)
        connection.rollback()
        if _pending(before):
            _let_take_its_time(connection)
            try:
                _upgrade(connection)
            finally:
                # Nobody else gets this one.
                connection.invalidate()
        return before


def _pending(before: str | None) -> Sequence[str]:
    """The revisions to come; none for a newer database, which is left alone."""
    if before is None:
        return REVISIONS
    return REVISIONS[REVISIONS.index(before) + 1 :] if before in REVISIONS else ()


@contextmanager
def _only_one(engine: Engine) -> Iterator[None]:
    """Keeps other processes from migrating. The lock is a session's, and is asked for again and again: who waited for it inside of a statement
    would be waited for by the building of an index, and both would wait forever."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        given = {"key": _LOCK_KEY}
        deadline = time.monotonic() + _OTHERS_TAKE_SECONDS
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), given):
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    "another process has been migrating the database for an hour",
                    remedy="See whether it still works, then run `hookline migrate` again.",
                )
            time.sleep(_LOOK_AGAIN_SECONDS)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), given)


def _let_take_its_time(connection: Connection) -> None:
    """No statement on this connection ends before it is through."""
    from engine.journal.patient_connection import PatientConnection

    driver = connection.connection.driver_connection
    assert isinstance(driver, PatientConnection)
    driver.patience_s = None
    connection.execute(text("SET statement_timeout = 0"))
    connection.commit()


@contextmanager
def _without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """One transaction without the check of foreign keys, which can be turned off outside of a transaction only.

    SQLite alters a constraint by making the table anew, and would count the rows that refer to the old one as orphans
    (https://sqlite.org/lang_altertable.html#otheralter).
    """
    with translated(engine), engine.connect() as connection:
        driver = connection.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _refuse_orphans(connection: Connection) -> None:
    """Reads every row that refers to another one, while nobody can write."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        raise SchemaMismatch(
            f"rows of the table {broken[0]} refer to others that are not there; the schema stays as it was",
            remedy="Restore the database from a backup.",
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
