"""Settling uncertain steps. Owns what a person's word does: it is noted once, and a run that had stopped at the step goes on as another one.

It asks the service only when the person says that the call happened and gives no output; it sends nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from engine.core.again import Record, Recorded, was_dealt_with
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.errors import BusyError, HooklineError, NotFoundError, UnavailableError, UsageError
from engine.flow.model import Secret
from engine.journal.again import Word
from engine.journal.records import Run, Settled, StepChange, StepRow
from engine.runtime.again import Again, Done, Plan, require_come_to, said_already
from engine.runtime.connections import Connections
from engine.sdk.connector import Action, Connector, ServiceAction
from engine.strictjson import Json

STOPPED = frozenset({RunStatus.UNCERTAIN, RunStatus.POISONED})
"""How a run ended that stopped where nobody knew what had happened; any other one dealt with it itself, as these may with an earlier step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """The output that a person gives."""

    value: Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """What came of a word. ``went_on``: the run that goes on with it, None when the flow had dealt with the uncertainty itself.

    ``output``: of the step that happened; ``asked``: the service was, and ``found`` it.
    """

    step: str
    settled: Settled
    went_on: Done | None = None
    output: Json = None
    asked: bool = False
    found: bool = False


@dataclass(frozen=True, kw_only=True)
class Resolving:
    """Settles steps of runs that are over. ``connections`` is asked for only where the service is; it may raise SecretError."""

    again: Again
    catalogue: Mapping[str, Connector]
    connections: Callable[[], Connections]

    def resolve(self, run: Run, step: str, settled: Settled, output: Given | None = None) -> Resolved:
        """Raises BusyError (the run is not over, was done again, or another word was said), NotFoundError, UsageError, UnavailableError."""
        if run.status not in RUN_FINAL:
            raise BusyError(
                f"run {run.id} is not over: it is {run.status.value}, and may yet settle this by itself",
                remedy=f"Wait for its end, or end it: hookline runs cancel {run.id}",
            )
        record = self.again.record(run)
        last = _uncertain(run, record, step)
        word = Word(run_id=run.id, path=step, attempt=last.attempt, settled=settled, actor=self.again.actor)
        if last.settled is not None and last.settled != settled:
            raise said_already(run.id, last.settled)
        flow = self.again.version(run, latest=False) if run.status in STOPPED else None
        if flow is None or was_dealt_with(flow, record, step):
            return self._noted(word)
        if run.rerun_by is not None and last.settled == settled:
            return Resolved(step=step, settled=settled, went_on=Done(run_id=run.rerun_by, path=step))
        if run.rerun_by is not None:
            raise BusyError(
                f"run {run.id} is done again already, as {run.rerun_by}; what is said here would not reach it",
                remedy=f"If that one stopped there too, say it there: hookline runs resolve {run.rerun_by} {step} …",
            )
        plan = self.again.plan_from(run, flow, record, step)
        if settled == "did_not_happen":
            return Resolved(step=step, settled=settled, went_on=self.again.start(_anew(plan, step), word=word))
        return self._happened(plan, word, last, output)

    def _noted(self, word: Word) -> Resolved:
        said = self.again.journal.reruns.settle(word)
        if said is None:
            raise NotFoundError(f"run {word.run_id} is gone", remedy="See what is there: hookline runs list")
        if said != word.settled:
            raise said_already(word.run_id, said)
        return Resolved(step=word.path, settled=word.settled)

    def _happened(self, plan: Plan, word: Word, last: Recorded, output: Given | None) -> Resolved:
        rows = self.again.journal.runs.attempts(plan.run.id, [word.path])
        row = next((row for row in rows if row.attempt == last.attempt), None)
        if row is None:
            raise NotFoundError(f"run {plan.run.id} is gone", remedy="See what is there: hookline runs list")
        given = self._input(plan.run, row)
        asked = output is None and self._can_be_asked(row.uses)
        value = output.value if output is not None else self._asked(plan, row, given) if asked else None
        if output is not None:
            self._check(row.uses, value)

        def done(new_id: str) -> StepChange:
            def seal(value: Json, side: Secret) -> Json:
                return self.again.sealer(plan.run, new_id).seal(value, row.path, side) if side in row.secure else value

            return replace(_succeeded(row), given=seal(given, "inputs"), output=seal(value, "outputs"))

        went_on = self.again.start(_anew(plan, word.path), word=word, done=done)
        return Resolved(
            step=word.path,
            settled=word.settled,
            went_on=went_on,
            output=value,
            asked=asked,
            found=asked and value is not None,
        )

    def _input(self, run: Run, row: StepRow) -> Json:
        if "inputs" not in row.secure or row.given is None:
            return row.given
        return self.again.sealer(run, run.id).open(row.given, row.path, "inputs")

    def _action(self, uses: str) -> Action | None:
        connector, _, name = uses.partition(".")
        found = self.catalogue.get(connector)
        return None if found is None else found.actions.get(name)

    def _can_be_asked(self, uses: str) -> bool:
        action = self._action(uses)
        return isinstance(action, ServiceAction) and action.confirm is not None

    def _asked(self, plan: Plan, row: StepRow, given: Json) -> Json:
        """What ``confirm`` finds at the service; None when it does not find the effect. Raises UnavailableError when it cannot be asked."""
        action = self._action(row.uses)
        assert isinstance(action, ServiceAction), "only such can be asked"
        assert action.confirm is not None
        try:
            model = action.given.model_validate(given)
            client = self.connections().client(row.connection or "", owner=plan.run.owner)
            found = action.confirm(client, model)
        except (HooklineError, ValidationError) as error:
            words = error.message if isinstance(error, HooklineError) else "its input does not fit the action any more"
            raise UnavailableError(
                f"the service could not be asked what {row.path} did: {words}",
                remedy="Nothing was settled. Try again, or give the output yourself: --output JSON, or --output null",
            ) from None
        return None if found is None else found.to_json()

    def _check(self, uses: str, value: Json) -> None:
        """Raises UsageError when the action would never answer so."""
        action = self._action(uses)
        if action is None or value is None:
            return
        try:
            action.output.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise UsageError(
                f"--output is not what {uses} answers: {where + ': ' if where else ''}{first['msg']}",
                remedy="Give the output as the action would, or null: the steps after it then see null.",
            ) from None


def _uncertain(run: Run, record: Record, step: str) -> Recorded:
    """The step's last attempt, which is to be settled. Raises NotFoundError and UsageError."""
    require_come_to(run, record, step)
    last = record.last(step)
    open_ones = [path for path in record.paths if (row := record.last(path)) and _can_be_settled(row)]
    listed = f"Uncertain in this run: {', '.join(open_ones)}" if open_ones else "No step of this run is uncertain."
    if last is None or (last.status is StepStatus.UNCERTAIN and not _can_be_settled(last)):
        raise UsageError(
            f"{step} of run {run.id} holds steps; say it of the one in it that is uncertain", remedy=listed
        )
    if last.status is not StepStatus.UNCERTAIN:
        raise UsageError(f"{step} of run {run.id} is not uncertain: it is {last.status.value}", remedy=listed)
    return last


def _can_be_settled(row: Recorded) -> bool:
    """An action or a sub-flow; what holds steps is uncertain because one of them is."""
    return row.status is StepStatus.UNCERTAIN and ("." in row.uses or row.uses.startswith("flow "))


def _anew(plan: Plan, step: str) -> Plan:
    """Nobody needs to be asked any more what came of the step."""
    left = {p: key for p, key in plan.unsettled.items() if p != step and not p.startswith(f"{step}/")}
    return replace(plan, unsettled=left)


def _succeeded(row: StepRow) -> StepChange:
    # Without its connection: it is no call of the new run, and the throttle must not count it.
    return StepChange(path=row.path, attempt=1, uses=row.uses, status=StepStatus.SUCCEEDED, secure=row.secure)
