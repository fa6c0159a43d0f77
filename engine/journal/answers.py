"""What runs answer to those who wait for them. Owns the one look at many runs; it starts and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, select

from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.journal.database import reading
from engine.journal.tables import runs, steps
from engine.strictjson import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class RunAnswer:
    """``output``: of the step that answered, None while there is none; ``ended``: the run's status if it is final.

    ``secure``: the output is kept sealed; ``owner``, ``run_id`` and ``path`` are what it was sealed for.
    """

    run_id: str
    owner: str
    ended: RunStatus | None = None
    path: str | None = None
    output: Json = None
    secure: bool = False


class SqlAnswers:
    """The Answers port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, run_ids: Sequence[str], *, uses: str) -> Mapping[str, RunAnswer]:
        found = select(runs.c.id, runs.c.owner, runs.c.status).where(runs.c.id.in_(run_ids))
        said = (
            select(steps.c.run_id, steps.c.path, steps.c.output, steps.c.secure)
            .where(steps.c.run_id.in_(run_ids), steps.c.uses == uses, steps.c.status == StepStatus.SUCCEEDED)
            .order_by(steps.c.position.desc())
        )
        with reading(self._engine) as db:
            states = db.execute(found).all()
            first = {row.run_id: row for row in db.execute(said)}
        answers = {}
        for state in states:
            step = first.get(state.id)
            answers[state.id] = RunAnswer(
                run_id=state.id,
                owner=state.owner,
                ended=state.status if state.status in RUN_FINAL else None,
                path=step.path if step is not None else None,
                output=step.output if step is not None else None,
                secure=step is not None and "outputs" in (step.secure or ()),
            )
        return answers
