"""A process whose database has another release's schema does not start, and says who has to do what.

Invariant: no command touches a database that a newer release has migrated, nor one that is still to be migrated; whoever runs already goes on.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from engine.journal.schema import REVISIONS
from tests.engine_room import EngineRoom
from tests.integration.command_line import CommandLine
from tests.upgrade.releases import Release

NEWER = "9999"
FLOW = "id: greet\nsteps:\n  - {id: hello, uses: log.write, with: {message: hello}}\n"
RUN = "x" * 26
COMMANDS = (
    ["web"],
    ["worker"],
    ["scheduler"],
    ["deploy", "--yes", "greet.yaml"],
    ["run", "greet"],
    ["runs", "list"],
    ["runs", "show", RUN],
    ["runs", "cancel", RUN],
    ["events", "list"],
    ["flow", "list"],
    ["flow", "pause", "greet"],
    ["flow", "disable", "greet"],
    ["connection", "list"],
    ["replay", RUN],
)
"""Every command that opens the database, but for those that have a test of their own."""


@pytest.fixture
def hookline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    (tmp_path / "greet.yaml").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir(mode=0o700)
    return CommandLine(tmp_path / "home", HOOKLINE_REDIS_URL="")


def at_schema(line: CommandLine, revision: str) -> bytes:
    """Make the home's database one of that schema; what its file holds."""
    file = line.home / "hookline.db"
    if revision in REVISIONS[:-1]:
        Release(revision=revision, kind="sqlite").restore(f"sqlite:///{file}")
    else:
        line.ok("migrate")
        with closing(sqlite3.connect(file)) as db:
            db.execute("UPDATE alembic_version SET version_num = ?", [revision])
            db.commit()
    return dump(file)


def dump(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as db:
        return "\n".join(db.iterdump()).encode()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_refuses_the_schema_of_a_newer_release(hookline: CommandLine, command: list[str]) -> None:
    before = at_schema(hookline, NEWER)
    result = hookline.run(*command)
    assert result.exit_code == 2, result.output
    assert (
        f"error: the database is at schema {NEWER}, which is newer than this release's {REVISIONS[-1]}" in result.stderr
    )
    assert "Upgrade Hookline on this machine to the release that the others run." in result.stderr
    assert dump(hookline.home / "hookline.db") == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_refuses_the_schema_of_an_older_release(hookline: CommandLine, command: list[str]) -> None:
    before = at_schema(hookline, REVISIONS[-2])
    result = hookline.run(*command)
    assert result.exit_code == 2, result.output
    assert f"error: the database is at schema {REVISIONS[-2]}, this release needs {REVISIONS[-1]}" in result.stderr
    assert "hookline migrate" in result.stderr
    assert dump(hookline.home / "hookline.db") == before


@pytest.mark.parametrize("command", [["migrate"], ["migrate", "--check"], ["dev"]], ids=" ".join)
def test_what_migrates_leaves_a_newer_database_alone(hookline: CommandLine, command: list[str]) -> None:
    before = at_schema(hookline, NEWER)
    result = hookline.run(*command)
    assert result.exit_code == 2, result.output
    assert "newer than this release's" in result.stderr
    assert dump(hookline.home / "hookline.db") == before


def test_the_doctor_says_it_and_checks_the_rest(hookline: CommandLine) -> None:
    at_schema(hookline, NEWER)
    result = hookline.run("doctor")
    assert result.exit_code == 1
    assert f"the database is at schema {NEWER}, which is newer" in result.stdout
    assert "Upgrade Hookline on this machine" in result.stdout


def test_who_runs_already_goes_on_when_a_newer_release_migrates(tmp_path: Path) -> None:
    with EngineRoom(tmp_path) as room:
        first = room.start("steps: [{id: a, uses: probe.put, with: {name: a}}]\n")
        with room.journal.engine.begin() as db:
            db.exec_driver_sql("ALTER TABLE runs ADD COLUMN colour TEXT")
            db.exec_driver_sql("ALTER TABLE steps ADD COLUMN colour TEXT")
            db.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{NEWER}'")
        room.execute(first)
        assert room.state(first).status is RunStatus.SUCCEEDED
        assert room.run("steps: [{id: a, uses: probe.put, with: {name: b}}]\n").status is RunStatus.SUCCEEDED
