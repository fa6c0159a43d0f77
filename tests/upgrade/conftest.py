"""Fixture databases for the tests of upgrades. Owns making a database of one, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.contracts.conftest import postgres_server
from tests.postgres_server import PostgresServer
from tests.upgrade.releases import REVISIONS, Release

__all__ = ["postgres_server"]
_numbers = count()
NewDatabase = Callable[[], str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(params=REVISIONS)
def release(request: pytest.FixtureRequest, kind: str) -> Release:
    """Each release on each database."""
    return Release(revision=request.param, kind=kind)


@pytest.fixture
def new_database(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> NewDatabase:
    """Makes databases of that kind, without tables; their URLs."""

    def make() -> str:
        name = f"upgrade_{next(_numbers)}"
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        return server.create_database(name)

    return make
