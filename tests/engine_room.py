"""The engine's runtime on a real SQLite journal, a real throttle in memory, and a scripted service instead of the network.

Owns the connector ``probe`` (one action per effect class) and the service behind it, which lists every request before it answers.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock
from types import TracebackType

from pydantic import SecretStr
from sqlalchemy import select

from engine import strictjson
from engine.core.times import clock
from engine.egress import Request
from engine.flow.load import FlowCache, load_flow
from engine.flow.model import Flow
from engine.journal.clock import now_ms
from engine.journal.journal import Journal
from engine.journal.records import EventSource, NewEvent, NewRun, Run, StepRow
from engine.journal.schema import migrate
from engine.journal.seal import KeyRing
from engine.redaction import Redactor
from engine.runtime.connection_client import Outside
from engine.runtime.connections import Connections
from engine.runtime.crew import Crew
from engine.runtime.segment import Workshop
from engine.sdk import (
    Budget,
    ConnectionType,
    Connector,
    Http,
    Input,
    JsonObject,
    Kind,
    Output,
    RateHeaders,
    Response,
    Secrets,
    ServiceError,
    Settings,
    Window,
)
from engine.throttle import Throttle
from engine.throttle.memory import MemoryThrottle
from tests.eventually import PATIENCE, eventually

OWNER = "local"
TOKEN = "canary-token-5f1d9a"  # looked for where it must not be
Reply = Response | Exception | Callable[[Request], Response]


class ProbeSettings(Settings):
    base_url: str = "https://probe.example"


class ProbeSecrets(Secrets):
    token: SecretStr


class Given(Input):
    """What every probe action takes."""

    name: str


class Found(Output):
    """What every probe action answers."""

    name: str | None = None


def _errors(response: Response) -> ServiceError:
    kinds = {401: Kind.AUTH, 404: Kind.NOT_FOUND, 429: Kind.THROTTLED}
    kind = kinds.get(response.status, Kind.SERVER if response.status >= 500 else Kind.INVALID)
    return ServiceError(kind, f"the probe said {response.status} {response.body.decode()}", status=response.status)


def probe_connector(budget: Budget) -> Connector:
    connector = Connector(
        name="probe",
        title="Probe",
        budget=budget,
        connection=ConnectionType(
            settings=ProbeSettings,
            secrets=ProbeSecrets,
            base_url=lambda settings: str(settings["base_url"]),
            authorize=lambda settings, secrets: {"Authorization": f"Bearer {secrets['token']}"},
            test=lambda http: http.get("/me").json_object(),
            errors=_errors,
        ),
    )

    def confirm(http: Http, given: Given) -> Found | None:
        answer = http.get(f"/things/{given.name}").json_object()
        return Found.model_validate(answer) if answer.get("name") else None

    @connector.action(effect="read")
    def read(http: Http, given: Given) -> Found:
        return Found.model_validate(http.get(f"/things/{given.name}").json_object())

    @connector.action(effect="write")
    def write(http: Http, given: Given) -> Found:
        return Found.model_validate(http.post("/things", json={"name": given.name}).json_object())

    @connector.action(effect="write", idempotent=True)
    def put(http: Http, given: Given) -> Found:
        return Found.model_validate(http.post("/things", json={"name": given.name}).json_object())

    @connector.action(effect="write", key_header="Idempotency-Key")
    def order(http: Http, given: Given) -> Found:
        return Found.model_validate(http.post("/things", json={"name": given.name}).json_object())

    @connector.action(effect="write", confirm=confirm)
    def make(http: Http, given: Given) -> Found:
        return Found.model_validate(http.post("/things", json={"name": given.name}).json_object())

    @connector.action(effect="write")
    def look_then_write(http: Http, given: Given) -> Found:
        http.get("/me")
        return Found.model_validate(http.post("/things", json={"name": given.name}).json_object())

    return connector


def ok(value: JsonObject, **headers: str) -> Response:
    return Response(status=200, headers=headers, body=strictjson.dump(value).encode())


def status(code: int, **headers: str) -> Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=code, headers=names, body=b"no")


@dataclass
class Service:
    """Implements engine.egress.Client. ``replies`` are used up in order, per ``METHOD path``; then ``ok({"name": …})``."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    before: Callable[[Request], None] = lambda request: None
    _lock: Lock = field(default_factory=Lock)

    def send(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(request)
            key = self.key(request)
            reply: Reply = self.replies[key].pop(0) if self.replies.get(key) else ok({"name": key})
        self.before(request)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Response) else reply(request)

    def close(self) -> None:
        return None

    @staticmethod
    def key(request: Request) -> str:
        return f"{request.method} {request.url.removeprefix('https://probe.example')}"

    @property
    def seen(self) -> list[str]:
        return [self.key(request) for request in self.requests]


class EngineRoom:
    """One worker's crew and everything below it."""

    def __init__(
        self,
        folder: Path,
        *,
        budget: Budget | None = None,
        throttle: Throttle | None = None,
        threads: int = 4,
        helpers: int = 16,
        url: str | None = None,
    ):
        self.service = Service()
        self.last: JsonObject | None = None
        """The outputs of the last run that a test looked at."""
        self.redactor = Redactor()
        self.throttle = throttle or MemoryThrottle()
        headers = RateHeaders(remaining="X-RateLimit-Remaining", reset="X-RateLimit-Reset")
        budget = budget or Budget(windows=(Window(limit=1000, seconds=60),), headers=headers)
        self.database = folder / "journal.db"
        self.journal = Journal.open(url or f"sqlite:///{self.database}")
        migrate(self.journal.engine)
        self.catalogue = {"probe": probe_connector(budget)}
        self._threads = threads
        self._helpers = helpers
        self._keyring = KeyRing.parse(base64.b64encode(bytes(32)).decode())
        self.new_crew()
        row = self.connections.add("probe", "probe", owner=OWNER, settings={}, secrets={"token": TOKEN})
        self.throttle.warm(row.id, quiet_ms=0)

    def install(self, connector: Connector, **connections: tuple[JsonObject, Mapping[str, str]]) -> None:
        """Another connector, and connections to it by name: their settings and secrets."""
        self.catalogue[connector.name] = connector
        for name, (settings, secrets) in connections.items():
            row = self.connections.add(name, connector.name, owner=OWNER, settings=settings, secrets=secrets)
            self.throttle.warm(row.id, quiet_ms=0)

    def new_crew(self) -> None:
        """A worker process of its own: nothing is shared with the one before but the journal and the throttle."""
        self.stopping = Event()
        outside = Outside(
            egress=self.service,
            throttle=self.throttle,
            age_of_last_call=lambda owner, name, ms: self.journal.runs.last_call_age(name, owner=owner, within_ms=ms),
            pause=self.stopping.wait,
            clock=clock,
        )
        self.connections = Connections(
            journal=self.journal,
            keyring=self._keyring,
            catalogue=self.catalogue,
            outside=outside,
            redactor=self.redactor,
        )
        workshop = Workshop(
            connections=self.connections,
            flows=FlowCache(),
            stopping=self.stopping,
            helpers=BoundedSemaphore(self._helpers),
        )
        self.crew = Crew(workshop, threads=self._threads)

    def __enter__(self) -> EngineRoom:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.crew.close()
        self.journal.close()

    def deploy(self, steps: str, *, flow_id: str = "f", owner: str = OWNER, connection: str = "probe") -> Flow:
        """Make a flow with these steps the active version."""
        source = f"id: {flow_id}\nname: F\nconnections: {{{connection}: {connection}}}\n{steps}"
        flow = load_flow(source, f"{flow_id}.yaml")
        self.journal.flows.deploy(
            flow_id=flow.id, name=flow.name, owner=owner, digest=flow.digest, source=source, file=flow.file
        )
        return flow

    def start(
        self, steps: str, *, trigger: JsonObject | None = None, owner: str = OWNER, connection: str = "probe"
    ) -> str:
        """Queue a run of a flow with these steps; return its id. No worker is told."""
        flow = self.deploy(steps, owner=owner, connection=connection)
        event = trigger or {}
        new = NewEvent(
            subscription_id=None,
            source=EventSource.MANUAL,
            dedupe_key=f"{flow.digest}-{len(self.service.requests)}",
            body=strictjson.dump(event).encode(),
            event=event,
            runs=(NewRun(flow=flow.id, digest=flow.digest, trigger="manual", owner=owner),),
        )
        return self.journal.events.accept([new], ring_in_ms=0)[0].run_ids[0]

    def execute(self, *run_ids: str) -> None:
        """Let the crew execute these runs until each is through or parked."""
        for future in wait(self.crew.take(run_ids), timeout=30).done:
            future.result()

    def through(self, run_id: str, *, within: float = PATIENCE) -> Run:
        """Be scheduler and worker until the run has ended."""

        def look() -> Run | None:
            self.execute(*self.journal.runs.ring(limit=10, again_in_ms=1_000))
            run = self.state(run_id)
            return run if run.ended_at is not None else None

        return eventually(look, within=within, saying=lambda: (self.state(run_id), self.steps(run_id)))

    def abandon(self) -> None:
        """The workers are dead: the leases of all runs end now."""
        with self.journal.engine.begin() as db:
            db.exec_driver_sql("UPDATE runs SET due_at = 1 WHERE ended_at IS NULL")

    def at(self, instant: int) -> None:
        """Returns when the database's clock says ``instant`` (milliseconds since the epoch)."""
        eventually(lambda: self.now() >= instant)

    def now(self) -> int:
        with self.journal.engine.connect() as db:
            return int(db.execute(select(now_ms())).scalar_one())

    def run(self, steps: str, *, trigger: JsonObject | None = None, connection: str = "probe") -> Run:
        run_id = self.start(steps, trigger=trigger, connection=connection)
        self.execute(run_id)
        return self.state(run_id)

    def state(self, run_id: str) -> Run:
        found = self.journal.runs.get(run_id, limit=0)
        assert found is not None
        return found[0]

    def steps(self, run_id: str) -> Mapping[str, Sequence[StepRow]]:
        found = self.journal.runs.get(run_id)
        assert found is not None
        rows: dict[str, list[StepRow]] = {}
        for row in found[1]:
            rows.setdefault(row.path, []).append(row)
        return rows
