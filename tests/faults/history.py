"""What is known after a test. Owns the values that the checker judges, and reading them from the journal and the logs; judges nothing.

Times named ``…_at`` of runs and steps are milliseconds since the epoch by the database's clock; those of calls and answers are seconds by
the machine's monotonic clock, unless they say ``wall``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select

from engine.core.statuses import RunStatus, StepStatus
from engine.flow.load import load_flow
from engine.journal.clock import now_ms
from engine.journal.database import reading
from engine.journal.tables import bindings, events, flow_versions, runs, steps
from engine.sdk import Window
from tests.faults.client_log import Delivery
from tests.faults.witness import Call, Effect


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFact:
    """One run, with the event that started it."""

    id: str
    flow: str
    digest: str
    status: RunStatus
    subscription: str | None = None
    event_key: str = ""
    created_at: int = 0
    started_at: int | None = None
    due_at: int | None = None
    ended_at: int | None = None
    claim_no: int = 1
    origin_run: str | None = None
    parent_run: str | None = None
    trigger_index: int | None = None
    waiting_for: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFact:
    """One attempt. ``name``: what its input calls the thing that it is about."""

    run: str
    path: str
    attempt: int = 1
    uses: str
    status: StepStatus
    name: str | None = None
    started_at: int | None = None
    ended_at: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """One record of a process. ``at``: seconds since the epoch."""

    process: str
    at: float
    event: str
    run: str | None = None
    claim: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a health check was answered. ``status``: None without an answer."""

    path: str
    at: float
    took: float
    status: int | None


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything that a verdict is found in.

    ``listening``: the flows that each subscription's events start. ``orders``: by digest, the ids of the flow's steps in order.
    ``taken_back``: what the watch saw change although it was final. ``down``: spans (monotonic) in which the database was down.
    ``budgets``: by the connection's label. ``secrets``: canaries by what they are; ``places``: where they must not be.
    """

    runs: Sequence[RunFact] = ()
    steps: Sequence[StepFact] = ()
    calls: Sequence[Call] = ()
    effects: Sequence[Effect] = ()
    sent: Sequence[Delivery] = ()
    answers: Sequence[Answer] = ()
    log: Sequence[LogLine] = ()
    listening: Mapping[str, frozenset[str]] = field(default_factory=dict)
    orders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    taken_back: Sequence[str] = ()
    down: Sequence[tuple[float, float]] = ()
    budgets: Mapping[str, Sequence[Window]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, bytes] = field(default_factory=dict)
    faults: Sequence[str] = ()
    now: int = 0


def read_runs(engine: Engine) -> Sequence[RunFact]:
    wanted = select(runs, events.c.subscription_id, events.c.dedupe_key).join(events, events.c.id == runs.c.event_id)
    with reading(engine) as db:
        return [
            RunFact(
                id=row.id,
                flow=row.flow,
                digest=row.digest,
                status=row.status,
                subscription=row.subscription_id,
                event_key=row.dedupe_key,
                created_at=row.created_at,
                started_at=row.started_at,
                due_at=row.due_at,
                ended_at=row.ended_at,
                claim_no=row.claim_no,
                origin_run=row.origin_run,
                parent_run=row.parent_run,
                trigger_index=row.trigger_index,
                waiting_for=row.waiting_for,
            )
            for row in db.execute(wanted.order_by(runs.c.created_at, runs.c.id))
        ]


def read_steps(engine: Engine) -> Sequence[StepFact]:
    with reading(engine) as db:
        return [
            StepFact(
                run=row.run_id,
                path=row.path,
                attempt=row.attempt,
                uses=row.uses,
                status=row.status,
                name=_name(row.given),
                started_at=row.started_at,
                ended_at=row.ended_at,
            )
            for row in db.execute(select(steps).order_by(steps.c.run_id, steps.c.position))
        ]


def _name(given: object) -> str | None:
    name = given.get("name") if isinstance(given, Mapping) else None
    return name if isinstance(name, str) else None


def read_listening(engine: Engine) -> Mapping[str, frozenset[str]]:
    """By subscription: the flows that its events start."""
    found: dict[str, frozenset[str]] = {}
    with reading(engine) as db:
        for row in db.execute(select(bindings).where(bindings.c.purpose == "start")):
            found[row.subscription_id] = found.get(row.subscription_id, frozenset()) | {row.flow}
    return found


def read_orders(engine: Engine) -> Mapping[str, Sequence[str]]:
    with reading(engine) as db:
        rows = db.execute(select(flow_versions)).all()
    return {row.digest: [step.id for step in load_flow(row.source, row.file).steps] for row in rows}


def read_now(engine: Engine) -> int:
    with reading(engine) as db:
        return db.execute(select(now_ms())).scalar_one()


def read_log(process: str, file: Path) -> Iterator[LogLine]:
    """The records of one process; lines that are none (a traceback of the interpreter's end) are passed over."""
    for line in file.read_text(errors="replace").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "timestamp" in found:
            at = datetime.fromisoformat(found["timestamp"]).timestamp()
            yield LogLine(
                process=process, at=at, event=str(found.get("event")), run=found.get("run"), claim=found.get("claim")
            )
