"""Pauses of connections: every write tells of them, and their end wakes all who wait, also those who saw the pause and are only about to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from sqlalchemy import Connection

from engine.core.statuses import StepStatus
from engine.journal import pauses
from engine.journal.ends import wake
from engine.journal.journal import Journal
from engine.journal.records import Run
from tests.contracts.journal.stories import (
    LEASE_MS,
    acts,
    change,
    claimed_run,
    deploy,
    queued_run,
    store_connection,
)

LONG_MS = 1_000_000


def ring(journal: Journal) -> Sequence[str]:
    return journal.runs.ring(limit=100, again_in_ms=0)


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


def pausestore_connection(journal: Journal, *, paused: bool = True, name: str = "team") -> bool:
    change = journal.pauses.connection(name, owner="local", paused=paused, actor="cli")
    assert change is not None
    return change.changed


def test_every_write_tells_of_the_owners_paused_connections(journal: Journal) -> None:
    store_connection(journal)
    store_connection(journal, "second")
    store_connection(journal, "third")
    store_connection(journal, "foreign", owner="another")
    claimed = claimed_run(journal)
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused_connections == frozenset()

    pausestore_connection(journal)
    pausestore_connection(journal, name="third")
    journal.pauses.connection("foreign", owner="another", paused=True, actor="cli")

    paused = frozenset({"team", "third"})
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused_connections == paused
    assert journal.runs.renew([claimed.claim], lease_ms=LEASE_MS)[claimed.claim].paused_connections == paused
    assert not the_run(journal, claimed.run.id).paused


def test_resuming_a_connection_wakes_who_waits_on_it_and_nobody_else(journal: Journal) -> None:
    store_connection(journal)
    pausestore_connection(journal)
    claimed, other = claimed_run(journal), claimed_run(journal, "other")
    for each, name in ((claimed, "team"), (other, "else")):
        waits = [change("one", StepStatus.WAITING, connection=name)]
        journal.runs.park(each.claim, waits, in_ms=LONG_MS, waiting_for="it")
    assert list(ring(journal)) == []

    found = journal.pauses.connection("team", owner="local", paused=False, actor="cli")

    assert found is not None
    assert (found.runs, found.under_way) == (1, 0)
    assert list(ring(journal)) == [claimed.run.id]


def test_a_step_that_saw_the_pause_and_parks_only_after_the_resume_goes_on_at_once(journal: Journal) -> None:
    store_connection(journal)
    pausestore_connection(journal)
    claimed = claimed_run(journal)
    assert journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused_connections

    pausestore_connection(journal, paused=False)
    waits = [change("one", StepStatus.WAITING, connection="team")]
    journal.runs.park(claimed.claim, waits, in_ms=LONG_MS, waiting_for="it")

    assert list(ring(journal)) == [claimed.run.id]


@pytest.mark.postgres
def test_nobody_sees_the_pause_any_more_when_those_who_are_to_be_woken_are_looked_for(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(migrated_postgres_url)
    name = f"resumed-{journal.now()}"
    store_connection(journal, name)
    pausestore_connection(journal, name=name)
    deploy(journal)
    run_id = queued_run(journal, name)
    seen: list[bool] = []

    def claim_first(db: Connection, ids: Iterable[str]) -> None:
        found = list(ids)
        claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
        assert claimed is not None
        seen.append(name in journal.runs.record(claimed.claim, [], lease_ms=LEASE_MS).paused_connections)
        wake(db, found)

    monkeypatch.setattr(pauses, "wake", claim_first)
    pausestore_connection(journal, paused=False, name=name)
    assert seen == [False]
    journal.close()


def test_a_connection_that_is_stored_anew_stays_paused(journal: Journal) -> None:
    store_connection(journal)
    assert pausestore_connection(journal)
    store_connection(journal)
    row = journal.connections.get("team", owner="local")
    assert row is not None
    assert row.paused
    assert not pausestore_connection(journal)
    assert pausestore_connection(journal, paused=False)
    assert [act[2:] for act in acts(journal)] == [
        ("connection.pause", "connection:team"),
        ("connection.resume", "connection:team"),
    ]
    assert journal.pauses.connection("team", owner="another", paused=True, actor="cli") is None


def test_the_calls_that_are_on_their_way_are_counted(journal: Journal) -> None:
    store_connection(journal)
    claimed = claimed_run(journal)
    journal.runs.record(claimed.claim, [change("one", StepStatus.RUNNING, connection="team")], lease_ms=LEASE_MS)
    found = journal.pauses.connection("team", owner="local", paused=True, actor="cli")
    assert found is not None
    assert (found.runs, found.under_way) == (1, 1)
