"""A connection's client waits: for its permit, for the service's own count, and never starts over what may have had an effect."""

from __future__ import annotations

import pytest

from engine.egress import AnswerLost, NotSent
from engine.errors import EgressRefused, RedisUnavailable
from engine.runtime import connection_client, permits
from engine.runtime.permits import PermitWait
from engine.sdk import Kind, Response, ServiceError
from tests.unit.runtime.outside import Bench, answered, ok


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


# Waiting for a permit


def test_a_short_wait_holds_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=1.0)
    use_clock(bench, monkeypatch)
    client = bench.client()
    client.get("/a")
    client.get("/b")
    assert len(bench.urls) == 2
    assert bench.clock.now >= 1_001.0


def test_a_long_wait_parks_and_says_for_what(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=2, seconds=60)
    use_clock(bench, monkeypatch)
    bench.use_up()
    with pytest.raises(PermitWait) as wait:
        bench.client().get("/a")
    assert 59_000 <= wait.value.ms <= 60_001
    assert wait.value.why == f"probe/mine 2/60s until +{wait.value.ms} ms"
    assert bench.urls == []
    assert bench.opened == 0


def test_a_long_wait_keeps_its_place_in_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=60)
    use_clock(bench, monkeypatch)
    bench.use_up()
    waits = {}
    for ticket in ("first", "second", "first"):
        with pytest.raises(PermitWait) as wait:
            bench.client(ticket=ticket).get("/a")
        waits[ticket] = wait.value.ms
    assert waits["second"] - waits["first"] == pytest.approx(60_000, abs=2)


def test_a_stopping_process_parks_instead_of_holding(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=1.0)
    use_clock(bench, monkeypatch)
    bench.use_up()
    bench.pause = lambda seconds: True
    with pytest.raises(PermitWait):
        bench.client().get("/a")


def test_outside_of_a_run_a_long_wait_holds_the_thread_up_to_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    bench.use_up()
    assert bench.client(may_park=False, timeout_ms=15_000).get("/a").ok


def test_outside_of_a_run_a_wait_beyond_the_timeout_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=60)
    use_clock(bench, monkeypatch)
    bench.use_up()
    with pytest.raises(ServiceError) as refused:
        bench.client(may_park=False, timeout_ms=15_000).get("/a")
    assert refused.value.kind is Kind.THROTTLED
    assert refused.value.retry_after == pytest.approx(60, abs=1)
    assert bench.clock.now == 1_000.0


def test_outside_of_a_run_a_stopping_process_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    bench.use_up()
    bench.pause = lambda seconds: True
    with pytest.raises(ServiceError, match="this process stops"):
        bench.client(may_park=False, timeout_ms=15_000).get("/a")


# The service's own count


PAUSES = [
    ({"x_ratelimit_reset": "7"}, 7_000),
    ({"x_ratelimit_reset": "2.5"}, 2_500),
    ({"x_ratelimit_reset": "0"}, 1_000),
    ({"x_ratelimit_reset": "-5"}, 60_000),
    ({"x_ratelimit_reset": "soon"}, 60_000),
    ({"x_ratelimit_reset": "nan"}, 60_000),
    ({"x_ratelimit_reset": "inf"}, 60_000),
    ({"x_ratelimit_reset": ""}, 60_000),
    ({"x_ratelimit_reset": "99999999999"}, 3_600_000),
    ({}, 60_000),
]


@pytest.mark.parametrize(("headers", "pause"), PAUSES)
def test_a_429_pauses_the_connection_for_everyone_and_sends_the_attempt_back(
    bench: Bench, headers: dict[str, str], pause: int
) -> None:
    bench.service.answers = [answered(429, **headers)]
    with pytest.raises(PermitWait) as wait:
        bench.client().post("/things", json={})
    assert wait.value.ms == pause
    assert wait.value.why == f"probe/mine 429 from the service until +{pause} ms"
    assert bench.throttle.pauses == [pause]


def test_nobody_passes_during_the_services_pause(bench: Bench) -> None:
    bench.service.answers = [answered(429, x_ratelimit_reset="7")]
    with pytest.raises(PermitWait):
        bench.client().get("/things")
    with pytest.raises(PermitWait, match="probe/mine the service's pause until"):
        bench.client(ticket="another").get("/things")
    assert len(bench.urls) == 1


STATED = [(5.0, 5_000), (0.0, 1_000), (-3.0, 1_000), (1e9, 3_600_000), (float("nan"), 7_000), (float("inf"), 7_000)]


@pytest.mark.parametrize(("stated", "pause"), STATED)
def test_what_the_connector_reads_from_retry_after_goes_before_the_reset_header(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, stated: float, pause: int
) -> None:
    client = bench.client()
    kind = client._connection.connector.connection
    error = ServiceError(Kind.THROTTLED, "slow down", status=429, retry_after=stated)
    monkeypatch.setitem(kind.__dict__, "errors", lambda response: error)
    bench.service.answers = [answered(429, x_ratelimit_reset="7")]
    with pytest.raises(PermitWait) as wait:
        client.get("/things")
    assert wait.value.ms == pause


def test_a_429_outside_of_a_run_is_waited_out_if_there_is_time(bench: Bench) -> None:
    bench.service.answers = [answered(429, x_ratelimit_reset="7"), answered(429, x_ratelimit_reset="2")]
    assert bench.client(may_park=False, timeout_ms=15_000).get("/things").ok
    assert bench.throttle.pauses == [7_000, 2_000]
    assert 1_009.0 <= bench.clock.now <= 1_009.1


def test_a_429_outside_of_a_run_that_lasts_too_long_is_an_error_at_once_and_pauses_too(bench: Bench) -> None:
    bench.service.answers = [answered(429, x_ratelimit_reset="17")]
    with pytest.raises(ServiceError, match="waits for probe/mine the service's pause until") as refused:
        bench.client(may_park=False, timeout_ms=15_000).get("/things")
    assert (refused.value.kind, refused.value.retry_after) == (Kind.THROTTLED, 17)
    assert bench.throttle.pauses == [17_000]
    assert bench.clock.now == 1_000.0


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry_after": "5"}, 5_000),
        ({"retry_after": "5", "x_ratelimit_reset": "7"}, 7_000),
        ({"retry_after": "9", "x_ratelimit_reset": "7"}, 9_000),
        ({"retry_after": "Sun, 06 Nov 2033 08:49:37 GMT", "date": "Sun, 06 Nov 2033 08:49:07 GMT"}, 30_000),
        ({"retry_after": "soon", "x_ratelimit_reset": "7"}, 7_000),
    ],
)
def test_what_retry_after_says_holds_for_every_connector(bench: Bench, headers: dict[str, str], pause: int) -> None:
    bench.service.answers = [answered(429, **headers)]
    with pytest.raises(PermitWait):
        bench.client().get("/things")
    assert bench.throttle.pauses == [pause]


def test_who_was_refused_goes_before_those_who_wait_for_their_first_call(bench: Bench) -> None:
    bench.service.answers = [answered(429, x_ratelimit_reset="7")]
    with pytest.raises(PermitWait):
        bench.client(ticket="refused").get("/things")
    for number in range(150):
        with pytest.raises(PermitWait):
            bench.client(ticket=f"another-{number}").get("/things")
    bench.service.answers = [answered(429, x_ratelimit_reset="1")]
    bench.clock.now += 7.1
    with pytest.raises(PermitWait) as again:
        bench.client(ticket="refused").get("/things")
    assert again.value.ms == 1_000, "the first of the line, not behind 150 others"


@pytest.mark.parametrize(
    ("headers", "pauses"),
    [
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": "9"}, [9_000]),
        ({"x_ratelimit_remaining": " 0 ", "x_ratelimit_reset": "9"}, [9_000]),
        ({"x_ratelimit_remaining": "0"}, [60_000]),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": "-1"}, [60_000]),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": "99999999"}, [3_600_000]),
        ({"x_ratelimit_remaining": "1", "x_ratelimit_reset": "9"}, []),
        ({"x_ratelimit_remaining": "none", "x_ratelimit_reset": "9"}, []),
        ({}, []),
    ],
)
def test_when_nothing_is_left_the_connection_pauses_and_the_answer_counts(
    bench: Bench, headers: dict[str, str], pauses: list[int]
) -> None:
    bench.service.answers = [ok(**headers)]
    assert bench.client().get("/things").ok
    assert bench.throttle.pauses == pauses


def test_a_pause_that_redis_does_not_hear_still_sends_the_attempt_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(key: str, ms: int) -> None:
        raise RedisUnavailable("away")

    monkeypatch.setattr(bench.throttle, "pause", away)
    bench.service.answers = [answered(429, x_ratelimit_reset="7")]
    with pytest.raises(PermitWait):
        bench.client().get("/things")


def test_a_429_on_a_later_call_of_a_write_is_waited_out_in_the_thread(bench: Bench) -> None:
    bench.service.answers = [ok(), answered(429, x_ratelimit_reset="7")]
    client = bench.client()
    client.post("/things", json={})
    assert client.post("/things/1/notes", json={}).ok
    assert [request.method for request in bench.service.requests] == ["POST", "POST", "POST"]
    assert bench.opened == 1


# Once a write has left, the attempt is not started over


def test_after_a_write_the_attempt_waits_for_its_next_permit_instead_of_parking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    client = bench.client()
    client.post("/things", json={})
    client.get("/things/1")
    assert len(bench.urls) == 2


def test_after_a_read_the_attempt_parks_because_it_may_be_started_over(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=2, seconds=10)
    use_clock(bench, monkeypatch)
    bench.use_up(1)
    client = bench.client()
    client.get("/things/1")
    with pytest.raises(PermitWait):
        client.post("/things", json={})


def test_after_a_read_a_wait_of_some_seconds_holds_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=2, seconds=4)
    use_clock(bench, monkeypatch)
    bench.use_up(1)
    client = bench.client()
    client.get("/things/1")
    assert client.post("/things", json={}).ok


def test_an_attempt_that_starts_over_is_before_all_that_have_made_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=2, seconds=10)
    use_clock(bench, monkeypatch)
    bench.use_up(1)
    client = bench.client(ticket="begun")
    client.get("/things/1")
    for number in range(30):
        with pytest.raises(PermitWait):
            bench.client(ticket=f"another-{number}").get("/a")
    with pytest.raises(PermitWait) as parked:
        client.post("/things", json={})
    bench.clock.pass_(parked.value.ms / 1000)
    client = bench.client(ticket="begun")
    client.get("/things/1")
    assert client.post("/things", json={}).ok


def test_an_attempt_of_more_calls_than_a_window_has_waits_because_starting_over_never_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    client = bench.client()
    client.get("/things/1")
    assert client.post("/things", json={}).ok
    assert bench.clock.now >= 1_010.0


def test_an_attempt_of_more_calls_than_fit_into_its_timeout_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=60)
    use_clock(bench, monkeypatch)
    client = bench.client()
    client.get("/things/1")
    with pytest.raises(ServiceError) as refused:
        client.post("/things", json={})
    assert refused.value.remedy == "the action makes more calls than 1/60s has: give the step a longer timeout"


def test_no_thread_is_held_beyond_a_time_limit_around_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=1)
    use_clock(bench, monkeypatch)
    bench.use_up()
    with pytest.raises(PermitWait):
        bench.client(time_left=lambda: 500).get("/a")
    assert bench.clock.now == 1_000.0


def test_no_call_gets_more_time_than_a_time_limit_around_the_step_leaves(bench: Bench) -> None:
    bench.client(time_left=lambda: 500).get("/a")
    assert [request.deadline_ms for request in bench.service.requests] == [500]
    with pytest.raises(ServiceError) as over:
        bench.client(time_left=lambda: 0).get("/a")
    assert over.value.kind is Kind.TIMEOUT
    assert len(bench.urls) == 1


@pytest.mark.parametrize("answer", [answered(409), answered(502), AnswerLost("cut")])
def test_a_write_whose_answer_was_no_success_may_have_had_its_effect_too(
    monkeypatch: pytest.MonkeyPatch, answer: Response | Exception
) -> None:
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    bench.service.answers = [answer]
    client = bench.client()
    with pytest.raises(ServiceError):
        client.post("/things", json={})
    assert client.get("/things/1").ok, "the connector asks what became of it, without parking"


@pytest.mark.parametrize("answer", [NotSent("no route"), EgressRefused("no")])
def test_a_write_that_did_not_leave_keeps_the_attempt_free_to_park(
    monkeypatch: pytest.MonkeyPatch, answer: Exception
) -> None:
    bench = Bench(limit=2, seconds=10)
    use_clock(bench, monkeypatch)
    bench.use_up(1)
    bench.service.answers = [answer]
    client = bench.client()
    with pytest.raises(ServiceError):
        client.post("/things", json={})
    with pytest.raises(PermitWait):
        client.get("/things/1")


def test_a_write_that_left_holds_on_even_while_the_process_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    monkeypatch.setattr(permits, "sleep", bench.clock.pass_)
    client = bench.client()
    client.post("/things", json={})
    bench.pause = lambda seconds: True
    assert client.get("/things/1").ok


def test_the_wait_after_a_write_ends_with_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=60)
    use_clock(bench, monkeypatch)
    client = bench.client(timeout_ms=5_000)
    client.post("/things", json={})
    with pytest.raises(ServiceError) as refused:
        client.get("/things/1")
    assert refused.value.kind is Kind.THROTTLED
