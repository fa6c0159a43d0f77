"""Writing attempts of steps. Owns the rule that a final attempt never changes; the caller holds the run's row, so that writers queue.

An attempt is open while ``ended_at`` is NULL (a check constraint ties it to the status).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, and_, bindparam, case, func, update
from sqlalchemy.sql.dml import ReturningInsert

from engine.core.statuses import STEP_FINAL, StepStatus
from engine.journal.clock import now_ms
from engine.journal.database import insert_into
from engine.journal.records import StepChange
from engine.journal.tables import steps

_NO_CALL = frozenset({StepStatus.WAITING, StepStatus.SKIPPED, StepStatus.CANCELLED})
"""Statuses of which none says that a call has left."""

PAGE = 200
"""Paths that one statement names."""
_fold = update(steps).where(steps.c.run_id == bindparam("run"), ~steps.c.folded).values(folded=True)
_cancel_open = (
    update(steps)
    .where(steps.c.run_id == bindparam("run"), steps.c.ended_at.is_(None))
    .values(
        status=StepStatus.CANCELLED,
        ended_at=bindparam("now", type_=BigInteger),
        waiting_for=None,
        called_at=case(
            (steps.c.status == StepStatus.RUNNING, bindparam("now", type_=BigInteger)), else_=steps.c.called_at
        ),
    )
)


class Attempts:
    """Attempts of steps over one database. The statement is built once: building it costs as much as executing it."""

    def __init__(self, engine: Engine) -> None:
        self._upsert = _upsert(engine)

    def write(self, db: Connection, run_id: str, changes: Sequence[StepChange], *, now: int, position: int) -> None:
        """Insert or update the attempts, in order, then fold; new ones are numbered from ``position``. RuntimeError when one was final."""
        for wave in _waves(changes):
            rows = [_row(run_id, change, now, position + number) for number, change in enumerate(wave)]
            position += len(wave)
            written = db.execute(self._upsert, rows).all()
            if len(written) != len(wave):
                kept = {(change.path, change.attempt) for change in wave} - {(row.path, row.attempt) for row in written}
                raise RuntimeError(f"attempts of run {run_id} that have ended cannot change: {sorted(kept)}")
        for change in changes:
            if change.folds:
                db.execute(_fold.where(below(change.path)), {"run": run_id})
            for paths in pages(change.path, change.folds_iterations):
                db.execute(_fold.where(steps.c.path.in_(paths)), {"run": run_id})

    def cancel_open(self, db: Connection, run_id: str, *, now: int) -> None:
        """End what is left open. An attempt that never started keeps no start."""
        db.execute(_cancel_open, {"run": run_id, "now": now})


def below(path: str) -> ColumnElement[bool]:
    """Rows inside of the step at ``path``; a range of the primary key, because paths sort by their bytes and "/" follows "."."""
    return and_(steps.c.path > f"{path}.", steps.c.path < f"{path}/")


def pages(path: str, indices: range) -> Iterator[Sequence[str]]:
    """The paths of these iterations, some at a time. Named one by one: by their bytes, ``[10]`` stands before ``[9]``."""
    for start in range(0, len(indices), PAGE):
        yield [f"{path}[{index}]" for index in indices[start : start + PAGE]]


def _waves(changes: Sequence[StepChange]) -> Iterator[Sequence[StepChange]]:
    # One statement cannot touch an attempt twice (PostgreSQL refuses it), so that the second change of one starts a new wave.
    wave: dict[tuple[str, int], StepChange] = {}
    for change in changes:
        if (change.path, change.attempt) in wave:
            yield list(wave.values())
            wave = {}
        wave[change.path, change.attempt] = change
    if wave:
        yield list(wave.values())


def _row(run_id: str, change: StepChange, now: int, position: int) -> dict[str, object]:
    return {
        "run_id": run_id,
        "path": change.path,
        "attempt": change.attempt,
        "uses": change.uses,
        "status": change.status,
        "connection": change.connection,
        "given": change.given,
        "output": change.output,
        "error": change.error,
        "waiting_for": change.waiting_for,
        "begun_at": change.begun_at,
        "cut": change.cut,
        "secure": change.secure,
        "started_at": None if change.status is StepStatus.WAITING else now,
        "ended_at": now if change.status in STEP_FINAL else None,
        "called_at": None if change.status in _NO_CALL else now,
        "position": position,
    }


def _upsert(engine: Engine) -> ReturningInsert[str, int]:
    insert = insert_into(engine, steps)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[steps.c.run_id, steps.c.path, steps.c.attempt],
        set_={
            "uses": new.uses,
            "status": new.status,
            "connection": func.coalesce(new.connection, steps.c.connection),
            "given": func.coalesce(new.given, steps.c.given),
            "output": new.output,
            "error": new.error,
            "waiting_for": new.waiting_for,
            "begun_at": func.coalesce(new.begun_at, steps.c.begun_at),
            "cut": func.coalesce(new.cut, steps.c.cut),
            "secure": func.coalesce(new.secure, steps.c.secure),
            "started_at": func.coalesce(steps.c.started_at, new.started_at),
            "ended_at": new.ended_at,
            # A call that was under way until now may have ended only now, whatever came of it.
            "called_at": case(
                (steps.c.status == StepStatus.RUNNING, now_ms()),
                else_=func.coalesce(new.called_at, steps.c.called_at),
            ),
        },
        where=steps.c.ended_at.is_(None),
    ).returning(steps.c.path, steps.c.attempt)
