"""A connection's client asked for any request: bodies, headers, expected statuses, and answers that repeat the credentials."""

from __future__ import annotations

import pytest

from engine.egress import AnswerLost
from engine.runtime.permits import PermitWait
from engine.sdk import JsonObject, Kind, Params, Response, ServiceError
from tests.unit.runtime.outside import TOKEN, Bench, answered


@pytest.fixture
def bench() -> Bench:
    return Bench()


def refused(bench: Bench, **given: object) -> ServiceError:
    with pytest.raises(ServiceError) as error:
        bench.client().request("POST", "/things", **given)  # type: ignore[arg-type]
    return error.value


@pytest.mark.parametrize(
    ("json", "form", "text", "kind", "body"),
    [
        ({"a": 1}, None, None, "application/json", b'{"a":1}'),
        (
            None,
            {"a": "b c", "n": [1, True], "no": None},
            None,
            "application/x-www-form-urlencoded",
            b"a=b+c&n=1&n=true",
        ),
        (None, {}, None, "application/x-www-form-urlencoded", b""),
        (None, None, "é", "text/plain; charset=utf-8", "é".encode()),
    ],
)
def test_each_body_says_what_it_is(
    bench: Bench, json: JsonObject | None, form: Params | None, text: str | None, kind: str, body: bytes
) -> None:
    bench.client().request("PATCH", "/things", json=json, form=form, text=text)
    [request] = bench.service.requests
    assert (request.method, request.headers["Content-Type"], request.body) == ("PATCH", kind, body)


def test_a_request_has_one_body(bench: Bench) -> None:
    assert refused(bench, json={}, text="x").kind is Kind.INVALID
    assert bench.throttle.given == 0


def test_given_headers_replace_the_clients_own(bench: Bench) -> None:
    bench.client().request("POST", "/things", json={}, headers={"accept": "text/csv", "content-type": "application/x"})
    assert bench.service.requests[0].headers == {
        "accept": "text/csv",
        "content-type": "application/x",
        "Authorization": f"Bearer {TOKEN}",
    }


def test_given_headers_never_replace_the_credentials(bench: Bench) -> None:
    error = refused(bench, headers={"authorization": "Bearer other"})
    assert error.kind is Kind.INVALID
    assert "carries the connection's credentials" in error.message
    assert (bench.throttle.given, bench.service.requests) == (0, [])


def test_what_is_expected_is_an_answer_and_nothing_else_is(bench: Bench) -> None:
    bench.service.answers = [answered(404), answered(200), answered(404)]
    client = bench.client()
    assert client.request("GET", "/things", expect=[404]).status == 404
    with pytest.raises(ServiceError, match="200"):
        client.request("GET", "/things", expect=[404])
    with pytest.raises(ServiceError, match="404"):
        client.request("GET", "/things")


def test_a_429_is_waited_out_whatever_is_expected(bench: Bench) -> None:
    bench.service.answers = [answered(429, x_ratelimit_reset="7"), answered(429, x_ratelimit_reset="7")]
    with pytest.raises(PermitWait):
        bench.client().request("GET", "/things", expect=[429])
    bench = Bench()
    bench.service.answers = [answered(429, x_ratelimit_reset="70")]
    with pytest.raises(ServiceError) as waits:
        bench.client(may_park=False).request("GET", "/things", expect=[429])
    assert waits.value.kind is Kind.THROTTLED


@pytest.mark.parametrize(("method", "kind"), [("HEAD", Kind.TIMEOUT), ("PUT", Kind.UNKNOWN_OUTCOME)])
def test_a_lost_answer_means_what_its_method_says(bench: Bench, method: str, kind: Kind) -> None:
    bench.service.answers = [AnswerLost("cut off")]
    with pytest.raises(ServiceError) as lost:
        bench.client().request(method, "/things")
    assert lost.value.kind is kind


def test_credentials_that_a_service_repeats_are_hidden_in_body_and_headers(bench: Bench) -> None:
    body = f'{{"Authorization": "Bearer {TOKEN}", "plain": "{TOKEN}", "else": "kept"}}'.encode()
    bench.service.answers = [Response(status=200, headers={"x-echo": TOKEN}, body=body)]
    answer = bench.client().get("/things")
    assert answer.json() == {"Authorization": "Bearer ***", "plain": "***", "else": "kept"}
    assert answer.headers == {"x-echo": "***"}


def test_credentials_in_an_error_are_hidden_before_the_connector_reads_it(bench: Bench) -> None:
    bench.service.answers = [Response(status=400, body=f"what is {TOKEN}?".encode())]
    with pytest.raises(ServiceError) as error:
        bench.client().get("/things")
    assert error.value.message == "the probe said 400 what is ***?"
