"""A connection's client: where its requests may go, what they carry, when they wait, and what an answer means."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from engine.egress import AnswerLost, NotSent, Request
from engine.errors import ClaimLost, EgressRefused, RedisUnavailable
from engine.runtime import connection_client
from engine.runtime.connection_client import ConnectionClient, PermitWait
from engine.sdk import Kind, Response, ServiceError
from tests.unit.runtime.outside import TOKEN, Bench, answered, ok


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench()
    use_clock(bench, monkeypatch)
    return bench


def use_clock(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_client, "monotonic", bench.clock)


# Where a request may go


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://probe.example", "/things", "https://probe.example/things"),
        ("https://probe.example/", "/things", "https://probe.example/things"),
        ("https://probe.example/v2", "/things", "https://probe.example/v2/things"),
        ("https://probe.example/v2", "https://probe.example/v2/things/1", "https://probe.example/v2/things/1"),
        ("https://probe.example", "//elsewhere.example/x", "https://probe.example//elsewhere.example/x"),
        ("https://probe.example", "/things/a..b", "https://probe.example/things/a..b"),
    ],
)
def test_paths_are_joined_to_the_base_and_urls_below_it_are_taken(base: str, path: str, url: str) -> None:
    bench = Bench(base_url=base)
    bench.client().get(path)
    assert bench.urls == [url]


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/v2/things",
        "http://probe.example/v2/things",
        "https://probe.example:8443/v2/things",
        "https://user@probe.example/v2/things",
        "https://probe.example.elsewhere.example/v2/things",
        "https://probe.example/v2x/things",
        "https://probe.example/admin",
        "https://probe.example/v2/../admin",
        "https://probe.example/v2/%2e%2E/admin",
        "/../admin",
        "/./..",
        "/things\\..\\..\\admin",
        "/things#fragment",
        "things",
        "",
        "https://[broken/v2/things",
    ],
)
def test_nothing_leaves_the_base_url(path: str) -> None:
    bench = Bench(base_url="https://probe.example/v2")
    with pytest.raises(ServiceError) as refused:
        bench.client().get(path)
    assert refused.value.kind is Kind.INVALID
    assert "is not below the connection's base URL https://probe.example/v2" in refused.value.message
    assert bench.service.requests == []
    assert bench.throttle.given == 0


def test_a_long_path_is_not_repeated_whole_in_the_message() -> None:
    with pytest.raises(ServiceError) as refused:
        Bench().client().get("x" * 10_000)
    assert len(refused.value.message) < 200


def test_params_are_encoded_and_those_without_a_value_are_left_out(bench: Bench) -> None:
    bench.client().get(
        "/things", params={"q": "a&b=c d/é", "active": True, "off": False, "count": 20, "none": None, "empty": ""}
    )
    assert bench.urls == ["https://probe.example/things?q=a%26b%3Dc+d%2F%C3%A9&active=true&off=false&count=20&empty="]


def test_params_are_added_to_a_query_that_is_there(bench: Bench) -> None:
    client = bench.client()
    client.get("/things?page=2", params={"count": 5})
    client.get("/things", params={"gone": None})
    assert bench.urls == ["https://probe.example/things?page=2&count=5", "https://probe.example/things"]


# What a request carries


def test_the_secret_travels_in_the_header_and_nowhere_else(bench: Bench) -> None:
    bench.client().post("/things", json={"name": "é"})
    [request] = bench.service.requests
    assert request.headers == {
        "Accept": "application/json",
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
    }
    assert request.body == '{"name":"é"}'.encode()
    assert TOKEN not in repr(request)


def test_a_request_without_a_body_does_not_announce_one(bench: Bench) -> None:
    client = bench.client()
    client.delete("/things/1")
    client.post("/things")
    assert [(request.method, request.body) for request in bench.service.requests] == [("DELETE", None), ("POST", None)]
    assert all("Content-Type" not in request.headers for request in bench.service.requests)


def test_settings_and_facts_are_the_connections(bench: Bench) -> None:
    client = bench.client()
    assert client.settings == {"base_url": "https://probe.example"}
    assert client.facts == {"account": "a-1"}


def test_the_attempt_is_opened_once_before_its_first_request_and_with_a_permit(bench: Bench) -> None:
    seen: list[tuple[int, int]] = []
    client = bench.client(before_send=lambda: seen.append((len(bench.throttle.out), len(bench.service.requests))))
    client.get("/a")
    client.get("/b")
    assert seen == [(1, 0)]


# Permits are given back


def raises(error: BaseException) -> Callable[[], None]:
    def refuse() -> None:
        raise error

    return refuse


@pytest.mark.parametrize(
    "answer",
    [
        ok(),
        answered(404),
        answered(500),
        answered(429, x_ratelimit_reset="7"),
        NotSent("no route"),
        AnswerLost("cut"),
        EgressRefused("not allowed"),
        RuntimeError("a bug"),
        KeyboardInterrupt(),
    ],
    ids=lambda answer: f"{answer.status}" if isinstance(answer, Response) else type(answer).__name__,
)
def test_a_permit_is_given_back_however_the_call_ended(bench: Bench, answer: Response | BaseException) -> None:
    bench.service.answers = [answer]
    with suppress(BaseException):
        bench.client().post("/things", json={})
    assert bench.throttle.given == 1
    assert bench.throttle.out == set()


def test_a_permit_is_given_back_when_the_attempt_cannot_be_opened(bench: Bench) -> None:
    with pytest.raises(ClaimLost):
        bench.client(before_send=raises(ClaimLost("lost"))).get("/things")
    assert (bench.throttle.given, bench.throttle.out, bench.service.requests) == (1, set(), [])


def test_a_permit_that_cannot_be_given_back_spoils_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(permit: object) -> None:
        raise RedisUnavailable("away")

    monkeypatch.setattr(bench.throttle, "done", away)
    assert bench.client().get("/things").status == 200


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


# Redis away, or empty


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


# Age 0 is a call that nobody has ended: it may still be on its way, for as long as a call may last (30 s).
@pytest.mark.parametrize(("age", "waits"), [(0, 90_000), (45_000, 15_000)])
def test_a_cold_start_waits_out_what_the_journal_knows(age: int, waits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(warm=False)
    use_clock(bench, monkeypatch)
    bench.last_call_age = age
    with pytest.raises(PermitWait) as wait:
        bench.client().get("/a")
    assert wait.value.ms == pytest.approx(waits, abs=2)


def test_a_process_that_was_frozen_after_its_permit_does_not_use_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_clock(bench, monkeypatch)

    def freeze() -> None:
        bench.clock.now += 31.0

    with pytest.raises(ServiceError) as refused:
        bench.client(timeout_ms=30_000, before_send=freeze).get("/a")
    assert refused.value.kind is Kind.TIMEOUT
    assert bench.urls == []


def test_a_cold_start_in_the_middle_of_an_attempt_is_dealt_with_as_well(bench: Bench) -> None:
    client = bench.client()
    client.get("/a")
    bench.throttle.forget()
    client.get("/b")
    assert len(bench.urls) == 2


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


def test_a_429_outside_of_a_run_is_an_error_and_pauses_too(bench: Bench) -> None:
    bench.service.answers = [answered(429, x_ratelimit_reset="7")]
    with pytest.raises(ServiceError) as refused:
        bench.client(may_park=False).get("/things")
    assert refused.value.kind is Kind.THROTTLED
    assert bench.throttle.pauses == [7_000]


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
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    client = bench.client()
    client.get("/things/1")
    with pytest.raises(PermitWait):
        client.post("/things", json={})


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
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    bench.service.answers = [answer]
    client = bench.client()
    with pytest.raises(ServiceError):
        client.post("/things", json={})
    with pytest.raises(PermitWait):
        client.get("/things/1")


def test_a_write_that_left_holds_on_even_while_the_process_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=10)
    use_clock(bench, monkeypatch)
    monkeypatch.setattr(connection_client, "sleep", bench.clock.pass_)
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


# A connector that swallows exceptions


def swallowing(client: ConnectionClient) -> None:
    with suppress(BaseException):
        client.get("/a")


def test_a_connector_that_swallows_a_lost_claim_cannot_go_on(bench: Bench) -> None:
    client = bench.client(before_send=raises(ClaimLost("lost")))
    swallowing(client)
    with pytest.raises(ClaimLost):
        client.post("/things", json={})
    assert isinstance(client.interrupted, ClaimLost)
    assert bench.urls == []


def test_a_connector_that_swallows_a_wait_cannot_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=1, seconds=60)
    use_clock(bench, monkeypatch)
    bench.use_up()
    client = bench.client()
    swallowing(client)
    bench.clock.now += 120
    with pytest.raises(PermitWait):
        client.get("/a")
    assert bench.urls == []


def test_a_connector_may_deal_with_the_services_refusal_and_go_on(bench: Bench) -> None:
    bench.service.answers = [answered(404)]
    client = bench.client()
    with pytest.raises(ServiceError):
        client.get("/a")
    assert client.get("/b").ok
    assert client.interrupted is None


# One deadline


def test_all_requests_of_an_attempt_share_one_deadline(bench: Bench) -> None:
    def slowly(request: Request) -> Response:
        bench.clock.now += 4
        return ok()

    bench.service.answers = [slowly, slowly, slowly]
    client = bench.client(timeout_ms=10_000)
    for path in ("/a", "/b", "/c"):
        client.get(path)
    assert [request.deadline_ms for request in bench.service.requests] == [10_000, 6_000, 2_000]
    with pytest.raises(ServiceError) as late:
        client.get("/d")
    assert late.value.kind is Kind.TIMEOUT
    assert "the step's timeout of 10 s" in late.value.message
    assert len(bench.urls) == 3


# What became of a call that got no answer


@pytest.mark.parametrize(
    ("method", "safe", "kind"),
    [
        ("get", False, Kind.TIMEOUT),
        ("post", True, Kind.TIMEOUT),
        ("post", False, Kind.UNKNOWN_OUTCOME),
        ("delete", False, Kind.UNKNOWN_OUTCOME),
    ],
)
def test_a_lost_answer_is_a_timeout_where_repeating_is_safe_and_unknown_elsewhere(
    bench: Bench, method: str, safe: bool, kind: Kind
) -> None:
    bench.service.answers = [AnswerLost("cut off")]
    with pytest.raises(ServiceError) as lost:
        getattr(bench.client(safe_to_repeat=safe), method)("/things")
    assert lost.value.kind is kind
    assert lost.value.message == "probe.example gave no complete answer: cut off"


def test_a_call_that_did_not_leave_is_a_network_error(bench: Bench) -> None:
    bench.service.answers = [NotSent("no route")]
    with pytest.raises(ServiceError) as lost:
        bench.client().post("/things")
    assert lost.value.kind is Kind.NETWORK


def test_an_address_that_is_not_allowed_is_the_operators_to_mend(bench: Bench) -> None:
    bench.service.answers = [EgressRefused("127.0.0.1 is private", remedy="set HOOKLINE_EGRESS_ALLOW")]
    with pytest.raises(ServiceError) as refused:
        bench.client().post("/things")
    assert refused.value.kind is Kind.INVALID
    assert refused.value.remedy == "set HOOKLINE_EGRESS_ALLOW"
