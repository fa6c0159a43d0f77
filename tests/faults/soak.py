"""`make soak`: half an hour of webhooks with the nemesis on, then the checker's verdict, and lines that must be flat.

Owns sampling what a leak would raise (resident memory and open files of the processes that nobody kills, keys in Redis, the database's size per
run) and the report. Exit status 0: no promise broken, and every line is flat.

    python -m tests.faults.soak [--minutes 30] [--seed N] [--database sqlite|postgres] [--every SECONDS]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import redis
from sqlalchemy import func, select, text

from engine.errors import UnavailableError
from engine.journal import schema
from engine.journal.database import connect, reading
from engine.journal.tables import runs
from tests.faults.checker import check
from tests.faults.processes import Process
from tests.faults.site import Site
from tests.faults.under_siege import LAWFUL, tell
from tests.postgres_server import HOW_TO_ENABLE, PostgresServer, find_programs, running_server

WARM_UP = 0.25
"""The part of the soak in which caches and pools may still fill."""

ENOUGH = 8
"""Samples."""

MEMORY_MB, FILES, KEYS, PER_RUN = 24.0, 16, 16, 1.25
"""How much more may be there at the end than after the warm-up: of memory and files per process, keys in all, and the size per run as a factor."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One look. By process: megabytes resident, open files."""

    at: float
    memory: dict[str, float]
    files: dict[str, int]
    keys: int | None
    bytes: int | None
    runs: int | None


@dataclass
class Lines:
    """Samples, taken every few seconds between ``start`` and ``stop``."""

    site: Site
    every: float = 5.0
    samples: list[Sample] = field(default_factory=list)
    _over: Event = field(default_factory=Event)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        thread = Thread(target=self._run, name="lines", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(30)

    def _run(self) -> None:
        began = time.monotonic()
        while not self._over.wait(self.every):
            self.samples.append(self._look(time.monotonic() - began))

    def _look(self, at: float) -> Sample:
        steady = [found[0] for role in ("web", "worker", "scheduler") if (found := self.site.alive(role))]
        size, count = self._database()
        return Sample(
            at=at,
            memory={process.name: resident_mb(process) for process in steady},
            files={process.name: len(os.listdir(f"/proc/{process.pid}/fd")) for process in steady},
            keys=self._keys(),
            bytes=size,
            runs=count,
        )

    def _keys(self) -> int | None:
        assert self.site.redis is not None
        try:
            with self.site.redis.client() as client:
                return int(str(client.dbsize()))
        except redis.RedisError:
            return None

    def _database(self) -> tuple[int | None, int | None]:
        on_sqlite = self.site.database_url.startswith("sqlite")
        size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()" if on_sqlite else None
        try:
            with reading(self.site.journal.engine) as db:
                found = db.execute(text(size or "SELECT pg_database_size(current_database())")).scalar_one()
                return int(found), db.execute(select(func.count()).select_from(runs)).scalar_one()
        except UnavailableError:
            return None, None

    def findings(self) -> Iterator[str]:
        """What is not flat."""
        if len(self.samples) < ENOUGH:
            yield f"only {len(self.samples)} samples were taken: too few to say anything"
            return
        cut = self.samples[-1].at * WARM_UP
        early = [item for item in self.samples if item.at <= cut]
        first, last = early[-max(1, len(early) // 4) :], self.samples[-max(2, len(self.samples) // 8) :]
        for name in sorted(first[-1].memory):
            grown = middle([item.memory[name] for item in last if name in item.memory]) - middle(
                [item.memory[name] for item in first if name in item.memory]
            )
            if grown > MEMORY_MB:
                yield f"{name} has {grown:.0f} MB more than after the warm-up"
            more = middle([item.files[name] for item in last if name in item.files]) - middle(
                [item.files[name] for item in first if name in item.files]
            )
            if more > FILES:
                yield f"{name} has {more:.0f} more open files than after the warm-up"
        yield from self._stored(first, last)

    def _stored(self, first: Sequence[Sample], last: Sequence[Sample]) -> Iterator[str]:
        before = [item.keys for item in first if item.keys is not None]
        after = [item.keys for item in last if item.keys is not None]
        if before and after and middle(after) > middle(before) + KEYS:
            yield f"Redis has {middle(after):.0f} keys, after the warm-up {middle(before):.0f}"
        sizes = [
            middle([item.bytes / item.runs for item in part if item.bytes and item.runs]) for part in (first, last)
        ]
        if sizes[1] > sizes[0] * PER_RUN:
            yield f"a run takes {sizes[1]:,.0f} bytes of the database, after the warm-up it was {sizes[0]:,.0f}"

    def table(self) -> Iterator[str]:
        """About a dozen samples, for people."""
        step = max(1, len(self.samples) // 12)
        for item in self.samples[::step]:
            memory = "  ".join(f"{name} {mb:.0f} MB/{item.files[name]}" for name, mb in sorted(item.memory.items()))
            per_run = f"{item.bytes / item.runs:,.0f}" if item.bytes and item.runs else "-"
            yield f"{item.at:6.0f} s  {memory}  Redis {item.keys if item.keys is not None else '-'} keys  {item.runs or '-'} runs, {per_run} bytes each"


def resident_mb(process: Process) -> float:
    """Resident memory."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def middle(values: Sequence[float]) -> float:
    """The median; 0 without any."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, PostgresServer | None]]:
    """A migrated, empty database."""
    with ExitStack() as stack:
        server = None
        url = f"sqlite:///{folder / 'hookline.db'}"
        if kind == "postgres":
            programs = find_programs()
            if programs is None:
                sys.exit(f"PostgreSQL's programs are not here: {HOW_TO_ENABLE}")
            server = stack.enter_context(running_server(programs, durable=True))
            url = server.create_database("soak")
        engine = connect(url)
        schema.migrate(engine)
        engine.dispose()
        yield url, server


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--every", type=float, default=0.3, help="seconds between two webhooks; each starts three runs")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hookline-soak-"))
    print(f"seed {options.seed}, {options.minutes:g} minutes on {options.database}, logs in {folder}", flush=True)
    with database(options.database, folder) as (url, server), Site(folder, url) as site:
        lines = Lines(site, every=max(1.0, options.minutes * 60 / 240))
        with lines.drawn():
            told = tell(
                site,
                seed=options.seed,
                seconds=options.minutes * 60,
                server=server,
                every=options.every,
                on_fault=lambda fault: print(f"  {fault}", flush=True),
            )
        verdict = check(told.history, LAWFUL)
    return report(verdict.broken, lines, told.faults, len(told.history.runs), folder)


def report(broken: Sequence[object], lines: Lines, faults: Sequence[str], count: int, folder: Path) -> int:
    """Print it; the exit status."""
    flat = list(lines.findings())
    print("\n".join(lines.table()))
    counted = sorted({fault: faults.count(fault) for fault in faults}.items())
    print(f"{len(faults)} faults: " + ", ".join(f"{name} × {number}" for name, number in counted))
    print(f"{count} runs; " + (f"{len(broken)} breaches:" if broken else "no promise broken"))
    print("\n".join(map(str, broken[:50])))
    print("\n".join(f"not flat: {item}" for item in flat) if flat else "every line is flat")
    if broken or flat:
        print(f"what the processes said is in {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
