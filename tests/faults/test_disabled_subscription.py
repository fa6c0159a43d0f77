"""The service gives our webhook up while web is dead: what happened meanwhile is fed in, once, whichever comes first, retries or the gap.

Invariant: every booking and cancellation that the service's API shows has exactly one event and one run, although the subscription was
disabled and the deliveries of the outage were given up. Real processes, the simulated Calendly; nobody helps but the scheduler.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import text

from engine.journal.database import writing
from engine.journal.journal import Journal
from engine.journal.records import Event, EventSource, Run
from engine.runtime.reconciler import CHECK_EVERY_MS, SPREAD_MS
from tests.calendly_room import flow_text
from tests.contracts.journal.stories import let_pass_since_checked
from tests.eventually import eventually
from tests.integration.test_processes import Installation, Process, free_port

WITHIN = 90.0
"""Seconds that a step of the story may take: other tests run beside this one."""

EVENTS = "[invitee.created, invitee.canceled]"
EXPECTED = [
    ("invitee.canceled", "first"),
    ("invitee.created", "first"),
    ("invitee.created", "second"),
    ("invitee.created", "third"),
]


class Story(Installation):
    """An installation that lives through an outage."""

    def begin(self) -> None:
        self.service_is_up()
        self.deployed(flow_text(events=EVENTS))
        self.health = free_port()
        self.web = self.web_is_up()
        self.worker, self.scheduler = self.start("worker"), self.new_scheduler()
        self.control("mode", {"retry_base_s": 0.5})
        self.control("book", {"email": "first@guests.example"})
        self.await_service(delivered=1)

    def await_service(self, delivered: int = 0) -> None:
        """Until the service has no delivery under way, and at least so many have arrived."""
        order = {"delivered": delivered, "settled": True, "timeout_s": 5}
        eventually(lambda: self.control("wait", order)["done"], within=WITHIN, saying=self.logs)

    def new_scheduler(self) -> Process:
        scheduler = self.start("scheduler", HOOKLINE_HEALTH_PORT=str(self.health))
        scheduler.said('"ready"')
        return scheduler

    def outage(self) -> None:
        """Web dies; the service's day of retries goes by within a second, and the subscription with it."""
        self.control("mode", {"time_scale": 0.00001})
        self.web.kill()
        self.control("book", {"email": "second@guests.example"})
        self.control("cancel", {"invitee": "first@guests.example"})
        self.await_service()
        self.control("book", {"email": "third@guests.example"})
        [given_up] = self.control("state")["webhook_subscriptions"]
        assert given_up["state"] == "disabled"
        lost = [item for item in self.control("deliveries")["deliveries"] if item["state"] != "delivered"]
        assert [item["envelope"]["event"] for item in lost] == ["invitee.created", "invitee.canceled"]
        self.web = self.web_is_up()

    def ten_minutes_later(self) -> None:
        with self.opened() as journal:
            let_pass_since_checked(journal, CHECK_EVERY_MS + SPREAD_MS)

    def late_retries(self) -> None:
        """What the service had given up arrives after all."""
        for item in self.control("deliveries")["deliveries"]:
            assert self.control("redeliver", {"delivery": item["id"]})["statuses"] == [202]

    def healed(self) -> None:
        def look() -> bool:
            there = self.control("state")["webhook_subscriptions"]
            return [item["state"] for item in there] == ["active"]

        eventually(look, within=WITHIN, saying=self.logs)

    def gap_is_closed(self) -> None:
        def look() -> bool:
            with self.opened() as journal:
                [row] = journal.subscriptions.list()
            return row.gap_from is None and "asked for" in str(row.gap_note)

        eventually(look, within=WITHIN, saying=self.logs)

    def happened(self) -> list[tuple[str, str]]:
        events = [item.event for item in self.events() if item.event is not None]
        return sorted((str(event["event"]), str(event["payload"]["email"]).partition("@")[0]) for event in events)  # type: ignore[index,call-overload]

    def every_run_has_ended(self) -> list[Run]:
        def look() -> list[Run]:
            runs = self.runs()
            return runs if runs and all(run.ended_at is not None for run in runs) else []

        return eventually(look, within=WITHIN, saying=self.logs)

    def events(self) -> list[Event]:
        with self.opened() as journal:
            return list(journal.events.list())

    def metrics(self) -> dict[str, float]:
        with urlopen(f"http://127.0.0.1:{self.health}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}

    @contextmanager
    def opened(self) -> Iterator[Journal]:
        journal = Journal.open(f"sqlite:///{next(self.home.glob('*.db'))}")
        try:
            yield journal
        finally:
            journal.close()

    def logs(self) -> list[str]:
        return [process.log for process in self.processes]


pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    story = Story(tmp_path)
    yield story
    story.close()


@pytest.mark.parametrize("first", ["the gap", pytest.param("the retries", marks=pytest.mark.long)])
def test_a_subscription_that_was_given_up_is_healed_and_nothing_is_missed_or_done_twice(
    story: Story, first: str
) -> None:
    story.begin()
    story.outage()
    if first == "the retries":
        story.late_retries()
    story.ten_minutes_later()
    story.healed()
    story.gap_is_closed()
    if first == "the gap":
        story.late_retries()
    assert story.happened() == EXPECTED
    assert len(story.every_run_has_ended()) == len(EXPECTED)
    recovered = sum(item.source is EventSource.RECOVERED for item in story.events())
    assert recovered == (3 if first == "the gap" else 1), "nobody was ever told of the third booking"
    shown = story.metrics()
    assert shown["hookline_subscription_heals_total"] == 1
    assert shown['hookline_subscription_checks_total{result="disabled"}'] == 1
    assert shown['hookline_recovered_events_total{outcome="accepted"}'] == recovered
    assert '"reason":"disabled at the service"' in story.scheduler.log.replace('": "', '":"')
    told = story.run("doctor").stdout
    assert "disabled at the service" in told
    assert f"4 happened, {recovered} of them missed and fed in" in told


def test_a_scheduler_that_is_killed_while_it_reads_a_gap_leaves_it_to_the_next_one(story: Story) -> None:
    story.begin()
    story.outage()
    story.control("faults", {"path": "/scheduled_events/*", "skip": 1, "delay_s": 10, "count": 1})
    story.ten_minutes_later()

    def is_reading() -> bool:
        return any(fault["struck"] for fault in story.control("state")["faults"])

    eventually(is_reading, saying=story.logs)
    story.scheduler.kill()
    with story.opened() as journal:
        [row] = journal.subscriptions.list()
        assert row.gap_from is not None
        with writing(journal.engine) as db:
            # As if the minute had gone by for which the dead one holds the gap.
            db.execute(text("UPDATE subscriptions SET filling_until = 0"))
    story.scheduler = story.new_scheduler()
    story.gap_is_closed()
    assert story.happened() == EXPECTED
    assert len(story.every_run_has_ended()) == len(EXPECTED)
