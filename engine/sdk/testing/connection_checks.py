"""What is asked of a connector as a whole: its name, budget, connection, error mapping, samples and simulator. Owns these checks."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Sequence
from types import UnionType
from typing import cast

from pydantic import SecretStr, ValidationError

from engine.sdk.connector import Connector, LocalAction
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Response
from engine.sdk.testing.model_checks import check_name
from engine.strictjson import JsonObject

_KINDS = {401: Kind.AUTH, 404: Kind.NOT_FOUND, 429: Kind.THROTTLED, 500: Kind.SERVER, 503: Kind.SERVER}
_BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"message": {"deep": [1, 2]}, "title": 7, "details": "none"}',
    b"<html>" + b"x" * 200_000,
    b"[" * 5_000,
)


def names_are_plain(connector: Connector) -> None:
    check_name(connector.name)
    assert connector.title.strip(), "the connector needs a title"
    for name in (*connector.actions, *connector.triggers):
        check_name(name)


def it_can_do_something(connector: Connector) -> None:
    assert connector.actions or connector.triggers, "a connector needs an action or a trigger"


def budget_is_declared(connector: Connector) -> None:
    assert connector.budget.windows, "the budget needs a window, such as Window(limit=100, seconds=60)"


def secrets_are_secret(connector: Connector) -> None:
    for name, info in connector.connection.secrets.model_fields.items():
        kinds = set(_types_in(info.annotation)) - {type(None)}
        assert kinds == {SecretStr}, f"the secret {name} must be a pydantic SecretStr, so that it prints as stars"


def settings_and_secrets_are_described(connector: Connector) -> None:
    connection = connector.connection
    for model in (connection.settings, connection.secrets):
        assert model.model_config.get("extra") == "forbid", f"{model.__name__} must derive from Settings or Secrets"
        for name, info in model.model_fields.items():
            assert info.description, (
                f"{model.__name__}.{name} has no description: it is what `connection add` asks with"
            )


def secrets_for_every_setting_are_known(connector: Connector, given: JsonObject) -> None:
    connection = connector.connection
    if connection.secrets_for is None:
        return
    needed = set(connection.secrets_for(_settings(connector, given)))
    unknown = sorted(needed - set(connection.secrets.model_fields))
    assert not unknown, f"secrets_for names {unknown}, which {connection.secrets.__name__} does not have"
    required = {name for name, info in connection.secrets.model_fields.items() if info.is_required()}
    assert required <= needed, f"{sorted(required - needed)} is always required: give it the default None"


def headers_carry_the_secrets_as_they_are(connector: Connector, given: JsonObject) -> None:
    connection, settings = connector.connection, _settings(connector, given)
    names = connection.secrets.model_fields if connection.secrets_for is None else connection.secrets_for(settings)
    headers = connection.authorize(settings, {name: f"canary-{name}" for name in names})
    for name, value in headers.items():
        assert "\n" not in f"{name}{value}", f"the header {name} must be one line"


def a_connections_own_budget_has_a_window(connector: Connector, given: JsonObject) -> None:
    if connector.connection.budget is not None:
        assert connector.budget_of(_settings(connector, given)).windows, "budget(settings) must give a window"


def base_url_has_no_slash_at_the_end(connector: Connector, given: JsonObject) -> None:
    url = connector.connection.base_url(_settings(connector, given))
    assert url.startswith(("https://", "http://")), f"the base URL must be https:// or http://, not {url!r}"
    assert not url.endswith("/"), f"paths begin with a slash, so that the base URL {url!r} must not end with one"


def every_error_answer_has_a_kind(connector: Connector) -> None:
    for status in (*range(300, 600), 999):
        for body in _BODIES:
            error = _error(connector, Response(status=status, body=body))
            assert error.kind is _KINDS.get(status, error.kind), f"{status} is {error.kind}, expected {_KINDS[status]}"
            assert error.status == status, f"the error of a {status} must carry the status"
            assert len(error.message) <= 2_000, "an error's message must not repeat a whole body"


def only_throttling_says_when_to_return(connector: Connector) -> None:
    for text in ("", "soon", "-1", "NaN", "1e400", "Sun, 06 Nov 2033 08:49:37 GMT", "٣"):
        headers = {"retry-after": text, **_reset(connector, text)}
        for status in (400, 429, 503):
            after = _error(connector, Response(status=status, headers=headers)).retry_after
            assert after is None or (status == 429 and 0 <= after < float("inf")), (
                f"{status} with {headers} must not say to return after {after} seconds"
            )


def samples_are_deliveries(connector: Connector) -> None:
    for name, sample in connector.samples.items():
        fitting = [trigger for trigger in connector.triggers.values() if _fits(trigger.delivery, sample)]
        assert fitting, f"the sample {name} fits the delivery model of no trigger"


def simulator_takes_its_own_secrets(connector: Connector) -> None:
    if connector.simulator is None:
        return
    connector.connection.secrets.model_validate(dict(connector.simulator.secrets))
    assert connector.simulator.controls, "say in `controls` what can be asked of the simulator"


def every_action_is_local(connector: Connector) -> None:
    assert all(isinstance(action, LocalAction) for action in connector.actions.values())
    assert connector.simulator is None, "there is no service to simulate"
    assert not connector.budget.windows, "there is no call to count: leave out the budget"


def _types_in(annotation: object) -> Iterator[object]:
    """The types of a union, each without what Annotated says of it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        yield from _types_in(arguments[0])
    elif origin in (typing.Union, UnionType):
        for argument in arguments:
            yield from _types_in(argument)
    else:
        yield annotation


def _settings(connector: Connector, given: JsonObject) -> JsonObject:
    try:
        settings = connector.connection.settings.model_validate(given)
    except ValidationError as error:
        raise AssertionError(f"call conformance(connector, settings=…) with settings that will do: {error}") from None
    return cast(JsonObject, settings.model_dump(mode="json"))


def _error(connector: Connector, response: Response) -> ServiceError:
    try:
        error: object = connector.connection.errors(response)
    except Exception as raised:
        error = raised
    returned = isinstance(error, ServiceError) and error.__traceback__ is None
    assert returned, (
        f"errors() must return a ServiceError, whatever the body; it gave {error!r} for {response.body[:40]!r}"
    )
    assert isinstance(error, ServiceError)
    return error


def _fits(model: type, sample: object) -> bool:
    try:
        model.model_validate(sample)  # type: ignore[attr-defined]
    except ValidationError:
        return False
    return True


def _reset(connector: Connector, text: str) -> dict[str, str]:
    headers = connector.budget.headers
    return {headers.reset.lower(): text} if headers else {}


CHECKS: Sequence[Callable[[Connector], None]] = (
    names_are_plain,
    it_can_do_something,
    budget_is_declared,
    secrets_are_secret,
    settings_and_secrets_are_described,
    every_error_answer_has_a_kind,
    only_throttling_says_when_to_return,
    samples_are_deliveries,
    simulator_takes_its_own_secrets,
)
CHECKS_WITH_SETTINGS: Sequence[Callable[[Connector, JsonObject], None]] = (
    secrets_for_every_setting_are_known,
    headers_carry_the_secrets_as_they_are,
    a_connections_own_budget_has_a_window,
    base_url_has_no_slash_at_the_end,
)
CHECKS_WITHOUT_CONNECTION: Sequence[Callable[[Connector], None]] = (
    names_are_plain,
    it_can_do_something,
    every_action_is_local,
)
