"""The journal as one value. Owns opening it: one engine behind the seven ports."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from engine.journal.connections import SqlConnections
from engine.journal.database import PATIENCE_MS, connect
from engine.journal.events import SqlEvents
from engine.journal.flows import SqlFlows
from engine.journal.port import Connections, Events, Flows, Runs, Schedules, Subscriptions, Waits
from engine.journal.runs import SqlRuns
from engine.journal.schedules import SqlSchedules
from engine.journal.subscriptions import SqlSubscriptions
from engine.journal.waits import SqlWaits


@dataclass(frozen=True, kw_only=True)
class Journal:
    """All ports over one database; shared by all threads of a process, opened anew after a fork."""

    runs: Runs
    events: Events
    flows: Flows
    connections: Connections
    subscriptions: Subscriptions
    waits: Waits
    schedules: Schedules
    engine: Engine

    @classmethod
    def open(cls, url: str, *, patience_ms: int = PATIENCE_MS) -> Journal:
        """Connects on first use. ``patience_ms`` as in ``database.connect``. Raises SettingsError for a URL that cannot be used."""
        engine = connect(url, patience_ms=patience_ms)
        events = SqlEvents(engine)
        return cls(
            runs=SqlRuns(engine),
            events=events,
            flows=SqlFlows(engine),
            connections=SqlConnections(engine),
            subscriptions=SqlSubscriptions(engine),
            waits=SqlWaits(engine),
            schedules=SqlSchedules(engine, events),
            engine=engine,
        )

    def close(self) -> None:
        """Close all connections; the journal opens new ones if it is used again."""
        self.engine.dispose()
