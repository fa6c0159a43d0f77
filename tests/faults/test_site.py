"""The site itself, without a fault: what it starts works, what is sent arrives, and the checker has nothing to say."""

from __future__ import annotations

from engine.core.statuses import RunStatus
from tests.faults.checker import check
from tests.faults.site import Site, flow, step

STEPS = step("read", "read") + step("put", "put") + step("pay", "pay") + step("mark", "mark") + step("fire", "fire")


def test_webhooks_become_runs_that_call_the_witness_once_for_each_step(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    site.witness.look = site.shows
    site.up()
    with site.watch() as watch:
        site.client.send_many(site.hook(), [f"e{number}" for number in range(10)])
        site.quiet()
    assert watch.seen == 10
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    assert len(site.witness.effects) == 40
    assert {call.written_ahead for call in site.witness.calls if call.name} == {True}
    check(site.history(watch=watch)).require(accepted=10, faults=0)
