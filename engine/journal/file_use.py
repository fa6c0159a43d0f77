"""Who has a SQLite file open. Owns the lock beside it (``FILE.lock``): shared by every process that uses the file, taken alone by who puts another in its place.

It is an flock, which the kernel frees when a process dies; the lock's file stays, and says nothing. SQLite's own locks tell of open connections only:
they find processes of other programs and of older releases, but not one that is just about to open the file.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine, event

from engine.errors import BusyError, UsageError

SUFFIX = ".lock"


class Share:
    """A process's share in a file, for one engine: taken with its first connection, given back when it is disposed of."""

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path) + SUFFIX
        self._descriptor: int | None = None
        self._one_at_a_time = Lock()

    def take(self) -> None:
        """Raises sqlite3.OperationalError while somebody has the file alone. Where no lock can be had, the file cannot be used either, or needs none."""
        with self._one_at_a_time, suppress(OSError):
            if self._descriptor is None:
                self._descriptor = _locked(self._path, fcntl.LOCK_SH)
                if self._descriptor is None:
                    raise sqlite3.OperationalError("the file is being restored or rebuilt at this moment")

    def give_back(self) -> None:
        with self._one_at_a_time:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = None


def share(engine: Engine, path: str) -> None:
    """Let every connection of the engine count as a use of the file."""
    mine = Share(path)

    @event.listens_for(engine, "do_connect")
    def take(*context: object) -> None:
        mine.take()

    @event.listens_for(engine, "engine_disposed")
    def give_back(disposed: Engine) -> None:
        mine.give_back()

    weakref.finalize(engine, mine.give_back)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Nobody else has the file open, nor opens it, in this block. Raises BusyError, and UsageError where no lock can be had."""
    path = os.path.realpath(file) + SUFFIX
    try:
        descriptor = _locked(path, fcntl.LOCK_EX)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be opened: {error.strerror}", remedy="Do this as the user whose database it is."
        ) from None
    if descriptor is None:
        raise _busy(file)
    try:
        if file.exists():
            _refuse_open_connections(file)
        yield
    finally:
        os.close(descriptor)


def _locked(path: str, kind: int) -> int | None:
    """A descriptor that holds the lock; None when somebody else is in the way."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.geteuid() == 0:
            # An administrator's command must not leave a file that the processes cannot open; SQLite does the same with those beside its own.
            folder = os.stat(os.path.dirname(path))
            with suppress(OSError):
                os.fchown(descriptor, folder.st_uid, folder.st_gid)
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_open_connections(file: Path) -> None:
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        # A connection in WAL mode has a shared lock for as long as it is open, at work or not.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise _busy(file) from None
    except sqlite3.DatabaseError:
        # Damaged: that is for the caller to deal with.
        pass
    finally:
        connection.close()


def _busy(file: Path) -> BusyError:
    return BusyError(
        f"the database {file} is in use",
        remedy="Stop every process that uses it (hookline dev, web, worker, scheduler), then do this again. "
        f"See who it is: fuser {file} {file}{SUFFIX}",
    )
