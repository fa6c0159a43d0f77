"""Doing many runs again. Owns which ones, what it would mean, and that each is done on its own, so that it can be broken off and begun again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.again import Recorded
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import BusyError, HooklineError, UnavailableError
from engine.journal.records import Run
from engine.runtime.again import Again, Plan, Wish
from engine.runtime.rehearsal.paths import without_numbers
from engine.sdk.connector import Connector, ServiceAction

PAGE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which runs. ``since``: created then or later (milliseconds since the epoch). ``kind``: of the error that they ended with.

    At most ``limit`` of them, the oldest ones.
    """

    statuses: Sequence[RunStatus]
    flow: str | None = None
    since: int | None = None
    kind: str | None = None
    limit: int = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Runs of a flow that ended alike."""

    flow: str
    status: RunStatus
    kind: str | None


@dataclass(kw_only=True)
class Outlook:
    """What doing the runs of a group again would mean, counted by action and step.

    ``twice``: writes that happened and would happen again. Of calls with unknown outcome: ``repeated`` with the key that they had, ``asked`` about at the
    service first, or ``stopped`` at, until a person says what happened.
    """

    runs: int = 0
    twice: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """A run that cannot be done again, and why."""

    run: Run
    why: str


@dataclass(kw_only=True)
class BulkPlan:
    """``runs``: ids, oldest first."""

    runs: list[str] = field(default_factory=list)
    groups: dict[Group, Outlook] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """Does runs again by filter. ``catalogue`` says what repeating an action means."""

    again: Again
    catalogue: Mapping[str, Connector]

    def plan(self, wanted: Filter, wish: Wish) -> BulkPlan:
        """Reads only."""
        found = BulkPlan()
        for run in self._found(wanted, wish):
            try:
                self._require_own(run)
                plan = self.again.plan(run, wish)
            except UnavailableError:
                raise
            except HooklineError as error:
                found.left.append(Left(run=run, why=_words(error)))
                continue
            found.runs.append(run.id)
            outlook = found.groups.setdefault(Group(flow=run.flow, status=run.status, kind=_kind(run)), Outlook())
            self._count(outlook, plan)
        return found

    def do(self, run_ids: Sequence[str], wish: Wish) -> Iterator[tuple[str, str | Left]]:
        """Do each again: its id with the new run's, or why not. What the plan saw is looked at anew. Raises UnavailableError."""
        for run_id in run_ids:
            found = self.again.journal.runs.get(run_id, limit=0)
            if found is None:
                continue  # Cleared away since: there is nothing left of it that could be named.
            run = found[0]
            try:
                yield run_id, self.again.start(self.again.plan(run, wish)).run_id
            except UnavailableError:
                raise
            except HooklineError as error:
                yield run_id, Left(run=run, why=_words(error))

    def outlook(self, plan: Plan) -> Outlook:
        """What doing one run again means."""
        outlook = Outlook()
        self._count(outlook, plan)
        return outlook

    def _found(self, wanted: Filter, wish: Wish) -> Sequence[Run]:
        """Oldest first."""
        matching: list[Run] = []
        before: str | None = None
        while True:
            page = self.again.journal.runs.list(
                flow=wanted.flow, statuses=wanted.statuses, limit=PAGE, before=before, undone=not wish.again
            )
            fresh = [run for run in page if wanted.since is None or run.created_at >= wanted.since]
            matching += [run for run in fresh if wanted.kind in (None, _kind(run))]
            if len(page) < PAGE or len(fresh) < len(page):
                return matching[::-1][: wanted.limit]
            before = page[-1].id

    def _require_own(self, run: Run) -> None:
        """Raises BusyError for a run that is done again when the one that waited for it is."""
        if run.parent_run is None or run.parent_path is None or run.origin_run is not None:
            return
        step = next(iter(self.again.journal.runs.attempts(run.parent_run, [run.parent_path])), None)
        if step is not None and step.status is not StepStatus.SUCCEEDED:
            raise BusyError(
                f"run {run.parent_run} started it at {run.parent_path} and waited for it; do that one again"
            )

    def _count(self, outlook: Outlook, plan: Plan) -> None:
        outlook.runs += 1
        for row in plan.repeated:
            where = f"{row.uses} at {without_numbers(row.path)}"
            self._counter(outlook, row, unknown=row.path in plan.unsettled)[where] += 1

    def _counter(self, outlook: Outlook, row: Recorded, *, unknown: bool) -> Counter[str]:
        connector, _, name = row.uses.partition(".")
        found = self.catalogue.get(connector)
        action = None if found is None else found.actions.get(name)
        if action is not None and action.safe_to_repeat:
            return outlook.repeated if unknown and action.effect != "read" else Counter()
        if not unknown:
            return outlook.twice
        if action is not None and action.repeatable is not None:
            return outlook.repeated
        return outlook.asked if isinstance(action, ServiceAction) and action.confirm is not None else outlook.stopped


def _kind(run: Run) -> str | None:
    kind = (run.error or {}).get("kind")
    return str(kind) if kind is not None else None


def _words(error: HooklineError) -> str:
    return str(error).partition("\n")[0]
