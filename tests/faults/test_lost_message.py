"""Promise 2. The fault: the broker hands a message to a worker that is frozen, and the worker is killed: the message is gone for good.

What must hold: the run starts all the same, within one sweep of the scheduler, and only once.
"""

from __future__ import annotations

import redis

from engine.runtime.intake import RING_IN_MS
from engine.runtime.scheduler import LONGEST_NAP
from tests.faults.checker import check
from tests.faults.site import Site, flow, soon, step
from tests.faults.together import together

QUEUE = "hookline:celery:hookline"
UNACKED = "hookline:celery:unacked"
SWEEP_MS = RING_IN_MS + LONGEST_NAP * 1000
LOADED_MS = 2_500
"""What a busy machine may add: 5 s together are what the promise calls a sweep."""


def pushed(broker: redis.Redis) -> int:
    """How many messages were ever put into a queue."""
    stats = broker.info("commandstats")
    assert isinstance(stats, dict)
    return sum(int(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in ("lpush", "rpush"))


@together
def test_a_run_whose_message_died_with_its_worker_starts_within_a_sweep(site: Site) -> None:
    site.deploy(flow(steps=step("put", "put") + step("pay", "pay")))
    assert site.redis is not None
    with site.redis.client() as broker, site.watch() as watch:
        frozen = site.up()[-1]
        # It stands in BRPOP, and the broker gives the next message to it: the worker is the only one, and came first.
        soon(lambda: any("brpop" in str(one["cmd"]) for one in broker.client_list()))
        before = pushed(broker)
        frozen.pause()
        site.client.send(site.hook(), "e1")
        soon(lambda: pushed(broker) > before)
        frozen.kill()
        assert (broker.llen(QUEUE), broker.exists(UNACKED)) == (0, 0), (
            "the broker still has the message: nothing was lost"
        )
        other = site.worker()
        site.quiet()
    assert other.alive
    history = site.history(watch=watch)
    [run] = history.runs
    assert run.started_at is not None
    assert run.started_at - run.created_at <= SWEEP_MS + LOADED_MS
    assert run.claim_no == 1, "the first to claim it was the other worker"
    check(history).require(accepted=1, faults=2)


@together
def test_messages_that_nobody_ever_published_are_made_up_for_by_the_sweep(site: Site) -> None:
    """The web process dies with its doorbell full: the journal knows what is due, and the scheduler rings."""
    site.deploy(flow(steps=step("put", "put")))
    web = site.web(failpoint="doorbell.before-send")
    site.scheduler()
    site.worker()
    with site.watch() as watch:
        sent = site.client.send_many(site.hook(), [f"e{number}" for number in range(20)])
        assert web.ended() == 137
        site.web()
        for delivery in sent:
            if not delivery.accepted:
                site.client.until_accepted(site.hook(), delivery.id)
        site.quiet()
    assert len(site.witness.effects) == 20
    check(site.history(watch=watch)).require(accepted=20, faults=1)
