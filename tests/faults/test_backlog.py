"""The fault: SIGKILL to everything, with ten thousand runs in the queue.

What must hold: nothing of the backlog is lost or done twice, and it drains after the crash as fast as before it. What "as fast" means on a machine
that is shared is said at ``SLOWER``; the rates are printed, for whoever wants to know.
"""

from __future__ import annotations

import time

import pytest

from engine import strictjson
from engine.app import OWNER
from engine.core.statuses import RunStatus
from engine.flow.load import load_flow
from engine.journal.records import EventSource, NewEvent, NewRun
from tests.eventually import eventually
from tests.faults.checker import Allowed, check
from tests.faults.site import Site, flow, step

RUNS = 10_000
AT_ONCE = 200
SLOWER = 0.5
"""The rate after the crash, as a part of the rate before, at least. Both are measured over a third of the backlog, minutes apart, on a machine
that may have other things to do in one of them."""
WITHIN = 1200.0
FLOW = flow(steps=step("put", "put"))


def queue(site: Site, number: int) -> None:
    """So many runs, as the web process would have stored them."""
    deployed = load_flow(FLOW, "flow0.yaml")
    run = NewRun(flow=deployed.id, digest=deployed.digest, trigger=deployed.triggers[0].id, owner=OWNER)
    for start in range(0, number, AT_ONCE):
        bodies = [{"id": f"q{item}"} for item in range(start, start + AT_ONCE)]
        site.journal.events.accept(
            [
                NewEvent(
                    subscription_id=site.hook().url.rpartition("/")[2],
                    source=EventSource.WEBHOOK,
                    dedupe_key=body["id"],
                    body=strictjson.dump(body).encode(),
                    event={**body},
                    runs=(run,),
                )
                for body in bodies
            ],
            ring_in_ms=0,
        )


def drained(site: Site, number: int) -> float:
    """The instant at which so many effects are there."""
    eventually(lambda: len(site.witness.effects) >= number, within=WITHIN)
    return time.monotonic()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_backlog_drains_after_a_crash_as_it_did_before(site: Site) -> None:
    site.deploy(FLOW)
    queue(site, RUNS)
    started = site.up(workers=2)
    site.client.send(site.hook(), "e1")
    begin, end = (drained(site, RUNS * tenths // 10) for tenths in (1, 4))
    before = RUNS * 0.3 / (end - begin)
    for process in started:
        process.kill_group()
    site.up(workers=2)
    begin, end = (drained(site, RUNS * tenths // 10) for tenths in (6, 9))
    after = RUNS * 0.3 / (end - begin)
    site.quiet(within=WITHIN)
    print(f"{before:.0f} runs per second before the crash, {after:.0f} after it")
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    assert len(site.witness.effects) == RUNS + 1
    check(site.history(leaks=False), Allowed(slower=5, unsent=True)).require(accepted=1, faults=4)
    assert after >= before * SLOWER, f"{after:.0f} runs per second after the crash, {before:.0f} before it"
