"""How many statements a plain run costs: the constructs of the language must not be paid for by flows that do without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.journal import Journal
from tests.contracts.journal.stories import LEASE_MS, change, claimed_run, deploy, new_run, queued_run, webhook

DONE = Ending(status=RunStatus.SUCCEEDED)


@contextmanager
def counting(journal: Journal) -> Iterator[list[str]]:
    """The statements that go to the database, without BEGIN and COMMIT."""
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *more: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(journal.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(journal.engine, "before_cursor_execute", note)


def accept(journal: Journal) -> Callable[[], object]:
    deploy(journal)
    batch = [webhook(f"key {number}", runs=[new_run()]) for number in range(20)]
    return lambda: journal.events.accept(batch, ring_in_ms=0)


def claim(journal: Journal) -> Callable[[], object]:
    run_id = queued_run(journal)
    return lambda: journal.runs.claim(run_id, lease_ms=LEASE_MS)


def record(journal: Journal) -> Callable[[], object]:
    claimed = claimed_run(journal)
    rows = [change("one", StepStatus.SUCCEEDED), change("two", StepStatus.RUNNING)]
    return lambda: journal.runs.record(claimed.claim, rows, lease_ms=LEASE_MS)


def park(journal: Journal) -> Callable[[], object]:
    claimed = claimed_run(journal)
    return lambda: journal.runs.park(claimed.claim, [change("one", StepStatus.WAITING)], in_ms=5, waiting_for="x")


def finish(journal: Journal) -> Callable[[], object]:
    claimed = claimed_run(journal)
    return lambda: journal.runs.finish(claimed.claim, [change("one", StepStatus.SUCCEEDED)], DONE)


# accept: the clock, the events, the runs; claim: the claim, the version, the steps.
COSTS: dict[Callable[[Journal], Callable[[], object]], int] = {accept: 3, claim: 3, record: 2, park: 2, finish: 3}


@pytest.mark.parametrize("prepare", COSTS, ids=lambda prepare: prepare.__name__)
def test_a_plain_run_costs_no_more_statements_than_it_must(
    journal: Journal, prepare: Callable[[Journal], Callable[[], object]]
) -> None:
    act = prepare(journal)

    with counting(journal) as seen:
        act()

    assert len(seen) == COSTS[prepare], seen
