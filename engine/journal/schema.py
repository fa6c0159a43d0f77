"""The schema's revision. Owns comparing it with this release's and bringing a database up to it; statements about data live elsewhere.

``check`` is for the start of every process and costs one query; only ``migrate`` needs Alembic.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from engine.errors import SchemaMismatch
from engine.journal.database import reading, translated, writing

REVISIONS = ("0001", "0002", "0003")
"""Every revision, oldest first; the files are in migrations/versions."""

_LOCK_KEY = 0x686F6F6B6C696E65  # "hookline"


def check(engine: Engine) -> None:
    """Raise SchemaMismatch unless the database is at this release's revision."""
    found = current(engine)
    if found == REVISIONS[-1]:
        return
    if found is None or found in REVISIONS:
        state = "has no tables yet" if found is None else f"is at schema {found}"
        raise SchemaMismatch(
            f"the database {state}, this release needs {REVISIONS[-1]}", remedy="Run `hookline migrate`."
        )
    raise SchemaMismatch(
        f"the database is at schema {found}, which is newer than this release's {REVISIONS[-1]}",
        remedy="Upgrade Hookline on this machine to the release that the others run.",
    )


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None when it has no tables yet."""
    with reading(engine) as connection:
        return _revision(connection)


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to this release's revision, in one transaction; returns the revisions (before, after).

    Processes that migrate at once do so one after the other. Raises SchemaMismatch when the database is newer.
    """
    with _alone(engine) as connection:
        before = _revision(connection)
        if before is None or before in REVISIONS:
            _upgrade(connection)
    check(engine)
    return before, REVISIONS[-1]


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    one_after_the_other = _on_sqlite if engine.dialect.name == "sqlite" else _on_postgresql
    with one_after_the_other(engine) as connection:
        yield connection


@contextmanager
def _on_postgresql(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        yield connection


@contextmanager
def _on_sqlite(engine: Engine) -> Iterator[Connection]:
    """Without the check of foreign keys, which can be turned off outside of a transaction only; checked as a whole before the commit.

    SQLite alters a constraint by making the table anew, and would count the rows that refer to the old one as orphans
    (https://sqlite.org/lang_altertable.html#otheralter).
    """
    with translated(engine), engine.connect() as connection:
        driver = connection.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.execute(text("PRAGMA foreign_key_check")).first()
                if broken is not None:
                    raise SchemaMismatch(
                        f"rows of the table {broken[0]} refer to others that are not there; the schema stays as it was",
                        remedy="Restore the database from a backup.",
                    )
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


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
