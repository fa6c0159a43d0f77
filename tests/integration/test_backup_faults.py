"""Copies of the database when something goes wrong: a process that is killed, a disk that is full or has no links, files of others."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from engine.journal import snapshots
from engine.journal.journal import Journal
from engine.journal.snapshots import back_up
from tests.contracts.journal.stories import accept_run
from tests.integration.command_line import CommandLine
from tests.integration.test_backup import beside, database, hookline, keys_in

__all__ = ["hookline"]

KILLED = """
import os, sys
from pathlib import Path
from engine.journal import snapshots

def die(*given):
    {before}
    os._exit(137)

snapshots.{point} = die
database, copy = Path(sys.argv[1]), Path(sys.argv[2])
with snapshots.to_restore(copy, database) as restoring:
    restoring.put()
"""
AFTER_NOTING = "from engine.journal.restored import note_restored; note_restored(*given)"


def accept(hookline: CommandLine, *keys: str) -> None:
    journal = Journal.open(f"sqlite:///{database(hookline)}")
    journal.subscriptions.ensure(owner="o", connection="c", uses="u", given={}, public_url="http://h")
    for key in keys:
        accept_run(journal, key)
    journal.close()


@pytest.mark.parametrize(
    ("point", "before"), [("copyfile", ""), ("note_restored", AFTER_NOTING), ("_keep", ""), ("_put", "")]
)
def test_a_restore_that_was_killed_is_begun_anew_and_nothing_of_it_is_left(
    hookline: CommandLine, tmp_path: Path, point: str, before: str
) -> None:
    accept(hookline, "first")
    back_up(database(hookline), tmp_path / "small.db")
    accept(hookline, *(f"more {number}" for number in range(20)))
    back_up(database(hookline), tmp_path / "large.db")
    script = KILLED.format(point=point, before=before or "pass")

    killed = subprocess.run([sys.executable, "-c", script, str(database(hookline)), str(tmp_path / "small.db")])

    assert killed.returncode == 137
    assert len(keys_in(database(hookline))) == 21
    assert "hookline.db.restoring" in beside(database(hookline))
    hookline.ok("restore", str(tmp_path / "large.db"))
    assert len(keys_in(database(hookline))) == 21
    assert not [name for name in beside(database(hookline)) if "restoring" in name]


def test_a_vacuum_that_cannot_replace_the_database_leaves_it_as_it_was(
    hookline: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(hookline, "first")
    database(hookline).chmod(0o640)

    def replace(*given: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", replace)
        refused = hookline.run("vacuum", "--yes")

    assert refused.exit_code == 2
    assert "cannot be replaced: Input/output error" in refused.output
    assert keys_in(database(hookline)) == ["first"]
    hookline.ok("vacuum", "--yes")
    assert keys_in(database(hookline)) == ["first"]
    assert stat.S_IMODE(database(hookline).stat().st_mode) == 0o640
    assert beside(database(hookline)) == {"hookline.db", "hookline.db.lock"}


def test_what_an_administrator_restores_stays_its_users(
    hookline: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(hookline, "first")
    back_up(database(hookline), tmp_path / "copy.db")
    home = hookline.home.stat()
    given: list[tuple[str, int, int]] = []

    def noted(file: object, user: int, group: int) -> None:
        given.append(("a descriptor" if isinstance(file, int) else Path(str(file)).name, user, group))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", noted)
    monkeypatch.setattr(os, "chown", noted)
    hookline.ok("restore", str(tmp_path / "copy.db"))

    assert {name for name, *_ in given} == {"a descriptor", "hookline.db.restoring"}
    assert {tuple(owner) for _, *owner in given} == {(home.st_uid, home.st_gid)}


def test_a_lock_that_cannot_be_had_is_named(hookline: CommandLine, tmp_path: Path) -> None:
    """As one that another user made."""
    back_up(database(hookline), tmp_path / "copy.db")
    lock = database(hookline).with_name("hookline.db.lock")
    lock.unlink()
    lock.mkdir()

    refused = hookline.run("restore", str(tmp_path / "copy.db"))

    assert refused.exit_code == 2
    assert f"{lock} cannot be opened: Is a directory" in refused.output
    assert "as the user whose database it is" in refused.output


def test_where_files_cannot_be_linked_a_copy_is_made_and_put_back_all_the_same(
    hookline: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on memory sticks and network shares."""

    def link(*given: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    accept(hookline, "first")
    target = tmp_path / "copy.db"
    hookline.ok("backup", str(target))
    accept(hookline, "second")
    assert keys_in(target) == ["first"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600

    hookline.ok("restore", str(target))

    kept = database(hookline).with_name("hookline.db.before-restore-1")
    assert (keys_in(database(hookline)), keys_in(kept)) == (["first"], ["first", "second"])
    target.with_name("other.db").symlink_to(tmp_path / "nowhere")
    refused = hookline.run("backup", str(target.with_name("other.db")))
    assert "other.db is there already; nothing is overwritten" in refused.output


def test_a_full_disk_is_named_as_what_it_is(
    hookline: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "elsewhere" / "copy.db"
    target.parent.mkdir()
    whole = snapshots._open

    def with_little_room(file: Path) -> sqlite3.Connection:
        connection = whole(file)
        if target.parent in file.parents:
            connection.execute("PRAGMA max_page_count=5")
        return connection

    monkeypatch.setattr(snapshots, "_open", with_little_room)

    refused = hookline.run("backup", str(target))

    assert refused.exit_code == 2
    assert f"there is no room for {target} on its disk" in refused.output
    assert "damaged" not in refused.output
    assert beside(target) == set()


def test_a_database_of_a_newer_release_is_named_as_what_it_is_before_it_is_copied(
    hookline: CommandLine, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(database(hookline))) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()

    refused = hookline.run("backup", str(tmp_path / "copy.db"))

    assert refused.exit_code == 2
    assert f"{database(hookline)} is at schema 9999, which is newer than this release's" in refused.output
    assert "Make the copy with the release that the others run" in refused.output
    assert beside(tmp_path / "copy.db") == set()


OTHERS = ["CREATE TABLE runs (id)", "CREATE TABLE alembic_version (version_num)"]


@pytest.mark.parametrize(
    "statements",
    [
        [],
        ["CREATE TABLE runs (id)"],
        [*OTHERS, "INSERT INTO alembic_version VALUES ('1975ea83b712')"],
        [*OTHERS, "CREATE TABLE flow_versions (id)"],
    ],
)
def test_a_database_of_another_program_is_not_put_in_the_place_of_ours(
    hookline: CommandLine, tmp_path: Path, statements: list[str]
) -> None:
    accept(hookline, "first")
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as db:
        for statement in ["CREATE TABLE mine (id)", *statements]:
            db.execute(statement)
        db.commit()

    refused = hookline.run("restore", str(foreign))

    assert refused.exit_code == 2
    assert "foreign.db is a SQLite database, but not one of Hookline's" in refused.output
    assert keys_in(database(hookline)) == ["first"]
