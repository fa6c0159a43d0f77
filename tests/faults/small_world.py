"""A whole installation in one thread at a time: real interpreter, real driver, real journal, and a clock, a service and workers that a test moves.

Owns that everything happens in the order in which the test says so. A worker is a thread that stands still before and after each of its
commits, and before and after the service acts on its calls; there it is let go on, or dies. It knows no promise: ``model`` does.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from threading import BoundedSemaphore, Event, Semaphore, Thread, local
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as sql_event
from sqlalchemy.ext.compiler import compiles

from engine import strictjson
from engine.errors import ClaimLost
from engine.flow.load import FlowCache, load_flow
from engine.journal import clock as journal_clock
from engine.journal.ids import IdMaker
from engine.journal.journal import Journal
from engine.journal.records import Claim, NewEvent, SubscriptionState
from engine.journal.seal import KeyRing
from engine.redaction import Redactor
from engine.runtime.again import Again
from engine.runtime.connection_client import Outside
from engine.runtime.connections import Connections
from engine.runtime.ingest import Ingest
from engine.runtime.ledger import LEASE_MS
from engine.runtime.resolving import Resolving
from engine.runtime.segment import Segment, Workshop
from engine.runtime.subscriptions import Subscriptions
from engine.sdk import JsonObject
from engine.sdk.webhook import Delivery
from engine.throttle.memory import MemoryThrottle
from tests.faults.desk import Desk, desk

OWNER = "local"
COMMITS = frozenset({"record", "park", "finish", "start_child", "await_event", "end_wait", "pass_over"})
MONOTONIC = (
    "engine.runtime.ledger.monotonic",
    "engine.runtime.frames.monotonic",
    "engine.runtime.connection_client.monotonic",
    "engine.runtime.permits.monotonic",
)


class Crash(BaseException):
    """The worker process ended here."""


class Worker:
    """One worker process with one run, from its claim to its end. It stands at ``where`` until it is told to go on or to die."""

    def __init__(self, world: World, run_id: str) -> None:
        self.run_id = run_id
        self.claim: Claim | None = None
        self.where = "before the claim"
        self.segment: Segment | None = None
        self.ended: str | None = None
        """``done``, ``dead``, ``late`` (its claim was lost) or ``nothing`` (the run was not to be had)."""
        self.due: tuple[str, ...] = ()
        self._error: BaseException | None = None
        self._world = world
        self._go, self._stands = Semaphore(0), Semaphore(0)
        self._dies = False
        self._thread = Thread(target=self._live, name=f"worker {run_id}", daemon=True)
        self._thread.start()
        self._wait()

    def go_on(self) -> None:
        """To the next place where it stands, or to its end. Raises what a worker must not raise."""
        self._go.release()
        self._wait()

    def die(self) -> None:
        self._dies = True
        self.go_on()

    def stand(self, where: str) -> None:
        """Called in the worker's thread."""
        self.where = where
        self._stands.release()
        self._go.acquire()
        if self._dies:
            raise Crash

    def _wait(self) -> None:
        assert self._stands.acquire(timeout=60), f"the worker hangs after: {self.where}"
        if self._error is not None:
            raise self._error

    def _live(self) -> None:
        self._world.worker = self
        try:
            self.ended = self._work()
        except Crash:
            self.ended = "dead"
        except ClaimLost:
            self.ended = "late"
        except BaseException as error:  # handed to the test's thread
            self.ended, self._error = "broken", error
        self._stands.release()

    def _work(self) -> str:
        world = self._world
        claimed = world.journal.runs.claim(self.run_id, lease_ms=LEASE_MS)
        if claimed is None:
            return "nothing"
        self.claim = claimed.claim
        world.stand("after the claim")
        self.segment = Segment(world.workshop, claimed)
        self.due = self.segment.run().due
        return "done"


class _Standing:
    """A port of the journal whose commits are places to stand at. ``committed`` is called after each."""

    def __init__(self, port: Any, world: World) -> None:
        self._port, self._world = port, world

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        return self._world.commit(name, real) if name in COMMITS else real


@dataclass
class Clock:
    """``now_ms``: the database's; ``mono_ms``: the one that only goes on. ``latest_ms``: the latest that the first one has ever said."""

    now_ms: int = 1_800_000_000_000
    mono_ms: int = 0
    latest_ms: int = 1_800_000_000_000
    _told: Callable[[], None] = lambda: None

    def pass_by(self, ms: int) -> None:
        """So much time passes, for everybody."""
        self.mono_ms += ms
        self.jump(ms)

    def jump(self, ms: int) -> None:
        """The database's clock is set, and nothing else."""
        self.now_ms += ms
        self.latest_ms = max(self.latest_ms, self.now_ms)
        self._told()

    def of(self, engine: Engine) -> None:
        """Be this database's ``world_ms()``."""
        if engine.dialect.name == "sqlite":

            def connected(db: sqlite3.Connection, record: object) -> None:
                db.create_function("world_ms", 0, lambda: self.now_ms)
                # Workers die here, machines do not.
                db.execute("PRAGMA synchronous=OFF")

            sql_event.listen(engine, "connect", connected)
            return
        with engine.begin() as db:
            db.exec_driver_sql("CREATE TABLE IF NOT EXISTS world_clock (ms bigint)")
            db.exec_driver_sql(
                "CREATE OR REPLACE FUNCTION world_ms() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT ms FROM world_clock'"
            )
            db.exec_driver_sql(f"DELETE FROM world_clock; INSERT INTO world_clock VALUES ({self.now_ms})")

        def tell() -> None:
            with engine.begin() as db:
                db.exec_driver_sql(f"UPDATE world_clock SET ms = {self.now_ms}")

        self._told = tell


@dataclass
class World:
    """Everything that there is."""

    journal: Journal
    clock: Clock
    on_late_write: Callable[[Worker], None] = lambda worker: None

    def __post_init__(self) -> None:
        self._thread = local()
        self.desk = Desk(self.stand, lambda: self.clock.mono_ms)
        throttle = MemoryThrottle(lambda: self.clock.mono_ms / 1000)
        self.keyring = KeyRing.parse(base64.b64encode(bytes(32)).decode())
        outside = Outside(
            egress=self.desk,
            throttle=throttle,
            age_of_last_call=lambda owner, name, ms: None,
            pause=self._pause,
            clock=lambda ms: str(ms),
        )
        dying = replace(
            self.journal,
            runs=_Standing(self.journal.runs, self),
            waits=_Standing(self.journal.waits, self),
        )
        self.flows = FlowCache()
        self.connections = Connections(
            journal=dying, keyring=self.keyring, catalogue={"desk": desk()}, outside=outside, redactor=Redactor()
        )
        self.workshop = Workshop(
            connections=self.connections, flows=self.flows, stopping=Event(), helpers=BoundedSemaphore(0)
        )
        self.subscriptions = Subscriptions(connections=self.connections, public_url="https://hooks.example")
        row = self.connections.add("desk", "desk", owner=OWNER, settings={}, secrets={"token": "token-of-the-desk"})
        throttle.warm(row.id, quiet_ms=0)
        self.again = Again(journal=self.journal, flows=self.flows, keyring=lambda: self.keyring, actor="test")
        self.resolving = Resolving(
            again=self.again, catalogue=self.connections.catalogue, connections=lambda: self.connections
        )

    def _pause(self, seconds: float) -> bool:
        self.clock.pass_by(round(seconds * 1000))
        return False

    # What happens

    def deploy(self, text: str) -> tuple[str, str]:
        """The flow's id and the version that is active now."""
        flow = load_flow(text, "f.yaml")
        self.journal.flows.deploy(
            flow_id=flow.id, name=flow.name, owner=OWNER, digest=flow.digest, source=text, file=flow.file
        )
        self.subscriptions.bind(flow, owner=OWNER)
        for row in self.journal.subscriptions.list():
            sealed = self.keyring.seal("key", owner=OWNER, of=row.id, field="signing_key")
            self.journal.subscriptions.set_state(row.id, SubscriptionState.ACTIVE, signing_key=sealed)
        return flow.id, flow.digest

    def prepare(self, event: JsonObject) -> tuple[NewEvent, ...]:
        """A delivery is at the web process, verified and judged, and nothing of it is stored."""
        ingest = Ingest(
            journal=self.journal, keyring=self.keyring, catalogue=self.connections.catalogue, flows=self.flows
        )
        [row] = self.journal.subscriptions.list()
        return ingest.prepare(row.id, Delivery(headers={}, body=strictjson.dump(event).encode(), received_at=0.0))

    def sweep(self) -> Sequence[str]:
        """The scheduler looks once."""
        return [*self.journal.runs.ring(limit=100, again_in_ms=3_000), *self.journal.runs.release_held()]

    @property
    def worker(self) -> Worker | None:
        """The one whose thread this is."""
        found: Worker | None = getattr(self._thread, "worker", None)
        return found

    @worker.setter
    def worker(self, worker: Worker) -> None:
        self._thread.worker = worker

    def stand(self, where: str) -> None:
        worker = self.worker
        if worker is not None:
            worker.stand(where)

    def commit(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def committing(*given: Any, **named: Any) -> Any:
            self.stand(f"before {name}")
            worker = self.worker
            try:
                done = real(*given, **named)
            except ClaimLost:
                if worker is not None:
                    self.on_late_write(worker)
                raise
            self.stand(f"after {name}")
            return done

        return committing


@contextmanager
def a_world(url: str) -> Iterator[World]:
    """Over a migrated, empty database, whose clock and whose workers' clocks are the world's until the end of the block."""
    patch, clock = pytest.MonkeyPatch(), Clock()
    journal = Journal.open(url)
    dialect = journal.engine.dialect.name

    @compiles(journal_clock.now_ms, dialect)
    def ours(element: object, compiler: object, **kw: object) -> str:
        return "world_ms()"

    # Ids that are the same each time: what is drawn from a sorted list of them is then the same too.
    numbers = count(1)
    patch.setattr(IdMaker, "new", lambda maker: f"{next(numbers):026}")
    for name in MONOTONIC:
        patch.setattr(name, lambda: clock.mono_ms / 1000)
    try:
        clock.of(journal.engine)
        yield World(journal, clock)
    finally:
        patch.undo()
        compiles(journal_clock.now_ms, dialect)(getattr(journal_clock, f"_{dialect}"))
        journal.close()
