"""The migrations bring a database to the schema that the statements expect, and a process refuses to start on any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex

import engine.journal
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import SchemaMismatch
from engine.journal import schema
from engine.journal.database import connect, reading, writing
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
    with pytest.raises(SchemaMismatch, match="hookline migrate"):
        schema.check(new_database())


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
