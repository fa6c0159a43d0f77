"""Accepted deliveries. Owns that an event, its outcomes and its runs are stored together or not at all, and only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.core.statuses import RunStatus
from engine.errors import NotFoundError
from engine.journal.clock import now_ms
from engine.journal.database import insert_into, reading, writing
from engine.journal.ids import IdMaker
from engine.journal.records import Accepted, Event, EventOutcome, NewEvent, NewRun
from engine.journal.run_history import newest_first, one_by_prefix
from engine.journal.tables import events, runs
from engine.strictjson import Json


class SqlEvents:
    """The Events port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ids = IdMaker()
        self._insert = insert_into(engine, events).on_conflict_do_nothing().returning(events.c.id)

    def accept(self, batch: Sequence[NewEvent], *, ring_in_ms: int) -> Sequence[Accepted]:
        """As the port says. Raises NotFoundError when a run's flow version was never deployed; the whole batch is then not stored."""
        if not batch:
            return []
        entries = [self._entry(event) for event in batch]
        # In the order of their keys: two transactions that store or count the same events would else wait for each other.
        ordered = sorted(entries, key=lambda entry: (entry.event.subscription_id or "", entry.event.dedupe_key))
        try:
            with writing(self._engine) as db:
                now: int = db.execute(select(now_ms())).scalar_one()
                stored = frozenset(db.scalars(self._insert, [entry.row(now) for entry in ordered]))
                _start(db, [entry for entry in entries if entry.id in stored], now, ring_in_ms)
                answers = {entry.id: _answer(db, entry, is_new=entry.id in stored) for entry in ordered}
        except IntegrityError:
            versions = sorted({f"{run.flow}@{run.digest[:12]}" for event in batch for run in event.runs})
            raise NotFoundError(f"a flow version is not in the journal; wanted were {', '.join(versions)}") from None
        return [answers[entry.id] for entry in entries]

    def get(self, event_id: str) -> Event | None:
        with reading(self._engine) as db:
            row = one_by_prefix(db, events, _columns(), event_id)
            return None if row is None else _to_event(row)

    def list(self, *, limit: int = 50, before: str | None = None) -> Sequence[Event]:
        with reading(self._engine) as db:
            page = newest_first(db, select(*_columns()), events, events.c.received_at, before).limit(limit)
            return [_to_event(row) for row in db.execute(page)]

    def _entry(self, event: NewEvent) -> _Entry:
        return _Entry(id=self._ids.new(), event=event, runs=tuple((self._ids.new(), run) for run in event.runs))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """An event under the ids that it and its runs get if it is new."""

    id: str
    event: NewEvent
    runs: tuple[tuple[str, NewRun], ...]

    def row(self, now: int) -> Mapping[str, object]:
        return {
            "id": self.id,
            "subscription_id": self.event.subscription_id,
            "source": self.event.source,
            "dedupe_key": self.event.dedupe_key,
            "received_at": now,
            "body": self.event.body,
            "event": self.event.event,
            "outcomes": [_outcome_json(outcome) for outcome in self._outcomes()],
            "stale": self.event.stale,
            "error": self.event.error,
            "repeats": 0,
        }

    def _outcomes(self) -> Sequence[EventOutcome]:
        started = [
            EventOutcome(flow=run.flow, digest=run.digest, trigger=run.trigger, run_id=run_id)
            for run_id, run in self.runs
        ]
        return [*started, *self.event.refusals]


def _start(db: Connection, entries: Sequence[_Entry], now: int, ring_in_ms: int) -> None:
    rows = [
        {
            "id": run_id,
            "flow": run.flow,
            "digest": run.digest,
            "owner": run.owner,
            "status": RunStatus.QUEUED,
            "event_id": entry.id,
            "inputs": run.inputs,
            "created_at": now,
            "due_at": now + ring_in_ms,
            "claim_no": 0,
            "cancel_requested": False,
            "changes": 0,
        }
        for entry in entries
        for run_id, run in entry.runs
    ]
    if rows:
        db.execute(insert(runs), rows)


def _answer(db: Connection, entry: _Entry, *, is_new: bool) -> Accepted:
    if is_new:
        return Accepted(event_id=entry.id, duplicate=False, run_ids=tuple(run_id for run_id, _ in entry.runs))
    known = and_(events.c.subscription_id == entry.event.subscription_id, events.c.dedupe_key == entry.event.dedupe_key)
    counted = update(events).where(known).values(repeats=events.c.repeats + 1).returning(events.c.id)
    return Accepted(event_id=db.execute(counted).scalar_one(), duplicate=True)


def _columns() -> Sequence[Column[Any]]:
    return [events.c[field.name] for field in fields(Event)]


def _to_event(row: Row[Any]) -> Event:
    outcomes = tuple(EventOutcome(**outcome) for outcome in row.outcomes)
    return Event(**{**row._mapping, "outcomes": outcomes})


def _outcome_json(outcome: EventOutcome) -> Mapping[str, Json]:
    return {field.name: getattr(outcome, field.name) for field in fields(EventOutcome)}
