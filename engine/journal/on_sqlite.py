"""SQLite as the journal needs it. Owns its file's mode, its pragmas and how its transactions begin; knows no table.

Python's driver would begin transactions by itself, late and deferred; a deferred transaction that comes to write fails at once when another
has written since (SQLITE_BUSY, no waiting). So writers take the lock when they begin, readers never take it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event

from engine.journal.file_use import share

READING = {"journal_reading": True}


def options(patience_ms: int) -> dict[str, Any]:
    """Arguments of create_engine."""
    return {
        "connect_args": {"timeout": patience_ms / 1000, "isolation_level": None, "check_same_thread": False},
        # A thread that waits for the write lock holds a connection, so there are more of them than worker threads.
        "pool_size": 8,
        "max_overflow": 56,
    }


def prepare(engine: Engine, patience_ms: int) -> None:
    """Make the file for us alone, set the pragmas on each new connection, and begin each transaction as its kind asks."""
    path = engine.url.database or ""
    is_uri = path.startswith("file:")
    one_at_a_time = Lock()
    if not is_uri:
        share(engine, path)

    @event.listens_for(engine, "do_connect")
    def make_file(*context: object) -> None:
        with one_at_a_time:
            if not is_uri:
                _make_private(path)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, record: object) -> None:
        for pragma in (
            f"busy_timeout={patience_ms}",
            # FULL, not NORMAL: an answer 2xx must survive a power cut, and NORMAL syncs at checkpoints only. Measured: 0.3 ms more per commit.
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        _use_wal(connection, patience_ms)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("journal_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _make_private(path: str) -> None:
    """Create the file with mode 0600 when there is none; SQLite gives its -wal and -shm the same. One that is there stays as it is."""
    # What hinders here, SQLite says in its own words next. Never opened when it is there: closing it would drop SQLite's locks on it.
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _use_wal(connection: sqlite3.Connection, patience_ms: int) -> None:
    # The change of a fresh file to WAL fails at once when another process makes it too; SQLite does not wait here by itself.
    deadline = time.monotonic() + patience_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
