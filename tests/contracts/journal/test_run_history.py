"""Finding runs, and how long ago a connection was called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.journal import Journal
from engine.journal.wakers import NewChild
from tests.contracts.journal.stories import (
    DIGEST,
    LEASE_MS,
    change,
    claimed_run,
    common_prefix,
    deploy,
    let_pass,
    new_run,
    queued_run,
    webhook,
)

MINUTE_MS = 60_000


def test_a_run_is_found_by_a_prefix_that_is_its_own(journal: Journal) -> None:
    run_id = queued_run(journal)

    for text in (run_id, run_id[:6], run_id[:13].upper()):
        found = journal.runs.get(text)
        assert found is not None
        assert found[0].id == run_id
    assert journal.runs.get(run_id[:5]) is None


def test_a_prefix_that_several_runs_share_finds_none(journal: Journal) -> None:
    deploy(journal)
    (accepted,) = journal.events.accept([webhook("k", runs=[new_run(), new_run()])], ring_in_ms=0)

    assert journal.runs.get(common_prefix(*accepted.run_ids)) is None


def test_runs_are_listed_newest_first_page_by_page(journal: Journal) -> None:
    newest_first = [queued_run(journal, f"event {number}") for number in range(7)][::-1]

    first = journal.runs.list(limit=3)
    second = journal.runs.list(limit=3, before=first[-1].id)
    third = journal.runs.list(limit=3, before=second[-1].id)

    assert [run.id for run in (*first, *second, *third)] == newest_first
    assert journal.runs.list(before="0" * 26) == []


def test_runs_of_one_transaction_are_paged_without_loss(journal: Journal) -> None:
    deploy(journal)
    accepted = journal.events.accept([webhook(f"event {n}", runs=[new_run()]) for n in range(9)], ring_in_ms=0)

    pages: list[str] = []
    while page := journal.runs.list(flow="greet", limit=2, before=pages[-1] if pages else None):
        pages.extend(run.id for run in page)

    assert pages == [run_id for item in reversed(accepted) for run_id in item.run_ids]


def test_runs_are_listed_by_flow_and_by_statuses(journal: Journal) -> None:
    queued = queued_run(journal, "queued")
    running = claimed_run(journal, "running").run.id
    failed = claimed_run(journal, "failed")
    journal.runs.finish(failed.claim, [], Ending(status=RunStatus.FAILED))
    other = queued_run(journal, "other", flow="other")

    def listed(flow: str | None = None, *statuses: RunStatus) -> list[str]:
        return [run.id for run in journal.runs.list(flow=flow, statuses=statuses)]

    assert listed() == [other, failed.run.id, running, queued]
    assert listed("greet") == [failed.run.id, running, queued]
    assert listed("other") == [other]
    assert listed("absent") == []
    assert listed(None, RunStatus.QUEUED) == [other, queued]
    assert listed(None, RunStatus.QUEUED, RunStatus.FAILED, RunStatus.QUEUED) == [other, failed.run.id, queued]
    assert listed("greet", RunStatus.QUEUED, RunStatus.RUNNING) == [running, queued]
    assert listed("greet", RunStatus.PARKED) == []


def age(journal: Journal, connection: str = "team", owner: str = "local", within_ms: int = MINUTE_MS) -> int | None:
    return journal.runs.last_call_age(connection, owner=owner, within_ms=within_ms)


def test_a_connection_that_was_never_called_has_no_last_call(journal: Journal) -> None:
    claimed = claimed_run(journal)
    waiting = [
        change("waits", StepStatus.WAITING, connection="team"),
        change("not", StepStatus.SKIPPED, connection="team"),
    ]
    journal.runs.record(
        claimed.claim, [*waiting, change("other", StepStatus.RUNNING, connection="x")], lease_ms=LEASE_MS
    )

    assert age(journal) is None


def test_a_call_is_open_until_its_attempt_has_an_outcome(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("call", StepStatus.RUNNING, connection="team")], lease_ms=LEASE_MS)
    let_pass(journal, 10 * MINUTE_MS)

    assert age(journal) == 0


@pytest.mark.parametrize("outcome", [StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.UNCERTAIN, StepStatus.WAITING])
def test_a_call_counts_from_its_end_whatever_came_of_it(journal: Journal, outcome: StepStatus) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("call", StepStatus.RUNNING, connection="team")], lease_ms=LEASE_MS)
    let_pass(journal, 10 * MINUTE_MS)
    journal.runs.record(claimed.claim, [change("call", outcome)], lease_ms=20 * MINUTE_MS)

    let_pass(journal, 20_000)
    ago = age(journal)
    assert ago is not None
    assert 20_000 <= ago < MINUTE_MS
    let_pass(journal, MINUTE_MS)
    assert age(journal) is None


def test_a_call_that_was_cut_off_counts_until_the_end_of_its_run(journal: Journal) -> None:
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("call", StepStatus.RUNNING, connection="team")], lease_ms=LEASE_MS)
    let_pass(journal, MINUTE_MS // 2)
    journal.runs.finish(claimed.claim, [], Ending(status=RunStatus.CANCELLED))

    let_pass(journal, 50_000)

    ago = age(journal)
    assert ago is not None
    assert 50_000 <= ago < MINUTE_MS


def test_a_call_outside_of_a_run_counts_too_and_the_later_one_counts(journal: Journal) -> None:
    _save(journal, "c1", owner="local")
    journal.connections.note_call("c1")
    let_pass(journal, 30_000)
    outside = age(journal)

    claimed = claimed_run(journal)
    done = [change("call", StepStatus.RUNNING, connection="team"), change("call", StepStatus.SUCCEEDED)]
    journal.runs.record(claimed.claim, done, lease_ms=LEASE_MS)
    inside = age(journal)

    assert outside is not None
    assert inside is not None
    assert 30_000 <= outside < MINUTE_MS
    assert inside < 30_000


def test_calls_on_another_owners_connection_of_the_same_name_do_not_count(journal: Journal) -> None:
    _save(journal, "c1", owner="ana")
    journal.connections.note_call("c1")
    claimed = claimed_run(journal, owner="ana")
    journal.runs.record(claimed.claim, [change("call", StepStatus.RUNNING, connection="team")], lease_ms=LEASE_MS)

    assert age(journal, owner="local") is None
    assert age(journal, owner="ana") == 0


def _save(journal: Journal, connection_id: str, *, owner: str) -> None:
    journal.connections.save(
        connection_id=connection_id, owner=owner, name="team", connector="calendly", settings={}, secrets={}
    )


def test_an_outline_has_every_path_with_the_status_of_its_last_attempt(journal: Journal) -> None:
    claimed = claimed_run(journal)
    rows = [
        change("each[0].a", StepStatus.FAILED),
        change("each[0].a", StepStatus.SUCCEEDED, attempt=2),
        change("each[0]", StepStatus.SUCCEEDED, uses="iteration"),
        change("b", StepStatus.WAITING),
    ]
    journal.runs.record(claimed.claim, rows, lease_ms=LEASE_MS)
    folding = replace(change("each", StepStatus.RUNNING), folds_iterations=range(1))
    journal.runs.record(claimed.claim, [folding], lease_ms=LEASE_MS)

    assert dict(journal.runs.outline(claimed.run.id)) == {
        "each": StepStatus.RUNNING,
        "each[0]": StepStatus.SUCCEEDED,
        "each[0].a": StepStatus.SUCCEEDED,
        "b": StepStatus.WAITING,
    }
    assert journal.runs.outline("0" * 26) == []


def test_the_attempts_of_some_paths_are_read_in_pages(journal: Journal) -> None:
    claimed = claimed_run(journal)
    paths = [f"each[{number}]" for number in range(450)]
    journal.runs.record(claimed.claim, [change(path, StepStatus.SUCCEEDED) for path in paths], lease_ms=LEASE_MS)

    wanted = [*paths[:420], "nowhere"]
    assert sorted(row.path for row in journal.runs.attempts(claimed.run.id, wanted)) == sorted(paths[:420])
    assert list(journal.runs.attempts(claimed.run.id, [])) == []


def test_the_children_of_a_run_come_oldest_first(journal: Journal) -> None:
    claimed = claimed_run(journal)
    ids = []
    for number in range(2):
        deploy(journal, "below")
        child = NewChild(flow="below", digest=DIGEST, inputs={}, path=f"s{number}", depth=1, wait=number == 0)
        ids.append(journal.runs.start_child(claimed.claim, [], child, lease_ms=LEASE_MS).run_id)

    found = journal.runs.children(claimed.run.id)
    assert {(run.id, run.parent_path) for run in found} == set(zip(ids, ("s0", "s1"), strict=True))
    assert [run.created_at for run in found] == sorted(run.created_at for run in found)
    assert journal.runs.children(str(ids[0])) == []
