"""Copies that are none, room that is given back, and links to the database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.journal import schema
from engine.journal.database import writing
from engine.journal.journal import Journal
from tests.contracts.journal.stories import accept_run, deploy, webhook
from tests.integration.command_line import CommandLine
from tests.integration.test_backup import beside, database, keys_in


@pytest.fixture
def hookline(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "home")
    line.ok("migrate")
    return line


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("CREATE TABLE t (a)")


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(10_000))


def cut_off(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def in_use(file: Path) -> None:
    file.with_name(file.name + "-wal").write_bytes(b"pages")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (newer, f"schema 9999, which is newer than this release's {schema.REVISIONS[-1]}"),
        (foreign, "not one of Hookline's"),
        (garbage, "cannot be used: file is not a database"),
        (cut_off, "cannot be used: database disk image is malformed"),
        (in_use, "is a database in use, not a copy"),
        (Path.unlink, "there is no file"),
    ],
)
def test_a_copy_that_is_none_is_refused_and_nothing_changes(
    hookline: CommandLine, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    copy = tmp_path / "copy.db"
    hookline.ok("backup", str(copy))
    spoil(copy)
    before = database(hookline).read_bytes()

    result = hookline.run("restore", str(copy))

    assert result.exit_code == 2, result.output
    assert words in result.output
    assert str(tmp_path / "copy.db") in result.output
    assert database(hookline).read_bytes() == before
    assert beside(database(hookline)) == {"hookline.db", "hookline.db.lock"}


def test_a_vacuum_gives_the_room_back(hookline: CommandLine) -> None:
    journal = Journal.open(f"sqlite:///{database(hookline)}")
    deploy(journal)
    large = [webhook(f"key {number}") for number in range(2_000)]
    journal.events.accept(large, ring_in_ms=0)
    with writing(journal.engine) as db:
        db.exec_driver_sql("DELETE FROM events")
    journal.close()

    report = hookline.json("vacuum")

    assert report["after"] < report["before"] / 2
    assert database(hookline).stat().st_size == report["after"]
    assert "no runs" in hookline.run("runs", "list").output


def test_a_link_to_the_database_is_the_database(hookline: CommandLine, tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{database(hookline)}")
    accept_run(journal)
    link = tmp_path / "link.db"
    link.symlink_to(database(hookline))
    other = CommandLine(tmp_path / "other", HOOKLINE_DATABASE_URL=f"sqlite:///{link}", HOOKLINE_SECRET_KEY="k" * 40)
    copy = tmp_path / "copy.db"
    other.ok("backup", str(copy))
    assert "is in use" in other.run("restore", str(copy)).output
    journal.close()

    other.ok("restore", str(copy))

    assert link.is_symlink()
    assert keys_in(link) == ["first"]
