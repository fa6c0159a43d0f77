"""What of a run that is over a new run keeps, when a step of it and all that follows are to be done again. Owns that decision; reads nothing.

The new run is given the rows that are kept and is then driven like a run whose worker died at that step: what is recorded is answered from
there, and nothing else is. Kept is what lies before the step in the order of the flow, as it went, failures included that the flow dealt with; of
what stands beside it (other branches, iterations of a parallel loop) whatever is done. What holds the step begins anew, its time too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.ended import uses_of
from engine.core.interpreter import HANDLER, LASTLY
from engine.core.statuses import StepStatus
from engine.flow.model import (
    ActionStep,
    Flow,
    ForeachStep,
    GroupStep,
    IfStep,
    ParallelStep,
    Step,
    SwitchStep,
    UntilStep,
    inner_lists,
)

OUTPUTS = "outputs"
"""Stands for the flow's outputs, which come after all steps; no step can have this id."""

_WELL = frozenset({StepStatus.SUCCEEDED, StepStatus.SKIPPED})
_FAILED = frozenset({StepStatus.FAILED, StepStatus.UNCERTAIN})
_UNDONE = frozenset({StepStatus.FAILED, StepStatus.CANCELLED})


class NoSuchPlace(Exception):
    """The flow has no such step, or a run cannot come to it anew; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """One attempt without what went in and came out. ``kind``: of its error. ``settled``: a person's word. ``sealed``: whether ``secure`` hides any of it.

    ``ended_at``: milliseconds since the epoch, None while it is open.
    """

    path: str
    attempt: int
    uses: str
    status: StepStatus
    kind: str | None = None
    settled: str | None = None
    sealed: bool = False
    ended_at: int | None = None


class Record:
    """All attempts of a run, by path. ``put_aside_at``: when a poisoned run was, with what it had under way, which the flow never dealt with."""

    def __init__(self, rows: Iterable[Recorded], *, put_aside_at: int | None = None) -> None:
        self._put_aside_at = put_aside_at
        self._rows: dict[str, list[Recorded]] = {}
        for row in rows:
            self._rows.setdefault(row.path, []).append(row)
        for attempts in self._rows.values():
            attempts.sort(key=lambda row: row.attempt)
        self.paths: Sequence[str] = sorted(self._rows)

    def attempts(self, path: str) -> Sequence[Recorded]:
        return self._rows.get(path, ())

    def last(self, path: str) -> Recorded | None:
        rows = self._rows.get(path)
        return rows[-1] if rows else None

    def below(self, prefix: str) -> Sequence[str]:
        """The paths that begin with ``prefix``."""
        return self.paths[bisect_left(self.paths, prefix) : bisect_left(self.paths, prefix + "\U0010ffff")]

    def inside(self, path: str) -> Iterator[str]:
        """What lies in the step at ``path``: its iterations, its branches, its handler."""
        yield from self.below(f"{path}.")
        yield from self.below(f"{path}[")

    def has(self, path: str) -> bool:
        """Whether the run came to it: a step, an iteration, a branch or a handler."""
        return path in self._rows or next(self.inside(path), None) is not None

    def iterations(self, path: str) -> Sequence[int]:
        """The numbers of the iterations of a loop that were begun, in order."""
        start = len(path) + 1
        numbers = {re.match(r"\d+", found[start:]) for found in self.below(f"{path}[")}
        return sorted({int(number[0]) for number in numbers if number is not None})

    def was_put_aside(self, row: Recorded) -> bool:
        """Whether the run was put aside while the attempt was under way."""
        return row.ended_at is not None and row.ended_at == self._put_aside_at

    def is_through(self, iteration: str) -> bool:
        row = self.last(iteration)
        return row is not None and row.status is StepStatus.SUCCEEDED


@dataclass(kw_only=True)
class Kept:
    """``whole``: paths of which every attempt is kept as it is. ``succeeded``: those of which the last one is, as the first.

    ``loops``: of loops that go on, the iterations that are through, in order.
    """

    whole: list[str] = field(default_factory=list)
    succeeded: list[tuple[str, int]] = field(default_factory=list)
    loops: dict[str, list[int]] = field(default_factory=dict)

    @property
    def paths(self) -> frozenset[str]:
        return frozenset([*self.whole, *(path for path, _ in self.succeeded)])

    def folded(self, *, above: int) -> Folded:
        """What a claim need not load: what lies inside of iterations that are through and, of a loop with more than ``above`` of these, themselves."""
        through = {path for path, _ in self.succeeded if path.endswith("]")}
        inside = {path for path in self.paths if any(outer in through for outer in _iterations_around(path))}
        numbers: dict[str, list[int]] = {}
        for path in through - inside:
            loop, _, number = path[:-1].rpartition("[")
            numbers.setdefault(loop, []).append(int(number))
        failed = frozenset(self.whole)
        long = {loop: sorted(found) for loop, found in numbers.items() if len(found) > above and loop not in failed}
        # The last one stays: it says what comes after starts from.
        rest = {f"{loop}[{number}]" for loop, found in long.items() for number in found[:-1]}
        going_on = {loop: found[:-1] for loop, found in long.items() if loop in self.loops}
        return Folded(paths=frozenset(inside | rest), loops=going_on)


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """``loops``: of the loops that go on, the iterations among ``paths``, which the loop's own row has to name."""

    paths: frozenset[str]
    loops: Mapping[str, Sequence[int]]


def kept_before(flow: Flow, record: Record, step: str) -> Kept:
    """What is kept when the step, iteration, branch or handler at ``step`` and all that comes after is done again. Raises NoSuchPlace."""
    keeper = _Keeper(record)
    lists = (("", flow.steps), (f"{HANDLER}.", flow.on_error or ()), (f"{LASTLY}.", flow.lastly))
    if step == OUTPUTS:
        keeper.take(record.paths)
        return keeper.kept
    inner = next((name for name in (LASTLY, HANDLER) if step == name or step.startswith(f"{name}.")), "")
    later = [LASTLY] if inner == LASTLY else [HANDLER, LASTLY]
    if inner:
        keeper.take(path for path in record.paths if not _is_at(path, later))
    prefix, steps = next(found for found in lists if found[0].removesuffix(".") == inner)
    if step != inner and not keeper.before(steps, prefix, step):
        raise NoSuchPlace(f"the flow has no step {step}")
    return keeper.kept


def first_undone(flow: Flow, record: Record) -> str:
    """The first step, in the order of the flow, that did not succeed and that the flow did not deal with. Raises NoSuchPlace."""
    for path in record.paths:
        row = record.last(path)
        ended_it = row is not None and row.uses == "stop" and row.status is StepStatus.SUCCEEDED
        if ended_it and not _is_at(path, [HANDLER, LASTLY]):
            raise NoSuchPlace(f"the step {path} ended the run, as the flow says, and no step before it is undone")
    keeper = _Keeper(record)
    return keeper.undone(flow.steps, "") or keeper.undone(flow.lastly, f"{LASTLY}.") or OUTPUTS


def was_dealt_with(flow: Flow, record: Record, path: str) -> bool:
    """Whether the flow went on behind the step at ``path``, which failed or is uncertain, or behind what holds it."""
    keeper = _Keeper(record)
    lists = (("", flow.steps), (f"{HANDLER}.", flow.on_error or ()), (f"{LASTLY}.", flow.lastly))
    return any(keeper.dealt_with(steps, prefix, path) for prefix, steps in lists)


def has_step(flow: Flow, path: str) -> bool:
    """Whether a run of the flow may come to this path of a step."""
    target = re.sub(r"\[\d+\]", "", path)
    lists = (("", flow.steps), (f"{HANDLER}.", flow.on_error or ()), (f"{LASTLY}.", flow.lastly))
    return any(_is_in(steps, prefix, target) for prefix, steps in lists)


def _is_in(steps: Sequence[Step], prefix: str, target: str) -> bool:
    step = next((step for step in steps if _holds(prefix + step.id, target)), None)
    if step is None or prefix + step.id == target:
        return step is not None
    path = prefix + step.id
    handler = step.on_error if isinstance(step.on_error, tuple) else ()
    lists = [(f"{path}.{HANDLER}.", handler), *((f"{path}{suffix}.", inner) for suffix, inner in inner_lists(step))]
    return any(_is_in(inner, start, target) for start, inner in lists)


def _is_at(path: str, names: Sequence[str]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for name in names)


class _Keeper:
    """Walks over the flow and takes what is kept."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.kept = Kept()

    def take(self, paths: Iterable[str]) -> None:
        """As they went. A step that succeeded in the end needs no more than that: another version may try less often."""
        for path in paths:
            last = self._record.last(path)
            if last is None:
                continue
            if last.status is StepStatus.SUCCEEDED:
                self.kept.succeeded.append((path, last.attempt))
            else:
                self.kept.whole.append(path)

    def _take_step(self, path: str) -> None:
        self.take([path] if self._record.attempts(path) else [])
        self.take(self._record.inside(path))

    def before(self, steps: Sequence[Step], prefix: str, target: str) -> bool:
        """Take what lies before ``target`` in this list; whether it lies in the list."""
        at = next((number for number, step in enumerate(steps) if _holds(prefix + step.id, target)), None)
        if at is None:
            return False
        for step in steps[:at]:
            if self._is_over(step, prefix + step.id):
                self._take_step(prefix + step.id)
        path = prefix + steps[at].id
        if path != target:
            self._into(steps[at], path, target)
        return True

    def _into(self, step: Step, path: str, target: str) -> None:
        handler = f"{path}.{HANDLER}"
        if isinstance(step.on_error, tuple) and _holds(handler, target):
            self.take([path])
            self.take(inner for inner in self._record.inside(path) if not _holds(handler, inner))
            if target != handler and not self.before(step.on_error, f"{handler}.", target):
                raise NoSuchPlace(f"the flow has no step {target}")
            return
        match step:
            case IfStep() | SwitchStep() | GroupStep():
                found = self._into_lists(step, path, target)
            case ForeachStep() | UntilStep():
                found = self._into_loop(step, path, target)
            case ParallelStep():
                found = self._into_branches(step, path, target)
            case _:
                found = False
        if not found:
            raise NoSuchPlace(f"the flow has no step {target}")

    def _into_lists(self, step: Step, path: str, target: str) -> bool:
        # Of an if and a switch one list is taken; what is skipped in those before it is noted again in any case.
        for suffix, steps in inner_lists(step):
            if self.before(steps, f"{path}{suffix}.", target):
                return True
            self._partly(steps, f"{path}{suffix}.")
        return False

    def _into_loop(self, step: ForeachStep | UntilStep, path: str, target: str) -> bool:
        number = re.match(r"\[(\d+)\](?=\.|$)", target[len(path) :])
        if number is None:
            return False
        own = int(number[1])
        for index in self._record.iterations(path):
            if index < own or (index > own and _is_side_by_side(step)):
                self._iteration(step, path, index)
        inner = f"{path}[{own}]"
        pause = f"{inner}.interval"
        if isinstance(step, UntilStep) and target in (inner, pause):
            return True
        if isinstance(step, UntilStep):
            self._take_done(pause)
        return target == inner or self.before(step.steps, f"{inner}.", target)

    def _into_branches(self, step: ParallelStep, path: str, target: str) -> bool:
        own = next((name for name in step.branches if _holds(f"{path}.{name}", target)), None)
        if own is None:
            return False
        for name, steps in step.branches.items():
            if name != own and self._partly(steps, f"{path}.{name}.") and step.join == "any":
                raise NoSuchPlace(
                    f"{target} is not come to again: the branch {name} of {path} is through first. "
                    f"Choose {path}, or a step in {path}.{name}"
                )
        prefix = f"{path}.{own}"
        return target == prefix or self.before(step.branches[own], f"{prefix}.", target)

    def _iteration(self, step: ForeachStep | UntilStep, path: str, index: int) -> None:
        own = f"{path}[{index}]"
        if self._record.is_through(own):
            self._take_step(own)
            self.kept.loops.setdefault(path, []).append(index)
            return
        if isinstance(step, UntilStep):
            self._take_done(f"{own}.interval")
        self._partly(step.steps, f"{own}.")

    def _take_done(self, path: str) -> None:
        last = self._record.last(path)
        if last is not None and last.status is StepStatus.SUCCEEDED:
            self.take([path])

    def _partly(self, steps: Sequence[Step], prefix: str) -> bool:
        """Take what is done of a list that goes on where it stood; whether all of it is."""
        for step in steps:
            path = prefix + step.id
            if not self._is_over(step, path):
                self._partly_inside(step, path)
                return False
            self._take_step(path)
        return True

    def _partly_inside(self, step: Step, path: str) -> None:
        if isinstance(step, (ForeachStep, UntilStep)):
            for index in self._record.iterations(path):
                self._iteration(step, path, index)
            return
        for suffix, steps in inner_lists(step):
            self._partly(steps, f"{path}{suffix}.")

    def _is_over(self, step: Step, path: str) -> bool:
        """Whether the steps after it may go on: it succeeded, was skipped, or failed and the flow dealt with that."""
        last = self._record.last(path)
        if last is None or last.uses != uses_of(step):
            return False
        if last.status not in _FAILED or self._record.was_put_aside(last):
            return last.status in _WELL
        if isinstance(step, ActionStep) and last.status is StepStatus.UNCERTAIN and step.on_uncertain == "skip":
            return True
        if isinstance(step.on_error, tuple):
            return all(self._is_over(inner, f"{path}.{HANDLER}.{inner.id}") for inner in step.on_error)
        return step.on_error == "continue"

    def dealt_with(self, steps: Sequence[Step], prefix: str, target: str) -> bool:
        """Whether the step of this list that holds ``target``, or one in it that does, is over."""
        step = next((step for step in steps if _holds(prefix + step.id, target)), None)
        if step is None:
            return False
        path = prefix + step.id
        number = re.match(r"\[\d+\]", target[len(path) :])
        inside = path + (number[0] if number is not None else "")
        handler = step.on_error if isinstance(step.on_error, tuple) else ()
        lists = [
            (f"{path}.{HANDLER}.", handler),
            *((f"{inside}{suffix}.", inner) for suffix, inner in inner_lists(step)),
        ]
        return self._is_over(step, path) or any(self.dealt_with(inner, start, target) for start, inner in lists)

    def undone(self, steps: Sequence[Step], prefix: str) -> str | None:
        """The first step of a list, or in a step of it, that has still to be done; None when all of it is."""
        step = next((step for step in steps if not self._is_over(step, prefix + step.id)), None)
        return None if step is None else self._undone_inside(step, prefix + step.id) or prefix + step.id

    def _undone_inside(self, step: Step, path: str) -> str | None:
        if isinstance(step, (ForeachStep, UntilStep)):
            open_ones = (i for i in self._record.iterations(path) if not self._record.is_through(f"{path}[{i}]"))
            found: Iterable[str | None] = (self.undone(step.steps, f"{path}[{index}].") for index in open_ones)
        else:
            lists = ((f"{path}{suffix}.", steps) for suffix, steps in inner_lists(step))
            found = (self.undone(steps, prefix) for prefix, steps in lists if self._was_begun(steps, prefix))
        return next((inner for inner in found if inner is not None), None)

    def _was_begun(self, steps: Sequence[Step], prefix: str) -> bool:
        lasts = (self._record.last(prefix + step.id) for step in steps)
        skipped = all(last is None or last.status is StepStatus.SKIPPED for last in lasts)
        return not skipped or any(next(self._record.inside(prefix + step.id), None) is not None for step in steps)


def _iterations_around(path: str) -> Iterator[str]:
    """The iterations that the path lies in; an iteration does not lie in itself."""
    return (path[: found.end()] for found in re.finditer(r"\[\d+\]", path) if found.end() < len(path))


def _holds(path: str, target: str) -> bool:
    return target == path or target.startswith((f"{path}.", f"{path}["))


def _is_side_by_side(step: ForeachStep | UntilStep) -> bool:
    return isinstance(step, ForeachStep) and step.max_parallel > 1


def unknown_outcomes(record: Record, kept: frozenset[str], kinds: frozenset[str]) -> Sequence[str]:
    """The paths of calls that are done again although nobody knows what came of them: uncertain, or failed or cut with one of ``kinds``."""
    return [path for path in record.paths if path not in kept and _is_unknown(record.attempts(path), kinds)]


def _is_unknown(attempts: Sequence[Recorded], kinds: frozenset[str]) -> bool:
    last = attempts[-1]
    if "." not in last.uses or last.status is StepStatus.SUCCEEDED or last.settled is not None:
        return False
    return any(row.status is StepStatus.UNCERTAIN or (row.status in _UNDONE and row.kind in kinds) for row in attempts)
