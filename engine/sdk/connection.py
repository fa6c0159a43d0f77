"""What a connector says about its connections. Owns the declaration; storing and sealing them is the journal's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.errors import UsageError
from engine.sdk.budget import Budget
from engine.sdk.errors import ServiceError
from engine.sdk.http import Http, Response
from engine.strictjson import JsonObject


class Settings(BaseModel):
    """Public settings of a connection. Every field needs a default or is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secrets(BaseModel):
    """Secrets of a connection: every field is a pydantic SecretStr, is asked for without echo, and is stored sealed.

    A secret that only some settings call for has the default None; ``ConnectionType.secrets_for`` says when it is needed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


SettingsT = TypeVar("SettingsT", bound=Settings)
SecretsT = TypeVar("SecretsT", bound=Secrets)


@dataclass(frozen=True, kw_only=True)
class ConnectionType:
    """How a connector's connections look and behave.

    ``settings`` / ``secrets``: the models. ``base_url(settings)``: where calls go. ``authorize(settings, secrets)``: the headers
    that carry the credentials. ``test(http)``: calls the service once and returns facts about the account, kept with the connection
    and given to every later call as ``http.facts``. ``errors(response)``: the ServiceError for an answer that was not expected.
    ``secrets_for(settings)``: names of the secrets that a connection with these settings has, no others (default: as the model says).
    ``budget(settings)``: this connection's own budget (default: the connector's).
    """

    settings: type[Settings]
    secrets: type[Secrets]
    base_url: Callable[[JsonObject], str]
    authorize: Callable[[JsonObject, Mapping[str, str]], Mapping[str, str]]
    test: Callable[[Http], JsonObject]
    errors: Callable[[Response], ServiceError]
    secrets_for: Callable[[JsonObject], Collection[str]] | None = None
    budget: Callable[[JsonObject], Budget] | None = None
    shareable: bool = False


def _not_there(*_: object) -> NoReturn:
    raise UsageError("this connector calls no service and has no connections", remedy="Leave the connection out.")


NO_CONNECTION = ConnectionType(
    settings=Settings, secrets=Secrets, base_url=_not_there, authorize=_not_there, test=_not_there, errors=_not_there
)
"""Of a connector that calls no service: its actions are local, and flows name no connection for them."""
