"""I4 and I5: steps in their order, ends that last, and no write under a claim that was lost."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from engine.core.statuses import RUN_FINAL
from tests.faults.breaches import Allowed, Broken
from tests.faults.history import History, LogLine, RunFact, StepFact

LOGGED_WITHIN = 2.0
"""Seconds. A claim is lost a lease (10 s) after its worker's last word at the earliest, so that a handover in order is never taken for a late write."""
LOST = "the claim was lost; another worker goes on with the run"


# I4


def in_order_and_final(history: History) -> Iterator[Broken]:
    for what in history.taken_back:
        yield Broken(invariant="I4", what=what)
    by_run: dict[str, list[StepFact]] = defaultdict(list)
    for row in history.steps:
        by_run[row.run].append(row)
    for run in history.runs:
        yield from _order(run, by_run[run.id], history.orders.get(run.digest, ()))
        if (run.status in RUN_FINAL) != (run.ended_at is not None):
            yield Broken(invariant="I4", what=f"run {run.id} is {run.status} and ended at {run.ended_at}")


def _order(run: RunFact, rows: Sequence[StepFact], order: Sequence[str]) -> Iterator[Broken]:
    parts: dict[str, list[StepFact]] = defaultdict(list)
    for row in rows:
        parts[_top(row.path)].append(row)
    through: float = -math.inf
    gap: str | None = None
    for step_id in order:
        begun = [row.started_at for row in parts[step_id] if row.started_at is not None]
        if begun and gap is not None:
            yield Broken(invariant="I4", what=f"{step_id} of run {run.id} began, and {gap} before it is not through")
        if begun and min(begun) < through:
            yield Broken(
                invariant="I4",
                what=f"{step_id} of run {run.id} began {through - min(begun):.0f} ms before what precedes it was through",
            )
        ends = [row.ended_at for row in parts[step_id]]
        if not ends or None in ends:
            gap = gap or step_id
        through = max([through, *(end for end in ends if end is not None)])


def _top(path: str) -> str:
    return path.split(".")[0].split("[")[0]


# I5


def fenced(history: History, allowed: Allowed) -> Iterator[Broken]:
    """A segment that parks or ends its run says so in its worker's log, after the write; one whose write was refused says that.

    A worker that says it of a claim after another one had claimed the run has written under an old number.
    """
    claims: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for line in history.log:
        if line.event == "segment started" and line.run is not None and line.claim is not None:
            claims[line.run].append((line.claim, line.at))
    holds: dict[tuple[str, str], int] = {}
    for line in history.log:
        if line.run is None:
            continue
        if line.event == "segment started" and line.claim is not None:
            holds[line.process, line.run] = line.claim
        if line.event == "segment ended":
            yield from _late(line, holds.get((line.process, line.run), 0), claims[line.run])
    numbers = Counter((run, number) for run, found in claims.items() for number, _ in found)
    for (run, number), count in numbers.items():
        if count > 1:
            yield Broken(invariant="I5", what=f"claim {number} of run {run} was held by {count} segments")
    if allowed.paused and not refusals(history):
        yield Broken(invariant="I5", what="a worker was paused past its lease, and no write was refused")


def _late(line: LogLine, mine: int, claims: Iterable[tuple[int, float]]) -> Iterator[Broken]:
    for number, at in claims:
        if number > mine and line.at > at + LOGGED_WITHIN:
            what = f"{line.process} wrote under claim {mine} of run {line.run}, {line.at - at:.1f} s after claim {number} began"
            yield Broken(invariant="I5", what=what)


def refusals(history: History) -> int:
    """Segments that were told that their claim is lost."""
    return sum(line.event == LOST for line in history.log)
