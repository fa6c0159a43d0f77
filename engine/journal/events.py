"""Accepted deliveries. Owns that an event, its outcomes and its runs are stored together or not at all, and only once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, and_, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import Collided, NotFoundError
from engine.journal.clock import now_ms
from engine.journal.database import insert_into, reading, repeated, writing
from engine.journal.ids import IdMaker, key_base
from engine.journal.locks import sharing_waits
from engine.journal.records import Accepted, Event, EventOutcome, NewEvent, NewRun
from engine.journal.run_history import newest_first, one_by_prefix
from engine.journal.starts import Admitted, Start, lock_for, outcome_json, start_runs
from engine.journal.tables import events
from engine.journal.waits import anybody_waits, spread


class SqlEvents:
    """The Events port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ids = IdMaker()
        # Whether anybody waits is asked along: a statement of its own would make each delivery a fifth slower.
        self._insert = insert_into(engine, events).on_conflict_do_nothing().returning(events.c.id, anybody_waits)

    @repeated
    def accept(self, batch: Sequence[NewEvent], *, ring_in_ms: int) -> Sequence[Accepted]:
        """As the port says. Raises NotFoundError when a run's flow version was never deployed; the whole batch is then not stored."""
        if not batch:
            return []
        try:
            with writing(self._engine) as db:
                return self.store(db, batch, ring_in_ms=ring_in_ms)
        except IntegrityError:
            raise unknown_version(batch) from None

    def store(self, db: Connection, batch: Sequence[NewEvent], *, ring_in_ms: int) -> Sequence[Accepted]:
        """``accept`` inside of a transaction that has taken no lock yet. Raises IntegrityError for ``unknown_version``."""
        entries = [self._entry(event) for event in batch]
        # In the order of their keys: two transactions that store or count the same events would else wait for each other.
        ordered = sorted(entries, key=lambda entry: (entry.event.subscription_id or "", entry.event.dedupe_key))
        now: int = db.execute(select(now_ms(), sharing_waits(db))).scalar_one()
        lock_for(db, [run for event in batch for run in event.runs])
        inserted = db.execute(self._insert, [entry.row(now) for entry in ordered]).all()
        stored = frozenset(row.id for row in inserted)
        new = [entry for entry in entries if entry.id in stored]
        starts = [start for entry in new for start in entry.starts()]
        admitted = start_runs(db, starts, now=now, ring_in_ms=ring_in_ms)
        _note_refusals(db, new, admitted)
        if any(row.anybody_waits for row in inserted):
            spread(db, {entry.id: found for entry in new if (found := _awaitable_from(entry.event)) is not None})
        answers = {entry.id: _answer(db, entry, admitted, is_new=entry.id in stored) for entry in ordered}
        return [answers[entry.id] for entry in entries]

    def known(self, subscription_id: str, keys: Sequence[str]) -> frozenset[str]:
        found = select(events.c.dedupe_key).where(
            events.c.subscription_id == subscription_id, events.c.dedupe_key.in_(keys)
        )
        with reading(self._engine) as db:
            return frozenset(db.execute(found).scalars())

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
            "outcomes": [outcome_json(outcome) for outcome in self.outcomes(Admitted())],
            "stale": self.event.stale,
            "error": self.event.error,
            "repeats": 0,
        }

    def starts(self) -> Iterator[Start]:
        """With what idempotency keys are made from: of what is the same when the event is accepted again, into a database that was restored."""
        event, seen = self.event, Counter[tuple[str, str, int | None]]()
        for run_id, run in self.runs:
            of = (run.flow, run.trigger, run.index)
            if run.key_base is None and event.subscription_id is not None:
                run = replace(run, key_base=key_base(event.subscription_id, event.dedupe_key, *of, seen[of] or None))
            seen[of] += 1
            yield Start(id=run_id, event_id=self.id, run=run)

    def outcomes(self, admitted: Admitted) -> Sequence[EventOutcome]:
        return [*(_outcome(run_id, run, admitted) for run_id, run in self.runs), *self.event.refusals]


def _outcome(run_id: str, run: NewRun, admitted: Admitted) -> EventOutcome:
    why = admitted.refused.get(run_id)
    return EventOutcome(
        flow=run.flow, digest=run.digest, trigger=run.trigger, run_id=None if why else run_id, reason=why
    )


def unknown_version(batch: Sequence[NewEvent]) -> NotFoundError:
    """What to raise when the runs' foreign key does not hold."""
    versions = sorted({f"{run.flow}@{run.digest[:12]}" for event in batch for run in event.runs})
    return NotFoundError(f"a flow version is not in the journal; wanted were {', '.join(versions)}")


def _awaitable_from(event: NewEvent) -> str | None:
    """The subscription whose waits should hear of it."""
    return event.subscription_id if event.event is not None else None


def _note_refusals(db: Connection, entries: Sequence[_Entry], admitted: Admitted) -> None:
    for entry in entries:
        if any(run_id in admitted.refused for run_id, _ in entry.runs):
            outcomes = [outcome_json(outcome) for outcome in entry.outcomes(admitted)]
            db.execute(update(events).where(events.c.id == entry.id).values(outcomes=outcomes))


def _answer(db: Connection, entry: _Entry, admitted: Admitted, *, is_new: bool) -> Accepted:
    if is_new:
        ids = [run_id for run_id, _ in entry.runs if run_id not in admitted.refused]
        return Accepted(
            event_id=entry.id,
            duplicate=False,
            run_ids=tuple(run_id for run_id in ids if run_id not in admitted.held),
            held=tuple(run_id for run_id in ids if run_id in admitted.held),
            refused=tuple(_outcome(*item, admitted) for item in entry.runs if item[0] in admitted.refused),
        )
    known = and_(events.c.subscription_id == entry.event.subscription_id, events.c.dedupe_key == entry.event.dedupe_key)
    counted = update(events).where(known).values(repeats=events.c.repeats + 1).returning(events.c.id)
    known_id = db.execute(counted).scalar_one_or_none()
    if known_id is None:
        # It was purged between the two statements: what was a duplicate is new.
        raise Collided("an event that was delivered again was purged at this moment", remedy="Try again.")
    return Accepted(event_id=known_id, duplicate=True)


def _columns() -> Sequence[Column[Any]]:
    return [events.c[field.name] for field in fields(Event)]


def _to_event(row: Row[Any]) -> Event:
    outcomes = tuple(EventOutcome(**outcome) for outcome in row.outcomes)
    return Event(**{**row._mapping, "outcomes": outcomes})
