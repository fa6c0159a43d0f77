"""Every fault at random: a seed draws kills, freezes, stops, floods of errors and outages, one after the other, while webhooks keep coming.

What must hold afterwards is everything: I1 to I8. A failure names the seed; the same seed tells the same story again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.journal import schema
from engine.journal.database import connect
from tests.faults.checker import check
from tests.faults.nursery import Nursery
from tests.faults.site import Site
from tests.faults.under_siege import LAWFUL, tell
from tests.postgres_server import PostgresServer

SHORT, LONG = 20.0, 600.0
SEED = int(os.environ.get("HOOKLINE_TEST_SEED", "1"))


@pytest.fixture
def on_sqlite(tmp_path: Path, sqlite_template: Path, nursery: Nursery) -> Iterator[Site]:
    file = tmp_path / "hookline.db"
    file.write_bytes(sqlite_template.read_bytes())
    with Site(tmp_path, f"sqlite:///{file}", nursery=nursery) as site:
        yield site


@pytest.fixture
def on_postgres(tmp_path: Path, fragile_server: PostgresServer, nursery: Nursery) -> Iterator[Site]:
    url = fragile_server.create_database("site")
    engine = connect(url)
    schema.migrate(engine)
    engine.dispose()
    with Site(tmp_path, url, nursery=nursery) as site:
        yield site


def judged(site: Site, seconds: float, server: PostgresServer | None) -> None:
    print(f"seed {SEED}: replay with HOOKLINE_TEST_SEED={SEED}")
    told = tell(site, seed=SEED, seconds=seconds, server=server)
    print(", ".join(told.faults))
    check(told.history, LAWFUL).require(accepted=25, faults=4, retried=1)


@pytest.mark.timeout(400)
def test_a_short_siege_on_sqlite(on_sqlite: Site) -> None:
    judged(on_sqlite, SHORT, None)


@pytest.mark.postgres
@pytest.mark.timeout(400)
def test_a_short_siege_on_postgresql(on_postgres: Site, fragile_server: PostgresServer) -> None:
    judged(on_postgres, SHORT, fragile_server)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_long_siege_on_sqlite(on_sqlite: Site) -> None:
    judged(on_sqlite, LONG, None)


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.timeout(1800)
def test_a_long_siege_on_postgresql(on_postgres: Site, fragile_server: PostgresServer) -> None:
    judged(on_postgres, LONG, fragile_server)
