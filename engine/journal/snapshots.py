"""Copies of a SQLite journal: made while everything runs, looked through, and put back in its place. Owns the files; knows little of what is in them.

A copy is one file, whole or not there: it is written under another name, checked, brought to the disk, and only then gets its own. Nothing that is
there is ever overwritten; the database that a copy replaces is kept under another name.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copy2, copyfile
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
        with _understood(database, makes=target), closing(_open(database)) as source, closing(_open(draft)) as copy:
            # The snapshot of this transaction is copied: without it, the copy would begin again whenever somebody writes.
            source.execute("BEGIN")
            _known_revision(source, database, "Make the copy with the release that the others run.")
            source.backup(copy, pages=PAGES_A_STEP)
            source.execute("ROLLBACK")
            # One file, that needs no -wal beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        found = look_through(draft, name=target)
        try:
            _to_disk(draft)
            _name(draft, target)
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    return found


def look_through(file: Path, *, name: Path) -> Snapshot:
    """Check a copy, which people know as ``name``, from its first page to its last.

    Raises DatabaseUnavailable (damaged), UsageError (no journal), SchemaMismatch (newer).
    """
    with _understood(name), closing(_open(file)) as db:
        problem = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if problem != "ok" or db.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise _damaged(name, problem if problem != "ok" else "rows refer to others that are not there")
        revision = _known_revision(db, name, "Restore it with the release that made it, or a newer one.")
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
    with alone(database), _draft(database, word="restoring", alone=True) as draft:
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
            kept = _kept_under(self.database)
            if kept is not None:
                _keep(self.database, kept)
            _put(self.draft, self.database)
        except OSError as error:
            raise UsageError(f"{self.database} cannot be replaced: {error.strerror}") from None
        return kept


def rebuild(database: Path) -> tuple[int, int]:
    """Write the database anew without the room that is free in it; its size before and after. Nobody may use it meanwhile.

    The new one is made beside it, whole, and then takes its name: VACUUM by itself would want as much room again in the system's folder for
    temporary files, which may be small. Raises NotFoundError, BusyError, DatabaseUnavailable (it is damaged, or there is no room: it then is as before).
    """
    if not database.exists():
        raise NotFoundError(f"there is no database at {database}")
    database = database.resolve()
    with alone(database), _draft(database, word="rebuilding", alone=True) as draft:
        with _understood(database, makes=draft), closing(_open(database)) as db:
            db.execute("PRAGMA journal_mode=DELETE")
            before = database.stat().st_size
            db.execute("VACUUM INTO ?", [str(draft)])
        try:
            _put(draft, database)
        except OSError as error:
            raise UsageError(f"{database} cannot be replaced: {error.strerror}") from None
        return before, database.stat().st_size


def _open(file: Path) -> sqlite3.Connection:
    # As a URI, so that a file that is not there is not made.
    return sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=5, isolation_level=None)


def _known_revision(db: sqlite3.Connection, name: Path, remedy: str) -> str:
    """The schema's. Raises UsageError for a database of another program, which may use Alembic too, and SchemaMismatch with the remedy for a newer one."""
    ours = "SELECT count(*) FROM sqlite_schema WHERE name IN ('alembic_version', 'flow_versions', 'runs')"
    row = None
    if db.execute(ours).fetchone()[0] == 3:
        row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise UsageError(f"{name} is a SQLite database, but not one of Hookline's")
    revision = str(row[0])
    if revision not in schema.REVISIONS:
        newest = schema.REVISIONS[-1]
        raise SchemaMismatch(
            f"{name} is at schema {revision}, which is newer than this release's {newest}", remedy=remedy
        )
    return revision


@contextmanager
def _understood(file: Path, *, makes: Path | None = None) -> Iterator[None]:
    """What SQLite says, as errors of ours. ``makes``: what is written, perhaps to another disk."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise DatabaseUnavailable(
                f"there is no room for {makes or file} on its disk", remedy="Make room. Nothing was changed."
            ) from None
        raise _damaged(file, str(error)) from None


def _damaged(file: Path, words: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"{file} cannot be used: {words}",
        remedy="If it is damaged, take another copy. Nothing else was changed.",
    )


@contextmanager
def _draft(target: Path, *, word: str = "partial", alone: bool = False) -> Iterator[Path]:
    """An empty file beside the target, for this user alone; gone at the end, with what SQLite puts beside it.

    ``alone``: nobody else can be at it, so that one that is there is what somebody left who was cut off.
    """
    draft = target.with_name(f"{target.name}.{word}")
    try:
        if alone:
            draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        # SQLite would take what an earlier one left beside it for this one's, and mix the two.
        _clear(draft, "-wal", "-shm", "-journal")
    except FileExistsError:
        raise UsageError(
            f"{draft} is there: another process is at it, or was cut off", remedy="If none is, delete that file."
        ) from None
    except OSError as error:
        raise UsageError(f"{draft} cannot be written: {error.strerror}") from None
    try:
        yield draft
    finally:
        _clear(draft, "", "-wal", "-shm", "-journal", SUFFIX)


def _clear(draft: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        _beside(draft, suffix).unlink(missing_ok=True)


def _name(draft: Path, target: Path) -> None:
    """Raises UsageError, OSError."""
    try:
        try:
            # A link, unlike a rename, replaces nothing.
            os.link(draft, target)
        except FileExistsError:
            raise
        except OSError:
            # Network shares and memory sticks have no links: what the rename replaces there is an empty file of our own.
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            os.replace(draft, target)
    except FileExistsError:
        raise _is_there(target) from None
    _folder_to_disk(target)


def _put(draft: Path, database: Path) -> None:
    """Let a database that is whole in one file take the name, the owner and the mode of the one that is there. Raises OSError."""
    with suppress(FileNotFoundError, PermissionError):
        there = database.stat()
        os.chown(draft, there.st_uid, there.st_gid)
        os.chmod(draft, stat.S_IMODE(there.st_mode))
    _to_disk(draft)
    os.replace(draft, database)
    _folder_to_disk(database)


def _is_there(target: Path) -> UsageError:
    return UsageError(f"{target} is there already; nothing is overwritten", remedy="Choose another name.")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folder_to_disk(file: Path) -> None:
    # Where that cannot be done, the file system does it in its own time.
    with suppress(OSError):
        _to_disk(file.parent)


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
    try:
        os.link(database, kept)
    except OSError:
        # Where there are no links; the database itself stays where it is until the copy takes its place.
        copy2(database, kept)
    # Only a database too damaged to be read still has them.
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.rename(_beside(database, suffix), _beside(kept, suffix))


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)
