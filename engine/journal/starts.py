"""Starting runs. Owns the rows of new runs, whether each is let in, held or refused by its lane, and that one of a paused flow is paused from
its first moment; the caller stores their event.

Runs without a lane go in with one statement, whatever their number. The statement itself looks the flow's pause up. The caller's transaction shares
the registry of waits, or the flow's row, which a pause takes alone: so the pause sees the run, or the run sees the pause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache

from sqlalchemy import Connection, Engine, bindparam, false, func, select
from sqlalchemy.sql.dml import ReturningInsert

from engine.core.statuses import RunStatus
from engine.journal.columns import as_key
from engine.journal.database import insert_into
from engine.journal.ends import ask_to_end
from engine.journal.lanes import HELD_UNTIL, Standing, in_lane, refusal_words, standing, turn_words
from engine.journal.locks import lock_lanes
from engine.journal.records import EventOutcome, Lane, NewRun
from engine.journal.tables import flows, runs
from engine.strictjson import Json

STARTED_ALREADY = "the same event started its run already: it came through the flow's webhook before this one"

_of_paused_flow = select(flows.c.paused).where(flows.c.id == bindparam("of_flow")).scalar_subquery()


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A run to be started under this id. ``more``: values of further columns."""

    id: str
    event_id: str
    run: NewRun
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """What became of the starts: ids that are held, and by id why one was refused. The others are queued."""

    held: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)


def start_runs(db: Connection, starts: Sequence[Start], *, now: int, ring_in_ms: int) -> Admitted:
    """Insert the runs, queued and due in ``ring_in_ms`` or held. ``lock_for`` came before any other write."""
    alike: dict[tuple[str, ...], list[Mapping[str, object]]] = {}
    for start in starts:
        if start.run.lane is None:
            row = _row(start, now, now + ring_in_ms)
            alike.setdefault(tuple(row), []).append(row)
    there = {id_ for rows in alike.values() for id_ in _insert(db, rows)}
    again = {start.id: STARTED_ALREADY for start in starts if start.run.lane is None and start.id not in there}
    door = _Door(db, now=now, ring_in_ms=ring_in_ms)
    for start in starts:
        if start.run.lane is not None:
            door.admit(start, start.run.lane)
    return Admitted(held=frozenset(door.held), refused={**again, **door.refused})


def _insert(db: Connection, rows: Sequence[Mapping[str, object]]) -> Sequence[str]:
    """The ids of those whose ``key_base`` no run has yet."""
    return db.scalars(_wanted(db.engine), rows).all()


@cache
def _wanted(engine: Engine) -> ReturningInsert[str]:
    """Built once: building a statement costs as much as executing it."""
    insert = insert_into(engine, runs).values(paused=func.coalesce(_of_paused_flow, false()))
    new = insert.on_conflict_do_nothing(index_elements=[runs.c.key_base], index_where=runs.c.key_base.is_not(None))
    return new.returning(runs.c.id)


def lock_for(db: Connection, starts: Sequence[NewRun]) -> None:
    """Take the lanes that the runs go to."""
    lock_lanes(db, {run.lane.key for run in starts if run.lane is not None})


class _Door:
    """Lets runs into their lanes one after the other. A lane is counted once, and again when something in it was replaced."""

    def __init__(self, db: Connection, *, now: int, ring_in_ms: int) -> None:
        self._db = db
        self._now = now
        self._ring_in_ms = ring_in_ms
        self._standing: dict[str, Standing] = {}
        self.held: set[str] = set()
        self.refused: dict[str, str] = {}

    def admit(self, start: Start, lane: Lane) -> None:
        # Before anybody has to make way for it.
        known = select(runs.c.id).where(runs.c.key_base == start.run.key_base, runs.c.key_base.is_not(None))
        if start.run.key_base is not None and self._db.scalar(known) is not None:
            self.refused[start.id] = STARTED_ALREADY
            return
        found = self._standing.get(lane.key) or standing(self._db, lane.key)
        if lane.on_limit == "replace" and found.active >= lane.limit:
            found = self._make_way(lane, start.id)
        self._standing[lane.key] = found
        if found.active < lane.limit and found.held == 0:
            if self._insert(start, lane, self._now + self._ring_in_ms):
                found.active += 1
        elif lane.on_limit == "skip" or _is_full(lane, found):
            self.refused[start.id] = refusal_words(lane)
        else:
            if self._insert(start, lane, HELD_UNTIL, held=True, waiting_for=turn_words(lane)):
                found.held += 1
                self.held.add(start.id)

    def _make_way(self, lane: Lane, by: str) -> Standing:
        """Ask the oldest runs that stand in the way to end, and those that only stood in line."""
        working = (
            select(runs.c.id)
            .where(in_lane(lane.key), ~runs.c.held, ~runs.c.cancel_requested)
            .order_by(runs.c.created_at, runs.c.id)
        )
        ids = self._db.scalars(working).all()
        waiting = self._db.scalars(select(runs.c.id).where(in_lane(lane.key), runs.c.held)).all()
        roots = [*waiting, *ids[: max(0, len(ids) - lane.limit + 1)]]
        ask_to_end(self._db, roots, lanes={as_key(lane.key)}, now=self._now, message=f"replaced by the newer run {by}")
        return standing(self._db, lane.key)

    def _insert(self, start: Start, lane: Lane, due_at: int, **more: object) -> bool:
        row = {**_row(start, self._now, due_at), "lane": lane.key, "lane_limit": lane.limit, **more}
        if _insert(self._db, [row]):
            return True
        # Another transaction was faster, in a lane of another version.
        self.refused[start.id] = STARTED_ALREADY
        return False


def _is_full(lane: Lane, found: Standing) -> bool:
    return lane.on_limit == "queue" and lane.max_queued is not None and found.held >= lane.max_queued


def _row(start: Start, now: int, due_at: int) -> Mapping[str, object]:
    run = start.run
    row: dict[str, object] = {
        "id": start.id,
        "flow": run.flow,
        "of_flow": run.flow,
        "digest": run.digest,
        "owner": run.owner,
        "status": RunStatus.QUEUED,
        "event_id": start.event_id,
        "inputs": run.inputs,
        "created_at": now,
        "due_at": due_at,
        "claim_no": 0,
        "cancel_requested": False,
        "changes": 0,
        "key_base": run.key_base,
        **start.more,
    }
    if run.index is not None:
        row |= {"trigger_item": run.item, "trigger_index": run.index}
    return row


def outcome_json(outcome: EventOutcome) -> Mapping[str, Json]:
    """As events keep it."""
    return {field.name: getattr(outcome, field.name) for field in fields(EventOutcome)}
