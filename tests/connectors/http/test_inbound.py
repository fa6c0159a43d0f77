"""The trigger ``http.request`` and its answer: what is let in, what arrives, what is refused in which words, and what is sent back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from pydantic import ValidationError

from connectors.http import http
from connectors.http.inbound import RequestTrigger
from connectors.http.proofs import signature
from connectors.http.respond import Respond, reply, respond
from engine.sdk import Delivery, DeliveryRefused, JsonObject, LogLevel, SignatureError

REQUEST = http.inbound["request"]
NOW = 1_772_438_400.25
SCHEMA: JsonObject = {
    "type": "object",
    "required": ["email", "items"],
    "properties": {
        "email": {"type": "string"},
        "plan": {"enum": ["free", "team"]},
        "items": {"type": "array", "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}},
    },
}  # fmt: skip


def delivery(
    body: bytes = b"", *, method: str = "POST", query: Mapping[str, Sequence[str]] | None = None, **headers: str
) -> Delivery:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(headers=named, body=body, received_at=NOW, method=method, query=query or {})


def test_the_event_holds_the_body_the_query_and_the_headers_that_are_passed_on() -> None:
    came = delivery(
        b'{"n": 1}',
        query={"a": ["1", "2"]},
        content_type="application/json",
        authorization="Bearer secret",
        x_topic="orders",
        cookie="c",
    )
    assert REQUEST.read({"headers": ["X-Topic"]}, came) == {
        "event": "http.request",
        "created_at": "2026-03-02T08:00:00.250Z",
        "created_by": None,
        "payload": {"n": 1},
        "method": "POST",
        "query": {"a": "2"},
        "headers": {"content-type": "application/json", "x-topic": "orders"},
    }


@pytest.mark.parametrize(
    ("came", "payload"),
    [
        (delivery(b""), None),
        (delivery(b"[1]"), [1]),
        (delivery(b'"a"', content_type="text/plain; charset=utf-8"), "a"),
        (delivery(b"{}", content_type="application/vnd.acme+json"), {}),
        (delivery(b"a=1&b=x+y&a=2", content_type="application/x-www-form-urlencoded"), {"a": "2", "b": "x y"}),
    ],
)
def test_json_and_forms_are_read(came: Delivery, payload: object) -> None:
    assert REQUEST.read({}, came)["payload"] == payload


@pytest.mark.parametrize(
    ("given", "came", "status", "words"),
    [
        ({}, delivery(b"{"), 400, "the body is not JSON"),
        ({}, delivery(b'{"a": 1, "a": 2}'), 400, "the body is not JSON"),
        ({}, delivery(b"<a/>", content_type="application/xml"), 415, "not application/xml"),
        ({}, delivery(b"\xff=1", content_type="application/x-www-form-urlencoded"), 400, "not a form"),
        ({}, delivery(b"{}", method="PUT"), 405, "this webhook takes POST, not PUT"),
        ({"body": SCHEMA}, delivery(b"{}"), 400, "body has no email"),
        ({"body": SCHEMA}, delivery(b""), 400, "body is not object"),
        ({"body": SCHEMA}, delivery(b'{"email": 7, "items": []}'), 400, "body.email is not string"),
        ({"body": SCHEMA}, delivery(b'{"email": "a", "items": [{"sku": "1"}, {}]}'), 400, "body.items[1] has no sku"),
        ({"body": SCHEMA}, delivery(b'{"email": "a", "items": [], "plan": "x"}'), 400, "body.plan is none of the values"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_field(
    given: JsonObject, came: Delivery, status: int, words: str
) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        REQUEST.read(given, came)
    assert refused.value.status == status
    assert words in refused.value.message


@pytest.mark.parametrize(
    "headers", [{"authorization": "Bearer k1"}, {"authorization": "bearer  k1"}, {"x-hookline-token": "k1"}]
)
def test_a_token_may_stand_in_either_header(headers: dict[str, str]) -> None:
    came = Delivery(headers=headers, body=b"", received_at=NOW)
    REQUEST.verify({}, came, ["k2", "k1"])
    with pytest.raises(SignatureError):
        REQUEST.verify({}, came, ["k2", "k10"])


@pytest.mark.parametrize("off", [-301, 301])
def test_a_signature_is_good_for_five_minutes(off: int) -> None:
    given: JsonObject = {"auth": "signature"}
    REQUEST.verify(given, delivery(b"x", x_hookline_signature=signature(b"x", "k", int(NOW))), ["k"])
    with pytest.raises(SignatureError, match="5 minutes off"):
        REQUEST.verify(given, delivery(b"x", x_hookline_signature=signature(b"x", "k", int(NOW) + off)), ["k"])
    with pytest.raises(SignatureError):
        REQUEST.verify(given, delivery(b"x", authorization="Bearer k"), ["k"])


def test_a_signature_is_the_documented_digest() -> None:
    digest = "d36d6ce71da26cb3ead69e45b2a02790c45c5d2a1513de8b1c72748922dd8747"
    assert signature(b'{"n":1}', "secret", 1_700_000_000) == f"t=1700000000,v1={digest}"


def test_repeats_are_known_by_the_senders_key_or_by_the_signature() -> None:
    signed: JsonObject = {"auth": "signature"}
    assert REQUEST.dedupe_key({}, delivery(b"{}")) is None
    assert REQUEST.dedupe_key({}, delivery(b"{}", idempotency_key=" order-7 ")) == "key:order-7"
    assert REQUEST.dedupe_key(signed, delivery(b"{}", idempotency_key="order-7")) == "key:order-7"
    assert REQUEST.dedupe_key(signed, delivery(b"{}", x_hookline_signature="t=1,v1=a")) == "signed:t=1,v1=a"
    with pytest.raises(DeliveryRefused, match="200 characters"):
        REQUEST.dedupe_key({}, delivery(idempotency_key="k" * 201))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "GET", "body": {"type": "object"}}, "a GET has no body"),
        ({"method": "GET", "auth": "signature"}, "a GET has no body to sign"),
        ({"body": {"type": "objekt"}}, "body.type does not have the form"),
        ({"body": {"pattern": "x"}}, "body.pattern is not a keyword that is understood here"),
        ({"headers": ["Authorization"]}, "no flow gets to see"),
        ({"headers": ["X-Hookline-Token"]}, "no flow gets to see"),
        ({"headers": ["a b"]}, "is no name of a header"),
        ({"respond": {"timeout": "2m"}}, "at most 1m"),
        ({"respond": {"timeout": "0s"}}, "more than zero"),
        ({"respond": {"timeout": "10"}}, "such as 10s"),
        ({"method": "DELETE"}, "POST"),
    ],
)
def test_wrong_parameters_are_refused_in_words(given: JsonObject, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        RequestTrigger.model_validate(given)
    assert words in str(refused.value)


@pytest.mark.parametrize(("text", "ms"), [("10s", 10_000), ("500ms", 500), ("1m", 60_000)])
def test_the_time_to_wait_is_a_duration(text: str, ms: int) -> None:
    assert REQUEST.respond_within({"respond": {"timeout": text}}) == ms
    assert REQUEST.respond_within({"respond": {}}) == 10_000
    assert REQUEST.respond_within({}) is None


def test_the_declared_body_is_the_type_of_the_payload() -> None:
    properties = REQUEST.delivery_schema({"body": SCHEMA})["properties"]
    assert isinstance(properties, dict)
    assert properties["payload"] == SCHEMA
    nothing = REQUEST.delivery_schema({"method": "GET"})["properties"]
    assert isinstance(nothing, dict)
    assert nothing["payload"] == {"type": "null"}


# http.respond


class Silent:
    """Implements ``Local``."""

    def log(self, level: LogLevel, message: str, fields: JsonObject) -> None:
        raise AssertionError("nothing is logged")


def sent(given: JsonObject) -> tuple[int, dict[str, str], bytes]:
    answer = reply(respond(Silent(), Respond.model_validate(given)).to_json())
    return answer.status, dict(answer.headers), answer.body


def test_an_answer_is_json_text_or_nothing() -> None:
    safe = {"X-Content-Type-Options": "nosniff"}
    assert sent({}) == (200, safe, b"")
    assert sent({"status": 201, "json": {"a": "é"}}) == (
        201,
        {"Content-Type": "application/json", **safe},
        '{"a":"é"}'.encode(),
    )
    assert sent({"text": "hi", "headers": {"X-A": "1"}}) == (
        200,
        {"Content-Type": "text/plain; charset=utf-8", "X-A": "1", **safe},
        b"hi",
    )
    assert sent({"text": "<a/>", "headers": {"content-type": "text/xml"}})[1] == {"content-type": "text/xml", **safe}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"status": 100}, "200"),
        ({"json": 1, "text": "a"}, "one body"),
        ({"status": 204, "text": "a"}, "has no body"),
        ({"headers": {"Set-Cookie": "a=b"}}, "Set-Cookie"),
        ({"headers": {"Content-Length": "7"}}, "frames the request"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "one line"),
    ],
)
def test_an_answer_that_cannot_be_sent_is_refused(given: JsonObject, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Respond.model_validate(given)
    assert words in str(refused.value)
