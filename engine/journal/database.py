"""The database as the journal uses it. Owns connecting, transactions and what a driver's error means; knows no table.

``writing`` and ``reading`` are the only ways to a transaction. Out of them come DatabaseUnavailable (it does not answer in time: wait or
mend it), SchemaMismatch (a table is not there) and IntegrityError for the use-case to deal with; nothing else of a driver. A use-case that
writes is ``repeated``: it is one transaction, so that nothing of a try that collided with another one is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import sqlalchemy.exc
from sqlalchemy import URL, Connection, Engine, Table, create_engine, make_url
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import Collided, DatabaseUnavailable, SchemaMismatch, SettingsError
from engine.journal import on_postgresql, on_sqlite
from engine.strictjson import NotJson

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_MS = 5_000
TRIES = 4
"""How often a transaction is tried that PostgreSQL ends because it and another one wait for each other."""
SETTING = "HOOKLINE_DATABASE_URL"

_UNAVAILABLE = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.InternalError,
    sqlalchemy.exc.TimeoutError,
)
_COLLISIONS = ("40P01", "40001")
"""deadlock_detected and serialization_failure (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
_NO_SUCH_TABLE = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn")


def connect(url: str, *, patience_ms: int = PATIENCE_MS) -> Engine:
    """An engine for ``sqlite:///path/to/file`` or ``postgresql://user:password@host/name``; it connects when it is first used.

    ``patience_ms``: how long one statement, one lock or one connection from the pool is awaited before DatabaseUnavailable. Raises SettingsError.
    """
    parsed = _parse(url)
    options = on_sqlite.options(patience_ms) if _is_sqlite(parsed) else on_postgresql.options(patience_ms)
    try:
        # hide_parameters: what a person or a service sent must not stand in an exception's text.
        engine = create_engine(parsed, pool_timeout=patience_ms / 1000, hide_parameters=True, **options)
    except ImportError:
        raise SettingsError(
            f"{SETTING} names a PostgreSQL database, but its driver is not installed",
            remedy='Install it: pip install "hookline[postgres]"',
        ) from None
    (on_sqlite if _is_sqlite(parsed) else on_postgresql).prepare(engine, patience_ms)
    return engine


def repeated(use_case: Callable[P, T]) -> Callable[P, T]:
    """The use-case, made again when its transaction collided with another one. It must be one transaction and change nothing else."""

    @wraps(use_case)
    def trying(*args: P.args, **kwargs: P.kwargs) -> T:
        # Without a pause: the other one has the locks now, and this one waits for them as any statement does.
        for _ in range(TRIES - 1):
            try:
                return use_case(*args, **kwargs)
            except Collided:
                continue
        return use_case(*args, **kwargs)

    return trying


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed at the end of the block, rolled back when the block raises."""
    with translated(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot: every statement of the block sees the same state, and no writer waits for it."""
    options = on_sqlite.READING if engine.dialect.name == "sqlite" else on_postgresql.READING
    with translated(engine), engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def reading_much(engine: Engine, *, patience_s: float) -> Iterator[Connection]:
    """``reading`` for statements that may look at every row there is: on PostgreSQL each of them is awaited this long."""
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            yield connection
            return
        with on_postgresql.without_haste(connection, patience_s):
            yield connection


def insert_into(engine: Engine, table: Table) -> sqlite.Insert | postgresql.Insert:
    """INSERT with ON CONFLICT, which both databases have and SQLAlchemy spells per dialect."""
    return sqlite.insert(table) if engine.dialect.name == "sqlite" else postgresql.insert(table)


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what the driver raises in the block into this package's errors; ``writing`` and ``reading`` do it already."""
    try:
        yield
    except sqlalchemy.exc.IntegrityError:
        raise
    except sqlalchemy.exc.StatementError as error:
        raise _meaning(error, engine.url) from None
    except sqlalchemy.exc.TimeoutError:
        raise DatabaseUnavailable("every connection to the database is in use, and none came free in time") from None
    except sqlalchemy.exc.InvalidRequestError as error:
        # What the pool says when each connection that it makes is cut before it can be handed out.
        if str(error) != _CUT_AT_ONCE:
            raise
        raise DatabaseUnavailable("the database cuts every connection as soon as it is made") from None


_CUT_AT_ONCE = "This connection is closed"


def _meaning(error: sqlalchemy.exc.StatementError, url: URL) -> Exception:
    if isinstance(error.orig, NotJson):
        return error.orig
    words = f"{type(error.orig).__name__}: {error.orig}"
    if any(sign in words for sign in _NO_SUCH_TABLE):
        return SchemaMismatch("the database lacks a table or column of this release", remedy="Run `hookline migrate`.")
    if getattr(error.orig, "sqlstate", None) in _COLLISIONS:
        return Collided(
            f"the database does not get on: {_without_password(words, url)}",
            remedy="Nothing of it was stored. Several transactions waited for each other, again and again; try again.",
        )
    # The bare class, not its children: how SQLite says that the file is damaged, or is no database at all.
    is_damaged = type(error) is sqlalchemy.exc.DatabaseError
    if is_damaged or isinstance(error, _UNAVAILABLE) or getattr(error, "connection_invalidated", False):
        return DatabaseUnavailable(
            f"the database does not answer: {_without_password(words, url)}",
            remedy=f"Nothing that was accepted is lost. {_what_to_do(error.orig, is_damaged=is_damaged)}",
        )
    return error


def _what_to_do(error: object, *, is_damaged: bool) -> str:
    """By SQLite's name of the error (https://sqlite.org/rescode.html), or PostgreSQL's class of it."""
    name = str(getattr(error, "sqlite_errorname", None) or "")
    if name == "SQLITE_FULL" or getattr(error, "sqlstate", None) == "53100":
        return "Make room on the disk of the database: old backups, logs. Everything goes on by itself then."
    if name.startswith("SQLITE_IOERR"):
        return "The disk of the database fails or is full: see the system's log. When it is well again, everything goes on by itself."
    if name.startswith("SQLITE_READONLY"):
        return f"Let this user write the database of {SETTING}, and the folder that it is in."
    if is_damaged or name == "SQLITE_CORRUPT":
        return "If the file is damaged, stop all processes and put the last copy in its place: hookline restore FILE."
    return f"Check that the database of {SETTING} runs and can be reached, and that its disk is writable and not full."


def _without_password(words: str, url: URL) -> str:
    first_line = words.partition("\n")[0]
    return first_line.replace(str(url.password), "***") if url.password else first_line


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise SettingsError(f"{SETTING} is not a database URL", remedy=_FORMS) from None
    if name == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise SettingsError(f"{SETTING} must name a file: a database in memory is gone with its process", remedy=_FORMS)
    if name in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if name != "sqlite":
        raise SettingsError(f"{SETTING} names {name!r}, which Hookline does not speak", remedy=_FORMS)
    return parsed.set(drivername="sqlite+pysqlite")


_FORMS = "Expected sqlite:///path/to/file.db or postgresql://user:password@host:5432/name"


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
