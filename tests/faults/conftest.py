"""Installations for the fault suite. Owns preparing a database once, and handing each test a site on a copy of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Literal

import pytest

from engine.journal import schema
from engine.journal.database import connect
from tests.faults.nursery import Nursery
from tests.faults.site import Site
from tests.faults.together import Verdicts, begun
from tests.postgres_server import HOW_TO_ENABLE, PostgresServer, find_programs, running_server

NewSite = Callable[..., Site]
_numbers = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A throw-away server for tests that do no harm to it. Without its programs the test is skipped, in CI it fails."""
    with running_server(_programs()) as server:
        yield server


@pytest.fixture
def fragile_server() -> Iterator[PostgresServer]:
    """A server of the test's own, to be crashed; what is committed survives that. Without its programs as ``postgres_server``."""
    with running_server(_programs(), durable=True) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated, empty database, to be copied."""
    _migrate(postgres_server.create_database("faults_template"))
    return "faults_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("faults") / "template.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database of the test's own: each test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "hookline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    template: str = request.getfixturevalue("postgres_template")
    return server.create_database(f"faults_{next(_numbers)}", like=template)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the processes of all sites come from."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def new_site(database_url: str, tmp_path: Path, nursery: Nursery) -> Iterator[NewSite]:
    """Makes sites on the test's database: ``new_site(redis="bundled", settings={"HOOKLINE_…": "…"})``."""
    with ExitStack() as closing:

        def make(*, redis: Literal["own", "bundled"] = "own", settings: dict[str, str] | None = None) -> Site:
            return closing.enter_context(Site(tmp_path, database_url, redis=redis, settings=settings, nursery=nursery))

        yield make


@pytest.fixture
def site(new_site: NewSite) -> Site:
    """An installation without processes, with a Valkey of its own."""
    return new_site()


def _programs() -> Path:
    programs = find_programs()
    if programs is None and os.environ.get("CI"):
        pytest.fail(f"PostgreSQL's programs are not here, and CI must run these tests: {HOW_TO_ENABLE}")
    if programs is None:
        pytest.skip(f"PostgreSQL's programs are not here: {HOW_TO_ENABLE}")
    return programs


@pytest.fixture(scope="module")
def verdicts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, nursery: Nursery
) -> Iterator[Verdicts]:
    """Of the tests of a file that go on side by side."""
    yield from begun(request, tmp_path_factory, nursery)


def _migrate(url: str) -> None:
    engine = connect(url)
    schema.migrate(engine)
    engine.dispose()
