"""A connection's client: where its requests may go, what they carry, that permits come back, and what an answer means."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from engine.egress import AnswerLost, NotSent, Request
from engine.errors import ClaimLost, EgressRefused, RedisUnavailable
from engine.runtime import connection_client
from engine.runtime.connection_client import ConnectionClient
from engine.runtime.permits import PermitWait
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


def test_every_request_is_asked_for_once_more_right_before_it_leaves(bench: Bench) -> None:
    seen: list[tuple[int, int]] = []
    client = bench.client(may_leave=lambda: seen.append((bench.opened, len(bench.service.requests))))
    client.get("/a")
    client.get("/b")
    assert seen == [(1, 0), (1, 1)]


def test_a_request_that_must_not_leave_any_more_does_not_and_gives_its_permit_back(bench: Bench) -> None:
    client = bench.client(may_leave=raises(ClaimLost("lost")))
    with pytest.raises(ClaimLost):
        client.post("/things", json={})
    assert isinstance(client.interrupted, ClaimLost)
    assert (bench.opened, bench.throttle.out, bench.service.requests) == (1, set(), [])


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
    bench.service.answers = [AnswerLost("probe.example gave no complete answer: cut off")]
    with pytest.raises(ServiceError) as lost:
        getattr(bench.client(safe_to_repeat=safe), method)("/things")
    assert lost.value.kind is kind
    assert lost.value.message == "probe.example gave no complete answer: cut off"


def test_a_call_that_did_not_leave_is_a_network_error(bench: Bench) -> None:
    bench.service.answers = [NotSent("probe.example could not be reached: no route")]
    with pytest.raises(ServiceError) as lost:
        bench.client().post("/things")
    assert lost.value.kind is Kind.NETWORK
    assert lost.value.message == "probe.example could not be reached: no route"


def test_an_address_that_is_not_allowed_is_the_operators_to_mend(bench: Bench) -> None:
    bench.service.answers = [EgressRefused("127.0.0.1 is private", remedy="set HOOKLINE_EGRESS_ALLOW")]
    with pytest.raises(ServiceError) as refused:
        bench.client().post("/things")
    assert refused.value.kind is Kind.INVALID
    assert refused.value.remedy == "set HOOKLINE_EGRESS_ALLOW"
