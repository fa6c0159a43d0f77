"""The nemesis: random faults, one after the other, from a seed that replays them. Owns what it can do to a site, and in which order.

Each fault is done and mended before the next one, and leaves the site whole. The kinds, their targets, their lengths and the pauses between
them are drawn from the seed alone, so that a seed is the same story each time; what the site makes of it is its own affair.

    nemesis = Nemesis(site, seed=7, server=server)
    for fault in nemesis.story(seconds=60): print(fault)
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.faults import misbehaviour
from tests.faults.misbehaviour import Misbehaviour
from tests.faults.processes import Process
from tests.faults.site import Site
from tests.postgres_server import PostgresServer

SETTLES_IN = 0.5
"""Seconds after the begin of an outage in which an answer may still be an honest one."""

PLACES = ("GET /things", "PUT /things", "POST /payments", "POST /marks", "POST /shots")
KINDS: Sequence[Callable[[], Misbehaviour]] = (
    misbehaviour.act_then_drop,
    misbehaviour.reset,
    lambda: misbehaviour.delay(1.5),
    lambda: misbehaviour.fail(500),
    lambda: misbehaviour.too_many("1"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault, and how often it comes up compared with others."""

    name: str
    weight: int
    do: Callable[[random.Random], None]


class Nemesis:
    """Takes a site whose processes run: one web, and at least two workers and two schedulers, the first of each of which it never kills.

    ``server``: the PostgreSQL behind the site, if it is one; else the site's SQLite file is what it locks. While that is locked, who only reads
    (``/readyz``) hears nothing of it: a probe would be wrong about it.
    """

    def __init__(self, site: Site, *, seed: int, server: PostgresServer | None = None) -> None:
        self._site = site
        self._server = server
        self._random = random.Random(seed)
        self._mortal = {role: site.alive(role)[-1] for role in ("worker", "scheduler")}
        own = self._of_postgres() if server is not None else [Fault(name="lock the file", weight=1, do=self._lock)]
        self._faults = [
            Fault(name="kill a worker", weight=3, do=lambda dice: self._kill("worker")),
            Fault(name="freeze a worker", weight=3, do=self._freeze_worker),
            Fault(name="stop a worker in order", weight=2, do=lambda dice: self._stop("worker")),
            Fault(name="kill a scheduler", weight=1, do=lambda dice: self._kill("scheduler")),
            Fault(name="kill Redis", weight=2, do=self._kill_redis),
            Fault(name="freeze Redis", weight=2, do=self._freeze_redis),
            Fault(name="flush Redis", weight=2, do=self._flush_redis),
            Fault(name="spoil answers", weight=6, do=self._spoil),
            *own,
        ]

    def story(self, *, seconds: float) -> Iterator[str]:
        """Do faults for about this long; yields the name of each that is over."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            fault = self._random.choices(self._faults, [item.weight for item in self._faults])[0]
            # Every fault draws from dice of its own: how often one draws changes nothing for those after it.
            fault.do(random.Random(self._random.random()))
            yield fault.name
            time.sleep(self._random.uniform(0.2, 1.5))

    def _of_postgres(self) -> Sequence[Fault]:
        return [
            Fault(name="kill backends", weight=2, do=self._kill_backends),
            Fault(name="freeze the database", weight=1, do=self._freeze_database),
            Fault(name="crash the database", weight=1, do=self._crash_database),
        ]

    # Processes

    def _kill(self, role: str) -> None:
        self._mortal[role].kill_group()
        self._replace(role)

    def _stop(self, role: str) -> None:
        assert self._mortal[role].stop() in (0, 1), self._mortal[role].log
        self._replace(role)

    def _replace(self, role: str) -> None:
        start: Callable[[], Process] = getattr(self._site, role)
        self._mortal[role] = start()

    def _freeze_worker(self, dice: random.Random) -> None:
        workers = self._site.alive("worker")
        frozen = dice.choice([workers[0], self._mortal["worker"]])
        frozen.pause()
        time.sleep(dice.uniform(1, 14))
        frozen.resume()

    # Redis

    def _kill_redis(self, dice: random.Random) -> None:
        assert self._site.redis is not None
        self._site.redis.kill()
        self._site.faults.append("Redis was killed")
        time.sleep(dice.uniform(0, 3))
        self._site.redis.start()

    def _freeze_redis(self, dice: random.Random) -> None:
        assert self._site.redis is not None
        self._site.redis.freeze()
        self._site.faults.append("Redis was frozen")
        time.sleep(dice.uniform(1, 6))
        self._site.redis.thaw()

    def _flush_redis(self, dice: random.Random) -> None:
        assert self._site.redis is not None
        with self._site.redis.client() as client:
            client.flushall()
        self._site.faults.append("Redis was flushed")

    # The service

    def _spoil(self, dice: random.Random) -> None:
        self._site.witness.misbehave(dice.choice(PLACES), dice.choice(KINDS)(), times=dice.randint(1, 5))

    # The database

    def _kill_backends(self, dice: random.Random) -> None:
        with psycopg.connect(self._site.database_url, autocommit=True) as own:
            for _ in range(dice.randint(1, 5)):
                own.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
                time.sleep(0.2)
        self._site.faults.append("backends were killed")

    def _freeze_database(self, dice: random.Random) -> None:
        assert self._server is not None
        self._server.freeze()
        self._down(dice.uniform(2, 6), "the database was frozen")
        self._server.thaw()

    def _crash_database(self, dice: random.Random) -> None:
        assert self._server is not None
        self._server.stop()
        self._down(dice.uniform(1, 4), "the database crashed")
        self._server.start()

    def _lock(self, dice: random.Random) -> None:
        file = Path(self._site.database_url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            self._down(dice.uniform(1, 5), "another program locked the file")
            other.execute("ROLLBACK")

    def _down(self, seconds: float, words: str) -> None:
        began = time.monotonic()
        self._site.faults.append(words)
        time.sleep(seconds)
        self._site.down.append((began + SETTLES_IN, time.monotonic()))
