"""A webhook that was replaced goes in the end, whatever happens to who removes it: two that deliver for ever tell some events twice."""

from __future__ import annotations

import pytest

from engine.journal.records import SubscriptionState
from tests.calendly_room import flow_text
from tests.integration.test_gaps import ALL, Site, site

__all__ = ["site"]


def test_a_webhook_that_was_replaced_goes_although_its_remover_was_killed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.room.deploy(flow_text(events=ALL))
    site.room.control("subscription", {"act": "alter", "events": ["invitee.created"]})

    def killed(http: object, uri: str) -> None:
        raise KeyboardInterrupt

    trigger = site.room.connections.catalogue["calendly"].webhooks["invitee"]
    with monkeypatch.context() as patched:
        patched.setitem(trigger.__dict__, "unsubscribe", killed)
        with pytest.raises(KeyboardInterrupt):
            site.reconcile()
    assert len(site.room.hooks_there) == 2
    site.room.subscriptions.reconcile()
    assert [there["uri"] for there in site.room.hooks_there] == [site.row.remote_uri]
    assert site.row.state is SubscriptionState.ACTIVE


def test_a_webhook_that_could_not_be_removed_when_it_was_replaced_goes_at_the_next_look(site: Site) -> None:
    site.room.deploy(flow_text(events=ALL))
    site.room.control("subscription", {"act": "alter", "events": ["invitee.created"]})
    site.room.control("faults", {"method": "DELETE", "status": 500})
    assert site.reconcile() == ["altered at the service"]
    assert site.row.state is SubscriptionState.ACTIVE
    assert len(site.room.hooks_there) == 2
    assert site.reconcile() == [None]
    assert [there["uri"] for there in site.room.hooks_there] == [site.row.remote_uri]
    calls = len(site.room.calls)
    assert site.reconcile() == [None]
    assert len(site.room.calls) == calls + 1, "then a look is one call again"
