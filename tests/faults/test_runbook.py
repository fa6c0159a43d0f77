"""The operators' runbook, as it is written: each command of docker/README.md is typed in the situation that it is for.

What must hold: each section's commands are there, they end as the text says, and afterwards everything has been done once.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from engine.app import OWNER
from engine.core.statuses import RunStatus
from engine.journal.database import writing
from tests.eventually import eventually
from tests.faults import misbehaviour
from tests.faults.checker import Allowed, check
from tests.faults.processes import HOOKLINE
from tests.faults.site import TOKEN, Site, flow, step
from tests.faults.together import on_sqlite

BOOK = Path(__file__).parents[2] / "docker" / "README.md"
STEPS = step("read", "read") + step("pay", "pay") + step("mark", "mark")
LOADED = Allowed(slower=4.0)
SECTIONS = ("Redis", "The database", "A worker", "The public URL", "A connection", "The disk")


def commands() -> Mapping[str, Sequence[str]]:
    """The commands of each section, in order, without their remarks."""
    whole = BOOK.read_text()
    book = whole[whole.index("\n## Runbook\n") :]
    book = book[: book.index("\n## ", 5)]
    sections = re.split(r"^### ", book, flags=re.M)[1:]
    return {
        section.splitlines()[0]: [
            line.partition("  #")[0].strip()
            for block in re.findall(r"```bash\n(.*?)```", section, flags=re.S)
            for line in block.splitlines()
        ]
        for section in sections
    }


class Desk:
    """An operator at a shell of the site's. ``typed``: the commands of one section, which are all used up at the end."""

    def __init__(self, site: Site, section: str) -> None:
        self._site = site
        self._left = list(commands()[section])

    def type(self, count: int = 1, *, status: int = 0, where: Mapping[str, str] | None = None) -> str:
        """The next ``count`` commands, in a shell with these variables; what the last one said. Each ends with ``status``."""
        said = ""
        for _ in range(count):
            said = self._run(self._left.pop(0), status, where or {})
        return said

    def _run(self, command: str, status: int, variables: Mapping[str, str]) -> str:
        path = os.pathsep.join([str(HOOKLINE.parent), self._site.environment["PATH"]])
        done = subprocess.run(
            ["bash", "-c", command],
            env={**self._site.environment, "PATH": path, **variables},
            cwd=self._site.folder,
            capture_output=True,
            text=True,
            timeout=90,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == status, f"{command}: {done.returncode}, wanted {status}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def leave(self) -> None:
        assert not self._left, f"these were not tried: {self._left}"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M+00:00")


def test_the_runbook_has_these_sections_and_no_others() -> None:
    assert tuple(commands()) == SECTIONS
    assert all(commands().values())


@on_sqlite
def test_redis(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    site.up()
    desk = Desk(site, "Redis")
    assert site.redis is not None
    site.redis.kill()
    site.faults.append("Redis is down")
    assert site.client.send(site.hook(), "e1").accepted
    eventually(lambda: set(site.statuses().values()) <= {RunStatus.QUEUED, RunStatus.PARKED})
    assert re.search(r"^fail +redis ", desk.type(status=1), re.M)
    assert next(iter(site.statuses())) in desk.type()
    site.redis.start()
    site.quiet()
    desk.leave()
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    check(site.history(), LOADED).require(accepted=1, faults=1)


@on_sqlite
def test_the_database(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    began = now()
    desk = Desk(site, "The database")
    file = Path(site.database_url.removeprefix("sqlite:///"))
    away = file.with_name("away")
    site.up()
    # Away as an unmounted disk is.
    site.app.journal.close()
    for process in site.processes:
        process.stop()
    shutil.move(file, away)
    site.faults.append("the database is gone")
    desk.type(status=1)
    shutil.move(away, file)
    site.up()
    assert site.client.send(site.hook(), "e1").accepted
    desk.type(2, where={"OUTAGE_BEGAN": began})
    site.quiet()
    desk.leave()
    check(site.history(), LOADED).require(accepted=1, faults=1)


@on_sqlite
def test_a_worker(site: Site) -> None:
    site.deploy(flow(steps=step("read", "read") + step("fire", "fire")))
    site.home.chmod(0o700)
    desk = Desk(site, "A worker")
    worker = site.up()[-1]
    site.witness.misbehave("POST /shots", misbehaviour.hang(), times=1)
    site.client.send(site.hook(), "e1")
    eventually(lambda: site.witness.calls_of("POST /shots"))
    worker.kill()
    # As long as its lease holds nobody can know that it is dead, and the doctor is content.
    desk.type()
    desk.type()
    site.worker()
    eventually(lambda: RunStatus.UNCERTAIN in site.statuses().values(), within=60)
    [run] = site.statuses()
    assert run in desk.type()
    assert "runs resolve" in desk.type(where={"RUN": run})
    desk.type(where={"RUN": run, "STEP": "fire"})
    site.quiet()
    desk.type()
    desk.leave()
    found = site.statuses()
    assert found[run] is RunStatus.UNCERTAIN, "what is over stays as it is"
    assert sorted(status for one, status in found.items() if one != run) == [RunStatus.SUCCEEDED]
    assert len(site.witness.effects) == 1


@on_sqlite
def test_the_public_url(site: Site) -> None:
    source = flow(steps=STEPS)
    site.deploy(source)
    (site.folder / "flows").mkdir()
    (site.folder / "flows" / "f.yaml").write_text(source)
    desk = Desk(site, "The public URL")
    site.up()
    old = site.hook()
    began = now()
    site.witness.forget_hook(old)
    site.faults.append("the service has given up on us")
    desk.type(status=1)
    desk.type()
    moved = {"HOOKLINE_PUBLIC_URL": site.environment["HOOKLINE_PUBLIC_URL"].replace("127.0.0.1", "localhost")}
    desk.type(2, where={"OUTAGE_BEGAN": began, **moved})
    assert site.hook().url.startswith(moved["HOOKLINE_PUBLIC_URL"])
    assert site.client.send(site.hook(), "e1").accepted
    site.quiet()
    desk.leave()
    check(site.history(), LOADED).require(accepted=1, faults=1)


@on_sqlite
def test_a_connection(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    desk = Desk(site, "A connection")
    main = {"CONNECTION": "main"}
    site.up()
    site.witness.misbehave("*", misbehaviour.fail(401).forever())
    site.client.send(site.hook(), "e1")
    eventually(lambda: list(site.statuses().values()) == [RunStatus.FAILED], saying=site.statuses)
    desk.type(status=1, where=main)
    desk.type(where=main)
    site.client.send(site.hook(), "e2")
    eventually(lambda: RunStatus.PARKED in site.statuses().values(), saying=site.statuses)
    site.witness.behave()
    row = site.app.connections.row("main", owner=OWNER)
    site.app.connections.add("main", "faults", owner=OWNER, settings=row.settings, secrets={"token": TOKEN})
    desk.type(2, where=main)
    assert "1" in desk.type()
    desk.type()
    site.quiet()
    desk.leave()
    assert sorted(site.statuses().values()) == [RunStatus.FAILED, RunStatus.SUCCEEDED, RunStatus.SUCCEEDED]


@on_sqlite
def test_the_disk(site: Site) -> None:
    """That it fills, and what comes of it, is test_disk_full.py's; here are the operator's commands on a disk that is nearly full of what is over."""
    site.deploy(flow(steps=STEPS))
    desk = Desk(site, "The disk")
    site.home.chmod(0o700)
    site.up()
    site.client.send(site.hook(), "e1")
    site.quiet()
    desk.type()
    grow_old(site)
    assert "1" in desk.type()
    desk.type()
    assert site.statuses() == {}
    desk.leave()


def grow_old(site: Site) -> None:
    """Everything that is over was over a year ago."""
    year = 366 * 86_400_000
    with writing(site.journal.engine) as db:
        for table, columns in (("runs", ("created_at", "started_at", "ended_at")), ("events", ("received_at",))):
            for column in columns:
                db.execute(text(f"UPDATE {table} SET {column} = {column} - {year}"))
