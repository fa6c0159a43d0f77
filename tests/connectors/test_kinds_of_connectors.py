"""Connectors with and without a connection: what can be registered, what the conformance suite finds, what may be repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import Field, SecretStr

from engine.errors import UsageError
from engine.sdk import (
    Budget,
    ConnectionType,
    Connector,
    Http,
    Input,
    JsonObject,
    Kind,
    Local,
    Output,
    Secrets,
    ServiceError,
    Settings,
    Window,
)
from engine.sdk.testing import conformance

BUDGET = Budget(windows=(Window(limit=1, seconds=1),))


class Address(Settings):
    url: str = Field(description="Address")


class Keys(Secrets):
    key: SecretStr | None = Field(default=None, description="Key")


class Given(Input):
    """Do a thing."""

    twice: bool = Field(default=False, description="Whether it may be done twice.")


class Done(Output):
    """Nothing."""


def call(http: Http, given: Given) -> Done:
    return Done()


def act(local: Local, given: Given) -> Done:
    return Done()


def _error(status: int) -> ServiceError:
    kinds = {401: Kind.AUTH, 404: Kind.NOT_FOUND, 429: Kind.THROTTLED}
    return ServiceError(kinds.get(status, Kind.SERVER if status >= 500 else Kind.INVALID), "no", status=status)


CONNECTION = ConnectionType(
    settings=Address,
    secrets=Keys,
    base_url=lambda settings: str(settings["url"]),
    authorize=lambda settings, secrets: {f"X-{name}": value for name, value in secrets.items()},
    test=lambda http: {},
    errors=lambda response: _error(response.status),
    secrets_for=lambda settings: ("key",),
)


def service(connection: ConnectionType = CONNECTION) -> Connector:
    made = Connector(name="things", title="Things", connection=connection, budget=BUDGET)
    made.action(effect="write")(call)
    return made


def failures(made: Connector, settings: JsonObject | None = None) -> dict[str, str]:
    found = {}
    for check in conformance(made, settings=settings):
        try:
            check()
        except AssertionError as error:
            found[check.name.partition(": ")[2]] = str(error)
    return found


SETTINGS: JsonObject = {"url": "https://things.example"}


def test_both_kinds_conform() -> None:
    local = Connector(name="here", title="Here")
    local.local_action(effect="read")(act)
    assert failures(local) == {}
    assert failures(service(), SETTINGS) == {}


def test_settings_without_a_default_have_to_be_given() -> None:
    found = failures(service())
    assert "base url has no slash at the end" in found
    assert all("settings=…" in message for message in found.values())


@pytest.mark.parametrize(
    ("connection", "finding"),
    [
        (replace(CONNECTION, secrets_for=lambda settings: ("kee",)), "secrets for every setting are known"),
        (replace(CONNECTION, budget=lambda settings: Budget(windows=())), "a connections own budget has a window"),
    ],
)
def test_what_depends_on_the_settings_is_looked_at(connection: ConnectionType, finding: str) -> None:
    assert list(failures(service(connection), SETTINGS)) == [finding]


def test_a_budget_without_a_service_is_found() -> None:
    local = Connector(name="here", title="Here", budget=BUDGET)
    local.local_action(effect="read")(act)
    assert list(failures(local)) == ["every action is local"]


def test_an_action_has_to_fit_its_connector() -> None:
    with pytest.raises(ValueError, match="the connector here has no connection, but call works on a connection"):
        Connector(name="here", title="Here").action(effect="read")(call)
    mixed = service()
    mixed.local_action(effect="read", once=True)(act)
    assert {name: action.needs_connection for name, action in mixed.actions.items()} == {"call": True, "act": False}


def test_a_name_is_taken_once() -> None:
    local = Connector(name="here", title="Here")
    local.local_action(effect="read")(act)
    with pytest.raises(ValueError, match="two actions called act"):
        local.local_action(effect="read")(act)


def test_there_is_nothing_to_ask_of_a_connection_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="calls no service"):
        Connector(name="here", title="Here").connection.base_url({})


def test_the_settings_and_the_input_decide_what_may_be_repeated() -> None:
    def repeatable(settings: JsonObject, given: Given) -> bool:
        return given.twice and bool(settings["keyed"])

    made = Connector(name="things", title="Things", connection=CONNECTION, budget=BUDGET)
    made.action(effect="write", repeatable=repeatable)(call)
    action = made.actions["call"]
    assert not action.safe_to_repeat
    assert action.may_repeat({"keyed": True}, Given(twice=True))
    assert not action.may_repeat({"keyed": False}, Given(twice=True))
    assert not action.may_repeat({"keyed": True}, Given())


@pytest.mark.parametrize("effect_and_more", [{"effect": "read"}, {"effect": "write", "idempotent": True}])
def test_saying_twice_what_may_be_repeated_is_found(effect_and_more: JsonObject) -> None:
    made = Connector(name="things", title="Things", connection=CONNECTION, budget=BUDGET)
    made.action(repeatable=lambda settings, given: True, **effect_and_more)(call)  # type: ignore[call-overload]
    assert list(failures(made, SETTINGS)) == ["effect is declared"]


def test_a_keyed_action_may_be_repeated_whatever_it_is_given() -> None:
    made = Connector(name="things", title="Things", connection=CONNECTION, budget=BUDGET)
    made.action(effect="write", key_header="Idempotency-Key")(call)
    action = made.actions["call"]
    assert (action.effect_class, action.safe_to_repeat, action.may_repeat({}, Given())) == ("keyed", True, True)
    assert list(failures(made, SETTINGS)) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"effect": "read", "key_header": "Idempotency-Key"}, "key_header is for writes"),
        ({"key_header": "Idempotency-Key", "idempotent": True}, "leave out idempotent"),
        ({"key_header": "Idempotency-Key", "confirm": lambda http, given: None}, "leave out idempotent"),
        ({"key_header": "Idempotency Key"}, "is no name of a header"),
        ({"key_header": "Key:\r\nX"}, "is no name of a header"),
        ({"key_header": ""}, "is no name of a header"),
        ({"key_header": "authorization"}, "has a meaning of its own"),
        ({"key_header": "Content-Type"}, "has a meaning of its own"),
    ],
)
def test_a_key_header_that_cannot_be_is_refused_when_it_is_declared(more: dict[str, object], why: str) -> None:
    made = Connector(name="things", title="Things", connection=CONNECTION, budget=BUDGET)
    with pytest.raises(ValueError, match=why):
        made.action(**{"effect": "write", **more})(call)  # type: ignore[call-overload]
    assert not made.actions


def test_each_action_has_the_class_of_its_effect() -> None:
    made = Connector(name="things", title="Things", connection=CONNECTION, budget=BUDGET)
    ways: dict[str, dict[str, object]] = {
        "read": {"effect": "read"},
        "idempotent": {"effect": "write", "idempotent": True},
        "keyed": {"effect": "write", "key_header": "Idempotency-Key"},
        "confirm": {"effect": "write", "confirm": lambda http, given: None},
        "uncertain": {"effect": "write"},
    }
    for name, way in ways.items():

        def perform(http: Http, given: Given) -> Done:
            return Done()

        perform.__name__ = name
        made.action(**way)(perform)  # type: ignore[call-overload]
    assert {name: action.effect_class for name, action in made.actions.items()} == {name: name for name in ways}
