"""Databases for the contract suites. Owns preparing them once and handing each test an empty one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.journal import schema
from engine.journal.database import connect, writing
from engine.journal.journal import Journal
from engine.journal.tables import metadata
from tests.postgres_server import HOW_TO_ENABLE, PostgresServer, find_programs, running_server

_SEEDED = "owners"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A throw-away server. Without its programs the test is skipped, in CI it fails."""
    programs = find_programs()
    if programs is None and os.environ.get("CI"):
        pytest.fail(f"PostgreSQL's programs are not here, and CI must run these tests: {HOW_TO_ENABLE}")
    if programs is None:
        pytest.skip(f"PostgreSQL's programs are not here: {HOW_TO_ENABLE}")
    with running_server(programs) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_server: PostgresServer) -> str:
    return _migrated(postgres_server.create_database("contracts"))


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("journal") / "template.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database: each test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "journal.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite_file"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("migrated_postgres_url")
    _empty(url)
    return url


@pytest.fixture
def journal(database_url: str) -> Iterator[Journal]:
    journal = Journal.open(database_url)
    yield journal
    journal.close()


def _migrated(url: str) -> str:
    engine = connect(url)
    schema.migrate(engine)
    engine.dispose()
    return url


def _empty(url: str) -> None:
    engine = connect(url)
    names = ", ".join(name for name in metadata.tables if name != _SEEDED)
    with writing(engine) as db:
        db.execute(text(f"TRUNCATE {names}"))
    engine.dispose()
