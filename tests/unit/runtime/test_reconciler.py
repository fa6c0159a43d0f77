"""Whom the reconciler asks after, and what a webhook's successor and a gap look like: decisions, without a service or a journal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.journal.records import ConnectionRow, SubscriptionRow, SubscriptionState
from engine.runtime.patient_http import earliest
from engine.runtime.reconciler import CHECK_EVERY_MS, SPREAD_MS, due, spread_ms
from engine.runtime.registrar import gap_since, next_callback
from engine.sdk import Budget, Window

URL = "https://hooks.example.com/hooks/00000000"
LONG = CHECK_EVERY_MS + SPREAD_MS
DAY = 86_400


def row(row_id: str = "00000000", *, connection: str = "team", callback: str = URL) -> SubscriptionRow:
    return SubscriptionRow(
        id=row_id,
        owner="local",
        connection=connection,
        uses="calendly.invitee",
        given={},
        callback_url=callback,
        signing_key=None,
        state=SubscriptionState.ACTIVE,
        remote_uri="https://api.example.com/hooks/1",
        detail=None,
        created_at=1_000,
        updated_at=1_000,
    )


def connection(name: str = "team", *, health: str = "ok", paused: bool = False) -> ConnectionRow:
    return ConnectionRow(
        id=name,
        owner="local",
        name=name,
        connector="calendly",
        settings={},
        secrets={},
        facts={},
        health=health,
        health_message=None,
        created_at=0,
        updated_at=0,
        paused=paused,
    )


def asked(rows: dict[str, int], *, active: int = 0, of: ConnectionRow | None = None) -> list[str]:
    """The ids that are asked after, of rows with these ages on one connection that has ``active`` others."""
    old = [(row(row_id), age) for row_id, age in rows.items()]
    others = [row(f"{number:08x}") for number in range(active)]
    known = {} if of is None else {("local", "team"): of}
    return [found.id for found in due(old, [*(item for item, _ in old), *others], known)]


def test_each_is_asked_after_when_its_ten_minutes_and_its_own_seconds_are_over() -> None:
    late = f"{SPREAD_MS - 1:08x}"
    assert asked({"00000000": CHECK_EVERY_MS, late: CHECK_EVERY_MS}, of=connection()) == ["00000000"]
    assert asked({"00000000": CHECK_EVERY_MS, late: LONG}, of=connection()) == ["00000000", late]


def test_the_instants_are_spread_and_the_same_for_one_subscription_every_time() -> None:
    spread = {spread_ms(f"{number * 7919 % 2**32:08x}") for number in range(200)}
    assert len(spread) > 150
    assert min(spread) >= 0
    assert max(spread) < SPREAD_MS
    assert spread_ms("12345678abc") == spread_ms("12345678abc")


def test_nobody_is_asked_on_a_connection_that_is_paused() -> None:
    assert asked({"00000000": LONG}, of=connection(paused=True)) == []
    assert asked({"00000000": LONG}, of=connection(paused=True, health="failed")) == []


def test_where_the_credentials_are_refused_one_asks_for_all_in_ten_minutes() -> None:
    refused = connection(health="failed")
    assert asked({"00000000": LONG + 5, "00000001": LONG + 3}, of=refused) == ["00000000"]
    assert asked({"00000000": LONG}, active=1, of=refused) == [], "another was looked at within ten minutes"


def test_a_connection_that_is_gone_is_found_out_by_asking() -> None:
    assert asked({"00000000": LONG}) == ["00000000"]


@pytest.mark.parametrize(
    ("before", "is_gone", "after"),
    [
        (URL, True, URL),
        (URL, False, f"{URL}?n=2"),
        (f"{URL}?n=2", False, f"{URL}?n=3"),
        (f"{URL}?n=2", True, f"{URL}?n=2"),
        (f"{URL}?n=nonsense", False, f"{URL}?n=2"),
        ("https://old.example.com/hooks/00000000?n=7", False, URL),
    ],
)
def test_a_webhook_that_may_still_be_there_is_followed_by_one_with_another_url(
    before: str, is_gone: bool, after: str
) -> None:
    assert next_callback(row(callback=before), URL, is_gone=is_gone) == after


def test_a_gap_reaches_back_by_the_time_of_retries_but_not_beyond_the_wish() -> None:
    now = 10 * DAY * 1000
    assert gap_since(replace(row(), good_at=now, checked_at=now + 5), DAY) == now - DAY * 1000
    assert gap_since(replace(row(), good_at=None, checked_at=now), DAY) == now - DAY * 1000, (
        "as an older release left it"
    )
    assert gap_since(replace(row(), good_at=now, created_at=now - 5), DAY) == now - 5
    assert gap_since(replace(row(), good_at=now), 0) == now


def test_long_reading_takes_a_quarter_of_a_window_at_once_and_then_half_of_the_budget() -> None:
    budget = Budget(windows=(Window(limit=100, seconds=60), Window(limit=10_000, seconds=86_400)))
    assert earliest(budget, 25) == 0
    assert earliest(budget, 26) == pytest.approx(1.2)
    in_a_window = sum(earliest(budget, calls) <= 60 for calls in range(2_000))
    assert in_a_window <= 25 + 50 + 1
    calls_of_a_day = sum(earliest(budget, calls) <= 86_400 for calls in range(0, 100_000, 10)) * 10
    assert calls_of_a_day <= 7_510
