"""Lanes: runs that may not be under way at once. Owns who is let in, who is held, and who goes next.

A held run is queued, but due in a far future, and no claim takes it. Whoever ends a run of a lane lets the next one go in the same
transaction, so that a place is never free while somebody stands in line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from engine.journal.locks import lock_lanes
from engine.journal.records import Lane
from engine.journal.tables import runs

HELD_UNTIL = 253_402_300_799_000
"""The end of the year 9999: a run that is held has to be due at some time, and never is."""

_AT_A_TIME = 100


@dataclass(kw_only=True)
class Standing:
    """How many runs of a lane may work or wait as any run does, and how many are held."""

    active: int = 0
    held: int = 0


def standing(db: Connection, key: str) -> Standing:
    """The lane must be locked."""
    counted = (
        select(runs.c.held, func.count()).where(in_lane(key)).group_by(runs.c.held)  # the condition is the index's own
    )
    numbers = {bool(row[0]): int(row[1]) for row in db.execute(counted)}
    return Standing(active=numbers.get(False, 0), held=numbers.get(True, 0))


def in_lane(key: str) -> ColumnElement[bool]:
    """The lane's runs that have not ended."""
    return and_(runs.c.lane == key, runs.c.due_at.is_not(None))


def turn_words(lane: Lane) -> str:
    """What a held run says that it waits for."""
    return f"its turn: at most {_runs(lane.limit)} at a time with this concurrency key"


def refusal_words(lane: Lane) -> str:
    """Why a lane refused a run, for the author."""
    if lane.on_limit == "skip":
        return f"skipped: {_runs(lane.limit)} with this concurrency key under way (on_limit: skip)"
    return f"the queue is full: {_runs(lane.max_queued or 0)} with this concurrency key waiting already (max_queued)"


def release(db: Connection, lane: str, *, now: int) -> Sequence[str]:
    """Let held runs go while there are places, oldest first; their ids."""
    lock_lanes(db, [lane])
    active = standing(db, lane).active
    line = db.execute(
        select(runs.c.id, runs.c.lane_limit)
        .where(in_lane(lane), runs.c.held)
        .order_by(runs.c.created_at, runs.c.id)
        .limit(_AT_A_TIME)
    ).all()
    free: list[str] = []
    for row in line:
        if active + len(free) >= row.lane_limit:
            break
        free.append(row.id)
    if free:
        let_go = update(runs).where(runs.c.id.in_(free), runs.c.held, runs.c.due_at.is_not(None))
        db.execute(let_go.values(held=False, due_at=now, waiting_for=None))
    return free


def _runs(number: int) -> str:
    return f"{number} run" if number == 1 else f"{number} runs"
