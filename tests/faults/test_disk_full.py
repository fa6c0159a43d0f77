"""Promise 14. The fault: the disk that holds the database is full, while webhooks come.

What must hold: deliveries are answered 503, nothing that was accepted is lost, and everything heals by itself when there is room again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from engine.journal import schema
from engine.journal.database import connect
from tests.eventually import eventually
from tests.faults.checker import Allowed, check
from tests.faults.nursery import Nursery
from tests.faults.site import Site, flow, step
from tests.faults.stream import Stream
from tests.postgres_server import find_programs, running_server, unprivileged_user

STEPS = step("read", "read") + step("pay", "pay") + step("mark", "mark")
LARGE = "x" * 60_000
"""Each delivery takes its room, so that a disk that is nearly full is full soon."""
SHARED = 4.0
HOW = "a disk of a few megabytes is mounted for this test, which needs root: sudo make test ARGS=tests/faults/test_disk_full.py"


@contextmanager
def small_disk(megabytes: int, owner: str | None = None) -> Iterator[Path]:
    """A file system of its own, gone afterwards. Without leave to mount one the test is skipped, in CI it fails."""
    folder = Path(tempfile.mkdtemp(prefix="hookline-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "hookline-test", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        folder.rmdir()
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{HOW} ({mounted.stderr.decode().strip()})")
    try:
        if owner is not None:
            shutil.chown(folder, owner)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill(disk: Path) -> Path:
    """Take all the room that is left; delete the file to give it back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            # The database takes its share meanwhile, so that nobody can say beforehand how much is left.
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    return ballast


Place = Callable[[ExitStack, Path], tuple[str, Path]]


def on_sqlite(stack: ExitStack, tmp_path: Path) -> tuple[str, Path]:
    disk = stack.enter_context(small_disk(24))
    return f"sqlite:///{disk / 'hookline.db'}", disk


def on_postgres(stack: ExitStack, tmp_path: Path) -> tuple[str, Path]:
    """Its tables are on the small disk, its log of changes is not: a server that cannot write that one stops, and its operator starts it again."""
    programs = find_programs()
    if programs is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL's programs are not here")
    server = stack.enter_context(running_server(programs, durable=True))
    disk = stack.enter_context(small_disk(32, unprivileged_user() if os.geteuid() == 0 else None))
    return server.create_database("site", on=disk), disk


@pytest.mark.parametrize("place", [on_sqlite, pytest.param(on_postgres, marks=pytest.mark.postgres)])
def test_a_full_disk_is_answered_for_with_503_and_heals_by_itself(
    place: Place, tmp_path: Path, nursery: Nursery
) -> None:
    with ExitStack() as stack:
        url, disk = place(stack, tmp_path)
        engine = connect(url)
        schema.migrate(engine)
        engine.dispose()
        site = stack.enter_context(Site(tmp_path, url, nursery=nursery))
        site.deploy(flow(steps=STEPS))
        site.up()
        with site.watch() as watch, Stream(site, note=LARGE) as stream:
            eventually(lambda: stream.accepted >= 5, within=60)
            ballast = fill(disk)
            site.faults.append("the disk was full")
            eventually(lambda: len(stream.refused) >= 5, within=60, saying=lambda: stream.accepted)
            began = time.monotonic()
            eventually(lambda: len([item for item in stream.refused if item.at > began]) >= 3, within=60)
            assert {delivery.status for delivery in stream.refused} == {503}
            ballast.unlink()
            before = stream.accepted
            eventually(lambda: stream.accepted > before + 2, within=60)
        site.quiet()
        assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
        check(site.history(watch=watch), Allowed(slower=SHARED)).require(accepted=8, faults=1)
