"""A room for everything that starts runs without a service: schedules, inbound webhooks, runs by hand.

It is an engine room with the connectors ``schedule``, ``http`` and ``log``, a deployer, a web application and a clock that tests set.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType

import httpx
from starlette.applications import Starlette

from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine.flow.load import FlowCache, load_flow
from engine.journal.records import Event, Run, SubscriptionRow
from engine.runtime.deploy import Deployer
from engine.runtime.ingest import Ingest
from engine.runtime.intake import Intake
from engine.runtime.subscriptions import Subscriptions
from engine.runtime.timetable import Timetable
from engine.web.app import make_app
from engine.web.hooks import Hooks
from tests.engine_room import OWNER, EngineRoom

PUBLIC_URL = "https://hooks.example"


class TriggerRoom(EngineRoom):
    """Deploys flows and lets them start. ``rung``: the runs that web rang for; with ``works`` they are executed at once."""

    def __init__(self, folder: Path, *, works: bool = False) -> None:
        super().__init__(folder)
        for connector in (schedule, http, log):
            self.install(connector)
        self.rung: list[str] = []
        self._works = works
        self.flows = FlowCache()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "intake" in self.__dict__:
            self.intake.close()
        super().__exit__(kind, error, trace)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(connections=self.connections, public_url=PUBLIC_URL)

    @cached_property
    def deployer(self) -> Deployer:
        return Deployer(connections=self.connections, subscriptions=self.subscriptions, cache=self.flows, owner=OWNER)

    @property
    def timetable(self) -> Timetable:
        return self.deployer.timetable

    def deploy_texts(self, *texts: str) -> None:
        """The whole way of a deploy, with addresses and schedules; ``deploy`` only stores the version."""
        reports = self.deployer.apply(self.deployer.plan([load_flow(text, "f.yaml") for text in texts]))
        assert [report for report in reports if report.became == "failed"] == []

    # Requests

    @cached_property
    def intake(self) -> Intake:
        return Intake(self.journal.events, self._ring)

    def _ring(self, run_ids: object) -> None:
        ids = list(run_ids)  # type: ignore[call-overload]
        self.rung += ids
        if self._works:
            self.crew.take(ids)

    @cached_property
    def hooks(self) -> Hooks:
        ingest = Ingest(
            journal=self.journal, keyring=self._keyring, catalogue=self.connections.catalogue, flows=self.flows
        )
        return Hooks(ingest, self.intake)

    def web(self) -> Starlette:
        return make_app(self.hooks, {})

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.web()), base_url=PUBLIC_URL)

    @property
    def address(self) -> SubscriptionRow:
        """The only address of the only flow."""
        [row] = [row for row in self.journal.subscriptions.list() if row.uses == "http.request"]
        return row

    @property
    def secret(self) -> str:
        return self.subscriptions.secrets_of(self.address)[0][0]

    def bearer(self, **more: str) -> Mapping[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"authorization": f"Bearer {self.secret}", **named}

    # What there is

    @property
    def events(self) -> list[Event]:
        """Oldest first."""
        return list(reversed(self.journal.events.list(limit=5_000)))

    @property
    def runs(self) -> list[Run]:
        """Oldest first."""
        return list(reversed(self.journal.runs.list(limit=5_000)))
