"""Copies of the database, made while everything runs, and put back when nothing does."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from alembic import command
from alembic.config import Config

import engine.journal
from engine.errors import BusyError, DatabaseUnavailable
from engine.journal.database import connect, writing
from engine.journal.journal import Journal
from engine.journal.snapshots import back_up, to_restore
from tests.contracts.journal.stories import accept_run, deploy, new_run, webhook
from tests.integration.command_line import CommandLine

POSTGRES = "postgresql://hookline:pass-w0rd@db.example:5433/journal"


@pytest.fixture
def hookline(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "home")
    line.ok("migrate")
    return line


@pytest.fixture
def journal(hookline: CommandLine) -> Iterator[Journal]:
    """The same database as other processes have it."""
    journal = Journal.open(f"sqlite:///{database(hookline)}")
    yield journal
    journal.close()


def database(hookline: CommandLine) -> Path:
    return hookline.home / "hookline.db"


def keys_in(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return [row[0] for row in db.execute("SELECT dedupe_key FROM events ORDER BY id")]


def beside(file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir() if path.name.startswith(file.name)}


def test_a_copy_holds_one_instant_though_others_write_all_the_time(
    hookline: CommandLine, journal: Journal, tmp_path: Path
) -> None:
    deploy(journal)
    for number in range(50):
        accept_run(journal, f"before {number}")
    written, stop = Event(), Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            journal.events.accept([webhook(f"meanwhile {number}", runs=[new_run(), new_run()])], ring_in_ms=0)
            written.set()
            number += 1

    writer = Thread(target=write)
    writer.start()
    assert written.wait(10)
    copies = [back_up(database(hookline), tmp_path / f"copy{number}.db") for number in range(5)]
    stop.set()
    writer.join()

    for copy in copies:
        with closing(sqlite3.connect(copy.file)) as db:
            events, runs = db.execute("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM runs)").fetchone()
        assert events > 50
        assert runs == 50 + 2 * (events - 50), "an event without its runs"
    assert [copy.runs for copy in copies] == sorted(copy.runs for copy in copies)


def test_a_copy_is_one_file_for_this_user_alone_and_says_what_is_not_in_it(
    hookline: CommandLine, journal: Journal, tmp_path: Path
) -> None:
    accept_run(journal)
    target = tmp_path / "copies" / "a b.db"
    target.parent.mkdir()

    result = hookline.run("backup", str(target))

    assert result.exit_code == 0, result.output
    assert "1 runs (1 not over), checked" in result.stdout
    assert f"the key ({hookline.home / 'secret.key'})" in result.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert beside(target) == {"a b.db"}
    assert target.read_bytes()[18:20] == b"\1\1", "it would need a -wal beside it"


def test_the_key_is_told_where_it_is(hookline: CommandLine, tmp_path: Path) -> None:
    hookline.settings["HOOKLINE_SECRET_KEY"] = "k" * 40
    assert "HOOKLINE_SECRET_KEY" in hookline.run("backup", str(tmp_path / "a.db")).stderr
    assert hookline.json("backup", str(tmp_path / "b.db"))["key"] == "the key (HOOKLINE_SECRET_KEY)"


def test_nothing_is_overwritten(hookline: CommandLine, tmp_path: Path) -> None:
    target = tmp_path / "there.db"
    target.write_text("precious")

    result = hookline.run("backup", str(target))

    assert result.exit_code == 2
    assert f"{target} is there already" in result.output
    assert target.read_text() == "precious"
    assert beside(target) == {"there.db"}


def test_a_copy_that_is_being_made_is_left_alone(hookline: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "a.db.partial").write_text("another process")

    result = hookline.run("backup", str(tmp_path / "a.db"))

    assert result.exit_code == 2
    assert "a.db.partial is there: another process is at it, or was cut off" in result.output
    assert beside(tmp_path / "a.db") == {"a.db.partial"}


def test_a_damaged_database_is_not_copied_as_if_it_were_whole(
    hookline: CommandLine, journal: Journal, tmp_path: Path
) -> None:
    for number in range(100):
        accept_run(journal, f"key {number}")
    journal.close()
    with database(hookline).open("r+b") as file:
        file.seek(40 * 4096)
        file.write(b"\xff" * 40 * 4096)

    result = hookline.run("backup", str(tmp_path / "a.db"))

    assert result.exit_code == 2
    assert "cannot be used" in result.output
    assert beside(tmp_path / "a.db") == set()


def test_without_a_database_there_is_nothing_to_copy(tmp_path: Path) -> None:
    result = CommandLine(tmp_path / "home").run("backup", str(tmp_path / "a.db"))

    assert result.exit_code == 2
    assert not (tmp_path / "home" / "hookline.db").exists()


def test_postgresqls_own_tools_are_named_with_the_exact_command(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "home", HOOKLINE_DATABASE_URL=POSTGRES, HOOKLINE_SECRET_KEY_FILE="/etc/h.key")

    made, put = line.run("backup", "a b.dump"), line.run("restore", "a b.dump")

    assert made.exit_code == put.exit_code == 2
    assert "pg_dump --format=custom --file='a b.dump' postgresql://hookline@db.example:5433/journal" in made.output
    assert "/etc/h.key" in made.output
    assert "--dbname=postgresql://hookline@db.example:5433/journal 'a b.dump'" in put.output
    assert "hookline restore --noted" in put.output
    assert "pass-w0rd" not in made.output + put.output
    assert line.run("vacuum").exit_code == 2


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql:///hookline?host=/run/postgresql", "'postgresql:///hookline?host=/run/postgresql'"),
        ("postgresql://h/d?user=u&password=pass-w0rd&sslmode=require", "'postgresql://h/d?user=u&sslmode=require'"),
        ("postgresql://u:pass-w0rd@h/d?sslpassword=pass-w0rd", "postgresql://u@h/d"),
    ],
)
def test_the_databases_address_is_told_as_postgresqls_tools_take_it_and_without_passwords(
    tmp_path: Path, url: str, told: str
) -> None:
    line = CommandLine(tmp_path / "home", HOOKLINE_DATABASE_URL=url, HOOKLINE_SECRET_KEY="k" * 40)

    made, put = line.run("backup", "a.dump").output, line.run("restore", "a.dump").output

    assert f"--file=a.dump {told}\n" in made
    assert f"--dbname={told} a.dump\n" in put
    assert "pass-w0rd" not in made + put


def test_a_restore_brings_back_what_was_and_keeps_what_is(
    hookline: CommandLine, journal: Journal, tmp_path: Path
) -> None:
    subscription = journal.subscriptions.ensure(owner="o", connection="c", uses="u", given={}, public_url="http://h")
    accept_run(journal, "before")
    copy = tmp_path / "copy.db"
    hookline.ok("backup", str(copy))
    accept_run(journal, "after")
    assert journal.subscriptions.lock(subscription.id, for_ms=10**9)
    newest = journal.events.list()[1].received_at
    journal.close()
    contents = copy.read_bytes()

    result = hookline.run("restore", str(copy))

    assert result.exit_code == 0, result.output
    assert "with the same idempotency keys" in result.stderr
    kept = database(hookline).with_name("hookline.db.before-restore-1")
    assert f"what was there is {kept}" in result.stdout
    assert (keys_in(database(hookline)), keys_in(kept)) == (["before"], ["before", "after"])
    assert stat.S_IMODE(database(hookline).stat().st_mode) == 0o600
    assert copy.read_bytes() == contents
    with closing(sqlite3.connect(database(hookline))) as db:
        assert db.execute("SELECT gap_from, locked_until FROM subscriptions").fetchall() == [(newest, None)]
    assert beside(database(hookline)) == {"hookline.db", "hookline.db.lock", kept.name}

    hookline.ok("restore", str(copy))
    assert beside(database(hookline)) >= {kept.name, "hookline.db.before-restore-2"}
    assert accept_run(journal, "after").duplicate is False


def test_a_gap_that_was_open_before_stays_as_long_as_it_was(
    hookline: CommandLine, journal: Journal, tmp_path: Path
) -> None:
    journal.subscriptions.ensure(owner="o", connection="c", uses="u", given={}, public_url="http://h")
    accept_run(journal)
    with writing(journal.engine) as db:
        db.exec_driver_sql("UPDATE subscriptions SET gap_from = 1700000000000")
    hookline.ok("backup", str(tmp_path / "copy.db"))
    journal.close()
    hookline.ok("restore", str(tmp_path / "copy.db"))

    with closing(sqlite3.connect(database(hookline))) as found:
        assert found.execute("SELECT gap_from FROM subscriptions").fetchall() == [(1_700_000_000_000,)]


def test_what_other_tools_restored_is_only_noted(hookline: CommandLine, journal: Journal) -> None:
    assert "nothing to make up for" in hookline.ok("restore", "--noted")
    journal.subscriptions.ensure(owner="o", connection="c", uses="u", given={}, public_url="http://h")
    accept_run(journal)

    assert "will be asked for" in hookline.ok("restore", "--noted")

    with closing(sqlite3.connect(database(hookline))) as found:
        (gap,) = found.execute("SELECT gap_from FROM subscriptions").fetchone()
    assert gap == journal.events.list()[0].received_at
    assert hookline.run("restore").exit_code == 2


@pytest.mark.parametrize("verb", ["restore", "vacuum"])
def test_nothing_is_replaced_while_a_process_uses_the_database(
    hookline: CommandLine, journal: Journal, tmp_path: Path, verb: str
) -> None:
    copy = tmp_path / "copy.db"
    hookline.ok("backup", str(copy))
    accept_run(journal)
    arguments = [verb, str(copy)] if verb == "restore" else [verb]

    refused = hookline.run(*arguments)

    assert refused.exit_code == 2
    assert "is in use" in refused.output
    assert "hookline dev, web, worker, scheduler" in refused.output
    assert keys_in(database(hookline)) == ["first"]
    journal.close()
    hookline.ok(*arguments)


OTHER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("SELECT * FROM runs").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_program_that_knows_nothing_of_our_lock_is_in_the_way_too(hookline: CommandLine, tmp_path: Path) -> None:
    """Such as a process of an older release, idle between two looks."""
    copy = tmp_path / "copy.db"
    hookline.ok("backup", str(copy))
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(database(hookline))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"

        refused = hookline.run("restore", str(copy))
        other.communicate()

    assert refused.exit_code == 2
    assert "is in use" in refused.output
    hookline.ok("restore", str(copy))


def test_a_process_that_starts_during_a_restore_does_not_get_the_old_database(
    hookline: CommandLine, tmp_path: Path
) -> None:
    back_up(database(hookline), tmp_path / "copy.db")
    with to_restore(tmp_path / "copy.db", database(hookline)) as restoring:
        early = Journal.open(f"sqlite:///{database(hookline)}")
        with pytest.raises(DatabaseUnavailable, match="being restored"):
            early.runs.list()
        with pytest.raises(BusyError), to_restore(tmp_path / "copy.db", database(hookline)):
            pass
        restoring.put()

    assert early.runs.list() == []
    early.close()


def no_database(file: Path) -> None:
    file.write_bytes(b"not a database " * 10_000)
    file.with_name(file.name + "-wal").write_bytes(b"nor is this")


def broken_in_the_middle(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * 20 * 4096)


@pytest.mark.parametrize("damage", [no_database, broken_in_the_middle])
def test_a_damaged_database_is_kept_as_it_is_and_leaves_nothing_to_the_restored_one(
    hookline: CommandLine, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    copy = tmp_path / "copy.db"
    hookline.ok("backup", str(copy))
    damage(database(hookline))
    damaged = database(hookline).read_bytes()

    result = hookline.run("restore", str(copy))

    assert result.exit_code == 0, result.output
    kept = database(hookline).with_name("hookline.db.before-restore-1")
    assert kept.read_bytes()[4096:] == damaged[4096:]
    assert not database(hookline).with_name("hookline.db-wal").exists()
    assert "no runs" in hookline.run("runs", "list").output


def test_a_home_without_a_database_gets_one(hookline: CommandLine, journal: Journal, tmp_path: Path) -> None:
    accept_run(journal)
    copy = tmp_path / "copy.db"
    hookline.ok("backup", str(copy))
    other = CommandLine(tmp_path / "other")

    assert "what was there" not in other.ok("restore", str(copy))

    assert keys_in(database(other)) == ["first"]


def migrated_to(file: Path, revision: str) -> None:
    engine = connect(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", str(Path(engine_folder()) / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def engine_folder() -> str:
    return str(Path(str(engine.journal.__file__)).parent)


def test_a_copy_of_an_older_release_is_brought_up_to_date(hookline: CommandLine, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    migrated_to(copy, "0001")

    result = hookline.run("restore", str(copy))

    assert result.exit_code == 0, result.output
    assert "of an older release (schema 0001), and is brought up to date" in result.stdout
    assert hookline.run("migrate", "--check").exit_code == 0


def test_a_database_is_copied_as_it_is_before_it_is_migrated(tmp_path: Path) -> None:
    """The release before has no such command."""
    line = CommandLine(tmp_path / "home")
    line.home.mkdir(mode=0o700)
    migrated_to(database(line), "0002")

    assert line.json("backup", str(tmp_path / "copy.db"))["schema"] == "0002"

    assert line.run("migrate", "--check").exit_code == 1
