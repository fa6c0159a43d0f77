"""The journal as one value. Owns opening it: one engine behind the ports."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from engine.journal.again import Reruns
from engine.journal.answers import SqlAnswers
from engine.journal.catalog_port import Connections, Flows, Subscriptions
from engine.journal.clock import now_ms
from engine.journal.connections import SqlConnections
from engine.journal.database import PATIENCE_MS, connect, reading
from engine.journal.events import SqlEvents
from engine.journal.flows import SqlFlows
from engine.journal.pauses import SqlPauses
from engine.journal.port import (
    Answers,
    Events,
    Pauses,
    Purges,
    Runs,
    Schedules,
    Waits,
)
from engine.journal.purges import SqlPurges
from engine.journal.reruns import SqlReruns
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
    answers: Answers
    purges: Purges
    pauses: Pauses
    reruns: Reruns
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
            answers=SqlAnswers(engine),
            purges=SqlPurges(engine),
            pauses=SqlPauses(engine),
            reruns=SqlReruns(engine),
            engine=engine,
        )

    def now(self) -> int:
        """What time it is by the database's clock. Raises DatabaseUnavailable."""
        with reading(self.engine) as db:
            return db.execute(select(now_ms())).scalar_one()

    def close(self) -> None:
        """Close all connections; the journal opens new ones if it is used again."""
        self.engine.dispose()
