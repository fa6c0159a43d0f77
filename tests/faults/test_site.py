"""The site itself, without a fault: what it starts works, what is sent arrives, and the checker has nothing to say."""

from __future__ import annotations

from engine.core.statuses import RunStatus
from engine.failpoints import KILLED
from tests.faults.checker import check
from tests.faults.conftest import NewSite
from tests.faults.site import Site, flow, step
from tests.faults.together import site_on_postgres_later

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


@site_on_postgres_later
def test_processes_that_are_started_afresh_on_the_bundled_redis_do_the_same(new_site: NewSite) -> None:
    site = new_site(redis="bundled")
    site.deploy(flow(steps=STEPS))
    site.up(fresh=True)
    site.client.send_many(site.hook(), ["e1", "e2"])
    site.quiet()
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    history = site.history()
    assert any(place.startswith("the bundled Redis") for place in history.places)
    check(history).require(accepted=2, faults=0)


@site_on_postgres_later
def test_what_happens_to_a_process_is_known_however_it_was_started(site: Site) -> None:
    for fresh in (False, True):
        armed = site.start("scheduler", failpoint="nonsense", fresh=fresh)
        assert armed.ended() not in (0, KILLED), "a failpoint that does not exist is no fault"
        assert "there is no failpoint 'nonsense'" in armed.log
        worker = site.worker(fresh=fresh)
        worker.pause()
        worker.resume()
        assert worker.stop() == 0
        other = site.worker(fresh=fresh)
        other.kill()
        assert not other.alive
    assert [fault.split()[0] for fault in site.faults] == ["SIGSTOP", "SIGCONT", "SIGKILL"] * 2
