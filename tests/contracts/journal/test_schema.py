"""The migrations bring a database to the schema that the statements expect, and a process refuses to start on any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.exc import IntegrityError

import engine.journal
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import SchemaMismatch
from engine.journal import schema
from engine.journal.database import connect, reading, writing
from engine.journal.journal import Journal
from engine.journal.records import EventSource, NewEvent
from engine.journal.tables import metadata
from tests.contracts.journal.stories import at_once
from tests.postgres_server import PostgresServer

NewDatabase = Callable[[], Engine]
_numbers = count()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Makes databases without tables."""
    opened: list[Engine] = []

    def make() -> Engine:
        name = f"fresh_{next(_numbers)}"
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / name}.db"
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = server.create_database(name)
        opened.append(connect(url))
        return opened[-1]

    yield make
    for database in opened:
        database.dispose()


def set_revision(database: Engine, revision: str) -> None:
    with writing(database) as db:
        db.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def described(database: Engine) -> dict[str, object]:
    """Everything that the database says of our tables, constraints and indexes."""
    found = inspect(database)
    return {
        table: (
            [{**column, "type": repr(column["type"])} for column in found.get_columns(table)],
            found.get_pk_constraint(table),
            sorted(found.get_foreign_keys(table), key=str),
            sorted(found.get_unique_constraints(table), key=str),
            sorted(found.get_check_constraints(table), key=str),
            sorted((_index(index) for index in found.get_indexes(table)), key=str),
        )
        for table in metadata.tables
    }


def _index(index: ReflectedIndex) -> dict[str, object]:
    options = {name: str(option) for name, option in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def test_the_migrations_make_the_tables_that_the_statements_expect(new_database: NewDatabase) -> None:
    migrated, made = new_database(), new_database()
    schema.migrate(migrated)
    with writing(made) as db:
        metadata.create_all(db)

    with reading(migrated) as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []
    assert described(migrated) == described(made)


def test_a_filled_database_of_the_first_release_comes_forward_with_every_row(new_database: NewDatabase) -> None:
    database = new_database()
    migrate_to(database, "0001")
    with writing(database) as db:
        for statement in FILLED_0001:
            db.execute(text(statement))

    assert schema.migrate(database) == ("0001", schema.REVISIONS[-1])

    journal = Journal.open(database.url.render_as_string(hide_password=False))
    found = journal.runs.get("rrn000000000")
    assert found is not None
    run, (step,) = found
    assert (run.status, run.held, run.depth, run.lane, run.parent_run) == (RunStatus.PARKED, False, 0, None, None)
    assert (step.path, step.begun_at, step.cut, step.secure) == ("a[0].b", None, None, frozenset())
    assert [event.dedupe_key for event in journal.events.list()] == ["k"]
    assert [binding.purpose for binding in journal.subscriptions.bindings()] == ["start"]
    claimed = journal.runs.claim("rrn000000000", lease_ms=1_000)
    assert claimed is not None
    assert [row.path for row in claimed.steps] == ["a[0].b"]
    for source in EventSource:
        by_hand = NewEvent(subscription_id=None, source=source, dedupe_key="k", body=b"{}", event={})
        assert not journal.events.accept([by_hand], ring_in_ms=0)[0].duplicate
    journal.close()
    with pytest.raises(IntegrityError), writing(database) as db:
        db.execute(text("DELETE FROM events WHERE id = 'event0000000'"))


def migrate_to(database: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(engine.journal.__file__).parent / "migrations"))
    with writing(database) as db:
        config.attributes["connection"] = db
        command.upgrade(config, revision)


FILLED_0001 = (
    "INSERT INTO flow_versions (flow, digest, source, file, deployed_at) VALUES ('f', 'd', 's', 'f.yaml', 1)",
    "INSERT INTO flows (id, name, owner, enabled, digest, deployed_at) VALUES ('f', 'F', 'local', true, 'd', 1)",
    "INSERT INTO subscriptions (id, identity, owner, connection, uses, given, callback_url, state, created_at, updated_at)"
    " VALUES ('sub', 'i', 'local', 'c', 'a.b', '{}', 'u', 'active', 1, 1)",
    "INSERT INTO bindings (flow, trigger, subscription_id) VALUES ('f', 't', 'sub')",
    "INSERT INTO events (id, subscription_id, source, dedupe_key, received_at, body, outcomes, stale, repeats)"
    " VALUES ('event0000000', 'sub', 'webhook', 'k', 1, '', '[]', false, 0)",
    "INSERT INTO runs (id, flow, digest, owner, status, event_id, inputs, created_at, due_at, claim_no, cancel_requested, changes)"
    " VALUES ('rrn000000000', 'f', 'd', 'local', 'parked', 'event0000000', '{}', 1, 1, 1, false, 1)",
    "INSERT INTO steps (run_id, path, attempt, uses, status, position, ended_at)"
    " VALUES ('rrn000000000', 'a[0].b', 1, 'a.b', 'succeeded', 0, 1)",
)
"""One row of each table that refers to another one or is altered."""


def test_a_migration_that_would_leave_orphans_changes_nothing(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'damaged.db'}")
    migrate_to(database, "0001")
    with database.connect() as db:
        driver = db.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute(FILLED_0001[-1])

    with pytest.raises(SchemaMismatch, match="steps"):
        schema.migrate(database)

    assert schema.current(database) == "0001"
    database.dispose()


def test_the_list_of_revisions_is_that_of_the_files() -> None:
    scripts = ScriptDirectory(str(Path(engine.journal.__file__).parent / "migrations"))

    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == schema.REVISIONS


def test_a_fresh_database_is_migrated_once(new_database: NewDatabase) -> None:
    database = new_database()

    assert schema.migrate(database) == (None, schema.REVISIONS[-1])
    assert schema.migrate(database) == (schema.REVISIONS[-1], schema.REVISIONS[-1])
    schema.check(database)
    with reading(database) as db:
        assert db.scalars(text("SELECT id FROM owners")).all() == ["local"]


def test_processes_that_migrate_at_once_do_it_once(new_database: NewDatabase) -> None:
    url = new_database().url.render_as_string(hide_password=False)

    def migrate(_: int) -> tuple[str | None, str]:
        own = connect(url)
        try:
            return schema.migrate(own)
        finally:
            own.dispose()

    befores = [before for before, _ in at_once(4, migrate)]

    assert befores.count(None) == 1


def test_a_database_without_tables_is_refused_with_the_command_that_helps(new_database: NewDatabase) -> None:
    database = new_database()
    with pytest.raises(SchemaMismatch, match="hookline migrate") as refused:
        schema.check(database)
    assert str(database.url.database) in refused.value.message
    assert not database.url.password or database.url.password not in refused.value.message


def test_a_database_that_an_older_release_made_is_refused(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    schema.migrate(database)
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))

    with pytest.raises(SchemaMismatch, match="hookline migrate"):
        schema.check(database)


def test_a_database_that_a_newer_release_made_is_refused_and_left_alone(new_database: NewDatabase) -> None:
    database = new_database()
    schema.migrate(database)
    set_revision(database, "9999")

    for refused in (schema.check, schema.migrate):
        with pytest.raises(SchemaMismatch, match="newer"):
            refused(database)
    with reading(database) as db:
        assert db.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_the_database_takes_every_status_that_the_program_knows() -> None:
    for table, statuses in (("runs", RunStatus), ("steps", StepStatus)):
        checks = {str(check.name): str(getattr(check, "sqltext", "")) for check in metadata.tables[table].constraints}
        assert all(repr(status.value) in checks[f"ck_{table}_status"] for status in statuses)
