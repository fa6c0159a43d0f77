"""The engine's runtime with the real Calendly connector: a real SQLite journal, the real client for calls out, and the simulator on a port."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from threading import Event
from time import time
from types import TracebackType
from typing import Any
from urllib.request import Request, urlopen

from starlette.applications import Starlette

from connectors.calendly import calendly
from connectors.calendly.simulator.app import Simulation, build
from engine.core.times import clock
from engine.egress.client import HttpxClient
from engine.flow.load import FlowCache, load_flow
from engine.flow.model import Flow
from engine.journal.journal import Journal
from engine.journal.records import SubscriptionRow, SubscriptionState
from engine.journal.schema import migrate
from engine.journal.seal import KeyRing
from engine.redaction import Redactor
from engine.runtime.connection_client import Outside
from engine.runtime.connections import Connections
from engine.runtime.deploy import Deployer
from engine.runtime.ingest import Ingest
from engine.runtime.intake import Intake
from engine.runtime.registrar import SubscriptionReport
from engine.runtime.subscriptions import Subscriptions
from engine.throttle.memory import MemoryThrottle
from engine.web.app import make_app
from engine.web.hooks import Hooks
from engine.web.server import Server, listen, port_of

OWNER = "local"
SIGNING_KEY = "a-signing-key-for-tests"
PUBLIC_URL = "https://hooks.example.com"


def flow_text(flow_id: str = "f", *, events: str = "[invitee.created]", extra: str = "", steps: str = "") -> str:
    """A flow with one trigger; ``extra`` is added to the trigger."""
    body = steps or "  - {id: note, set: {seen: trigger.event}}\n"
    return (
        f"id: {flow_id}\nname: F\nconnections: {{calendly: team}}\n"
        f"triggers:\n  - uses: calendly.invitee\n    with: {{events: {events}}}\n{extra}steps:\n{body}"
    )


def signed(body: bytes, key: str = SIGNING_KEY, *, at: int | None = None) -> dict[str, str]:
    """The header that Calendly sends, computed here by hand so that the connector's own code is not its own judge."""
    stamp = str(round(time()) if at is None else at)
    mac = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Calendly-Webhook-Signature": f"t={stamp},v1={mac}", "Content-Type": "application/json"}


def sample(name: str = "invitee.created", **changes: object) -> bytes:
    """A delivery's body; ``changes`` replace fields of the envelope."""
    return json.dumps({**dict(calendly.samples[name]), **changes}, separators=(",", ":")).encode()


def another(number: int, name: str = "invitee.created") -> bytes:
    """As ``sample``, of another invitee."""
    event = json.loads(sample(name))
    event["payload"]["uri"] += f"-{number}"
    return json.dumps(event, separators=(",", ":")).encode()


@dataclass
class CalendlyRoom:
    """Everything but a worker. ``public_url`` is what the subscriptions of this room name."""

    folder: Path
    public_url: str = PUBLIC_URL
    throttle: MemoryThrottle = field(default_factory=MemoryThrottle)
    stopping: Event = field(default_factory=Event)
    redactor: Redactor = field(default_factory=Redactor)
    flows: FlowCache = field(default_factory=FlowCache)
    rung: list[str] = field(default_factory=list)
    _closing: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> CalendlyRoom:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @cached_property
    def journal(self) -> Journal:
        journal = Journal.open(f"sqlite:///{self.folder / 'journal.db'}")
        self._closing.callback(journal.close)
        migrate(journal.engine)
        return journal

    @cached_property
    def keyring(self) -> KeyRing:
        return KeyRing.parse(base64.b64encode(bytes(32)).decode())

    @cached_property
    def connections(self) -> Connections:
        egress = HttpxClient([ip_network("127.0.0.1/32")])
        self._closing.callback(egress.close)
        return Connections(
            journal=self.journal,
            keyring=self.keyring,
            catalogue={"calendly": calendly},
            outside=Outside(
                egress=egress,
                throttle=self.throttle,
                age_of_last_call=lambda owner, name, ms: self.journal.runs.last_call_age(
                    name, owner=owner, within_ms=ms
                ),
                pause=self.stopping.wait,
                clock=clock,
            ),
            redactor=self.redactor,
        )

    def subscriptions_at(self, public_url: str) -> Subscriptions:
        return Subscriptions(connections=self.connections, public_url=public_url)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return self.subscriptions_at(self.public_url)

    @cached_property
    def deployer(self) -> Deployer:
        return self.deployer_of(self.subscriptions)

    def deployer_of(self, subscriptions: Subscriptions) -> Deployer:
        return Deployer(connections=self.connections, subscriptions=subscriptions, cache=self.flows, owner=OWNER)

    def deploy(self, *texts: str) -> Sequence[SubscriptionReport]:
        plan = self.deployer.plan([loaded(text) for text in texts])
        return self.deployer.apply(plan)

    # Deliveries

    @cached_property
    def intake(self) -> Intake:
        intake = Intake(self.journal.events, self.rung.extend)
        self._closing.callback(intake.close)
        return intake

    def ingest(self) -> Ingest:
        return Ingest(
            journal=self.journal, keyring=self.keyring, catalogue=self.connections.catalogue, flows=self.flows
        )

    def web(self) -> Starlette:
        return make_app(
            Hooks(self.ingest(), self.intake), {"database": lambda: (self.journal.runs.next_due_in(), None)[1]}
        )

    def listen_for(self, *texts: str) -> SubscriptionRow:
        """Deploy flows that share one trigger as if the service had the webhook: the row, active, with SIGNING_KEY."""
        for text in texts:
            flow = loaded(text)
            self.journal.flows.deploy(
                flow_id=flow.id, name=flow.name, owner=OWNER, digest=flow.digest, source=text, file=flow.file
            )
            self.subscriptions.bind(flow, owner=OWNER)
        [row] = self.journal.subscriptions.list()
        sealed = self.keyring.seal(SIGNING_KEY, owner=OWNER, of=row.id, field="signing_key")
        self.journal.subscriptions.set_state(row.id, SubscriptionState.ACTIVE, signing_key=sealed)
        return row

    # The service

    @cached_property
    def simulation(self) -> Simulation:
        """The simulator, served on a free port; the connection ``team`` is made for it and tested."""
        listener = listen("127.0.0.1", 0, "simulator")
        self.simulator_url = f"http://127.0.0.1:{port_of(listener)}"
        simulation = build(self.simulator_url)
        server = Server(simulation, listener, name="simulator")
        server.start()
        self._closing.callback(server.stop)
        return simulation

    def connect(self, name: str = "team", *, test: bool = True) -> None:
        secrets = calendly.simulator.secrets if calendly.simulator is not None and self.simulation else {}
        self.connections.add(name, "calendly", owner=OWNER, settings={"base_url": self.simulator_url}, secrets=secrets)
        if test:
            self.connections.test(name, owner=OWNER)

    def control(self, name: str, order: Mapping[str, object] | None = None) -> dict[str, Any]:
        """A control call of the simulator: GET without an order, POST with one."""
        return sim(self.simulator_url, name, order)

    @property
    def hooks_there(self) -> list[dict[str, Any]]:
        """The webhook subscriptions that the service has."""
        found: list[dict[str, Any]] = self.control("state")["webhook_subscriptions"]
        return found

    @property
    def calls(self) -> list[str]:
        """Every call that the service received, as METHOD /path."""
        return [f"{call['method']} {call['path']}" for call in self.control("calls")["calls"]]


def loaded(text: str, file: str = "f.yaml") -> Flow:
    return load_flow(text, file)


def sim(url: str, name: str, order: Mapping[str, object] | None = None) -> dict[str, Any]:
    data = None if order is None else json.dumps(order).encode()
    with urlopen(
        Request(f"{url}/_sim/{name}", data=data, method="GET" if order is None else "POST"), timeout=30
    ) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
