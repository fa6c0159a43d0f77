"""With the database gone, slow or broken, every use-case raises DatabaseUnavailable, and no driver's error or password gets out."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.event import listens_for
from sqlalchemy.exc import DisconnectionError, OperationalError

from engine.core.commands import Ending
from engine.core.statuses import RunStatus
from engine.errors import DatabaseUnavailable, SchemaMismatch
from engine.journal import schema
from engine.journal.database import connect, reading, translated, writing
from engine.journal.journal import Journal
from engine.journal.records import Claim, SubscriptionState
from tests.contracts.journal.stories import FLOW, LEASE_MS, deploy, queued_run, webhook

PASSWORD = "pass-w0rd"
CLAIM = Claim(run_id="0" * 26, number=1)

USE_CASES: dict[str, Callable[[Journal], object]] = {
    "claim": lambda journal: journal.runs.claim("0" * 26, lease_ms=1),
    "renew": lambda journal: journal.runs.renew([CLAIM], lease_ms=1),
    "record": lambda journal: journal.runs.record(CLAIM, [], lease_ms=1),
    "park": lambda journal: journal.runs.park(CLAIM, [], in_ms=1, waiting_for=None),
    "finish": lambda journal: journal.runs.finish(CLAIM, [], Ending(status=RunStatus.FAILED)),
    "ring": lambda journal: journal.runs.ring(limit=1, again_in_ms=1),
    "next_due_in": lambda journal: journal.runs.next_due_in(),
    "get run": lambda journal: journal.runs.get("0" * 26),
    "list runs": lambda journal: journal.runs.list(),
    "last_call_age": lambda journal: journal.runs.last_call_age("c", owner="o", within_ms=1),
    "accept": lambda journal: journal.events.accept([webhook("k")], ring_in_ms=1),
    "get event": lambda journal: journal.events.get("0" * 26),
    "list events": lambda journal: journal.events.list(),
    "deploy": deploy,
    "get flow": lambda journal: journal.flows.get("f"),
    "list flows": lambda journal: journal.flows.list(),
    "set_enabled": lambda journal: journal.flows.set_enabled("f", True),
    "remove flow": lambda journal: journal.flows.remove("f"),
    "versions": lambda journal: journal.flows.versions("f"),
    "source": lambda journal: journal.flows.source("d"),
    "save": lambda journal: journal.connections.save(
        connection_id="c", owner="o", name="n", connector="x", settings={}, secrets={}
    ),
    "get connection": lambda journal: journal.connections.get("n", owner="o"),
    "list connections": lambda journal: journal.connections.list(),
    "note_test": lambda journal: journal.connections.note_test("c", health="ok", message=None, facts=None),
    "note_call": lambda journal: journal.connections.note_call("c"),
    "remove connection": lambda journal: journal.connections.remove("c"),
    "ensure": lambda journal: journal.subscriptions.ensure(
        owner="o", connection="c", uses="u", given={}, public_url="http://h"
    ),
    "set_state": lambda journal: journal.subscriptions.set_state("s", SubscriptionState.ACTIVE),
    "get subscription": lambda journal: journal.subscriptions.get("s"),
    "list subscriptions": lambda journal: journal.subscriptions.list(),
    "lock": lambda journal: journal.subscriptions.lock("s", for_ms=1),
    "unlock": lambda journal: journal.subscriptions.unlock("s"),
    "delete": lambda journal: journal.subscriptions.delete("s"),
    "delete_unwanted": lambda journal: journal.subscriptions.delete_unwanted("s"),
    "bind": lambda journal: journal.subscriptions.bind("f", []),
    "bindings": lambda journal: journal.subscriptions.bindings(),
    "listeners": lambda journal: journal.subscriptions.listeners("s"),
    "check": lambda journal: schema.check(journal.engine),
    "migrate": lambda journal: schema.migrate(journal.engine),
}


@pytest.fixture(params=["sqlite", "postgres"])
def unreachable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """A file in a folder that is not there; a server on a port where none listens."""
    urls = {
        "sqlite": f"sqlite:///{tmp_path}/absent/journal.db",
        "postgres": f"postgresql://hookline:{PASSWORD}@127.0.0.1:1/hookline",
    }
    journal = Journal.open(urls[request.param])
    yield journal
    journal.close()


@pytest.mark.parametrize("use_case", USE_CASES.values(), ids=USE_CASES.keys())
def test_every_use_case_says_that_the_database_is_unavailable(
    unreachable: Journal, use_case: Callable[[Journal], object]
) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        use_case(unreachable)

    assert "HOOKLINE_DATABASE_URL" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_driver_that_quotes_the_password_does_not_get_it_out() -> None:
    engine = connect(f"postgresql://hookline:{PASSWORD}@127.0.0.1:1/hookline")

    with pytest.raises(DatabaseUnavailable) as caught, translated(engine):
        raise OperationalError("SELECT 1", {}, Exception(f"cannot connect to postgresql://hookline:{PASSWORD}@h/d"))

    assert PASSWORD not in str(caught.value)


def test_a_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path}/empty.db")

    with pytest.raises(SchemaMismatch, match="hookline migrate"):
        journal.runs.list()
    journal.close()


def test_a_writer_waits_for_the_lock_no_longer_than_it_has_patience_and_a_reader_does_not_wait(
    migrated_sqlite_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(migrated_sqlite_file.read_bytes())
    journal = Journal.open(f"sqlite:///{file}", patience_ms=50)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseUnavailable):
        deploy(journal)
    assert journal.flows.list() == []

    other.execute("ROLLBACK")
    deploy(journal)
    assert [flow.id for flow in journal.flows.list()] == [FLOW]
    other.close()
    journal.close()


def test_a_full_disk_refuses_the_delivery_and_heals_by_itself(migrated_sqlite_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(migrated_sqlite_file.read_bytes())
    journal = Journal.open(f"sqlite:///{file}")
    large = replace(webhook("large"), body=b"x" * 1_000_000)

    with limited_pages(journal), pytest.raises(DatabaseUnavailable, match="full") as caught:
        journal.events.accept([webhook("small"), large], ring_in_ms=0)

    assert "Make room on the disk" in str(caught.value)

    assert journal.events.list() == []
    assert not journal.events.accept([large], ring_in_ms=0)[0].duplicate
    journal.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_FULL", "Make room on the disk"),
        ("SQLITE_IOERR_WRITE", "see the system's log"),
        ("SQLITE_IOERR_SHMSIZE", "see the system's log"),
        ("SQLITE_READONLY_DIRECTORY", "Let this user write"),
        ("SQLITE_CORRUPT", "hookline restore FILE"),
        ("SQLITE_BUSY", "Check that the database of HOOKLINE_DATABASE_URL runs"),
    ],
)
def test_each_way_in_which_a_disk_fails_has_its_remedy(tmp_path: Path, name: str, words: str) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    engine = connect(f"sqlite:///{tmp_path}/journal.db")

    with pytest.raises(DatabaseUnavailable, match=words), translated(engine):
        raise OperationalError("INSERT", {}, error)


@contextmanager
def limited_pages(journal: Journal) -> Iterator[None]:
    """The database cannot grow, as on a full disk; the journal's only pooled connection carries the limit."""
    with reading(journal.engine) as db:
        pages = db.scalar(text("PRAGMA page_count"))
        db.execute(text(f"PRAGMA max_page_count = {pages}"))
    yield
    with reading(journal.engine) as db:
        db.execute(text("PRAGMA max_page_count = 1000000"))


def test_what_raises_within_a_transaction_leaves_nothing_behind(journal: Journal) -> None:
    deploy(journal)

    def fail_half_way() -> None:
        with writing(journal.engine) as db:
            db.execute(text("DELETE FROM flows"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()

    assert [flow.id for flow in journal.flows.list()] == [FLOW]


def test_a_reader_sees_one_state_while_another_writes(journal: Journal) -> None:
    deploy(journal)
    with reading(journal.engine) as db:
        before = db.scalar(text("SELECT count(*) FROM flows"))
        deploy(journal, flow="second")
        after = db.scalar(text("SELECT count(*) FROM flows"))

    assert (before, after) == (1, 1)
    assert len(journal.flows.list()) == 2


@pytest.fixture
def postgres(migrated_postgres_url: str) -> Iterator[Journal]:
    """Little patience, so that what waits in vain is soon over."""
    journal = Journal.open(migrated_postgres_url, patience_ms=200)
    yield journal
    journal.close()


def backend_of(journal: Journal) -> int:
    """The server's process behind the journal's only pooled connection."""
    with reading(journal.engine) as db:
        return int(db.scalar(text("SELECT pg_backend_pid()")) or 0)


@pytest.mark.postgres
def test_a_connection_that_the_server_closed_while_idle_is_not_used(
    postgres: Journal, migrated_postgres_url: str
) -> None:
    backend = backend_of(postgres)
    administrator = Journal.open(migrated_postgres_url)
    with writing(administrator.engine) as db:
        assert db.scalar(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": backend})
    administrator.close()

    assert backend_of(postgres) != backend


@pytest.mark.postgres
def test_a_server_that_is_cut_off_within_a_transaction_has_stored_nothing(
    postgres: Journal, migrated_postgres_url: str
) -> None:
    administrator = Journal.open(migrated_postgres_url)

    def write_while_the_backend_is_killed() -> None:
        with writing(postgres.engine) as db:
            db.execute(text("INSERT INTO flow_versions VALUES ('cut', 'd', 's', 'f', 1)"))
            backend = db.scalar(text("SELECT pg_backend_pid()"))
            with writing(administrator.engine) as admin:
                admin.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": backend})
            db.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailable):
        write_while_the_backend_is_killed()

    assert administrator.flows.versions("cut") == []
    administrator.close()


@pytest.mark.postgres
def test_a_server_that_is_paused_is_unavailable_and_serves_again_afterwards(postgres: Journal) -> None:
    backend = backend_of(postgres)
    os.kill(backend, signal.SIGSTOP)
    try:
        with pytest.raises(DatabaseUnavailable, match="no answer"):
            postgres.flows.list()
    finally:
        os.kill(backend, signal.SIGCONT)

    assert isinstance(postgres.flows.list(), list)


@pytest.mark.postgres
def test_a_lock_that_another_holds_is_awaited_no_longer_than_patience(
    postgres: Journal, migrated_postgres_url: str
) -> None:
    other = Journal.open(migrated_postgres_url)
    run_id = queued_run(other, "locked")
    with writing(other.engine) as db:
        db.execute(text("SELECT 1 FROM runs WHERE id = :run FOR UPDATE"), {"run": run_id})

        with pytest.raises(DatabaseUnavailable):
            postgres.runs.claim(run_id, lease_ms=LEASE_MS)
        assert run_id not in postgres.runs.ring(limit=1_000, again_in_ms=LEASE_MS)

    assert postgres.runs.claim(run_id, lease_ms=LEASE_MS) is not None
    other.close()


def test_a_full_pool_is_said_in_words(migrated_sqlite_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(migrated_sqlite_file.read_bytes())
    journal = Journal.open(f"sqlite:///{file}", patience_ms=20)
    held = [journal.engine.connect() for _ in range(64)]

    with pytest.raises(DatabaseUnavailable, match="in use"):
        journal.flows.list()

    for connection in held:
        connection.close()
    assert journal.flows.list() == []
    journal.close()


@pytest.mark.postgres
def test_a_server_that_cuts_each_connection_as_soon_as_it_is_made_is_unavailable(migrated_postgres_url: str) -> None:
    engine = connect(migrated_postgres_url)
    try:
        with reading(engine) as db:
            db.execute(text("SELECT 1"))

        @listens_for(engine.pool, "checkout")
        def cut(*_: object) -> None:
            raise DisconnectionError("cut")

        with pytest.raises(DatabaseUnavailable, match="as soon as it is made"), reading(engine):
            pass
    finally:
        engine.dispose()
