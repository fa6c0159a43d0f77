"""The oracle can fail on the real thing: no fault of the machine, but a bug in the engine (``planted.py``), for each promise at least one.

What must hold: the checker finds the breach, under an invariant that the bug breaks, in what really happened on real processes; and in the same
story without the bug it finds nothing. So whoever believes that a fault test passes because it looks at nothing can see it fail here.
On SQLite only: it is the oracle that is on trial, and it reads both databases alike.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import pytest

from tests.faults import misbehaviour, planted
from tests.faults.checker import Allowed, check
from tests.faults.demand import send_all
from tests.faults.history import History
from tests.faults.in_order import LOGGED_WITHIN, LOST
from tests.faults.site import Site, flow, soon, step
from tests.faults.together import on_sqlite

SIDE_BY_SIDE = 8
AGAIN = "retry: {max_attempts: 2, interval: 50ms, jitter: false}"
LIMIT, SECONDS = 8, 2.0
UNQUIET = 12.0
"""Seconds after which a story goes on although runs are open: with a bug they may be so for ever."""
BUSY = Allowed(slower=5)


def lost_answers(site: Site) -> History:
    """The service acts and its answer is lost, once for each class of effects."""
    kinds = {"put": "PUT /things", "pay": "POST /payments", "mark": "POST /marks", "fire": "POST /shots"}
    site.deploy(*(flow(name, steps=step("act", name, more=AGAIN)) for name in kinds))
    site.up()
    for place in kinds.values():
        site.witness.misbehave(place, misbehaviour.act_then_drop(), times=1)
    return told(site, "e1")


def three_webhooks(site: Site) -> History:
    """Nothing goes wrong; one of them is delivered twice."""
    site.deploy(flow(steps=step("put", "put") + step("mark", "mark")))
    site.witness.look = site.shows
    site.up()
    return told(site, "e1", "e2", "e3", "e1")


def long_and_short(site: Site) -> History:
    """A run that is over at once, beside one that waits for some seconds."""
    site.deploy(flow("short", steps=step("put", "put")), flow("long", steps="  - {id: pause, wait: {for: 3s}}\n"))
    site.up()
    return told(site, "e1")


def killed_web(site: Site) -> History:
    """The web process is killed as soon as it has answered."""
    site.deploy(flow(steps=step("put", "put")))
    web, *_ = site.up()
    site.client.send(site.hook(), "e1")
    web.kill()
    site.web()
    return settled(site)


def silent_doorbell(site: Site) -> History:
    """The web process is killed with its doorbell full."""
    site.deploy(flow(steps=step("put", "put")))
    web = site.web(failpoint="doorbell.before-send")
    site.scheduler()
    site.worker()
    site.client.send(site.hook(), "e1")
    assert web.ended()
    site.web()
    site.client.until_accepted(site.hook(), "e1")
    return settled(site)


def killed_worker(site: Site) -> History:
    """A worker is killed in the second step of a run; another one is there."""
    site.deploy(flow(steps=step("fire", "fire") + step("slow", "pay") + step("mark", "mark")))
    worker = site.up()[-1]
    site.witness.misbehave("POST /payments", misbehaviour.hang(acts=True), times=1)
    site.client.send(site.hook(), "e1")
    soon(lambda: site.witness.calls_of("POST /payments"))
    worker.kill()
    site.worker()
    return settled(site, within=90)


def frozen_worker(site: Site) -> History:
    """A worker is frozen in a call, and goes on while another one is at the same."""
    site.deploy(flow(steps=step("slow", "pay")))
    frozen = site.up()[-1]
    site.witness.misbehave("POST /payments", misbehaviour.delay(1), times=1)
    site.client.send(site.hook(), "e1")
    soon(lambda: site.witness.calls_of("POST /payments"))
    frozen.pause()
    site.witness.misbehave("POST /payments", misbehaviour.delay(8))
    site.worker()
    soon(lambda: len(site.witness.calls_of("POST /payments")) == 2)
    # A handover in order is not taken for a late write (I5), so that this one has to be later.
    claimed_at = site.witness.calls[-1].at
    soon(lambda: monotonic() > claimed_at + LOGGED_WITHIN + 1)
    frozen.resume()
    soon(lambda: "segment ended" in frozen.log or LOST in frozen.log, saying=lambda: frozen.log)
    return settled(site)


def more_than_there_is(site: Site) -> History:
    """Three windows' worth of calls at once."""
    site.connect(limit=LIMIT, seconds=SECONDS)
    site.deploy(flow(steps=step("read", "read")))
    site.up()
    send_all(site, site.hook(), [f"e{number}" for number in range(3 * LIMIT)])
    site.quiet()
    return site.history()


def forgetful_redis(site: Site) -> History:
    """Redis is emptied in the middle of a window that is used up."""
    site.connect(limit=LIMIT, seconds=10)
    site.deploy(flow(steps=step("read", "read")))
    site.up()
    assert site.redis is not None
    send_all(site, site.hook(), [f"e{number}" for number in range(2 * LIMIT)])
    soon(lambda: len(site.witness.calls) >= LIMIT)
    with site.redis.client() as client:
        client.flushall()
    site.faults.append("Redis was flushed")
    site.quiet()
    return site.history()


def many_webhooks(site: Site) -> History:
    """More than a hundred, one after the other from twenty senders: so many that a percentile can be told."""
    site.deploy(flow(steps=step("put", "put")))
    site.up()
    site.client.send_many(site.hook(), [f"e{number}" for number in range(120)], threads=40)
    site.quiet()
    return site.history()


def told(site: Site, *events: str) -> History:
    """Send these, one after the other, and wait."""
    with site.watch() as watch:
        for event in events:
            site.client.send(site.hook(), event)
        with suppress(AssertionError):
            site.quiet(within=UNQUIET)
    return site.history(watch=watch)


def settled(site: Site, *, within: float = UNQUIET) -> History:
    with suppress(AssertionError):
        site.quiet(within=within)
    return site.history()


Story = Callable[[Site], History]


@dataclass(frozen=True)
class Planted:
    """A bug, the story in which it shows, and the invariants of which it breaks at least one."""

    bug: str
    story: Story
    breaks: frozenset[str]

    def __str__(self) -> str:
        return self.bug


PLANTED = [
    Planted("answers_before_it_stores", killed_web, frozenset({"I1"})),
    Planted("takes_a_repeat_for_something_new", three_webhooks, frozenset({"I1"})),
    Planted("never_sweeps", silent_doorbell, frozenset({"I1"})),
    Planted("makes_a_key_for_every_attempt", lost_answers, frozenset({"I2"})),
    Planted("repeats_what_is_uncertain", lost_answers, frozenset({"I2"})),
    Planted("believes_that_nothing_happened", lost_answers, frozenset({"I2"})),
    Planted("keeps_the_key_to_itself", lost_answers, frozenset({"I2"})),
    Planted("forgets_what_is_completed", killed_worker, frozenset({"I2"})),
    Planted("calls_before_it_writes", three_webhooks, frozenset({"I3"})),
    Planted("does_steps_in_any_order", three_webhooks, frozenset({"I4"})),
    Planted("takes_an_end_back", long_and_short, frozenset({"I4"})),
    Planted("lets_old_claims_write", frozen_worker, frozenset({"I5"})),
    Planted("gives_more_permits_than_there_are", more_than_there_is, frozenset({"I6"})),
    Planted("starts_at_once_when_redis_forgot", forgetful_redis, frozenset({"I6"})),
    Planted("stores_slowly", many_webhooks, frozenset({"I7"})),
    Planted("logs_what_it_sends", three_webhooks, frozenset({"I8"})),
]
STORIES = sorted({planted.story for planted in PLANTED}, key=lambda story: story.__name__)


@on_sqlite
@pytest.mark.parametrize("planted_bug", PLANTED, ids=str)
def test_a_bug_is_found_in_what_really_happened(site: Site, planted_bug: Planted) -> None:
    site.environment[planted.VARIABLE] = planted_bug.bug
    found = check(planted_bug.story(site)).broken
    assert planted_bug.breaks & {broken.invariant for broken in found}, [str(broken) for broken in found]


@on_sqlite
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_nothing_is_found_in_the_same_story_without_a_bug(site: Site, story: Story) -> None:
    check(story(site), BUSY).require(accepted=1, faults=0)


def test_each_bug_is_planted_and_each_invariant_is_broken_by_one() -> None:
    assert {one.bug for one in PLANTED} == set(planted.BUGS)
    assert frozenset.union(*(one.breaks for one in PLANTED)) == {f"I{number}" for number in range(1, 9)}
