"""The upgrade as docker/README.md has it, with the processes of the release before as they were: its own source, from this repository's history.

Invariant: while the database is migrated and every process is replaced, one by one, by this release's, each accepted webhook becomes one run, and
each run does its work once; runs that began under the one release end under the other.
"""

from __future__ import annotations

import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.journal.schema import REVISIONS
from tests.calendly_room import flow_text
from tests.eventually import eventually
from tests.integration.test_processes import MARK, Installation, status
from tests.upgrade.record import ROOT, archived
from tests.upgrade.releases import FOLDER

BEFORE = REVISIONS[-2]
STEPS = "  - {id: w, wait: {for: 3s}}\n" + MARK
EACH = 2
"""Bookings between two steps of the upgrade."""


@pytest.fixture(scope="module")
def old_source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of the release before."""
    commit = (FOLDER / BEFORE / "commit").read_text().strip()
    there = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True, check=False
    )
    if there.returncode != 0:
        pytest.skip(
            f"the history here does not reach back to {commit[:12]}; its statements are tested in test_old_statements"
        )
    return str(archived(commit, tmp_path_factory.mktemp("old")))


@pytest.fixture
def place(tmp_path: Path, old_source: str) -> Iterator[Installation]:
    """An installation of the release before."""
    found = Installation(tmp_path)
    found.environment["PYTHONPATH"] = old_source
    yield found
    found.close()


class Bookings:
    """Guests who book all the time that web is up."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.made = 0

    def more(self) -> None:
        for _ in range(EACH):
            self.made += 1
            self.place.control("book", {"email": f"guest{self.made}@guests.example"})
        # A delivery that is refused, because the machine is too busy for the database, comes again after a while.
        eventually(lambda: sum(runs(self.place).values()) == self.made, within=60, saying=lambda: runs(self.place))


def runs(place: Installation) -> Counter[str]:
    """How many runs stand where; read as any release could."""
    with closing(sqlite3.connect(place.home / "hookline.db", timeout=10)) as db:
        return Counter(dict(db.execute("SELECT status, count(*) FROM runs GROUP BY status").fetchall()))


@pytest.mark.long
@pytest.mark.timeout(400)
def test_every_process_is_replaced_by_this_releases_and_nothing_is_lost_or_done_twice(place: Installation) -> None:
    place.service_is_up()
    place.deployed(flow_text(steps=STEPS))
    web, scheduler, worker = place.web_is_up(), place.start("scheduler"), place.start("worker")
    for old in (scheduler, worker):
        # One that starts only after the migration refuses the newer database, as it should.
        old.said('"ready"')
    bookings = Bookings(place)
    bookings.more()

    place.environment["PYTHONPATH"] = str(ROOT)
    assert place.ok("migrate").strip() == f"{BEFORE} -> {REVISIONS[-1]}"
    bookings.more()
    for old in (worker, scheduler):
        assert old.stop() == 0
        bookings.more()
        place.start("worker" if old is worker else "scheduler").said('"ready"')
        bookings.more()
    assert web.stop() == 0
    place.web_is_up()
    bookings.more()

    eventually(lambda: runs(place) == {"succeeded": bookings.made}, within=120, saying=lambda: runs(place))
    assert (place.no_shows, place.marks()) == (bookings.made, bookings.made)
    assert status(f"http://127.0.0.1:{place.port}/readyz") == 200
    for process in place.processes:
        assert "Traceback" not in process.log
