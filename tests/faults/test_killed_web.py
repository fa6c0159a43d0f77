"""Promise 1. The fault: the web process is killed, again and again, while webhooks come in: between accept, commit, answer and doorbell.

What must hold: each webhook that was answered 2xx, at whichever try, has exactly one run, and a sender that repeats what was not answered gets
everything through. The named instants are enumerated in test_failpoints.py; here the kill comes whenever it comes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

from engine.core.statuses import RunStatus
from tests.faults.checker import Allowed, check
from tests.faults.site import Site, flow, soon, step
from tests.faults.together import together

KILLS = 4
EACH = 25
HELD_UP = "accept.after-commit:2:sleep=5"
"""The second transaction is stored and not answered for a while, so that every kill meets some that are just there."""


@together
def test_a_web_process_that_is_killed_under_load_loses_nothing_that_it_answered(site: Site) -> None:
    site.deploy(flow(steps=step("put", "put") + step("pay", "pay")))
    site.scheduler()
    site.worker()
    web = site.web(failpoint=HELD_UP)
    hook = site.hook()
    with site.watch() as watch, ThreadPoolExecutor(8) as senders:
        for number in range(KILLS):
            enough = len(site.client.sent) + 1
            sending = [senders.submit(site.client.until_accepted, hook, f"{number}-{item}") for item in range(EACH)]
            soon(partial(has_sent, site, enough))
            web.kill()
            web = site.web(failpoint=HELD_UP if number < KILLS - 1 else None)
            wait(sending)
        site.quiet()
    lost = [delivery.id for delivery in site.client.sent if not delivery.accepted]
    stored = [run.event_key for run in site.history(leaks=False).runs]
    assert lost, "every kill fell between two webhooks: nothing was cut off"
    assert len(stored) == KILLS * EACH, "what was stored and not answered was sent again, and is there once"
    assert len(site.client.accepted) == KILLS * EACH
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    # Commits are held up on purpose, so that promptness is not the question here.
    check(site.history(watch=watch), Allowed(slower=5)).require(accepted=KILLS * EACH, faults=KILLS)


@together
def test_nothing_is_answered_before_it_is_stored(site: Site) -> None:
    """The commit is held up, and the process is killed before it: whoever had an answer by then was lied to."""
    site.deploy(flow(steps=step("put", "put")))
    site.scheduler()
    site.worker()
    web = site.web(failpoint="accept.before-commit:1:sleep=30")
    with site.watch() as watch:
        # It answers 503 by itself when the database takes too long: nothing was accepted then either.
        first = site.client.send(site.hook(), "e1")
        assert not first.accepted
        assert site.statuses() == {}
        web.kill()
        site.web()
        assert site.client.again(first).accepted
        site.quiet()
    assert len(site.witness.effects) == 1
    check(site.history(watch=watch)).require(accepted=1, faults=1)


def has_sent(site: Site, number: int) -> bool:
    return len(site.client.sent) >= number
