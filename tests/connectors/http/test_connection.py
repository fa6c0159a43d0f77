"""Connections of the HTTP connector: credentials, the test call, the budget, and what is safe to repeat."""

from __future__ import annotations

from base64 import b64encode

import pytest
from pydantic import ValidationError

from connectors.http import http
from connectors.http.connection import HttpSecrets, HttpSettings
from engine.sdk import Json, JsonObject, Kind, ServiceError
from tests.connectors.http.asking import BASE, ask, service

KEY = "00000000-0000-5000-8000-000000000000"


@pytest.mark.parametrize(
    ("auth", "secrets", "headers"),
    [
        ({}, {}, {}),
        ({"auth": "bearer"}, {"token": "t-1"}, {"Authorization": "Bearer t-1"}),
        (
            {"auth": "basic"},
            {"user": "ann", "password": "p:é"},
            {"Authorization": "Basic " + b64encode("ann:p:é".encode()).decode()},
        ),
        ({"auth": "header"}, {"value": "k-1"}, {"X-Api-Key": "k-1"}),
        ({"auth": "header", "auth_header": "Authorization"}, {"value": "Token k-1"}, {"Authorization": "Token k-1"}),
    ],
)
def test_each_kind_of_auth_has_its_header(auth: JsonObject, secrets: dict[str, str], headers: JsonObject) -> None:
    settings = HttpSettings.model_validate({"base_url": BASE, **auth}).model_dump(mode="json")
    assert http.connection.secrets_for is not None
    assert set(http.connection.secrets_for(settings)) == set(secrets)
    assert http.connection.authorize(settings, secrets) == headers


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"base_url": "crm.example"},
        {"base_url": "ftp://crm.example"},
        {"base_url": "https://ann:pw@crm.example"},
        {"base_url": "https://crm.example?x=1"},
        {"base_url": "https://crm.example/a b"},
        {"base_url": BASE, "auth": "digest"},
        {"base_url": BASE, "auth_header": "Host"},
        {"base_url": BASE, "idempotency_header": "X A"},
        {"base_url": BASE, "headers": {"Authorization": "x"}},
        {"base_url": BASE, "calls": 0},
        {"base_url": BASE, "token": "x"},
    ],
)
def test_settings_that_cannot_work_are_refused(given: JsonObject) -> None:
    with pytest.raises(ValidationError):
        HttpSettings.model_validate(given)


@pytest.mark.parametrize("secrets", [{"token": "a\nb"}, {"token": " "}, {"user": "a:b"}, {"password": "a\x00"}])
def test_a_secret_that_could_add_a_header_is_refused_without_showing_it(secrets: JsonObject) -> None:
    with pytest.raises(ValidationError) as refused:
        HttpSecrets.model_validate(secrets)
    assert all(str(value) not in str(refused.value) for value in secrets.values() if str(value).strip())


def test_the_base_url_loses_its_slash() -> None:
    assert http.connection.base_url({"base_url": f"{BASE}/"}) == BASE


@pytest.mark.parametrize("status", [200, 204, 301, 404, 405, 422])
def test_any_answer_shows_that_the_service_is_reached(status: int) -> None:
    assert http.connection.test(service().answer("GET", "/", status=status)) == {"status": status}


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Kind.AUTH), (403, Kind.PERMISSION), (429, Kind.THROTTLED), (503, Kind.SERVER)]
)
def test_a_refusal_of_the_credentials_or_a_broken_service_fails_the_test(status: int, kind: Kind) -> None:
    with pytest.raises(ServiceError) as refused:
        http.connection.test(service().answer("GET", "/", status=status))
    assert refused.value.kind is kind


def test_the_budget_is_ten_calls_a_second_unless_the_connection_says_otherwise() -> None:
    assert str(http.budget_of({"base_url": BASE})) == "10/1s" == str(http.budget)
    assert str(http.budget_of({"base_url": BASE, "calls": 100, "per_seconds": 60})) == "100/60s"


@pytest.mark.parametrize(
    ("method", "settings", "safe"),
    [
        ("GET", {}, True),
        ("HEAD", {}, True),
        ("PUT", {}, True),
        ("DELETE", {}, True),
        ("POST", {}, False),
        ("PATCH", {}, False),
        ("POST", {"idempotency_header": "Idempotency-Key"}, True),
        ("PATCH", {"idempotency_header": "Idempotency-Key"}, True),
    ],
)
def test_the_method_decides_what_is_safe_to_repeat_and_a_key_makes_it_so(
    method: str, settings: JsonObject, safe: bool
) -> None:
    action = http.actions["request"]
    given = action.given.model_validate({"method": method, "path": "/"})
    assert action.may_repeat({"base_url": BASE, **settings}, given) is safe
    assert not action.safe_to_repeat


@pytest.mark.parametrize(("method", "key"), [("POST", KEY), ("PATCH", KEY), ("PUT", None), ("GET", None)])
def test_writes_carry_the_key(method: str, key: str | None) -> None:
    crm = service(idempotency_header="Idempotency-Key").answer(method, "/a")
    ask(crm, {"method": method, "path": "/a"})
    assert crm.calls[0].headers.get("Idempotency-Key") == key


def test_a_key_of_the_flows_own_stands() -> None:
    crm = service(idempotency_header="Idempotency-Key").answer("POST", "/a")
    given: dict[str, Json] = {"method": "POST", "path": "/a", "headers": {"idempotency-key": "booking-7"}}
    ask(crm, given)
    assert crm.calls[0].headers == {"Accept": "*/*", "idempotency-key": "booking-7"}
