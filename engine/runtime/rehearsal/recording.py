"""A run as the journal keeps it. Owns that value, opened where the flow hides something; it reads and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.core.commands import Outcome, StepError
from engine.core.scope import RunFacts
from engine.core.statuses import RUN_ENDS_ITSELF, RunStatus, StepStatus
from engine.flow.model import Secret
from engine.journal.records import Event, EventSource, Run, StepRow
from engine.journal.seal import is_sealed, sealed_text
from engine.strictjson import Json, JsonObject

Opener: TypeAlias = Callable[[Json, str, Secret], Json]
"""Opens what ``secure`` sealed: (the sealed value, the step's path, which side of it). The run's own values have the path ``""``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """``rows``: as recorded, with what is sealed opened; their ``secure`` says what must not be shown."""

    run: Run
    rows: Sequence[StepRow]
    trigger: JsonObject
    manual: bool
    hidden: frozenset[str] = frozenset()
    """``inputs``, ``outputs``: what of the run itself its caller hides."""

    @classmethod
    def of(cls, run: Run, rows: Sequence[StepRow], event: Event | None, opener: Opener | None = None) -> Recording:
        """Raises what ``opener`` raises. Without one, sealed values stay as they are."""
        manual = event is None or event.source in (EventSource.MANUAL, EventSource.FLOW)
        trigger = (event.event if event is not None else None) or {}
        if run.trigger_index is not None:
            trigger = {**trigger, "item": run.trigger_item, "index": run.trigger_index}
        hidden = frozenset(
            side for side, value in (("inputs", run.inputs), ("outputs", run.outputs)) if is_sealed(value)
        )
        if opener is not None:
            rows, run = [_opened(row, opener) for row in rows], _opened_run(run, opener)
        manual = manual or run.trigger_index is not None
        return cls(run=run, rows=rows, trigger=trigger, manual=manual, hidden=hidden)

    @property
    def facts(self) -> RunFacts:
        started = self.run.started_at if self.run.started_at is not None else self.run.created_at
        return RunFacts(run_id=self.run.id, started_at=started, trigger=self.trigger, inputs=self.run.inputs)

    @property
    def is_whole(self) -> bool:
        """Whether the run went as far as its flow; one that still runs, was put aside, or was cancelled before anything recorded that, may stop anywhere."""
        cut = any(row.cut == "cancelled" for row in self.rows)
        return self.run.status in RUN_ENDS_ITSELF and (
            cut or self.run.status is not RunStatus.CANCELLED or self._stopped
        )

    @property
    def _stopped(self) -> bool:
        return any(row.uses == "stop" and row.status is StepStatus.SUCCEEDED for row in self.rows)

    @property
    def hides(self) -> bool:
        """Whether the flow wants something of it shown nowhere."""
        return bool(self.hidden) or any(row.secure for row in self.rows)


def _opened(row: StepRow, opener: Opener) -> StepRow:
    given = opener(row.given, row.path, "inputs") if "inputs" in row.secure and row.given is not None else row.given
    output = (
        opener(row.output, row.path, "outputs") if "outputs" in row.secure and row.output is not None else row.output
    )
    return replace(row, given=given, output=output)


def _opened_run(run: Run, opener: Opener) -> Run:
    def opened(value: JsonObject, side: Secret) -> JsonObject:
        found = opener(sealed_text(value), "", side) if is_sealed(value) else value
        return found if isinstance(found, dict) else {}

    return replace(
        run,
        inputs=opened(run.inputs, "inputs"),
        outputs=None if run.outputs is None else opened(run.outputs, "outputs"),
    )


def outcome_of(row: StepRow) -> Outcome:
    """The recorded outcome of a final attempt."""
    error = None
    if row.error is not None:
        status, place = row.error.get("status"), row.error.get("place")
        error = StepError(
            step=str(row.error.get("step", row.path)),
            kind=str(row.error.get("kind", "server")),
            message=str(row.error.get("message", "")),
            status=status if isinstance(status, int) else None,
            attempt=row.attempt,
            place=str(place) if place is not None else None,
        )
    return Outcome(status=row.status, output=row.output, error=error, ended_at=row.ended_at or 0)
