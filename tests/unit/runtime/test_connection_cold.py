"""A connection's client without Redis, and with one that has forgotten: it waits, counts what the journal knows, and never passes unseen."""

from __future__ import annotations

from functools import partial

import pytest

from engine.errors import RedisUnavailable
from engine.runtime import connection_client, permits
from engine.runtime.permits import PermitWait
from engine.sdk import Kind, ServiceError
from engine.throttle import Wait
from tests.unit.runtime.outside import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench()
    use_clock(bench, monkeypatch)
    return bench


def _pass(bench: Bench, seconds: float) -> None:
    bench.clock.now += seconds


def use_clock(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_client, "monotonic", bench.clock)
    monkeypatch.setattr(permits, "monotonic", bench.clock)


def test_without_redis_the_attempt_parks(bench: Bench) -> None:
    bench.throttle.failures = [RedisUnavailable("away")]
    with pytest.raises(PermitWait, match="probe/mine until Redis answers"):
        bench.client().get("/a")
    assert bench.urls == []


def test_without_redis_a_call_outside_of_a_run_gives_up_after_its_timeout(bench: Bench) -> None:
    bench.throttle.failures = [RedisUnavailable("away") for _ in range(50)]
    with pytest.raises(ServiceError, match="until Redis answers") as refused:
        bench.client(may_park=False, timeout_ms=15_000).get("/a")
    assert refused.value.kind is Kind.THROTTLED
    assert bench.clock.now <= 1_015.0
    assert bench.urls == []


def test_a_call_outside_of_a_run_goes_on_when_redis_is_back(bench: Bench) -> None:
    bench.throttle.failures = [RedisUnavailable("away")]
    assert bench.client(may_park=False).get("/a").ok


def test_a_cold_start_of_a_connection_that_was_quiet_begins_at_once() -> None:
    bench = Bench(warm=False)
    assert bench.client().get("/a").ok


def test_a_cold_start_waits_out_what_the_journal_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(warm=False)
    use_clock(bench, monkeypatch)
    bench.last_call_age = 45_000
    with pytest.raises(PermitWait) as wait:
        bench.client().get("/a")
    assert wait.value.ms == pytest.approx(15_000, abs=2)


def test_a_cold_start_waits_for_calls_under_way_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(warm=False)
    use_clock(bench, monkeypatch)
    bench.last_call_age = 0
    for _ in range(3):
        with pytest.raises(PermitWait, match="calls under way that Redis forgot") as wait:
            bench.client().get("/a")
        bench.clock.pass_(wait.value.ms / 1000)
    bench.last_call_age = 1_000
    with pytest.raises(PermitWait) as wait:
        bench.client().get("/a")
    assert wait.value.ms == pytest.approx(59_000, abs=2)


# A call that nobody ends may still be on its way, for as long as a call may last (30 s) and its writing ahead (2 s).
def test_a_cold_start_gives_up_on_calls_that_nobody_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(warm=False)
    use_clock(bench, monkeypatch)
    bench.last_call_age = 0
    while True:
        with pytest.raises(PermitWait) as wait:
            bench.client().get("/a")
        if "calls under way" not in wait.value.why:
            break
        bench.clock.pass_(wait.value.ms / 1000)
    assert bench.clock.now == pytest.approx(1_033, abs=1)
    assert wait.value.ms == pytest.approx(60_000, abs=2)


def test_calls_under_way_at_an_earlier_loss_say_nothing_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(warm=False)
    use_clock(bench, monkeypatch)
    bench.last_call_age = 0
    for _ in range(3):
        with pytest.raises(PermitWait, match="calls under way that Redis forgot"):
            bench.client().get("/a")
        bench.clock.pass_(40)
        bench.throttle.forget()


def test_after_a_loss_the_last_permits_come_into_the_journal_before_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    use_clock(bench, monkeypatch)
    began = bench.clock.now
    bench.throttle.forget()
    bench.last_call_age = 1_500
    with pytest.raises(PermitWait, match="100/60s until") as wait:
        bench.client().get("/a")
    assert bench.clock.now - began == pytest.approx(2), "for so long a permit may be used before its attempt is written"
    assert wait.value.ms == pytest.approx(58_500, abs=2)


def test_a_connection_that_is_just_new_begins_at_once() -> None:
    assert Bench(warm=False).client().get("/a").ok


# With many processes each one looks seldom, the one after the other; none of them sees for itself how long nobody has called.
def test_a_cold_start_is_one_for_all_who_look_at_it_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(warm=False)
    use_clock(bench, monkeypatch)
    bench.last_call_age = 0
    for _ in range(2):
        with pytest.raises(PermitWait, match="calls under way that Redis forgot"):
            bench.client().get("/a")
        bench.clock.pass_(20)
    with pytest.raises(PermitWait, match="100/60s until"):
        bench.client().get("/a")


def test_a_process_that_was_frozen_after_its_permit_does_not_use_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_clock(bench, monkeypatch)

    freezes = [31.0]

    def freeze() -> None:
        bench.clock.now += freezes.pop() if freezes else 0.1
        bench.opened += 1

    assert bench.client(timeout_ms=30_000, before_send=freeze).get("/a").ok
    assert (len(bench.urls), bench.throttle.given) == (1, 2)
    assert bench.opened == 2, "the claim was looked at again before the call left"
    assert bench.service.requests[0].deadline_ms == 30_000


def test_who_could_not_use_his_permit_in_time_goes_before_those_who_wait_for_their_first_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(limit=1, seconds=60)
    use_clock(bench, monkeypatch)

    def others_line_up_meanwhile() -> None:
        assert position(bench, "other") == 0
        bench.clock.now += 3

    with pytest.raises(PermitWait):
        bench.client(before_send=others_line_up_meanwhile).get("/a")
    assert bench.urls == []
    assert position(bench, "other") == 1
    bench.clock.now += 60
    assert bench.client().get("/a").ok


def position(bench: Bench, ticket: str) -> int:
    answer = bench.throttle.acquire("c1", bench.budget, ticket, deadline_ms=1_000)
    assert isinstance(answer, Wait)
    return answer.position


def test_a_process_that_is_frozen_again_and_again_gives_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    use_clock(bench, monkeypatch)
    with pytest.raises(ServiceError, match="stood still between a permit and its call") as refused:
        bench.client(before_send=partial(_pass, bench, 31.0)).get("/a")
    assert refused.value.kind is Kind.TIMEOUT
    assert bench.urls == []
    assert bench.throttle.out == set()


def test_a_cold_start_in_the_middle_of_an_attempt_is_dealt_with_as_well(bench: Bench) -> None:
    client = bench.client()
    client.get("/a")
    bench.throttle.forget()
    client.get("/b")
    assert len(bench.urls) == 2
