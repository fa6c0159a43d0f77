"""Gaps of subscriptions: opened as early as anybody says, taken by one, closed by who read them to the end."""

from __future__ import annotations

from engine.journal.journal import Journal
from engine.journal.records import EventSource, NewEvent, SubscriptionRow, SubscriptionState
from tests.contracts.journal.stories import at_once, let_pass_since_checked, webhook

HOLD = 60_000


def active(journal: Journal, connection: str = "team") -> SubscriptionRow:
    made = journal.subscriptions.ensure(
        owner="local", connection=connection, uses="calendly.invitee", given={}, public_url="https://hooks.example.com"
    )
    journal.subscriptions.set_state(made.id, SubscriptionState.ACTIVE, good=True)
    return now(journal, made)


def now(journal: Journal, row: SubscriptionRow) -> SubscriptionRow:
    found = journal.subscriptions.get(row.id)
    assert found is not None
    return found


def test_that_the_service_says_all_is_well_is_noted_only_when_it_does(journal: Journal) -> None:
    row = active(journal)
    assert row.good_at is not None
    assert row.good_at == row.checked_at
    let_pass_since_checked(journal, 5_000)
    journal.subscriptions.set_state(row.id, SubscriptionState.ACTIVE, detail="not asked")
    later = now(journal, row)
    assert later.good_at == row.good_at - 5_000
    assert later.checked_at is not None
    assert later.checked_at >= row.good_at


def test_a_gap_is_open_from_the_earliest_instant_that_anybody_named(journal: Journal) -> None:
    row = active(journal)
    journal.subscriptions.open_gap(row.id, since=5_000, note="disabled")
    assert (now(journal, row).gap_from, now(journal, row).gap_note) == (5_000, "disabled")
    journal.subscriptions.open_gap(row.id, since=3_000, note="restored")
    assert (now(journal, row).gap_from, now(journal, row).gap_note) == (3_000, "restored")
    journal.subscriptions.open_gap(row.id, since=9_000, note="once more")
    assert now(journal, row).gap_from == 2_999, "never what it was, so that who fills it sees that it was opened again"


def test_only_active_subscriptions_have_gaps_that_can_be_filled_the_oldest_first(journal: Journal) -> None:
    first, second, broken, whole = (active(journal, name) for name in ("a", "b", "c", "d"))
    journal.subscriptions.open_gap(first.id, since=5_000, note="")
    journal.subscriptions.open_gap(second.id, since=4_000, note="")
    journal.subscriptions.open_gap(broken.id, since=3_000, note="")
    journal.subscriptions.set_state(broken.id, SubscriptionState.FAILED)
    assert [row.id for row in journal.subscriptions.gaps()] == [second.id, first.id]
    assert journal.subscriptions.take_gap(broken.id, for_ms=HOLD) is None
    assert journal.subscriptions.take_gap(whole.id, for_ms=HOLD) is None


def test_of_several_at_once_one_gets_the_gap(journal: Journal) -> None:
    row = active(journal)
    journal.subscriptions.open_gap(row.id, since=5_000, note="")
    taken = at_once(8, lambda number: journal.subscriptions.take_gap(row.id, for_ms=HOLD))
    assert [item.gap_from for item in taken if item is not None] == [5_000]
    assert journal.subscriptions.gaps() == []


def test_a_gap_whose_time_is_over_is_taken_up_by_another(journal: Journal) -> None:
    row = active(journal)
    journal.subscriptions.open_gap(row.id, since=5_000, note="")
    assert journal.subscriptions.take_gap(row.id, for_ms=-1) is not None
    assert journal.subscriptions.take_gap(row.id, for_ms=HOLD) is not None
    assert journal.subscriptions.take_gap(row.id, for_ms=HOLD) is None
    journal.subscriptions.keep_gap(row.id, for_ms=-1, note="not read to its end")
    assert now(journal, row).gap_note == "not read to its end"
    assert journal.subscriptions.take_gap(row.id, for_ms=HOLD) is not None


def test_a_gap_is_closed_only_as_it_was_taken(journal: Journal) -> None:
    row = active(journal)
    journal.subscriptions.open_gap(row.id, since=5_000, note="")
    taken = journal.subscriptions.take_gap(row.id, for_ms=HOLD)
    assert taken is not None
    journal.subscriptions.open_gap(row.id, since=8_000, note="")
    assert not journal.subscriptions.close_gap(row.id, gap_from=taken.gap_from, note="5 found")
    again = journal.subscriptions.take_gap(row.id, for_ms=HOLD)
    assert again is not None, "it can be read at once"
    assert journal.subscriptions.close_gap(row.id, gap_from=again.gap_from, note="5 found")
    assert (now(journal, row).gap_from, now(journal, row).gap_note) == (None, "5 found")
    assert journal.subscriptions.gaps() == []


def test_those_that_nobody_looked_at_for_long_are_found_with_how_long(journal: Journal) -> None:
    old, older, locked, broken = (active(journal, name) for name in ("a", "b", "c", "d"))
    let_pass_since_checked(journal, 700_000)
    journal.subscriptions.set_state(old.id, SubscriptionState.ACTIVE)
    journal.subscriptions.set_state(broken.id, SubscriptionState.FAILED)
    let_pass_since_checked(journal, 700_000)
    assert journal.subscriptions.lock(locked.id, for_ms=HOLD)
    found = journal.subscriptions.unchecked(for_ms=600_000)
    assert [row.id for row, _ in found] == [older.id, old.id]
    ages = [age for _, age in found]
    assert ages[0] >= 1_400_000 > ages[1] >= 700_000
    assert journal.subscriptions.unchecked(for_ms=1_500_000) == []


def test_which_of_many_keys_are_known_is_told_for_one_subscription(journal: Journal) -> None:
    journal.events.accept([webhook("a"), webhook("b"), webhook("c", subscription="other")], ring_in_ms=0)
    keys = ["a", "c", *(f"x{number}" for number in range(200))]
    assert journal.events.known("sub", keys) == {"a"}
    assert journal.events.known("sub", []) == frozenset()


def test_a_recovered_event_is_kept_as_such_and_known_to_deliveries_and_the_other_way_round(journal: Journal) -> None:
    recovered = NewEvent(
        subscription_id="sub", source=EventSource.RECOVERED, dedupe_key="a", body=b"{}", event={"event": "made"}
    )
    [first] = journal.events.accept([recovered], ring_in_ms=0)
    [again] = journal.events.accept([webhook("a")], ring_in_ms=0)
    assert (again.duplicate, again.event_id) == (True, first.event_id)
    stored = journal.events.get(first.event_id)
    assert stored is not None
    assert (stored.source, stored.repeats) == (EventSource.RECOVERED, 1)
