"""Folding: what is through in a loop is history, which no claim reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import ClaimLost
from engine.journal.database import reading
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, StepChange
from tests.contracts.journal.stories import LEASE_MS, change, claimed_run

LOOP = StepChange(
    path="answers", attempt=1, uses="foreach", status=StepStatus.RUNNING, given={"count": 3, "through": 0}
)


def iteration(index: int, loop: str = "answers", **more: object) -> StepChange:
    done = StepChange(
        path=f"{loop}[{index}]",
        attempt=1,
        uses="iteration",
        status=StepStatus.SUCCEEDED,
        output={"n": index},
        folds=True,
    )
    return replace(done, **more)  # type: ignore[arg-type]


def claim_again(journal: Journal, claimed: ClaimedRun) -> ClaimedRun:
    journal.runs.park(claimed.claim, [], in_ms=0, waiting_for=None)
    again = journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS)
    assert again is not None
    return again


def loaded(journal: Journal, claimed: ClaimedRun) -> set[str]:
    return {step.path for step in claim_again(journal, claimed).steps}


def test_a_step_that_folds_takes_what_is_below_it_out_of_the_next_claim_and_nothing_else(journal: Journal) -> None:
    claimed = claimed_run(journal)
    below = ["answers[1].note", "answers[1].inner[2].deep", "answers[1].note.on_error.tell"]
    beside = [
        "answers[10].note",
        "answers[1]0",
        "answers[11].x",
        "answers[0].note",
        "answer[1].note",
        "answers[1]/note",
    ]
    rows = [change(path, StepStatus.SUCCEEDED) for path in (*below, *beside)]
    journal.runs.record(claimed.claim, rows, lease_ms=LEASE_MS)

    journal.runs.record(claimed.claim, [LOOP, iteration(1)], lease_ms=LEASE_MS)

    assert loaded(journal, claimed) == {"answers", "answers[1]", *beside}


def test_rows_that_are_written_with_the_step_that_folds_are_folded_too(journal: Journal) -> None:
    claimed = claimed_run(journal)

    journal.runs.record(
        claimed.claim, [iteration(0), change("answers[0].note", StepStatus.SUCCEEDED)], lease_ms=LEASE_MS
    )

    assert loaded(journal, claimed) == {"answers[0]"}


def test_a_loop_folds_its_iterations_by_number_and_not_by_their_spelling(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [LOOP, *(iteration(index) for index in range(12))], lease_ms=LEASE_MS)

    on = replace(LOOP, given={"count": 12, "through": 10}, folds_iterations=range(10))
    journal.runs.record(claimed.claim, [on], lease_ms=LEASE_MS)

    again = claim_again(journal, claimed)
    assert {step.path for step in again.steps} == {"answers", "answers[10]", "answers[11]"}
    assert next(step.given for step in again.steps if step.path == "answers") == {"count": 12, "through": 10}


def test_folding_stays_inside_of_its_run(journal: Journal) -> None:
    one, two = claimed_run(journal, "one"), claimed_run(journal, "two")
    for claimed in (one, two):
        journal.runs.record(claimed.claim, [change("answers[0].note", StepStatus.SUCCEEDED)], lease_ms=LEASE_MS)

    journal.runs.record(one.claim, [iteration(0), replace(LOOP, folds_iterations=range(1))], lease_ms=LEASE_MS)

    assert loaded(journal, one) == {"answers"}
    assert loaded(journal, two) == {"answers[0].note"}


def test_a_write_that_is_refused_folds_nothing(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("answers[0].note", StepStatus.SUCCEEDED)], lease_ms=LEASE_MS)
    again = claim_again(journal, claimed)

    with pytest.raises(ClaimLost):
        journal.runs.record(claimed.claim, [iteration(0)], lease_ms=LEASE_MS)

    assert loaded(journal, again) == {"answers[0].note"}


def test_all_iterations_are_read_in_order_folded_or_not(journal: Journal) -> None:
    claimed = claimed_run(journal)
    count = 450
    rows = [iteration(index) for index in reversed(range(count)) if index != 7]
    journal.runs.record(claimed.claim, [*rows, iteration(0, "other")], lease_ms=LEASE_MS)
    journal.runs.record(claimed.claim, [replace(LOOP, folds_iterations=range(300))], lease_ms=LEASE_MS)

    found = list(journal.runs.iterations(claimed.run.id, "answers", range(count)))

    assert [row.output for row in found] == [{"n": index} for index in range(count) if index != 7]
    assert list(journal.runs.iterations(claimed.run.id, "answers", range(5, 9))) == [
        row for row in found if row.output in ({"n": 5}, {"n": 6}, {"n": 8})
    ]


def test_the_history_shows_what_is_folded_and_can_leave_it_out_or_stop_early(journal: Journal) -> None:
    claimed = claimed_run(journal)
    rows = [change(f"answers[0].s{number}", StepStatus.SUCCEEDED) for number in range(3)]
    journal.runs.record(claimed.claim, [LOOP, *rows, iteration(0)], lease_ms=LEASE_MS)

    def paths(**how: object) -> list[str]:
        found = journal.runs.get(claimed.run.id, **how)  # type: ignore[arg-type]
        assert found is not None
        return [step.path for step in found[1]]

    assert paths() == ["answers", "answers[0].s0", "answers[0].s1", "answers[0].s2", "answers[0]"]
    assert paths(folded=False) == ["answers", "answers[0]"]
    assert paths(limit=2) == ["answers", "answers[0].s0"]


def test_the_end_of_the_run_cancels_what_is_open_in_a_folded_place(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(
        claimed.claim, [change("any.slow.call", StepStatus.RUNNING), iteration(0, "any", path="any")], lease_ms=LEASE_MS
    )

    journal.runs.finish(claimed.claim, [], Ending(status=RunStatus.SUCCEEDED))

    found = journal.runs.get(claimed.run.id)
    assert found is not None
    assert {step.path: step.status for step in found[1]} == {
        "any.slow.call": StepStatus.CANCELLED,
        "any": StepStatus.SUCCEEDED,
    }


def test_where_a_steps_time_counts_from_and_why_it_was_cut_and_what_is_sealed_stay_when_they_are_not_said_again(
    journal: Journal,
) -> None:
    claimed = claimed_run(journal)
    begun = StepChange(
        path="group",
        attempt=1,
        uses="group",
        status=StepStatus.WAITING,
        begun_at=1_700_000_000_123,
        secure=frozenset({"outputs"}),
    )
    journal.runs.record(claimed.claim, [begun], lease_ms=LEASE_MS)
    journal.runs.record(
        claimed.claim,
        [replace(begun, begun_at=None, secure=frozenset(), cut="timeout", output="sealed:x")],
        lease_ms=LEASE_MS,
    )
    journal.runs.record(claimed.claim, [change("group", StepStatus.FAILED)], lease_ms=LEASE_MS)

    (row,) = claim_again(journal, claimed).steps
    assert (row.begun_at, row.cut, row.secure) == (1_700_000_000_123, "timeout", frozenset({"outputs"}))


def test_no_statement_of_an_iteration_reads_the_rows_of_those_before_it(journal: Journal) -> None:
    """What the database would do for each statement, told by its own planner: ranges and look-ups, never the whole table."""
    claimed = claimed_run(journal)
    seen: list[tuple[str, object]] = []

    def note(conn: object, cursor: object, statement: str, parameters: object, context: object, many: bool) -> None:
        seen.append((statement, parameters[0] if many and isinstance(parameters, list) else parameters))

    sqlalchemy_event.listen(journal.engine, "before_cursor_execute", note)
    journal.runs.record(claimed.claim, [replace(LOOP, folds_iterations=range(2)), iteration(3)], lease_ms=LEASE_MS)
    claim_again(journal, claimed)
    list(journal.runs.iterations(claimed.run.id, "answers", range(3)))
    sqlalchemy_event.remove(journal.engine, "before_cursor_execute", note)

    on_steps = [(sql, given) for sql, given in seen if "steps" in sql and not sql.startswith("INSERT")]
    assert len(on_steps) == 4
    for sql, given in on_steps:
        plan = explained(journal, sql, given)
        assert "SCAN steps" not in plan, plan
        assert "Seq Scan on steps" not in plan, plan


def explained(journal: Journal, sql: str, given: object) -> str:
    is_sqlite = journal.engine.dialect.name == "sqlite"
    with reading(journal.engine) as db:
        if not is_sqlite:
            # The planner takes a scan for an empty table whatever the indexes are.
            db.execute(text("SET LOCAL enable_seqscan = off"))
        plan = db.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{sql}", given).all()  # type: ignore[arg-type]
    return "\n".join(str(row) for row in plan)
