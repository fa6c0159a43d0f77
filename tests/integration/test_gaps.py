"""From the webhook that the service gave up to the last missed event: healed, asked for, fed in once, whatever else arrives meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import time, time_ns
from typing import Any

import pytest

from engine.journal.records import EventSource, SubscriptionRow, SubscriptionState
from engine.runtime.reconciler import CHECK_EVERY_MS, SPREAD_MS, Reconciler
from engine.runtime.recovery import Recovery
from engine.web.server import Server, listen, port_of
from tests.calendly_room import OWNER, CalendlyRoom, flow_text
from tests.contracts.journal.stories import let_pass_since_checked

ALL = "[invitee.created, invitee.canceled, invitee_no_show.created, invitee_no_show.deleted]"
LONG = CHECK_EVERY_MS + SPREAD_MS
DAY_MS = 86_400_000


class Site:
    """The room with its web application on a port, which can be down."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        listener = listen("127.0.0.1", 0, "web")
        self.port = port_of(listener)
        self.room = self._stack.enter_context(CalendlyRoom(folder, public_url=f"http://127.0.0.1:{self.port}"))
        self._server = Server(self.room.web(), listener, name="web")
        self._server.start()
        self._stack.callback(self._server.stop)
        self.room.connect()

    def close(self) -> None:
        self._stack.close()

    def has_gap(self) -> bool:
        return self.row.gap_from is not None

    @property
    def row(self) -> SubscriptionRow:
        [row] = self.room.journal.subscriptions.list()
        return row

    def outage(self) -> None:
        """From now on every attempt to deliver fails, until ``over``."""
        self.room.control("mode", {"deliveries": "lost", "time_scale": 0.000001})

    def over(self) -> None:
        self.room.control("wait", {"settled": True})
        self.room.control("mode", {"deliveries": "sent", "time_scale": 1})

    def reconcile(self) -> list[str | None]:
        """What the scheduler does, eleven minutes after it looked last."""
        let_pass_since_checked(self.room.journal, LONG)
        reconciler = Reconciler(subscriptions=self.room.subscriptions)
        return [report.healed for report in reconciler.round()]

    def recover(self) -> None:
        Recovery(
            connections=self.room.connections,
            ingest=self.room.ingest(),
            pause=self.room.stopping.wait,
            ring=self.room.rung.extend,
        ).round()

    def late_retries(self) -> list[int]:
        """Every notification arrives once more, signed anew."""
        found = self.room.control("deliveries")["deliveries"]
        return [self.room.control("redeliver", {"delivery": item["id"]})["statuses"][0] for item in found]

    def happened(self) -> list[tuple[str, str]]:
        """(event, who), of the events that are stored, each as often as it is."""
        events = [item.event for item in self.room.journal.events.list() if item.event is not None]
        return sorted((str(event["event"]), _email(event)) for event in events)

    def sources(self) -> set[EventSource]:
        return {item.source for item in self.room.journal.events.list()}


def _email(event: Any) -> str:
    return str(event["payload"]["email"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


def book(site: Site, who: str, **order: object) -> None:
    site.room.control("book", {"email": f"{who}@guests.example", **order})


def live_through_an_outage(site: Site) -> None:
    """A booking arrives; then, while nothing does, one is made, the first is cancelled, one is marked as a no-show; the service gives up."""
    site.room.deploy(flow_text(events=ALL))
    book(site, "before")
    site.room.control("wait", {"delivered": 1, "settled": True})
    site.outage()
    book(site, "during")
    site.room.control("cancel", {"invitee": "before@guests.example"})
    site.room.control("no_show", {"invitee": "during@guests.example"})
    site.over()
    site.room.control("subscription", {"act": "disable"})


EXPECTED = [
    ("invitee.canceled", "before@guests.example"),
    ("invitee.created", "before@guests.example"),
    ("invitee.created", "during@guests.example"),
    ("invitee_no_show.created", "during@guests.example"),
]


def test_what_happened_while_the_service_had_given_up_is_fed_in_once(site: Site) -> None:
    live_through_an_outage(site)
    assert site.happened() == [("invitee.created", "before@guests.example")]
    assert site.reconcile() == ["disabled at the service"]
    assert site.has_gap()
    site.recover()
    assert site.happened() == EXPECTED
    assert not site.has_gap()
    assert "4 happened, 3 of them missed and fed in, 1 known" in str(site.row.gap_note)
    assert "not recoverable: invitee_no_show.deleted" in str(site.row.gap_note)
    assert len(site.room.journal.runs.list()) == 4
    assert site.sources() == {EventSource.WEBHOOK, EventSource.RECOVERED}


@pytest.mark.parametrize("ahead", [40, -40])
def test_a_service_whose_clock_differs_from_ours_is_asked_for_all_of_the_outage(site: Site, ahead: int) -> None:
    service = site.room.simulation.service
    service.clock = service.world.clock = lambda: time_ns() + ahead * 1_000_000_000
    live_through_an_outage(site)
    site.reconcile()
    site.recover()
    assert site.happened() == EXPECTED


def test_what_a_reading_came_upon_and_was_not_shown_is_named(site: Site) -> None:
    live_through_an_outage(site)
    site.reconcile()
    site.room.control("faults", {"path": "/scheduled_events/*/invitees", "status": 403, "body": {"message": "not you"}})
    site.recover()
    assert not site.has_gap()
    assert "invitees of http" in str(site.row.gap_note)
    assert "not you" in str(site.row.gap_note)


def test_what_was_found_is_fed_in_although_the_rest_cannot_be_read(site: Site) -> None:
    live_through_an_outage(site)
    site.reconcile()
    site.room.control("faults", {"path": "/scheduled_events/*/invitees", "skip": 1, "status": 400, "count": None})
    site.recover()
    assert site.has_gap()
    assert site.happened() == EXPECTED[:2]
    assert len(site.room.journal.runs.list()) == 2


def test_late_retries_after_the_gap_was_filled_start_nothing_again(site: Site) -> None:
    live_through_an_outage(site)
    site.reconcile()
    site.recover()
    assert site.late_retries() == [202] * 4
    assert site.happened() == EXPECTED
    assert len(site.room.journal.runs.list()) == 4


def test_late_retries_before_the_gap_is_filled_are_known_to_it(site: Site) -> None:
    live_through_an_outage(site)
    site.reconcile()
    assert site.late_retries() == [202] * 4
    site.recover()
    assert site.happened() == EXPECTED
    assert "4 happened, 0 of them missed and fed in, 4 known" in str(site.row.gap_note)
    assert len(site.room.journal.runs.list()) == 4


def test_the_new_webhook_is_there_before_the_old_one_goes(site: Site) -> None:
    live_through_an_outage(site)
    [old] = site.room.hooks_there
    before = len(site.room.calls)
    site.reconcile()
    calls = [call for call in site.room.calls[before:] if "/webhook_subscriptions" in call]
    old_path = f"/webhook_subscriptions/{old['uri'].rpartition('/')[2]}"
    assert calls[:3] == [f"GET {old_path}", "POST /webhook_subscriptions", f"DELETE {old_path}"]
    [new] = site.room.hooks_there
    assert new["callback_url"] == f"{old['callback_url']}?n=2" == site.row.callback_url
    book(site, "after")
    site.room.control("wait", {"settled": True})
    assert ("invitee.created", "after@guests.example") in site.happened(), "deliveries to the new address arrive"


def test_while_both_webhooks_deliver_an_event_starts_its_run_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.room.deploy(flow_text(events=ALL))
    trigger = site.room.connections.catalogue["calendly"].webhooks["invitee"]
    unsubscribe = trigger.unsubscribe

    def between(http: object, uri: str) -> None:
        assert len(site.room.hooks_there) == 2
        book(site, "between")
        site.room.control("wait", {"delivered": 2})
        unsubscribe(http, uri)  # type: ignore[arg-type]

    monkeypatch.setitem(trigger.__dict__, "unsubscribe", between)
    there = next(iter(site.room.simulation.service.world.subscriptions.values()))
    there.events = ("invitee.created",)
    assert site.reconcile() == ["altered at the service"]
    assert site.happened() == [("invitee.created", "between@guests.example")]
    assert len(site.room.journal.runs.list()) == 1
    [event] = site.room.journal.events.list()
    assert event.repeats == 1


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"act": "delete"}, "missing"),
        ({"act": "alter", "events": ["invitee.created"]}, "altered"),
        ({"act": "alter", "url": "https://elsewhere.example/x"}, "altered"),
    ],
)
def test_what_somebody_removed_or_altered_is_healed_within_one_round(
    site: Site, order: dict[str, Any], why: str
) -> None:
    site.room.deploy(flow_text(events=ALL))
    site.room.control("subscription", order)
    assert site.reconcile() == [f"{why} at the service"]
    [there] = site.room.hooks_there
    assert (there["state"], there["uri"], there["callback_url"]) == (
        "active",
        site.row.remote_uri,
        site.row.callback_url,
    )
    assert len(there["events"]) == 4
    assert site.reconcile() == [None]


def test_a_webhook_of_which_the_answer_was_lost_while_healing_does_not_stay(site: Site) -> None:
    site.room.deploy(flow_text(events=ALL))
    site.room.control("subscription", {"act": "disable"})
    site.room.control("faults", {"method": "POST", "path": "/webhook_subscriptions", "act": True, "drop": True})
    site.reconcile()
    assert site.row.state is SubscriptionState.FAILED
    assert len(site.room.hooks_there) == 2
    site.room.subscriptions.reconcile()
    [there] = site.room.hooks_there
    assert (there["uri"], there["state"]) == (site.row.remote_uri, "active")


def test_a_gap_goes_back_to_when_all_was_well_less_the_time_of_retries(site: Site) -> None:
    site.room.deploy(flow_text())
    good_at = site.row.good_at
    assert good_at is not None
    let_pass_since_checked(site.room.journal, 3 * DAY_MS, created=5 * DAY_MS)
    site.room.control("subscription", {"act": "disable"})
    site.reconcile()
    gap_from = site.row.gap_from
    assert gap_from is not None
    assert abs(gap_from - (good_at - 3 * DAY_MS - LONG - DAY_MS)) <= 1


def test_nothing_is_asked_for_before_the_subscription_was_wanted(site: Site) -> None:
    book(site, "too-early")
    site.room.deploy(flow_text())
    site.room.control("subscription", {"act": "disable"})
    site.reconcile()
    assert site.row.gap_from == site.row.created_at


def test_a_subscription_is_asked_after_once_in_ten_minutes_by_all_schedulers_together(site: Site) -> None:
    site.room.deploy(flow_text())
    before = len(site.room.calls)
    let_pass_since_checked(site.room.journal, LONG)
    for _ in range(3):
        Reconciler(subscriptions=site.room.subscriptions).round()
        Reconciler(subscriptions=site.room.subscriptions_at(site.room.public_url)).round()
    assert len(site.room.calls) == before + 1


def test_what_another_scheduler_has_looked_at_meanwhile_is_left_alone(site: Site) -> None:
    site.room.deploy(flow_text())
    seen = site.row
    site.room.subscriptions.reconcile(check=True)
    before = len(site.room.calls)
    assert site.room.subscriptions.look(seen) is None
    assert len(site.room.calls) == before


def test_where_the_credentials_are_refused_one_subscription_asks_for_all(site: Site) -> None:
    site.room.deploy(flow_text("f"), flow_text("g", events="[invitee.canceled]"), flow_text("h", events=ALL))
    site.room.control("mode", {"token": "revoked"})
    before = len(site.room.calls)
    site.reconcile()
    assert len(site.room.calls) == before + 1
    assert site.room.connections.row("team", owner=OWNER).health == "failed"
    Reconciler(subscriptions=site.room.subscriptions).round()
    assert len(site.room.calls) == before + 1
    site.reconcile()
    assert len(site.room.calls) == before + 2
    site.room.control("mode", {"token": "valid"})
    site.reconcile()
    assert len(site.room.calls) == before + 5, "once it is accepted again, the others follow at once"


def test_a_gap_that_cannot_be_read_stays_and_says_why(site: Site) -> None:
    live_through_an_outage(site)
    site.reconcile()
    site.room.control("faults", {"path": "/scheduled_events*", "status": 403, "count": None})
    site.recover()
    assert site.has_gap()
    assert "not read to its end" in str(site.row.gap_note)
    assert site.room.journal.subscriptions.gaps() == [], "the service is left in peace for a while"


def test_a_gap_that_opens_again_while_it_is_filled_stays_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    live_through_an_outage(site)
    site.reconcile()
    recovery = Recovery(connections=site.room.connections, ingest=site.room.ingest(), pause=lambda seconds: False)
    store = site.room.journal.subscriptions
    feed_all = Recovery.feed_all

    def again(self: Recovery, row: SubscriptionRow, **given: Any) -> None:
        feed_all(self, row, **given)
        store.open_gap(row.id, since=round(time() * 1000), note="once more")

    monkeypatch.setattr(Recovery, "feed_all", again)
    recovery.round()
    assert site.has_gap()
    monkeypatch.undo()
    recovery.round()
    assert not site.has_gap()


def test_what_an_earlier_release_stored_is_known_to_the_gap_and_to_retries(site: Site) -> None:
    """Keys held the notification's time until now."""
    site.room.deploy(flow_text(events=ALL))
    book(site, "old")
    site.room.control("wait", {"delivered": 1, "settled": True})
    [event] = site.room.journal.events.list()
    assert event.event is not None
    stored_as_before(site.room, f"invitee.created|{event.event['created_at']}|{event.event['payload']['uri']}")  # type: ignore[index,call-overload]
    site.room.control("subscription", {"act": "disable"})
    site.reconcile()
    site.recover()
    assert "1 happened, 0 of them missed" in str(site.row.gap_note)
    age_the_notification(site.room)
    assert site.late_retries() == [202]
    assert len(site.room.journal.events.list()) == len(site.room.journal.runs.list()) == 1


def stored_as_before(room: CalendlyRoom, key: str) -> None:
    from sqlalchemy import text

    from engine.journal.database import writing

    with writing(room.journal.engine) as db:
        db.execute(text("UPDATE events SET dedupe_key = :key"), {"key": key})


def age_the_notification(room: CalendlyRoom) -> None:
    """Let two seconds go by between the notification and its next arrival, by the receiving side's clock."""
    from threading import Event

    Event().wait(2.1)
