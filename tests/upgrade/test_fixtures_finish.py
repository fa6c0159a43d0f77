"""What an earlier release left under way is finished by this one.

Invariant: every run of a fixture, migrated, ends as it would have ended on the release that began it. A step that had completed is not done again; a
step that is done again carries the idempotency key that the earlier release sent or would have sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.journal.journal import Journal
from engine.journal.records import EventSource, NewEvent, Run, SubscriptionState
from engine.journal.schema import REVISIONS, migrate
from tests.engine_room import OWNER, EngineRoom
from tests.eventually import eventually
from tests.upgrade.conftest import NewDatabase
from tests.upgrade.releases import Release
from tests.upgrade.shop import TOKEN
from tests.upgrade.stories import LONG, Shop

S, F, U, C = RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.UNCERTAIN, RunStatus.CANCELLED
ENDS = {"refused": F, "lost": U, "stopped": C, "cut_plain": U, "called_off": C}
"""How runs of these flows end; all others succeed."""
OVER = ("done", "refused", "lost", "stopped")
"""Flows whose runs had ended before."""
REPEATED = {"retry.again", "loop.2", "long.55", "turns.pay", "cut_keyed.cut", "cut_asked.cut"}
"""What was under way, or had failed, and is done (or asked for) again."""
SENT = {
    "0001": ["queued.pay", "ordered.pay", "retry.last", "permit.two", "cut_keyed.last", "cut_asked.last", "loop.3"],
    "0002": ["waits.last", "listens.x", "callee.pay", "calls.last", "turns.pay", "branches.right", "secret.secret.a"]
    + ["nightly.pay"]
    + [f"long.{item}" for item in range(56, LONG)],
}
"""What this release sends for the first time, by the schema that its stories came with."""


class Upgraded:
    """A fixture, migrated, with a worker of this release."""

    def __init__(self, release: Release, url: str, folder: Path) -> None:
        self.release = release
        release.restore(url)
        journal = Journal.open(url)
        assert migrate(journal.engine) == (release.revision, REVISIONS[-1])
        self.before = {run.id: run for run in journal.runs.list(limit=1000)}
        self.steps_before = {run_id: _steps(journal, run_id) for run_id in self.before}
        journal.close()
        self.room = EngineRoom(folder, url=url)
        self.shop = Shop(self.room)
        for row in self.room.journal.connections.list():
            self.room.throttle.warm(row.id, quiet_ms=0)

    def finish(self) -> Mapping[str, list[Run]]:
        """Be the scheduler and the workers, and deliver what is awaited, until every run has ended; the runs by flow."""
        self._deliver()
        self.room.abandon()

        def look() -> bool:
            self.room.execute(*self.room.journal.runs.ring(limit=100, again_in_ms=1_000))
            return self._active() == []

        eventually(look, within=60, saying=lambda: [(run.flow, run.waiting_for) for run in self._active()])
        found: dict[str, list[Run]] = {}
        for run in self.room.journal.runs.list(limit=1000):
            found.setdefault(run.flow, []).append(run)
        return found

    def _active(self) -> list[Run]:
        return [run for run in self.room.journal.runs.list(limit=1000) if run.status not in RUN_FINAL]

    def _deliver(self) -> None:
        for row in self.room.journal.subscriptions.list():
            new = NewEvent(
                subscription_id=row.id, source=EventSource.WEBHOOK, dedupe_key="later", body=b"{}", event={"name": "x"}
            )
            self.room.journal.events.accept([new], ring_in_ms=0)


def _steps(journal: Journal, run_id: str) -> Mapping[tuple[str, int], tuple[object, ...]]:
    found = journal.runs.get(run_id)
    assert found is not None
    return {(row.path, row.attempt): (row.status, row.given, row.output, row.error, row.ended_at) for row in found[1]}


@pytest.fixture
def upgraded(release: Release, new_database: NewDatabase, tmp_path: Path) -> Iterator[Upgraded]:
    found = Upgraded(release, new_database(), tmp_path)
    with found.room:
        yield found


def test_every_run_ends_as_it_should_and_what_was_over_stays_as_it_was(upgraded: Upgraded) -> None:
    runs = upgraded.finish()
    assert set(upgraded.release.runs) <= set(runs), "every story is there"
    for flow, found in runs.items():
        assert {run.status for run in found} == {ENDS.get(flow, S)}, [(run.flow, run.error) for run in found]
    for flow in OVER:
        [run_id] = upgraded.release.runs[flow]
        assert runs[flow] == [upgraded.before[run_id]]
    for run_id, steps in upgraded.steps_before.items():
        after = _steps(upgraded.room.journal, run_id)
        through = {key: row for key, row in steps.items() if row[-1] is not None}
        assert {key: after[key] for key in through} == through, "an attempt that had ended never changes"


def test_nothing_that_was_through_is_done_again_and_the_rest_is_done_once(upgraded: Upgraded) -> None:
    upgraded.finish()
    asked = [name for name, method, _ in upgraded.shop.asked if method == "POST"]
    old = {name for name, method, _ in upgraded.release.asked if method == "POST"}
    first = [name for revision, names in SENT.items() if revision <= upgraded.release.revision for name in names]
    again = sorted(REPEATED & old - {"cut_asked.cut"})
    assert sorted(asked) == sorted([*first, *again])
    assert [name for name, method, _ in upgraded.shop.asked if method == "GET"] == ["cut_asked.cut"], (
        "asked, not told again"
    )


def test_idempotency_keys_are_those_of_the_release_that_began_the_run(upgraded: Upgraded) -> None:
    upgraded.finish()
    sent = {(name, key) for name, method, key in upgraded.shop.asked if method == "POST"}
    asked_again = {name for name, _ in sent}
    repeated = {(name, key) for name, method, key in upgraded.release.asked if method == "POST" and name in asked_again}
    assert {name for name, _ in repeated} >= {"retry.again", "loop.2", "cut_keyed.cut"}
    assert repeated <= sent
    for flow, path in (("retry", "last"), ("queued", "pay"), ("cut_keyed", "last")):
        [run_id] = upgraded.release.runs[flow]
        assert (f"{flow}.{path}", str(uuid5(NAMESPACE_URL, f"hookline:{run_id}/{path}"))) in sent


def test_an_attempt_that_may_have_had_its_effect_is_uncertain_and_says_what_was_sent(upgraded: Upgraded) -> None:
    upgraded.finish()
    [run_id] = upgraded.release.runs["cut_plain"]
    [row] = upgraded.room.steps(run_id)["cut"]
    assert (row.status, row.given) == (StepStatus.UNCERTAIN, {"name": "cut_plain.cut"})
    assert "cut_plain.cut" not in [name for name, _, _ in upgraded.shop.asked]


def test_sealed_secrets_are_opened_with_the_same_key(upgraded: Upgraded) -> None:
    opened = upgraded.room.connections.open("shop", owner=OWNER)
    assert opened.secrets == {"token": TOKEN}
    rows = [row for row in upgraded.room.journal.subscriptions.list() if row.state is SubscriptionState.ACTIVE]
    [row] = rows
    assert row.signing_key is not None
    keyring = upgraded.room.connections.keyring
    assert keyring.open(row.signing_key, owner=row.owner, of=row.id, field="signing_key") == "signing-key"


def test_an_event_that_was_taken_before_is_still_a_duplicate(upgraded: Upgraded) -> None:
    [row] = [row for row in upgraded.room.journal.subscriptions.list() if row.state is SubscriptionState.ACTIVE]
    new = NewEvent(subscription_id=row.id, source=EventSource.WEBHOOK, dedupe_key="order 1", body=b"{}", event={})
    assert upgraded.room.journal.events.accept([new], ring_in_ms=0)[0].duplicate
