"""Lanes: at most so many runs of a key at a time, those that stand in line go in order, and no place stays empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.core.commands import Ending
from engine.core.statuses import RUN_ACTIVE, RUN_FINAL, RunStatus
from engine.flow.model import OnLimit
from engine.journal.database import writing
from engine.journal.journal import Journal
from engine.journal.records import Accepted, ClaimedRun, Lane, Run
from engine.journal.tables import runs as runs_table
from tests.contracts.journal.stories import FLOW, LEASE_MS, at_once, deploy, let_pass, new_run, webhook

DONE = Ending(status=RunStatus.SUCCEEDED)
FAR_MS = 10**12


def lane(on_limit: OnLimit = "queue", *, limit: int = 1, max_queued: int | None = None, key: str = "a@b") -> Lane:
    return Lane(key=Lane.key_of(FLOW, key), limit=limit, on_limit=on_limit, max_queued=max_queued)


def accept(journal: Journal, key: str, *lanes: Lane) -> Accepted:
    deploy(journal)
    event = webhook(key, runs=[replace(new_run(), lane=lane) for lane in lanes])
    return journal.events.accept([event], ring_in_ms=0)[0]


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


def claim(journal: Journal, run_id: str) -> ClaimedRun:
    claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
    assert claimed is not None
    return claimed


def finish(journal: Journal, run_id: str, ending: Ending = DONE) -> Sequence[str]:
    return journal.runs.finish(claim(journal, run_id).claim, [], ending)


def test_a_run_is_held_while_its_lane_is_full_and_nobody_rings_or_claims_it(journal: Journal) -> None:
    first = accept(journal, "one", lane())
    second = accept(journal, "two", lane())

    assert (len(first.run_ids), first.held) == (1, ())
    assert (second.run_ids, len(second.held), second.refused) == ((), 1, ())
    held = the_run(journal, second.held[0])
    assert (held.status, held.held) == (RunStatus.QUEUED, True)
    assert held.waiting_for is not None
    assert "turn" in held.waiting_for
    let_pass(journal, FAR_MS)
    assert journal.runs.ring(limit=9, again_in_ms=LEASE_MS) == list(first.run_ids)
    assert journal.runs.claim(held.id, lease_ms=LEASE_MS) is None


@pytest.mark.parametrize("status", sorted(RUN_FINAL))
def test_every_end_lets_the_oldest_one_go(journal: Journal, status: RunStatus) -> None:
    (working,) = accept(journal, "one", lane()).run_ids
    (older,) = accept(journal, "two", lane()).held
    (younger,) = accept(journal, "three", lane()).held

    assert finish(journal, working, Ending(status=status)) == [older]

    assert journal.runs.ring(limit=9, again_in_ms=LEASE_MS) == [older]
    assert the_run(journal, older).waiting_for is None
    assert the_run(journal, younger).held
    assert finish(journal, older) == [younger]
    assert finish(journal, younger) == []


def test_other_keys_and_other_flows_have_lanes_of_their_own(journal: Journal) -> None:
    accept(journal, "one", lane())

    assert accept(journal, "two", lane(key="c@d")).held == ()
    assert accept(journal, "three", Lane(key=Lane.key_of("other", "a@b"), limit=1, on_limit="queue")).held == ()
    assert Lane.key_of(FLOW) != Lane.key_of(FLOW, "")


def test_a_lane_has_as_many_places_as_it_says(journal: Journal) -> None:
    accepted = accept(journal, "one", *[lane(limit=3)] * 5)

    assert (len(accepted.run_ids), len(accepted.held)) == (3, 2)


def test_a_full_lane_that_skips_starts_no_run_and_the_event_says_why(journal: Journal) -> None:
    accept(journal, "one", lane("skip"))

    second = accept(journal, "two", lane("skip"))

    assert (second.run_ids, second.held) == ((), ())
    stored = journal.events.get(second.event_id)
    assert stored is not None
    assert stored.outcomes == second.refused
    assert (second.refused[0].run_id, second.refused[0].flow) == (None, FLOW)
    assert "on_limit: skip" in (second.refused[0].reason or "")
    assert len(journal.runs.list()) == 1


def test_a_queue_takes_no_more_than_it_may(journal: Journal) -> None:
    accepted = accept(journal, "one", *[lane(max_queued=2)] * 4)

    assert (len(accepted.run_ids), len(accepted.held), len(accepted.refused)) == (1, 2, 1)
    assert "queue is full" in (accepted.refused[0].reason or "")
    stored = journal.events.get(accepted.event_id)
    assert stored is not None
    assert [outcome.run_id for outcome in stored.outcomes] == [*accepted.run_ids, *accepted.held, None]


def test_a_newer_run_replaces_the_one_that_works_and_waits_for_its_end(journal: Journal) -> None:
    (old,) = accept(journal, "one", lane("replace")).run_ids
    working = claim(journal, old)

    (new,) = accept(journal, "two", lane("replace")).held

    pulse = journal.runs.record(working.claim, [], lease_ms=LEASE_MS)
    assert pulse.cancel_requested
    assert journal.runs.finish(working.claim, [], Ending(status=RunStatus.CANCELLED)) == [new]
    assert claim(journal, new).run.id == new


def test_a_newer_run_takes_the_place_of_those_that_never_started(journal: Journal) -> None:
    (first,) = accept(journal, "one", lane("replace")).run_ids

    second = accept(journal, "two", lane("replace"))
    claim(journal, second.run_ids[0])
    (third,) = accept(journal, "three", lane("replace")).held
    (fourth,) = accept(journal, "four", lane("replace")).held

    assert [the_run(journal, run_id).status for run_id in (first, third)] == [RunStatus.CANCELLED] * 2
    assert the_run(journal, third).message == f"replaced by the newer run {fourth}"
    assert not the_run(journal, fourth).cancel_requested


def test_only_as_many_are_replaced_as_stand_in_the_way_the_oldest_first(journal: Journal) -> None:
    ids = [accept(journal, key, lane("replace", limit=2)).run_ids[0] for key in ("one", "two")]
    claims = [claim(journal, run_id) for run_id in ids]

    accept(journal, "three", lane("replace", limit=2))

    assert [journal.runs.record(it.claim, [], lease_ms=LEASE_MS).cancel_requested for it in claims] == [True, False]


def test_a_held_run_that_is_cancelled_leaves_the_line_and_one_that_works_its_place(journal: Journal) -> None:
    (working,) = accept(journal, "one", lane()).run_ids
    (second,) = accept(journal, "two", lane()).held
    (third,) = accept(journal, "three", lane()).held

    assert journal.runs.request_cancel(second) is RunStatus.CANCELLED
    assert the_run(journal, third).held
    # It never started either, and so ends at once and makes room.
    assert journal.runs.request_cancel(working) is RunStatus.CANCELLED

    assert not the_run(journal, third).held


def test_a_run_without_a_lane_frees_none(journal: Journal) -> None:
    deploy(journal)
    accept(journal, "one", lane())
    accept(journal, "two", lane())
    (plain,) = journal.events.accept([webhook("plain", runs=[new_run()])], ring_in_ms=0)[0].run_ids

    assert finish(journal, plain) == []


def test_a_claim_that_says_nothing_of_the_lane_frees_it_too(journal: Journal) -> None:
    (working,) = accept(journal, "one", lane()).run_ids
    (held,) = accept(journal, "two", lane()).held
    bare = replace(claim(journal, working).claim, lane=None)

    assert journal.runs.finish(bare, [], DONE) == [held]


def test_the_sweep_lets_runs_go_whose_lane_has_a_place_after_all(journal: Journal) -> None:
    accept(journal, "one", lane())
    (held,) = accept(journal, "two", lane()).held
    (waits,) = accept(journal, "three", lane()).held
    assert journal.runs.release_held() == []
    with writing(journal.engine) as db:
        db.execute(runs_table.update().where(runs_table.c.held).values(lane_limit=2))

    assert journal.runs.release_held() == [held]

    assert the_run(journal, waits).held


def test_a_key_of_any_length_is_a_lane(journal: Journal) -> None:
    (working,) = accept(journal, "one", lane(key="long \0" * 1_000)).run_ids
    (held,) = accept(journal, "two", lane(key="long \0" * 1_000)).held

    assert finish(journal, working) == [held]


def test_events_that_come_at_once_never_fill_a_lane_beyond_its_limit(journal: Journal) -> None:
    deploy(journal)
    limit, count = 2, 12

    def one(number: int) -> Accepted:
        event = webhook(f"event {number}", runs=[replace(new_run(), lane=lane(limit=limit))])
        return journal.events.accept([event], ring_in_ms=0)[0]

    accepted = at_once(count, one)

    assert sum(len(item.run_ids) for item in accepted) == limit
    assert sum(len(item.held) for item in accepted) == count - limit


def test_workers_that_finish_while_more_comes_leave_nobody_standing(journal: Journal) -> None:
    deploy(journal)
    on_limits: tuple[OnLimit, ...] = ("queue", "replace")

    def work(number: int) -> None:
        for turn in range(6):
            if number < 2:
                accepted = accept_one(number, turn)
                assert not accepted.refused
            for run in journal.runs.list(statuses=sorted(RUN_ACTIVE)):
                claimed = journal.runs.claim(run.id, lease_ms=LEASE_MS)
                if claimed is not None:
                    journal.runs.finish(claimed.claim, [], DONE)

    def accept_one(number: int, turn: int) -> Accepted:
        event = webhook(f"{number} {turn}", runs=[replace(new_run(), lane=lane(on_limits[number]))])
        return journal.events.accept([event], ring_in_ms=0)[0]

    at_once(4, work)
    work(3)

    assert journal.runs.list(statuses=sorted(RUN_ACTIVE)) == []
