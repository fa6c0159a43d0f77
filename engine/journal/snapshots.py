"""Copies of a SQLite journal: made while everything runs, looked through, and put back in its place. Owns the files; knows little of what is in them.

A copy is one file, whole or not there: it is written under another name, checked, brought to the disk, and only then gets its own. Nothing that is
there is ever overwritten; the database that a copy replaces is kept under another name.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from urllib.parse import quote

from engine.errors import DatabaseUnavailable, NotFoundError, SchemaMismatch, UsageError
from engine.journal import schema
from engine.journal.database import connect
from engine.journal.file_use import SUFFIX, alone
from engine.journal.restored import NEWEST, note_restored

PAGES_A_STEP = 2_000
"""About 8 MB: after each, an interrupt is heard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What a copy holds. ``instant``: the newest time in it, milliseconds since the epoch by its database's clock; None: nothing happened yet."""

    file: Path
    size: int
    revision: str
    instant: int | None
    runs: int
    active: int

    @property
    def is_older(self) -> bool:
        """Whether it has to be migrated to be used by this release."""
        return self.revision != schema.REVISIONS[-1]


def back_up(database: Path, target: Path) -> Snapshot:
    """Copy the database as it is at one instant to ``target``, which must not be there; readers and writers go on.

    Raises NotFoundError, UsageError (the target is there or cannot be written), DatabaseUnavailable (it cannot be read, or is damaged).
    """
    if not database.exists():
        raise NotFoundError(
            f"there is no database at {database}", remedy="See HOOKLINE_DATABASE_URL and HOOKLINE_HOME."
        )
    if target.exists():
        raise _is_there(target)
    with _draft(target) as draft:
        with _understood(database), closing(_open(database)) as source, closing(_open(draft)) as copy:
            # The snapshot of this transaction is copied: without it, the copy would begin again whenever somebody writes.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(copy, pages=PAGES_A_STEP)
            source.execute("ROLLBACK")
            # One file, that needs no -wal beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        found = look_through(draft, name=target)
        _to_disk(draft)
        _name(draft, target)
    return found


def look_through(file: Path, *, name: Path) -> Snapshot:
    """Check a copy, which people know as ``name``, from its first page to its last.

    Raises DatabaseUnavailable (damaged), UsageError (no journal), SchemaMismatch (newer).
    """
    with _understood(name), closing(_open(file)) as db:
        problem = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if problem != "ok" or db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise _damaged(name, problem if problem != "ok" else "rows refer to others that are not there")
        if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone():
            raise UsageError(f"{name} is a SQLite database, but not one of Hookline's")
        revision = str(db.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        if revision not in schema.REVISIONS:
            raise SchemaMismatch(
                f"{name} is at schema {revision}, which is newer than this release's {schema.REVISIONS[-1]}",
                remedy="Restore it with the release that made it, or a newer one.",
            )
        instant = db.execute(NEWEST).fetchone()[0]
        all_runs, active = db.execute("SELECT count(*), count(due_at) FROM runs").fetchone()
    return Snapshot(
        file=name,
        size=file.stat().st_size,
        revision=revision,
        instant=instant,
        runs=all_runs,
        active=active,
    )


@contextmanager
def to_restore(backup: Path, database: Path) -> Iterator[Restoring]:
    """Check a copy and hold the database, which nobody may use in this block; ``put`` then puts the copy in its place.

    Raises NotFoundError, BusyError (processes use the database), and what ``look_through`` raises. The backup itself is not touched.
    """
    if not backup.is_file():
        raise NotFoundError(f"there is no file {backup}")
    if (wal := _beside(backup, "-wal")).exists() and wal.stat().st_size > 0:
        raise UsageError(
            f"{backup} is a database in use, not a copy: some of it is still in {wal.name}",
            remedy="Make a copy with: hookline backup FILE",
        )
    database = database.resolve()
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(database), _draft(database, word="restoring") as draft:
        try:
            copyfile(backup, draft)
        except OSError as error:
            raise UsageError(f"{backup} cannot be copied beside {database}: {error.strerror}") from None
        found = look_through(draft, name=backup)
        yield Restoring(snapshot=found, draft=draft, database=database)


@dataclass(frozen=True, kw_only=True, slots=True)
class Restoring:
    """A copy that is ready to be put in the database's place."""

    snapshot: Snapshot
    draft: Path
    database: Path

    def put(self) -> Path | None:
        """Migrate the copy if it is older, note that events since then are to be asked for, and let it take the database's name.

        The name under which the database is kept that was there; None: there was none. Raises DatabaseUnavailable; the database is then as before.
        """
        _bring_up_to_date(self.draft)
        with _understood(self.draft), closing(_open(self.draft)) as db:
            db.execute("PRAGMA journal_mode=DELETE")
        try:
            _to_disk(self.draft)
            kept = _kept_under(self.database)
            if kept is not None:
                _keep(self.database, kept)
            os.replace(self.draft, self.database)
            _to_disk(self.database.parent)
        except OSError as error:
            raise UsageError(f"{self.database} cannot be replaced: {error.strerror}") from None
        return kept


def rebuild(database: Path) -> tuple[int, int]:
    """Write the database anew without the room that is free in it; its size before and after. Nobody may use it meanwhile.

    Raises NotFoundError, BusyError, DatabaseUnavailable (it is damaged, or there is no room for a second one beside it: it then is as before).
    """
    if not database.exists():
        raise NotFoundError(f"there is no database at {database}")
    database = database.resolve()
    with alone(database), _understood(database), closing(_open(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = database.stat().st_size
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before, database.stat().st_size


def _open(file: Path) -> sqlite3.Connection:
    # As a URI, so that a file that is not there is not made.
    return sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=5, isolation_level=None)


@contextmanager
def _understood(file: Path) -> Iterator[None]:
    """What SQLite says, as errors of ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _damaged(file, str(error)) from None


def _damaged(file: Path, words: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"{file} cannot be used: {words}",
        remedy="If it is damaged, take another copy. If the disk is full, make room. Nothing else was changed.",
    )


@contextmanager
def _draft(target: Path, *, word: str = "partial") -> Iterator[Path]:
    """An empty file beside the target, for this user alone; gone at the end, with what SQLite puts beside it."""
    draft = target.with_name(f"{target.name}.{word}")
    try:
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise UsageError(
            f"{draft} is there: another process is at it, or was cut off", remedy="If none is, delete that file."
        ) from None
    except OSError as error:
        raise UsageError(f"{draft} cannot be written: {error.strerror}") from None
    try:
        yield draft
    finally:
        for suffix in ("", "-wal", "-shm", "-journal", SUFFIX):
            _beside(draft, suffix).unlink(missing_ok=True)


def _name(draft: Path, target: Path) -> None:
    try:
        # A link, unlike a rename, replaces nothing.
        os.link(draft, target)
    except FileExistsError:
        raise _is_there(target) from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    _to_disk(target.parent)


def _is_there(target: Path) -> UsageError:
    return UsageError(f"{target} is there already; nothing is overwritten", remedy="Choose another name.")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bring_up_to_date(draft: Path) -> None:
    engine = connect(f"sqlite:///{quote(str(draft))}")
    try:
        schema.migrate(engine)
        note_restored(engine)
    finally:
        engine.dispose()


def _kept_under(database: Path) -> Path | None:
    """A free name for the database that is there."""
    if not database.exists():
        return None
    number = 1
    while (kept := database.with_name(f"{database.name}.before-restore-{number}")).exists():
        number += 1
    return kept


def _keep(database: Path, kept: Path) -> None:
    """Give the database a second name, whole: without a -wal beside it, which the copy that takes its first name must not find there."""
    with suppress(sqlite3.DatabaseError), closing(_open(database)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
    os.link(database, kept)
    # Only a database too damaged to be read still has them.
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.rename(_beside(database, suffix), _beside(kept, suffix))


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)
