"""The commands that `hookline backup` and `restore` name on PostgreSQL do what they say, as written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from engine.journal.journal import Journal
from tests.contracts.journal.stories import queued_run
from tests.integration.command_line import CommandLine
from tests.postgres_server import PostgresServer, find_programs

pytestmark = pytest.mark.postgres


def as_written(words: str, line: CommandLine) -> None:
    """Run the lines that are commands of PostgreSQL's, and those of ours."""
    for command in (part.strip() for part in words.splitlines()):
        if command.startswith(("pg_dump", "pg_restore")):
            path = f"{find_programs()}:{os.environ['PATH']}"
            done = subprocess.run(command, shell=True, env={"PATH": path}, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        elif command.startswith("hookline"):
            for part in command.split(" && "):
                line.ok(*part.split()[1:])


def test_a_dump_can_be_restored_and_what_happened_since_is_noted(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    given = postgres_server.create_database("dumped")
    # As in docker/systemd/hookline.env.example: through the socket, and without a name before it.
    url = f"{given.replace('hookline@', '')}&user=hookline"
    line = CommandLine(tmp_path / "home", HOOKLINE_DATABASE_URL=url, HOOKLINE_SECRET_KEY="k" * 40)
    line.ok("migrate")
    journal = Journal.open(url)
    subscription = journal.subscriptions.ensure(owner="o", connection="c", uses="u", given={}, public_url="http://h")
    before = queued_run(journal, "before")
    dump = str(tmp_path / "a b.dump")
    as_written(line.run("backup", dump).output, line)
    queued_run(journal, "after")
    journal.close()

    as_written(line.run("restore", dump).output, line)

    assert [run.id for run in journal.runs.list()] == [before]
    row = journal.subscriptions.get(subscription.id)
    assert row is not None
    (event,) = journal.events.list()
    assert row.gap_from is not None
    assert event.received_at <= row.gap_from <= journal.now()
    journal.close()
