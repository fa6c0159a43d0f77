"""What is written under a claim: attempts, their times, and the end of the run."""

from __future__ import annotations

import pytest

from engine.core.commands import Ending, StepError
from engine.core.statuses import RUN_ACTIVE, STEP_FINAL, RunStatus, StepStatus
from engine.journal.journal import Journal
from engine.journal.records import Run, StepChange, StepRow
from engine.strictjson import JsonObject
from tests.contracts.journal.stories import LEASE_MS, change, claimed_run


def run_and_steps(journal: Journal, run_id: str) -> tuple[Run, tuple[StepRow, ...]]:
    found = journal.runs.get(run_id)
    assert found is not None
    return found


def test_an_attempt_is_written_ahead_and_completed_later(journal: Journal) -> None:
    claimed = claimed_run(journal)
    ahead = StepChange(
        path="mark",
        attempt=1,
        uses="calendly.create_invitee_no_show",
        status=StepStatus.RUNNING,
        connection="team-calendly",
        given={"invitee": "uri"},
    )
    done = StepChange(
        path="mark", attempt=1, uses=ahead.uses, status=StepStatus.SUCCEEDED, output={"resource": {"uri": "u"}}
    )

    started = journal.runs.record(claimed.claim, [ahead], lease_ms=LEASE_MS)
    ended = journal.runs.record(claimed.claim, [done], lease_ms=LEASE_MS)

    (step,) = run_and_steps(journal, claimed.run.id)[1]
    assert (step.status, step.output) == (StepStatus.SUCCEEDED, {"resource": {"uri": "u"}})
    assert (step.connection, step.given) == ("team-calendly", {"invitee": "uri"})
    assert (step.started_at, step.ended_at) == (started.now, ended.now)


def test_an_attempt_that_waits_has_not_started(journal: Journal) -> None:
    claimed = claimed_run(journal)
    waiting = StepChange(
        path="mark",
        attempt=1,
        uses="a.b",
        status=StepStatus.WAITING,
        waiting_for="calendly/team 100/60s until 12:00:31",
    )

    journal.runs.record(claimed.claim, [waiting], lease_ms=LEASE_MS)
    (step,) = run_and_steps(journal, claimed.run.id)[1]
    assert (step.started_at, step.ended_at) == (None, None)
    assert step.waiting_for == "calendly/team 100/60s until 12:00:31"

    pulse = journal.runs.record(claimed.claim, [change("mark", StepStatus.RUNNING)], lease_ms=LEASE_MS)
    (step,) = run_and_steps(journal, claimed.run.id)[1]
    assert (step.started_at, step.waiting_for) == (pulse.now, None)


def test_changes_are_written_in_order_also_several_of_one_attempt(journal: Journal) -> None:
    claimed = claimed_run(journal)

    journal.runs.record(
        claimed.claim,
        [
            change("one", StepStatus.RUNNING, connection="kept"),
            change("two", StepStatus.SKIPPED),
            change("one", StepStatus.FAILED),
            change("one", StepStatus.RUNNING, attempt=2),
        ],
        lease_ms=LEASE_MS,
    )

    steps = run_and_steps(journal, claimed.run.id)[1]
    assert [(step.path, step.attempt, step.status) for step in steps] == [
        ("one", 1, StepStatus.FAILED),
        ("two", 1, StepStatus.SKIPPED),
        ("one", 2, StepStatus.RUNNING),
    ]
    assert steps[0].connection == "kept"


def test_attempts_are_listed_in_order_of_start_and_those_that_wait_come_last(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("waits", StepStatus.WAITING)], lease_ms=LEASE_MS)
    numbered = [change(f"branch[{number}]", StepStatus.RUNNING) for number in range(30)]
    journal.runs.record(claimed.claim, numbered[:12], lease_ms=LEASE_MS)
    journal.runs.record(claimed.claim, numbered[12:], lease_ms=LEASE_MS)

    paths = [step.path for step in run_and_steps(journal, claimed.run.id)[1]]

    assert paths == [*(item.path for item in numbered), "waits"]


@pytest.mark.parametrize("status", sorted(STEP_FINAL))
def test_a_final_attempt_never_changes_and_what_came_with_the_change_is_not_written(
    journal: Journal, status: StepStatus
) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("done", status)], lease_ms=LEASE_MS)
    before = run_and_steps(journal, claimed.run.id)

    with pytest.raises(RuntimeError, match="done"):
        journal.runs.record(
            claimed.claim,
            [change("new", StepStatus.RUNNING), change("done", StepStatus.RUNNING)],
            lease_ms=2 * LEASE_MS,
        )

    assert run_and_steps(journal, claimed.run.id) == before


def test_recording_extends_the_lease(journal: Journal) -> None:
    claimed = claimed_run(journal)

    pulse = journal.runs.record(claimed.claim, [], lease_ms=3 * LEASE_MS)

    assert run_and_steps(journal, claimed.run.id)[0].due_at == pulse.now + 3 * LEASE_MS


def test_parking_gives_the_run_back_with_a_reason(journal: Journal) -> None:
    claimed = claimed_run(journal)

    journal.runs.park(claimed.claim, [change("type", StepStatus.WAITING)], in_ms=90_000, waiting_for="retry of type")

    run, steps = run_and_steps(journal, claimed.run.id)
    assert (run.status, run.waiting_for) == (RunStatus.PARKED, "retry of type")
    assert run.due_at is not None
    assert run.due_at >= claimed.now + 90_000
    assert [step.status for step in steps] == [StepStatus.WAITING]


@pytest.mark.parametrize("in_ms", [0, -5])
def test_parking_for_no_time_queues_the_run_due_now(journal: Journal, in_ms: int) -> None:
    claimed = claimed_run(journal)

    journal.runs.park(claimed.claim, [], in_ms=in_ms, waiting_for=None)

    assert run_and_steps(journal, claimed.run.id)[0].status is RunStatus.QUEUED
    assert journal.runs.ring(limit=10, again_in_ms=LEASE_MS) == [claimed.run.id]


def test_finishing_records_how_the_run_ended(journal: Journal) -> None:
    claimed = claimed_run(journal)
    error = StepError(step="mark", kind="auth", message="the token is not accepted", status=401)

    journal.runs.finish(
        claimed.claim,
        [change("mark", StepStatus.FAILED)],
        Ending(status=RunStatus.FAILED, outputs={"no_show": None}, error=error, message="see mark"),
    )

    run, steps = run_and_steps(journal, claimed.run.id)
    assert (run.status, run.outputs, run.message) == (RunStatus.FAILED, {"no_show": None}, "see mark")
    assert run.error == error.to_json()
    assert (run.due_at, run.waiting_for) == (None, None)
    assert run.ended_at is not None
    assert run.ended_at >= claimed.now
    assert [step.status for step in steps] == [StepStatus.FAILED]


def test_finishing_cancels_the_attempts_that_are_still_open(journal: Journal) -> None:
    claimed = claimed_run(journal)
    open_ones = [change("calls", StepStatus.RUNNING), change("waits", StepStatus.WAITING)]
    journal.runs.record(claimed.claim, [change("done", StepStatus.SUCCEEDED), *open_ones], lease_ms=LEASE_MS)

    journal.runs.finish(claimed.claim, [], Ending(status=RunStatus.CANCELLED))

    run, steps = run_and_steps(journal, claimed.run.id)
    assert {step.path: step.status for step in steps} == {
        "done": StepStatus.SUCCEEDED,
        "calls": StepStatus.CANCELLED,
        "waits": StepStatus.CANCELLED,
    }
    assert {step.path: step.ended_at for step in steps if step.path != "done"} == {
        "calls": run.ended_at,
        "waits": run.ended_at,
    }
    assert next(step for step in steps if step.path == "waits").started_at is None


@pytest.mark.parametrize("status", sorted(RUN_ACTIVE))
def test_a_run_cannot_end_in_a_status_that_is_not_final(journal: Journal, status: RunStatus) -> None:
    claimed = claimed_run(journal)

    with pytest.raises(ValueError, match=status):
        journal.runs.finish(claimed.claim, [], Ending(status=status))

    assert run_and_steps(journal, claimed.run.id)[0].status is RunStatus.RUNNING


def test_any_json_and_any_text_survives(journal: Journal) -> None:
    claimed = claimed_run(journal)
    value: JsonObject = {
        "nul": "a\0b",
        "words": "Grüße 你好 🎉 \u2028",
        "deep": [[[{"": None}]]],
        "large": 2**200,
        "float": 0.1,
        "no": False,
    }
    step = StepChange(path="s", attempt=1, uses="a.b", status=StepStatus.FAILED, given=value, output=value, error=value)

    journal.runs.finish(
        claimed.claim, [step], Ending(status=RunStatus.FAILED, outputs=value, message="stopped: a\0b \ud800 Grüße")
    )

    run, (stored,) = run_and_steps(journal, claimed.run.id)
    assert (stored.given, stored.output, stored.error, run.outputs) == (value, value, value, value)
    assert run.message == "stopped: a␀b ? Grüße"


def test_what_json_cannot_hold_is_refused_and_nothing_is_written(journal: Journal) -> None:
    claimed = claimed_run(journal)
    step = StepChange(path="s", attempt=1, uses="a.b", status=StepStatus.SUCCEEDED, output=float("nan"))

    with pytest.raises(ValueError, match="JSON"):
        journal.runs.record(claimed.claim, [step], lease_ms=2 * LEASE_MS)

    assert run_and_steps(journal, claimed.run.id) == (claimed.run, ())
