"""An installation of real processes. Owns its home, its database and Redis, the witness, the client and the processes, for one test.

site.deploy(flow("f", steps=…))          in this process: it is the same code, and faster
site.up()                                web, scheduler, a worker
site.client.send(site.hook(), "e1")
site.quiet()                             every run has ended, or waits by design
site.history()                           for the checker
"""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Literal, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from engine.app import OWNER, App
from engine.core.statuses import RunStatus
from engine.errors import UnavailableError
from engine.flow.load import load_flow
from engine.journal.database import reading
from engine.journal.journal import Journal
from engine.journal.tables import runs, steps
from engine.sdk import Window
from engine.settings import Settings
from engine.strictjson import JsonObject
from tests.eventually import eventually
from tests.faults import history
from tests.faults.client_log import ClientLog
from tests.faults.connector import faults
from tests.faults.history import History
from tests.faults.leaks import dump_of_database, dump_of_redis
from tests.faults.nursery import Nursery
from tests.faults.processes import READY_WITHIN, Forked, Fresh, Process
from tests.faults.watch import Probe, Watch, status_of
from tests.faults.witness import Hook, Witness
from tests.valkey_server import ValkeyServer

ROOT = Path(__file__).parents[2]
TOKEN = "canary-token-9b2e71c4"
SECRET_KEY = base64.b64encode(b"canary-key-of-thirty-two-bytes!!").decode()
QUIET_WITHIN = 90.0
SOON = 60.0
T = TypeVar("T")


class Site:
    """``with Site(folder, database_url) as site``. ``redis``: a server of its own (``site.redis``), or the bundled one.

    ``nursery``: where processes are forked from; without one each is started afresh.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        redis: Literal["own", "bundled"] = "own",
        settings: Mapping[str, str] | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.database_url = database_url
        self.port = free_port()
        self.processes: list[Process] = []
        self.faults: list[str] = []
        """Every fault that was really applied, in order."""
        self.down: list[tuple[float, float]] = []
        """Spans (monotonic) in which a test had the database down."""
        self.budgets: dict[str, Sequence[Window]] = {}
        self._own_redis = redis == "own"
        self._more = dict(settings or {})
        self._nursery = nursery
        self._closing = ExitStack()

    def __enter__(self) -> Site:
        self.home.mkdir(parents=True, exist_ok=True)
        self.redis: ValkeyServer | None = None
        if self._own_redis:
            self.redis = self._closing.enter_context(ValkeyServer())
        self.witness = self._closing.enter_context(Witness(self.folder))
        self.client = ClientLog()
        self._closing.callback(self._end_processes)
        self.environment = self._environment()
        self.app = self._closing.enter_context(App(Settings.load(self.environment)))
        self.app.catalogue = {"faults": faults}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOOKLINE_")}
        more = {"HOOKLINE_REDIS_URL": self.redis.url} if self.redis else {}
        return {
            **inherited,
            "HOOKLINE_HOME": str(self.home),
            "HOOKLINE_DATABASE_URL": self.database_url,
            "HOOKLINE_SECRET_KEY": SECRET_KEY,
            "HOOKLINE_PORT": str(self.port),
            "HOOKLINE_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "HOOKLINE_EGRESS_ALLOW": "127.0.0.1/32",
            "HOOKLINE_LOG_FORMAT": "json",
            "PYTHONPATH": os.pathsep.join([str(plugin(self.folder)), str(ROOT)]),
            **more,
            **self._more,
        }

    # Processes

    def start(
        self, role: str, *, failpoint: str | None = None, name: str | None = None, fresh: bool = False, **settings: str
    ) -> Process:
        """``hookline ROLE``; not awaited. ``failpoint``: as HOOKLINE_TEST_FAILPOINT says; ``settings``: HOOKLINE_… without the prefix, lower case.

        ``fresh``: by exec instead of from the nursery. A ``settings`` key with a capital is a variable's whole name (LD_PRELOAD).
        """
        armed = {"HOOKLINE_TEST_FAILPOINT": failpoint} if failpoint else {}
        given = {key if key != key.lower() else f"HOOKLINE_{key.upper()}": value for key, value in settings.items()}
        environment = {**self.environment, **armed, **given}
        name = name or f"{role}-{len(self.processes)}"
        log = self.folder / f"{name}.log"
        if fresh or self._nursery is None:
            process = Process(name, Fresh((role,), environment, log), log, self.faults.append)
        else:
            process = Process(name, Forked(self._nursery, (role,), environment, log), log, self.faults.append)
        self.processes.append(process)
        return process

    def web(self, *, failpoint: str | None = None, fresh: bool = False, **settings: str) -> Process:
        """A web process that is ready. Stop the one before it first: they share the port."""
        process = self.start("web", failpoint=failpoint, fresh=fresh, **settings)
        eventually(
            lambda: status_of(f"{self.url}/readyz") == 200 or not process.alive,
            within=READY_WITHIN,
            saying=lambda: process.log,
        )
        assert process.alive, process.log
        return process

    def worker(self, *, failpoint: str | None = None, fresh: bool = False, **settings: str) -> Process:
        """A worker that is ready."""
        process = self.start("worker", failpoint=failpoint, fresh=fresh, **settings)
        process.said('"ready"')
        return process

    def scheduler(self, *, failpoint: str | None = None, fresh: bool = False, **settings: str) -> Process:
        """A scheduler that is ready."""
        process = self.start("scheduler", failpoint=failpoint, fresh=fresh, **settings)
        process.said('"ready"')
        return process

    def up(self, *, workers: int = 1, fresh: bool = False, **settings: str) -> Sequence[Process]:
        """Web, scheduler and workers, started side by side; returned when all are ready."""
        started = [self.start("web", fresh=fresh, **settings), self.start("scheduler", fresh=fresh, **settings)]
        started += [self.start("worker", fresh=fresh, **settings) for _ in range(workers)]
        for process in started[1:]:
            process.said('"ready"')
        eventually(lambda: status_of(f"{self.url}/readyz") == 200, within=READY_WITHIN, saying=lambda: started[0].log)
        return started

    def alive(self, role: str) -> Sequence[Process]:
        """The processes of this role that run."""
        return [process for process in self.processes if process.name.startswith(role) and process.alive]

    def _end_processes(self) -> None:
        # Frozen ones too. What they hold is the test's alone, so nobody needs an orderly end.
        for process in self.processes:
            process.end_at_once()

    # Flows

    def connect(self, name: str = "main", *, limit: int = 100_000, seconds: float = 1.0) -> None:
        """The connection ``name``, labelled so at the witness, with this budget."""
        settings: JsonObject = {"base_url": self.witness.url, "label": name, "limit": limit, "seconds": seconds}
        self.app.connections.add(name, "faults", owner=OWNER, settings=settings, secrets={"token": TOKEN})
        self.budgets[name] = (Window(limit=limit, seconds=seconds),)

    def deploy(self, *texts: str) -> None:
        """Make these flows active, with a connection ``main`` unless there is one; their webhooks are registered at the witness."""
        if not self.budgets:
            self.connect()
        flows = [load_flow(text, f"flow{number}.yaml") for number, text in enumerate(texts)]
        reports = self.app.deployer.apply(self.app.deployer.plan(flows))
        assert all(report.became != "failed" for report in reports), reports

    def hook(self, channel: str = "main") -> Hook:
        """The webhook that the witness would deliver this channel's events to."""
        found = [hook for hook in self.witness.hooks if hook.channel == channel]
        assert found, f"nobody listens to {channel}: {self.witness.hooks}"
        return found[-1]

    # Looking

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def journal(self) -> Journal:
        """A connection of the test's own."""
        journal = Journal.open(self.database_url)
        self._closing.callback(journal.close)
        return journal

    def statuses(self) -> Mapping[str, RunStatus]:
        """By run."""
        with reading(self.journal.engine) as db:
            return {row.id: row.status for row in db.execute(select(runs.c.id, runs.c.status))}

    def shows(self, name: str) -> bool | None:
        """Whether the journal shows an attempt about ``name`` now; None when it does not answer. For ``witness.look``.

        Names begin with the run's id and a full stop.
        """
        try:
            with reading(self.journal.engine) as db:
                given = db.scalars(select(steps.c.given).where(steps.c.run_id == name.partition(".")[0])).all()
        except (SQLAlchemyError, UnavailableError):
            return None
        return any(isinstance(item, Mapping) and item.get("name") == name for item in given)

    def quiet(self, *, within: float = QUIET_WITHIN, waiting: Iterable[str] = ()) -> None:
        """Returns when every run has ended; those of the flows ``waiting`` may also wait (parked, and not overdue).

        A scheduler must have been started: whatever dies before it rings leaves runs that only a scheduler finds.
        """
        assert any(process.name.startswith("scheduler") for process in self.processes), "nobody would ring what is due"
        looks = 0

        def look() -> bool:
            nonlocal looks
            looks = looks + 1 if self._is_quiet(frozenset(waiting)) else 0
            return looks >= 3

        eventually(look, within=within, saying=self._what_is_open)

    def _is_quiet(self, waiting: frozenset[str]) -> bool:
        open_runs = select(func.count()).select_from(runs).where(runs.c.ended_at.is_(None))
        if waiting:
            open_runs = open_runs.where(~(runs.c.flow.in_(waiting) & (runs.c.status == RunStatus.PARKED)))
        try:
            with reading(self.journal.engine) as db:
                return db.execute(open_runs).scalar_one() == 0
        except UnavailableError:
            return False

    def _what_is_open(self) -> object:
        found = [run for run in history.read_runs(self.journal.engine) if run.ended_at is None]
        return found[:20], {process.name: (process.alive, process.log[-2000:]) for process in self.processes}

    def complaints(self) -> object:
        """What the processes warned of, for messages."""
        lines = [line for process in self.processes for line in process.log.splitlines()]
        return [line for line in lines if '"level": "warning"' in line or '"level": "error"' in line][-20:]

    def failures(self) -> object:
        """Some runs that did not succeed, with their errors, for messages."""
        with reading(self.journal.engine) as db:
            wanted = select(runs.c.id, runs.c.status, runs.c.error).where(runs.c.status != RunStatus.SUCCEEDED)
            return db.execute(wanted.limit(5)).all()

    def watch(self) -> Watch:
        """A watch over final statuses; enter it for the length of the faults."""
        return Watch(self.database_url)

    def probe(self) -> Probe:
        """Asks for health all the time; enter it for the length of the faults."""
        return Probe(self.url)

    def history(self, *, watch: Watch | None = None, probe: Probe | None = None, leaks: bool = True) -> History:
        """All that is known now. ``leaks``: look for secrets everywhere as well, which takes time with much data."""
        engine = self.journal.engine
        logs = [line for process in self.processes for line in history.read_log(process.name, process.log_file)]
        return History(
            runs=history.read_runs(engine),
            steps=history.read_steps(engine),
            calls=self.witness.calls,
            effects=self.witness.effects,
            sent=self.client.sent,
            answers=probe.answers if probe else (),
            log=logs,
            listening=history.read_listening(engine),
            orders=history.read_orders(engine),
            taken_back=watch.taken_back if watch else (),
            down=tuple(self.down),
            budgets=dict(self.budgets),
            secrets=self._secrets() if leaks else {},
            places=self._places() if leaks else {},
            faults=[*self.faults, *(f"witness: {name} × {count}" for name, count in self.witness.misbehaved.items())],
            now=history.read_now(engine),
        )

    def _secrets(self) -> Mapping[str, str]:
        keys = {f"signing key {hook.id}": hook.key for hook in self.witness.hooks}
        return {"token": TOKEN, "key": SECRET_KEY, **keys}

    def _places(self) -> Mapping[str, bytes]:
        found = {process.log_file.name: process.log_file.read_bytes() for process in self.processes}
        found["the client's answers"] = b"\n".join(delivery.answer for delivery in self.client.sent)
        found["the database"] = dump_of_database(self.journal.engine)
        if self.redis is not None:
            found["Redis"] = dump_of_redis(self.redis)
        for file in (self.home / "redis").glob("**/*"):
            if file.is_file():
                found[f"the bundled Redis' {file.name}"] = file.read_bytes()
        return found


def soon(look: Callable[[], T | None], *, saying: Callable[[], object] = lambda: "") -> T:
    """``eventually``, with the patience that a machine needs on which everything is done at once."""
    return eventually(look, within=SOON, saying=saying)


def flow(flow_id: str = "f", *, steps: str, channel: str = "main", connection: str = "main", extra: str = "") -> str:
    """A flow that the witness's channel starts. ``extra``: more top-level keys."""
    return (
        f"id: {flow_id}\nconnections: {{faults: {connection}}}\n{extra}"
        f"triggers: [{{uses: faults.noticed, with: {{channel: {channel}}}}}]\nsteps:\n{steps}"
    )


def step(step_id: str, action: str, *, more: str = "", item: str = "") -> str:
    """A line of ``steps``; its name begins with the run's id, as the oracle expects. ``item``: an expression, inside of a loop."""
    name = f"{{{{ run.id }}}}.{step_id}" + (f".{{{{ {item} }}}}" if item else "")
    return f'  - {{id: {step_id}, uses: faults.{action}, with: {{name: "{name}"}}{", " + more if more else ""}}}\n'


def plugin(folder: Path) -> Path:
    """A folder for PYTHONPATH in which the connector is installed."""
    info = folder / "plugin" / "hookline_faults-0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hookline-faults\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[hookline.connectors]\nfaults = tests.faults.connector:faults\n")
    return info.parent


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
