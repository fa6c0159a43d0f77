"""Promise 13. The faults: the database crashes and comes back, its backends are killed, it is frozen, its file is locked; all under load.

What must hold: no half-written step and none applied twice; while it is away, deliveries are answered 503 in less than 2 s and nothing of them is
stored; when it is back everything goes on by itself.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine.core.statuses import RunStatus
from engine.journal import schema
from engine.journal.database import connect
from tests.eventually import eventually
from tests.faults.checker import Allowed, check
from tests.faults.nursery import Nursery
from tests.faults.site import Site, flow, step
from tests.faults.stream import Stream
from tests.postgres_server import PostgresServer

STEPS = step("read", "read") + step("pay", "pay") + step("put", "put") + step("mark", "mark")
BUSY = 12
"""Webhooks that have been accepted before the fault comes."""
SHARED = 4.0
"""The machine runs the tests, the site and the database on two cores."""


@pytest.fixture
def crashing(fragile_server: PostgresServer, tmp_path: Path, nursery: Nursery) -> Iterator[Site]:
    """A site on a PostgreSQL of its own, under way."""
    url = fragile_server.create_database("site")
    engine = connect(url)
    schema.migrate(engine)
    engine.dispose()
    with Site(tmp_path, url, nursery=nursery) as site:
        site.deploy(flow(steps=STEPS))
        site.up()
        yield site


def under_way(stream: Stream) -> None:
    eventually(lambda: stream.accepted >= BUSY, within=60)


def works_again(stream: Stream) -> None:
    """New deliveries are accepted at their first try."""
    before = stream.accepted
    eventually(lambda: stream.accepted > before + 2, within=60)


@pytest.mark.postgres
def test_a_database_that_crashes_and_comes_back_has_everything_that_was_accepted(
    crashing: Site, fragile_server: PostgresServer
) -> None:
    site = crashing
    with site.watch() as watch, site.probe() as probe:
        with Stream(site) as stream:
            for _ in range(2):
                under_way(stream)
                began = time.monotonic()
                fragile_server.stop()
                site.faults.append("the database crashed")
                refused = len(stream.refused)
                eventually(lambda known=refused: len(stream.refused) >= known + 3)  # type: ignore[misc]
                site.down.append((began + 0.5, time.monotonic()))
                fragile_server.start()
                works_again(stream)
        site.quiet()
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    check(site.history(watch=watch, probe=probe), Allowed(slower=SHARED)).require(accepted=BUSY, faults=2)


@pytest.mark.postgres
def test_backends_that_are_killed_in_the_middle_of_a_transaction_leave_nothing_half_done(crashing: Site) -> None:
    site = crashing
    killed = 0
    with site.watch() as watch:
        with Stream(site) as stream, psycopg.connect(site.database_url, autocommit=True) as own:
            under_way(stream)
            for _ in range(15):
                ended = own.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
                ).fetchall()
                killed += len(ended)
                before = stream.accepted
                eventually(lambda known=before: stream.accepted > known, within=30)  # type: ignore[misc]
            site.faults.append(f"{killed} backends were killed")
        site.quiet()
    assert killed >= 15
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    check(site.history(watch=watch), Allowed(slower=SHARED)).require(accepted=BUSY, faults=1)


@pytest.mark.postgres
@pytest.mark.parametrize("seconds", [13.0, pytest.param(35.0, marks=pytest.mark.long)])
def test_a_database_that_is_frozen_past_every_lease_is_answered_for_with_503_and_goes_on(
    crashing: Site, fragile_server: PostgresServer, seconds: float
) -> None:
    site = crashing
    with site.watch() as watch, site.probe() as probe:
        with Stream(site) as stream:
            under_way(stream)
            began = time.monotonic()
            fragile_server.freeze()
            site.faults.append(f"the database was frozen for {seconds:g} s")
            # What is measured is the length of the fault itself.
            eventually(lambda: time.monotonic() - began > seconds, within=seconds + 10)
            assert stream.refused, "nobody asked meanwhile"
            site.down.append((began + 0.5, time.monotonic()))
            fragile_server.thaw()
            works_again(stream)
        site.quiet()
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    check(site.history(watch=watch, probe=probe), Allowed(slower=SHARED)).require(accepted=BUSY, faults=1)


def test_a_file_that_another_program_has_locked_is_answered_for_with_503_and_goes_on(
    tmp_path: Path, sqlite_template: Path, nursery: Nursery
) -> None:
    file = tmp_path / "hookline.db"
    file.write_bytes(sqlite_template.read_bytes())
    with Site(tmp_path, f"sqlite:///{file}", nursery=nursery) as site:
        site.deploy(flow(steps=STEPS))
        site.up()
        with site.watch() as watch:
            with Stream(site) as stream:
                under_way(stream)
                other = sqlite3.connect(file, isolation_level=None, timeout=30)
                other.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
                site.faults.append("another program locked the file")
                eventually(lambda: len(stream.refused) >= 3, within=60)
                site.down.append((began + 0.5, time.monotonic()))
                other.execute("ROLLBACK")
                other.close()
                works_again(stream)
            site.quiet()
        assert {delivery.status for delivery in stream.refused} == {503}
        assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
        check(site.history(watch=watch), Allowed(slower=SHARED)).require(accepted=BUSY, faults=1)
