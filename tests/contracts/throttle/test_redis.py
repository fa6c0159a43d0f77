"""What only the shared throttle promises: a server that is lost, emptied, frozen, full or set to another time never loosens a limit."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from engine.errors import RedisUnavailable, SettingsError
from engine.sdk.budget import Budget
from engine.throttle import Cold, Permit, Throttle, Wait
from engine.throttle.redis import WHOLE, RedisThrottle
from tests.contracts.throttle.bench import Bench, per, real_sleep
from tests.valkey_server import ValkeyServer

LONG = 60_000


@pytest.fixture
def throttle(server: ValkeyServer) -> Iterator[RedisThrottle]:
    throttle = RedisThrottle(server.url)
    yield throttle
    throttle.close()


@pytest.fixture
def bench(throttle: RedisThrottle) -> Bench:
    return Bench(throttle=throttle, key="k", sleep=real_sleep)


def test_an_emptied_server_makes_the_connection_cold(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    bench.permit(per(5, LONG), "a")
    _flush(server)
    assert isinstance(bench.ask(per(5, LONG), "b"), Cold)


def lost(throttle: Throttle, key: str) -> bool:
    answer = throttle.acquire(key, per(5, LONG), "x", deadline_ms=1_000)
    assert isinstance(answer, Cold)
    return answer.lost


def test_of_a_new_connection_nothing_was_lost_unless_of_all(bench: Bench, server: ValkeyServer) -> None:
    assert lost(bench.throttle, "k"), "who knows what this server was asked before"
    bench.warm()
    assert not lost(bench.throttle, "new")
    for lose in (_flush, _restart_after_a_crash):
        lose(server)
        assert lost(bench.throttle, "k")
        assert lost(bench.throttle, "new")
        bench.throttle.warm("new", quiet_ms=0)
        assert not lost(bench.throttle, "k"), "whoever waited did it for all"
        bench.warm()


def _restart_after_a_crash(server: ValkeyServer) -> None:
    _flush_to_disk(server)
    server.kill()
    server.start()


def test_a_call_that_ends_after_the_server_was_emptied_counts(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    permit = bench.permit(per(1, LONG), "a")
    _flush(server)
    bench.throttle.done(permit)
    assert isinstance(bench.ask(per(1, LONG), "b"), Cold)
    bench.warm()
    assert isinstance(bench.ask(per(1, LONG), "b"), Wait)


def test_a_killed_server_comes_back_cold_and_remembers_what_it_saved(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    bench.permit(per(1, LONG), "a")
    bench.wait(per(1, LONG), "b")
    _flush_to_disk(server)
    server.kill()
    server.start()
    assert isinstance(bench.ask(per(1, LONG), "b"), Cold)
    bench.warm()
    assert bench.wait(per(1, LONG), "c").position == 1


def test_every_client_finds_out_that_the_server_was_restarted(server: ValkeyServer) -> None:
    clients = [RedisThrottle(server.url) for _ in range(3)]
    clients[0].warm("k", quiet_ms=0)
    for client in clients:
        assert isinstance(client.acquire("k", per(9, LONG), "a", deadline_ms=1_000), Permit)
    server.terminate()
    server.start()
    for client in clients:
        assert isinstance(client.acquire("k", per(9, LONG), "a", deadline_ms=1_000), Cold)
        client.close()


def test_a_warm_up_for_an_earlier_loss_does_nothing(throttle: RedisThrottle, server: ValkeyServer) -> None:
    slow, quick = throttle, RedisThrottle(server.url)
    assert isinstance(slow.acquire("k", per(1, LONG), "a", deadline_ms=1_000), Cold)
    quick.warm("k", quiet_ms=0)
    assert isinstance(quick.acquire("k", per(1, LONG), "b", deadline_ms=1_000), Permit)
    _flush(server)
    assert isinstance(quick.acquire("k", per(1, LONG), "c", deadline_ms=1_000), Cold)
    slow.warm("k", quiet_ms=0)
    assert isinstance(slow.acquire("k", per(1, LONG), "a", deadline_ms=1_000), Cold)
    slow.warm("k", quiet_ms=LONG)
    assert isinstance(slow.acquire("k", per(1, LONG), "a", deadline_ms=1_000), Wait)
    quick.close()


def test_a_pause_outlasts_the_memory_of_the_server_where_somebody_knows_of_it(
    throttle: RedisThrottle, server: ValkeyServer
) -> None:
    heard, told = throttle, RedisThrottle(server.url)
    heard.warm("k", quiet_ms=0)
    heard.pause("k", LONG)
    assert _paused(told.acquire("k", per(9, LONG), "a", deadline_ms=1_000))
    for one, other in [(heard, told), (told, heard)]:
        _flush(server)
        assert isinstance(other.acquire("k", per(9, LONG), "a", deadline_ms=1_000), Cold)
        other.warm("k", quiet_ms=0)
        assert _paused(one.acquire("k", per(9, LONG), "a", deadline_ms=1_000))
    told.close()


def test_a_pause_that_the_server_did_not_hear_is_told_when_it_is_back(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    server.terminate()
    with pytest.raises(RedisUnavailable):
        bench.throttle.pause("k", LONG)
    server.start()
    assert isinstance(bench.ask(per(9, LONG), "a"), Cold)
    bench.warm()
    assert bench.wait(per(9, LONG), "a").paused


def test_a_server_that_is_gone_is_unavailable_and_then_back(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    permit = bench.permit(per(5, LONG), "a")
    server.terminate()
    for attempt in (
        lambda: bench.ask(per(5, LONG), "b"),
        lambda: bench.throttle.done(permit),
        lambda: bench.throttle.leave("k", "b"),
        lambda: bench.throttle.pause("k", 1),
        lambda: bench.throttle.warm("k", quiet_ms=0),
    ):
        with pytest.raises(RedisUnavailable, match="does not serve the throttle"):
            attempt()
    server.start()
    assert isinstance(bench.ask(per(5, LONG), "b"), Cold)


def test_a_frozen_server_is_unavailable_and_a_late_command_does_nothing(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    permit = bench.permit(per(2, LONG), "a")
    server.freeze()
    started = time.monotonic()
    with pytest.raises(RedisUnavailable):
        bench.ask(per(2, LONG), "b")
    with pytest.raises(RedisUnavailable):
        bench.throttle.done(permit)
    assert time.monotonic() - started < 30, "two answers that did not come must not take minutes"
    server.thaw()
    bench.permit(per(2, LONG), "c")


def test_a_full_server_is_unavailable_and_serves_again_when_it_has_room() -> None:
    with ValkeyServer() as server, server.client() as client:
        throttle = RedisThrottle(server.url)
        throttle.warm("k", quiet_ms=0)
        client.config_set("maxmemory", 1)
        with pytest.raises(RedisUnavailable, match="memory"):
            throttle.acquire("k", per(1, LONG), "a", deadline_ms=1_000)
        client.config_set("maxmemory", 0)
        assert isinstance(throttle.acquire("k", per(1, LONG), "a", deadline_ms=1_000), Permit)
        throttle.close()


def test_forgotten_scripts_are_loaded_again(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    bench.permit(per(2, LONG), "a")
    with server.client() as client:
        client.script_flush()
    bench.permit(per(2, LONG), "b")
    assert isinstance(bench.ask(per(2, LONG), "c"), Wait)


def test_a_server_whose_clock_is_set_forward_frees_nothing(server: ValkeyServer) -> None:
    stopped = 1_000_000_000
    throttle = RedisThrottle(server.url, monotonic=lambda: stopped)
    bench = Bench(throttle=throttle, key="k", sleep=real_sleep)
    bench.warm()
    bench.permit(per(1, 400), "a", deadline_ms=0)
    bench.sleep(1_000)
    assert isinstance(bench.ask(per(1, 400), "b"), Wait), (
        "for this process no time has passed, so the server's clock was set"
    )
    throttle.close()


def test_a_server_whose_clock_is_set_back_goes_on_from_where_it_was(bench: Bench, server: ValkeyServer) -> None:
    bench.warm()
    bench.permit(per(1, 300), "a", deadline_ms=0)
    with server.client() as client:
        an_hour_ahead = 3_600_000_000
        client.hincrby("hookline:throttle:{k}:state", "last", an_hour_ahead)
        for permit in client.zrange("hookline:throttle:{k}:log", 0, -1):
            client.zincrby("hookline:throttle:{k}:log", an_hour_ahead, permit)
    set_back = RedisThrottle(server.url)
    bench.sleep(max(1, _wait(set_back.acquire("k", per(1, 300), "b", deadline_ms=0)).ms))
    assert isinstance(set_back.acquire("k", per(1, 300), "b", deadline_ms=0), Permit)
    set_back.close()


def test_entries_that_count_no_more_are_removed_and_every_key_of_a_connection_expires(
    bench: Bench, server: ValkeyServer
) -> None:
    bench.warm()
    bench.fill(per(20, 200))
    bench.sleep(300)
    bench.call(per(1, 200), "a")
    bench.wait(per(1, 200), "b")
    with server.client() as client:
        assert client.zcard("hookline:throttle:{k}:log") == 1
        keys = client.keys("*")
        assert isinstance(keys, list)
        keys.remove(WHOLE.encode())
        assert len(keys) == 4
        for key in keys:
            ttl = client.pttl(key)
            assert isinstance(ttl, int)
            assert 0 < ttl <= 2 * 3_600_000


def test_every_connection_has_its_own_limit(throttle: RedisThrottle) -> None:
    budget: Budget = per(1, LONG)
    for key in ("owner/one", "owner/two"):
        throttle.warm(key, quiet_ms=0)
        assert isinstance(throttle.acquire(key, budget, "a", deadline_ms=1_000), Permit)
        assert isinstance(throttle.acquire(key, budget, "b", deadline_ms=1_000), Wait)


def test_an_address_of_another_kind_is_refused_without_showing_its_password() -> None:
    with pytest.raises(SettingsError) as caught:
        RedisThrottle("amqp://user:pass-word@host/0")
    assert "redis://" in str(caught.value)
    assert "pass-word" not in str(caught.value)


def _flush(server: ValkeyServer) -> None:
    with server.client() as client:
        client.flushall()


def _flush_to_disk(server: ValkeyServer) -> None:
    with server.client() as client:
        client.waitaof(1, 0, 5_000)


def _paused(answer: Permit | Wait | Cold) -> bool:
    return isinstance(answer, Wait) and answer.paused


def _wait(answer: Permit | Wait | Cold) -> Wait:
    assert isinstance(answer, Wait), answer
    assert answer.ms <= 301, "an hour's wait is a clock that went back"
    return answer
