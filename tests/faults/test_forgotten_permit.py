"""Promise 7, at its worst instant. The fault: a worker has a permit and has not written its attempt yet, so that nothing but Redis knows of the call that
is about to be made; and Redis is emptied.

What must hold: whoever asks next does not take the connection for idle: no window at the witness is over the limit (I6), and both calls are made.
"""

from __future__ import annotations

import redis

from engine.core.statuses import RunStatus
from engine.failpoints import Point
from tests.faults.checker import check
from tests.faults.site import Site, flow, soon, step
from tests.faults.together import together

SLOWLY = f"{Point.OPEN_BEFORE_COMMIT}:1:sleep=1.5"
"""Seconds that the first attempt takes to be written; a permit is good for two."""


@together
def test_a_permit_that_redis_forgot_before_its_attempt_was_written_counts(site: Site) -> None:
    site.connect(limit=1, seconds=3)
    site.deploy(flow(steps=step("read", "read")))
    site.web()
    site.scheduler()
    site.worker(failpoint=SLOWLY)
    assert site.redis is not None
    with site.redis.client() as client, site.watch() as watch:
        site.client.send(site.hook(), "e1")
        soon(lambda: under_way(client))
        client.flushall()
        site.faults.append("Redis was flushed")
        assert [call for call in site.witness.calls if call.name] == [], "nothing is proven: the call had left already"
        site.worker()
        site.client.send(site.hook(), "e2")
        site.quiet()
    history = site.history(watch=watch)
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}
    check(history).require(accepted=2, faults=1)


def under_way(client: redis.Redis) -> bool:
    """Whether there is a permit whose call has not ended: its end is assumed, and lies ahead."""
    seconds, microseconds = client.time()
    now = seconds * 1_000_000 + microseconds
    return any(client.zcount(log, now, "+inf") for log in client.scan_iter("hookline:throttle:*:log"))
