"""Accepting deliveries: once each, with their runs, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.statuses import RunStatus
from engine.errors import NotFoundError
from engine.journal.journal import Journal
from engine.journal.records import EventOutcome, EventSource, NewEvent
from tests.contracts.journal.stories import DIGEST, FLOW, at_once, common_prefix, deploy, new_run, webhook

REFUSAL = EventOutcome(flow="other", digest="b" * 64, trigger="on_made", reason="if was false: a == b")


def test_an_event_is_stored_with_its_outcomes_and_its_runs(journal: Journal) -> None:
    deploy(journal)
    event = replace(webhook("k", runs=[new_run(), new_run()]), refusals=(REFUSAL,), stale=True)

    (accepted,) = journal.events.accept([event], ring_in_ms=2_000)

    stored = journal.events.get(accepted.event_id)
    assert stored is not None
    assert not accepted.duplicate
    assert (stored.subscription_id, stored.dedupe_key, stored.source) == ("sub", "k", EventSource.WEBHOOK)
    assert (stored.body, stored.stale, stored.error, stored.repeats) == (event.body, True, None, 0)
    started = [EventOutcome(flow=FLOW, digest=DIGEST, trigger="on_made", run_id=run) for run in accepted.run_ids]
    assert stored.outcomes == (*started, REFUSAL)
    for run_id in accepted.run_ids:
        found = journal.runs.get(run_id)
        assert found is not None
        run = found[0]
        assert (run.status, run.event_id, run.claim_no) == (RunStatus.QUEUED, accepted.event_id, 0)
        assert run.created_at == stored.received_at
        assert run.due_at == run.created_at + 2_000


def test_a_delivery_that_comes_again_is_counted_and_not_stored(journal: Journal) -> None:
    deploy(journal)
    event = webhook("k", runs=[new_run()])
    (first,) = journal.events.accept([event], ring_in_ms=0)

    (second,) = journal.events.accept([event], ring_in_ms=0)
    journal.events.accept([event], ring_in_ms=0)

    assert (second.event_id, second.duplicate, second.run_ids) == (first.event_id, True, ())
    (stored,) = journal.events.list()
    assert stored.repeats == 2
    assert [run.id for run in journal.runs.list()] == list(first.run_ids)


def test_a_duplicate_within_the_batch_is_counted_too_and_the_answers_keep_the_order(journal: Journal) -> None:
    deploy(journal)
    batch = [webhook(key, runs=[new_run()]) for key in ("z", "a", "z", "m", "a", "z")]

    accepted = journal.events.accept(batch, ring_in_ms=0)

    z, a, z_again, m, a_again, z_third = accepted
    assert [item.duplicate for item in accepted] == [False, False, True, False, True, True]
    assert (z_again.event_id, z_third.event_id, a_again.event_id) == (z.event_id, z.event_id, a.event_id)
    assert {event.dedupe_key: event.repeats for event in journal.events.list()} == {"z": 2, "a": 1, "m": 0}
    assert {run.id for run in journal.runs.list()} == {*z.run_ids, *a.run_ids, *m.run_ids}


def test_the_same_key_of_another_subscription_is_another_event(journal: Journal) -> None:
    one, two = webhook("k", subscription="one"), webhook("k", subscription="two")

    accepted = journal.events.accept([one, two, two], ring_in_ms=0)

    assert [item.duplicate for item in accepted] == [False, False, True]
    assert {event.subscription_id: event.repeats for event in journal.events.list()} == {"one": 0, "two": 1}


def test_events_that_a_person_makes_are_never_duplicates(journal: Journal) -> None:
    by_hand = NewEvent(subscription_id=None, source=EventSource.MANUAL, dedupe_key="k", body=b"{}", event={})

    accepted = journal.events.accept([by_hand, by_hand], ring_in_ms=0)

    assert [item.duplicate for item in accepted] == [False, False]


def test_a_delivery_that_arrives_twenty_times_at_once_makes_one_run(journal: Journal) -> None:
    deploy(journal)
    event = webhook("k", runs=[new_run()])

    answers = at_once(20, lambda _: journal.events.accept([event], ring_in_ms=0)[0])

    assert [item.duplicate for item in answers].count(False) == 1
    assert len({item.event_id for item in answers}) == 1
    (stored,) = journal.events.list()
    assert stored.repeats == 19
    assert len(journal.runs.list()) == 1


def test_batches_that_overlap_in_opposite_orders_do_not_block_each_other(journal: Journal) -> None:
    keys = [f"key {number}" for number in range(30)]
    orders = [keys, keys[::-1]] * 2

    answers = at_once(4, lambda n: journal.events.accept([webhook(key) for key in orders[n]], ring_in_ms=0))

    assert sum(not item.duplicate for answer in answers for item in answer) == len(keys)


def test_an_unreadable_body_is_kept_with_its_error(journal: Journal) -> None:
    body = bytes(range(256))
    event = replace(webhook("k"), body=body, event=None, error="the body cannot be read: \0 is not JSON")

    (accepted,) = journal.events.accept([event], ring_in_ms=0)

    stored = journal.events.get(accepted.event_id)
    assert stored is not None
    assert (stored.body, stored.error) == (body, "the body cannot be read: ␀ is not JSON")


@pytest.mark.parametrize("key", ["nul \0", "long " * 1_000, "surrogate \ud800"])
def test_a_key_that_cannot_be_indexed_still_tells_events_apart(journal: Journal, key: str) -> None:
    batch = [webhook(key), webhook(key), webhook(f"{key}!")]

    accepted = journal.events.accept(batch, ring_in_ms=0)

    assert [item.duplicate for item in accepted] == [False, True, False]


def test_a_run_of_a_version_that_was_never_deployed_refuses_the_batch(journal: Journal) -> None:
    deploy(journal)
    unknown = webhook("bad", runs=[new_run(digest="f" * 64)])

    with pytest.raises(NotFoundError, match=f"{FLOW}@ffffffffffff"):
        journal.events.accept([webhook("good", runs=[new_run()]), unknown], ring_in_ms=0)

    assert (journal.events.list(), journal.runs.list()) == ([], [])


def test_an_empty_batch_is_answered_without_the_database(journal: Journal) -> None:
    assert journal.events.accept([], ring_in_ms=0) == []


def test_events_are_listed_newest_first_page_by_page(journal: Journal) -> None:
    accepted = journal.events.accept([webhook(f"key {number}") for number in range(7)], ring_in_ms=0)
    newest_first = [item.event_id for item in reversed(accepted)]

    first = journal.events.list(limit=3)
    second = journal.events.list(limit=3, before=first[-1].id)
    third = journal.events.list(limit=3, before=second[-1].id)

    assert [event.id for event in (*first, *second, *third)] == newest_first
    assert journal.events.list(limit=3, before=third[-1].id) == []


def test_a_page_after_an_event_that_is_not_there_is_empty(journal: Journal) -> None:
    journal.events.accept([webhook("k")], ring_in_ms=0)

    assert journal.events.list(before="0" * 26) == []


def test_an_event_is_found_by_a_prefix_that_is_its_own(journal: Journal) -> None:
    (accepted,) = journal.events.accept([webhook("k")], ring_in_ms=0)
    event_id = accepted.event_id

    for text in (event_id, event_id[:6], event_id[:13].upper()):
        found = journal.events.get(text)
        assert found is not None
        assert found.id == event_id
    assert journal.events.get(event_id[:5]) is None


def test_a_prefix_that_several_events_share_finds_none(journal: Journal) -> None:
    one, two = journal.events.accept([webhook("one"), webhook("two")], ring_in_ms=0)

    assert journal.events.get(common_prefix(one.event_id, two.event_id)) is None


@pytest.mark.parametrize("text", ["", "%%%%%%", "______", "'; --  ", "a\0bcdefg", "z" * 40])
def test_a_text_that_is_no_id_finds_none(journal: Journal, text: str) -> None:
    journal.events.accept([webhook("k")], ring_in_ms=0)

    assert journal.events.get(text) is None
