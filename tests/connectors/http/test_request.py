"""``http.request``: what is sent for what an author writes, and what an answer becomes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.http.models import Request
from engine.sdk import JsonObject, Kind, ServiceError
from tests.connectors.http.asking import ask, service


def refusal(given: JsonObject) -> str:
    with pytest.raises(ValidationError) as refused:
        Request.model_validate(given)
    return str(refused.value)


# What is sent


def test_json_goes_out_with_query_and_headers() -> None:
    crm = service().answer("POST", "/notes", status=201, json={"id": "n-1"})
    given: JsonObject = {
        "method": "POST",
        "path": "/notes",
        "query": {"notify": True, "tag": ["a", "b"], "none": None},
        "headers": {"X-Trace": 7},
        "json": {"text": "Hello"},
    }
    assert ask(crm, given).to_json() == {"status": 201, "headers": {}, "json": None, "text": '{"id":"n-1"}'}
    [call] = crm.calls
    assert (call.method, call.path, call.json) == ("POST", "/notes", {"text": "Hello"})
    assert call.params == {"notify": True, "tag": ["a", "b"]}
    assert call.headers == {"Accept": "*/*", "X-Trace": "7"}


def test_a_form_and_a_text_go_out_as_they_are() -> None:
    crm = service().answer("POST", "/form").answer("PUT", "/text")
    ask(crm, {"method": "POST", "path": "/form", "form": {"name": "Ann", "age": 7}})
    ask(crm, {"method": "PUT", "path": "/text", "text": "a,b\n", "headers": {"Content-Type": "text/csv"}})
    assert [(call.form, call.text, call.json) for call in crm.calls] == [
        ({"name": "Ann", "age": 7}, None, None),
        (None, "a,b\n", None),
    ]
    assert crm.calls[1].headers["Content-Type"] == "text/csv"


def test_the_connections_headers_are_sent_under_the_flows_own() -> None:
    crm = service(headers={"X-Tenant": "acme", "accept": "application/json"}).answer("GET", "/a")
    ask(crm, {"path": "/a", "headers": {"x-tenant": "other"}})
    assert crm.calls[0].headers == {"accept": "application/json", "x-tenant": "other"}


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/contacts/ann@guests.example", "/contacts/ann@guests.example"),
        ("/a b/é", "/a%20b/%C3%A9"),
        ("/a%20b%2Fc", "/a%20b%2Fc"),
        ("/100%", "/100%25"),
        ('/"x"', "/%22x%22"),
        ("/", "/"),
    ],
)
def test_a_path_is_encoded_once(path: str, sent: str) -> None:
    assert Request(path=path).path == sent
    assert Request(path=sent).path == sent


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("notes", "must begin with /"),
        ("https://elsewhere.example/", "must begin with /"),
        ("/notes?id=1", "give the query as query"),
        ("/notes#1", "urlencode"),
        ("/a\\b", "urlencode"),
        ("/a/../admin", "lead out of the base_url"),
        ("/a/%2e%2e/admin", "lead out of the base_url"),
        ("/a/%2E./admin", "lead out of the base_url"),
        ("/" + "x" * 5_000, "at most 4000"),
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str, words: str) -> None:
    assert words in refusal({"path": path})


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Host": "x"}, "frames the request"),
        ({"content-length": "1"}, "frames the request"),
        ({"Transfer-Encoding": "chunked"}, "frames the request"),
        ({"Authorization": "Bearer x"}, "setting auth"),
        ({"cookie": "a=b"}, "setting auth"),
        ({"X A": "x"}, "no name of a header"),
        ({"X-A": "a\r\nX-B: b"}, "one line of printable ASCII"),
        ({"X-A": "é"}, "one line of printable ASCII"),
        ({"X-A": "1", "x-a": "2"}, "twice"),
    ],
)
def test_a_header_that_is_not_the_flows_to_set_is_refused(headers: JsonObject, words: str) -> None:
    assert words in refusal({"path": "/", "headers": headers})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "POST", "json": {}, "form": {}}, "json and form"),
        ({"method": "GET", "json": {}}, "a GET has no body; give json as query"),
        ({"method": "get"}, "'GET', 'HEAD'"),
        ({"expect": []}, "at least 1 item"),
        ({"expect": [100]}, "100 is no status"),
        ({"expect": [200, 429]}, "429 is never an answer"),
        ({"response": {"typ": "object"}}, "response.typ is not a keyword"),
        ({"body": {}}, "Extra inputs are not permitted"),
    ],
)
def test_an_input_that_contradicts_itself_is_refused(given: JsonObject, words: str) -> None:
    assert words in refusal({"path": "/", **given})


# What an answer becomes


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/problem+json"])
def test_json_is_read(kind: str) -> None:
    crm = service().answer("GET", "/a", json={"n": [1, None]}, headers={"Content-Type": kind, "Set-Cookie": "s=1"})
    assert ask(crm, {"path": "/a"}).to_json() == {
        "status": 200,
        "headers": {"content-type": kind},
        "json": {"n": [1, None]},
        "text": "",
    }


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain", "Grüße".encode(), "Grüße"),
        ("text/html; charset=ISO-8859-1", "Grüße".encode("latin-1"), "Grüße"),
        ("text/plain", b"\xff", "\ufffd"),
        ("application/json", b"{broken", "{broken"),
        ("application/json", b"", ""),
        ("application/octet-stream", b"\x00\x01", ""),
        ("image/svg+xml", b"<svg/>", "<svg/>"),
    ],
)
def test_other_answers_are_text_or_nothing(kind: str, body: bytes, text: str) -> None:
    answer = ask(service().answer("GET", "/a", body=body, headers={"Content-Type": kind}), {"path": "/a"})
    assert (answer.json_value, answer.text) == (None, text)


def test_an_expected_refusal_is_an_output() -> None:
    crm = service().answer("GET", "/contacts/7", status=404, body=b"gone")
    answer = ask(crm, {"path": "/contacts/7", "expect": [200, 404]})
    assert (answer.status, answer.text) == (404, "gone")


def test_an_answer_that_is_not_expected_is_an_error_although_it_is_2xx() -> None:
    with pytest.raises(ServiceError) as refused:
        ask(service().answer("POST", "/a", status=202), {"method": "POST", "path": "/a", "expect": [201]})
    assert (refused.value.kind, refused.value.status) == (Kind.INVALID, 202)
    assert refused.value.message == "POST /a answered 202"
    assert refused.value.remedy == "list the status under expect"


SCHEMA: JsonObject = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def test_an_answer_that_fits_the_schema_is_read_although_it_does_not_call_itself_json() -> None:
    crm = service().answer("GET", "/a", json={"id": "x"}, headers={"Content-Type": "text/plain"})
    assert ask(crm, {"path": "/a", "response": SCHEMA}).json_value == {"id": "x"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"id": 7}', "GET /a answered 200, but the answer.id is not string"),
        (b"<p>", "GET /a the service answered 200 with a body that is not JSON"),
    ],
)
def test_an_answer_that_does_not_fit_is_invalid(body: bytes, words: str) -> None:
    with pytest.raises(ServiceError) as refused:
        ask(service().answer("GET", "/a", body=body), {"path": "/a", "response": SCHEMA})
    assert refused.value.kind is Kind.INVALID
    assert refused.value.message.startswith(words)


def test_the_schema_is_not_held_against_an_expected_refusal() -> None:
    crm = service().answer("GET", "/a", status=404, body=b"none")
    assert ask(crm, {"path": "/a", "expect": [200, 404], "response": SCHEMA}).status == 404


def test_a_call_without_an_answer_names_what_was_asked() -> None:
    crm = service().fail("POST", "/a", ServiceError(Kind.UNKNOWN_OUTCOME, "crm.example gave no complete answer: cut"))
    with pytest.raises(ServiceError) as lost:
        ask(crm, {"method": "POST", "path": "/a"})
    assert lost.value.kind is Kind.UNKNOWN_OUTCOME
    assert lost.value.message == "POST /a crm.example gave no complete answer: cut"
