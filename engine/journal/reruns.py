"""Starting runs that do others again, and noting what people say. Owns that of two at once one wins, and that a run that is over stays as it is.

Of a run that is over two things are written all the same, neither of which is its history: who did it again, and what a person said of a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from engine.core.again import Recorded
from engine.core.statuses import RUN_FINAL, StepStatus
from engine.errors import NotFoundError
from engine.journal import audit
from engine.journal.again import Copies, NewRerun, Rerun, Said, Word
from engine.journal.attempts import PAGE, Attempts
from engine.journal.clock import now_ms
from engine.journal.database import reading, repeated, writing
from engine.journal.locks import lock_lanes, share_waits
from engine.journal.records import NewRun, Run, Settled
from engine.journal.run_history import run_columns, to_run
from engine.journal.starts import Start, start_runs
from engine.journal.tables import runs, steps
from engine.strictjson import JsonObject

MANUAL = "manual"


class _NotStarted(Exception):
    """Nothing of the transaction is to stay."""

    def __init__(self, answer: Rerun) -> None:
        super().__init__()
        self.answer = answer


class SqlReruns:
    """The Reruns port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._attempts = Attempts(engine)

    def recorded(self, run_id: str) -> Sequence[Recorded]:
        columns = (steps.c.path, steps.c.attempt, steps.c.uses, steps.c.status, steps.c.error, steps.c.settled)
        found = select(*columns, steps.c.secure, steps.c.ended_at).where(steps.c.run_id == run_id)
        with reading(self._engine) as db:
            rows: Sequence[Any] = db.execute(found.order_by(steps.c.path, steps.c.attempt)).all()
        return [_recorded(row) for row in rows]

    @repeated
    def start(self, rerun: NewRerun, *, ring_in_ms: int) -> Rerun:
        try:
            with writing(self._engine) as db:
                return self._start(db, rerun, ring_in_ms)
        except _NotStarted as refused:
            return refused.answer
        except IntegrityError:
            raise NotFoundError(
                f"the event of run {rerun.origin} is gone, or its version of the flow",
                remedy="It was cleared away as HOOKLINE_RETAIN says; such a run cannot be done again.",
            ) from None

    def _start(self, db: Connection, rerun: NewRerun, ring_in_ms: int) -> Rerun:
        share_waits(db)  # A pause of the flow comes before it or sees the run.
        lock_lanes(db, [rerun.lane.key if rerun.lane is not None else None])
        origin = self._taken(db, rerun)
        if rerun.word is not None:
            said = _settle(db, rerun.word)
            if said != rerun.word.settled:
                raise _NotStarted(Rerun(said=said))
        admitted = start_runs(db, [_start_of(rerun, origin)], now=origin.now, ring_in_ms=ring_in_ms)
        if rerun.id in admitted.refused:
            raise _NotStarted(Rerun(refused=admitted.refused[rerun.id]))
        for copies in rerun.copies:
            _copy(db, rerun, copies)
        copied = select(func.count()).select_from(steps).where(steps.c.run_id == rerun.id)
        if db.scalar(copied) != rerun.copied:
            raise _NotStarted(Rerun())  # Rows of the origin are being cleared away.
        for row in rerun.resealed:
            mine = and_(steps.c.run_id == rerun.id, steps.c.path == row.path, steps.c.attempt == row.attempt)
            db.execute(update(steps).where(mine).values(given=row.given, output=row.output))
        self._attempts.write(db, rerun.id, rerun.changes, now=origin.now, position=origin.changes)
        _note(db, rerun, origin)
        return Rerun(run_id=rerun.id, held=rerun.id in admitted.held)

    def _taken(self, db: Connection, rerun: NewRerun) -> Row[Any]:
        """The origin, from now on done again by this run. Raises _NotStarted."""
        taken = (
            update(runs)
            .where(
                runs.c.id == rerun.origin,
                runs.c.status.in_(sorted(RUN_FINAL)),
                runs.c.rerun_by.is_not_distinct_from(rerun.seen),
                ~runs.c.purging,
            )
            .values(rerun_by=rerun.id)
            .returning(*run_columns(), runs.c.changes, now_ms().label("now"))
        )
        row = db.execute(taken).one_or_none()
        if row is not None:
            return row
        state = select(runs.c.status, runs.c.rerun_by, runs.c.purging).where(runs.c.id == rerun.origin)
        found = db.execute(state).one_or_none()
        # Of one that is being purged some steps may be gone: nothing is made of what is left.
        if found is None or found.purging:
            raise _NotStarted(Rerun())
        is_over = found.status in RUN_FINAL
        raise _NotStarted(Rerun(done_by=found.rerun_by if is_over else None, status=None if is_over else found.status))

    @repeated
    def settle(self, word: Word) -> Settled | None:
        with writing(self._engine) as db:
            return _settle(db, word)

    def said(self, run_ids: Sequence[str]) -> Mapping[str, Sequence[Said]]:
        found: dict[str, list[Said]] = {}
        columns = (steps.c.run_id, steps.c.path, steps.c.settled, steps.c.settled_at)
        with reading(self._engine) as db:
            for start in range(0, len(run_ids), PAGE):
                # The condition on settled is the index's own.
                these = and_(steps.c.run_id.in_(run_ids[start : start + PAGE]), steps.c.settled.is_not(None))
                for row in db.execute(select(*columns).where(these).order_by(steps.c.run_id, steps.c.path)):
                    said = Said(path=row.path, settled=row.settled, settled_at=row.settled_at)
                    found.setdefault(row.run_id, []).append(said)
        return found

    def made_of(self, run_id: str) -> Sequence[Run]:
        made = select(*run_columns()).where(runs.c.origin_run == run_id, runs.c.origin_run.is_not(None))
        with reading(self._engine) as db:
            return [to_run(row) for row in db.execute(made.order_by(runs.c.created_at, runs.c.id))]


def _recorded(row: Row[Any]) -> Recorded:
    kind = row.error.get("kind") if isinstance(row.error, Mapping) else None
    return Recorded(
        path=row.path,
        attempt=row.attempt,
        uses=row.uses,
        status=row.status,
        kind=None if kind is None else str(kind),
        settled=row.settled,
        sealed=bool(row.secure),
        ended_at=row.ended_at,
    )


def _start_of(rerun: NewRerun, origin: Row[Any]) -> Start:
    new = NewRun(
        flow=origin.flow,
        digest=rerun.digest,
        trigger=MANUAL,
        owner=origin.owner,
        inputs=rerun.inputs,
        lane=rerun.lane,
        item=origin.trigger_item,
        index=origin.trigger_index,
    )
    more = {
        # Its caller does not wait for it; but what that one hides stays hidden.
        "parent_run": origin.parent_run,
        "parent_path": origin.parent_path,
        "depth": origin.depth,
        "origin_run": origin.id,
        "origin_path": rerun.path,
        "unsettled": dict(rerun.unsettled) or None,
        # What is written next is numbered behind what was copied.
        "changes": origin.changes + len(rerun.changes),
    }
    return Start(id=rerun.id, event_id=origin.event_id, run=new, more=more)


_COPIED = [column for column in steps.c if column.name not in ("run_id", "attempt", "folded", "called_at")]


def _copy(db: Connection, rerun: NewRerun, copies: Copies) -> None:
    """No call of what is copied is one of the new run's."""
    for start in range(0, len(copies.paths), PAGE):
        wanted = and_(steps.c.run_id == rerun.origin, steps.c.path.in_(copies.paths[start : start + PAGE]))
        if copies.attempt is not None:
            wanted = and_(wanted, steps.c.attempt == copies.attempt)
        attempt = steps.c.attempt if copies.attempt is None else literal(1)
        found = select(literal(rerun.id), attempt, literal(copies.folded), *_COPIED).where(wanted)
        names = ["run_id", "attempt", "folded", *(column.name for column in _COPIED)]
        db.execute(insert(steps).from_select(names, found, include_defaults=False))


def _settle(db: Connection, word: Word) -> Settled | None:
    mine = and_(
        steps.c.run_id == word.run_id,
        steps.c.path == word.path,
        steps.c.attempt == word.attempt,
        steps.c.status == StepStatus.UNCERTAIN,
    )
    settled = update(steps).where(mine, steps.c.settled.is_(None))
    changed = db.execute(settled.values(settled=word.settled, settled_at=now_ms())).rowcount
    if changed:
        owner = db.scalar(select(runs.c.owner).where(runs.c.id == word.run_id))
        detail: JsonObject = {"step": word.path, "attempt": word.attempt, "word": word.settled}
        audit.note(
            db, owner=str(owner), actor=word.actor, action="run.resolve", subject=f"run:{word.run_id}", detail=detail
        )
    said: Settled | None = db.scalar(select(steps.c.settled).where(mine))
    return said


def _note(db: Connection, rerun: NewRerun, origin: Row[Any]) -> None:
    detail: JsonObject = {"run": rerun.id, "from": rerun.path, "version": rerun.digest[:12]}
    audit.note(db, owner=origin.owner, actor=rerun.actor, action="run.rerun", subject=f"run:{origin.id}", detail=detail)
