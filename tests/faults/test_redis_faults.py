"""Promises 7 and 8. The faults: Redis is killed, emptied, frozen, out of memory, or cut off without a word, under load.

What must hold: no sliding window at the witness is over the limit (I6); webhooks are answered 2xx within a second (I1, I7); steps wait and do not
fail, no attempt is used up; and when Redis is back, all of it catches up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event, Thread
from types import TracebackType

import pytest

from engine.core.statuses import RunStatus
from tests.eventually import eventually
from tests.faults.checker import Allowed, check
from tests.faults.client_log import Delivery
from tests.faults.conftest import NewSite
from tests.faults.demand import CALLS_PER_RUN, Figures, Onlooker, Rate, demand, deploy, figures
from tests.faults.far_redis import FarRedis, can_be_made
from tests.faults.relay import Relay
from tests.faults.site import Site, flow, step
from tests.valkey_server import ValkeyServer

Fault = Callable[[ValkeyServer], None]
FULL = "1mb"


def kill(server: ValkeyServer) -> None:
    server.kill()
    time.sleep(1)
    server.start()


def empty(server: ValkeyServer) -> None:
    with server.client() as client:
        client.flushall()


def freeze(server: ValkeyServer, seconds: float = 4) -> None:
    server.freeze()
    time.sleep(seconds)
    server.thaw()


def fill(server: ValkeyServer, seconds: float = 4) -> None:
    """Out of memory, and told not to evict: every write is refused."""
    with server.client() as client:
        client.config_set("maxmemory", FULL)
        time.sleep(seconds)
        client.config_set("maxmemory", 0)


FAULTS: dict[str, Fault] = {"killed": kill, "emptied": empty, "frozen": freeze, "full": fill}


def with_faults(site: Site, rate: Rate, faults: Sequence[tuple[str, Fault]]) -> Figures:
    """Full load; the faults spread over it, each when so many calls have been made."""
    server = site.redis
    assert server is not None
    deploy(site, rate)
    site.up(workers=2, worker_threads="8")
    with site.watch() as watch, Onlooker(site) as onlooker:
        number = demand(site, rate)
        for nth, (name, fault) in enumerate(faults, start=1):
            so_many = round(number * CALLS_PER_RUN * nth / (len(faults) + 2))
            eventually(lambda many=so_many: len(site.witness.calls) >= many, within=rate.lasting * 3 + 60)  # type: ignore[misc]
            fault(server)
            site.faults.append(f"Redis {name}")
        site.quiet(within=rate.lasting * 3 + 60)
    found = figures(site.witness.calls, rate, onlooker)
    print(f"{', '.join(name for name, _ in faults)}: {found}")
    history = site.history(watch=watch, leaks=False)
    check(history, Allowed(slower=3)).require(accepted=number, faults=len(faults))
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}
    assert {row.attempt for row in history.steps} == {1}
    assert found.calls == number * CALLS_PER_RUN
    away = {reason for reason in onlooker.reasons if "until Redis answers" in reason}
    assert away or all(fault is empty for _, fault in faults), "nobody met the fault, so nothing is proven"
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_limit_holds_whatever_becomes_of_redis(site: Site) -> None:
    with_faults(site, Rate(limit=20, seconds=2, lasting=12), list(FAULTS.items()))


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_limit_holds_for_two_minutes_of_one_fault_again_and_again(site: Site, fault: str) -> None:
    with_faults(site, Rate(limit=20, seconds=2, lasting=120), [(fault, FAULTS[fault])] * 6)


class Stream:
    """Webhooks at an even pace, between enter and exit."""

    def __init__(self, site: Site, *, per_second: float) -> None:
        self._site = site
        self._pace = 1 / per_second
        self._over = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Stream:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def _run(self) -> None:
        hook, number = self._site.hook(), 0
        while not self._over.wait(self._pace):
            self._site.client.send(hook, f"s{number}")
            number += 1


def p99(sent: Sequence[Delivery]) -> float:
    took = sorted(delivery.took for delivery in sent)
    return took[min(len(took) - 1, int(len(took) * 0.99))]


def silence(site: Site, begin: Callable[[], None], end: Callable[[], None], *, seconds: float) -> None:
    """Redis says nothing for so long, while webhooks come in; then all that was accepted goes through."""
    site.connect(limit=400, seconds=2)
    site.deploy(flow(steps=step("one", "put")))
    site.up(workers=2, worker_threads="8")
    with site.watch() as watch:
        with Stream(site, per_second=20):
            eventually(lambda: len(site.witness.calls) >= 10)
            began = time.monotonic()
            begin()
            time.sleep(seconds)
            meanwhile = [delivery for delivery in site.client.sent if delivery.at >= began]
            calls = sum(1 for call in site.witness.calls if call.at > began + 0.5)
            end()
            back = time.monotonic()
            site.faults.append("Redis silent")
            # As long as it takes until work goes on as before: then the stream may end.
            eventually(lambda: any(call.at > back for call in site.witness.calls), within=60)
            resumed = time.monotonic() - back
        site.quiet()
        caught_up = time.monotonic() - back
    print(
        f"silent for {seconds:g} s: {len(meanwhile)} webhooks, answered within {p99(meanwhile):.3f} s (p99); "
        f"first call {resumed:.1f} s after, all caught up {caught_up:.1f} s after"
    )
    assert len(meanwhile) >= seconds * 4
    assert [delivery for delivery in site.client.sent if not delivery.accepted] == []
    assert calls == 0, "calls left without a permit"
    assert resumed <= 15
    history = site.history(watch=watch, leaks=False)
    check(history, Allowed(slower=2)).require(accepted=len(meanwhile), faults=1)
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}
    assert {row.attempt for row in history.steps} == {1}


SILENCES = [8, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(300)])]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seconds", SILENCES)
def test_a_redis_that_hangs_stops_no_webhook_and_fails_no_step(site: Site, seconds: float) -> None:
    assert site.redis is not None
    silence(site, site.redis.freeze, site.redis.thaw, seconds=seconds)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seconds", SILENCES)
def test_a_redis_whose_bytes_are_swallowed_stops_no_webhook_and_fails_no_step(
    new_site: NewSite, seconds: float
) -> None:
    with Relay() as relay:
        site = new_site(settings={"HOOKLINE_REDIS_URL": relay.url})
        assert site.redis is not None
        relay.to = site.redis.socket
        silence(site, relay.cut, relay.heal, seconds=seconds)
        assert relay.swallowed > 0


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.skipif(not can_be_made(), reason="needs root and the program ip, to make a network namespace")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_network_to_redis_that_is_cut_stops_no_webhook_and_fails_no_step(new_site: NewSite) -> None:
    with FarRedis() as far:
        site = new_site(settings={"HOOKLINE_REDIS_URL": far.url})
        assert site.redis is not None
        far.reach(site.redis.socket)
        silence(site, far.cut, far.heal, seconds=60)
