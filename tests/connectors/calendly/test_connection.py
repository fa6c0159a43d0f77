"""A connection's settings and token are checked where they are typed, and its test learns whose account it is."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from connectors.calendly import calendly
from connectors.calendly.connection import CalendlySecrets, CalendlySettings, base_url
from engine.sdk import Json, Kind, ServiceError
from engine.sdk.testing import FakeHttp
from tests.connectors.calendly.simulated import BASE, Simulated


def test_without_settings_calls_go_to_calendly_for_the_whole_organization() -> None:
    settings = CalendlySettings()
    assert (settings.base_url, settings.scope) == ("https://api.calendly.com", "organization")


def test_a_slash_at_the_end_of_the_address_is_taken_off() -> None:
    assert base_url({"base_url": "http://127.0.0.1:8481//"}) == "http://127.0.0.1:8481"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.calendly.com",
        "ftp://api.calendly.com",
        "https://",
        "https://me@api.calendly.com",
        "https://@x.example",
        "https://api.calendly.com?x=1",
        "https://api.calendly.com#x",
        "file:///etc/hosts",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="must be an address like"):
        CalendlySettings(base_url=address)


@pytest.mark.parametrize("scope", ["group", "Organization", ""])
def test_there_are_two_scopes(scope: str) -> None:
    with pytest.raises(ValidationError):
        CalendlySettings.model_validate({"scope": scope})


def test_a_token_is_taken_without_the_spaces_around_it() -> None:
    assert CalendlySecrets(token=SecretStr(" abc.def \n")).token.get_secret_value() == "abc.def"


@pytest.mark.parametrize("token", ["", "   ", "two words", "line\nbreak", "tab\there", "naïve", "nul\x00"])
def test_a_token_that_cannot_be_a_header_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CalendlySecrets(token=SecretStr(token))
    assert "one word" in str(refused.value)
    assert not token.strip() or token not in str(refused.value)


def test_the_token_goes_out_as_a_bearer() -> None:
    headers = calendly.connection.authorize({}, {"token": "abc"})
    assert headers == {"Authorization": "Bearer abc", "X-Calendly-Consumer-Application": "hookline"}


def test_the_test_learns_user_and_organization(simulated: Simulated) -> None:
    facts = calendly.connection.test(simulated)
    assert str(facts["user"]).startswith(f"{BASE}/users/")
    assert str(facts["organization"]).startswith(f"{BASE}/organizations/")
    assert (facts["name"], facts["email"], facts["timezone"]) == ("Robin Vale", "robin@hosts.example", "Europe/Rome")


@pytest.mark.parametrize(
    "body", [{}, {"resource": None}, {"resource": {"uri": "u"}}, {"resource": {"current_organization": "o"}}]
)
def test_an_answer_that_names_nobody_fails_the_test(body: Json) -> None:
    http = FakeHttp(calendly).answer("GET", "/users/me", json=body)
    with pytest.raises(ServiceError, match="base_url"):
        calendly.connection.test(http)


@pytest.mark.parametrize(
    ("token", "words"), [("invalid", "is invalid"), ("expired", "expired"), ("revoked", "was revoked")]
)
def test_a_token_that_calendly_refuses_says_which_command_mends_it(
    simulated: Simulated, token: str, words: str
) -> None:
    simulated.control("mode", token=token)
    with pytest.raises(ServiceError, match=words) as refused:
        calendly.connection.test(simulated)
    assert refused.value.kind is Kind.AUTH
    assert "hookline connection add NAME calendly`" in (refused.value.remedy or "")


def test_another_token_is_refused(simulated: Simulated) -> None:
    simulated.token = "somebody-elses"
    with pytest.raises(ServiceError) as refused:
        calendly.connection.test(simulated)
    assert refused.value.kind is Kind.AUTH


def test_the_budget_is_the_one_of_the_reference() -> None:
    assert str(calendly.budget) == "100/60s"
    assert not calendly.connection.shareable
