"""A trigger is changed while something is missed: no webhook goes before the new one is there and what was missed through it is fed in."""

from __future__ import annotations

import pytest

from tests.calendly_room import flow_text, loaded
from tests.integration.test_gaps import ALL, EXPECTED, Site, book, live_through_an_outage, site

__all__ = ["site"]
NARROWER = "[invitee.created, invitee.canceled]"


@pytest.mark.parametrize("noticed", [True, False])
def test_what_was_missed_before_a_trigger_was_changed_is_asked_for_before_its_webhook_goes(
    site: Site, noticed: bool
) -> None:
    live_through_an_outage(site)
    if noticed:
        site.reconcile()
    site.room.deploy(flow_text(events=NARROWER))
    assert len(site.room.hooks_there) == 2
    assert site.room.deployer.plan([loaded(flow_text(events=NARROWER))]).is_empty, "what is going changes no plan"
    site.recover()
    assert site.happened() == EXPECTED
    runs = [run.digest for run in site.room.journal.runs.list()]
    assert len(runs) == 3, "the mark is not asked for any more"
    assert runs.count(loaded(flow_text(events=NARROWER)).digest) == 2
    site.room.subscriptions.reconcile()
    assert [there["events"] for there in site.room.hooks_there] == [["invitee.created", "invitee.canceled"]]
    assert site.row.remote_uri == site.room.hooks_there[0]["uri"]


def test_until_the_webhook_of_a_changed_trigger_is_there_the_old_one_stays(site: Site) -> None:
    site.room.deploy(flow_text(events=ALL))
    site.room.control("faults", {"method": "POST", "path": "/webhook_subscriptions", "status": 500})
    reports = site.room.deploy(flow_text(events=NARROWER))
    assert sorted(report.became for report in reports) == ["active", "failed"]
    book(site, "between")
    site.room.control("wait", {"delivered": 1, "settled": True})
    assert len(site.room.journal.runs.list()) == 1
    for became in ("active", "removed"):
        assert [report.became for report in site.room.subscriptions.reconcile()] == [became]
    assert [there["uri"] for there in site.room.hooks_there] == [site.row.remote_uri]
