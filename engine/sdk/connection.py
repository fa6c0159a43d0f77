"""What a connector says about its connections. Owns the declaration; storing and sealing them is the journal's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from engine.sdk.errors import ServiceError
from engine.sdk.http import Http, Response
from engine.strictjson import JsonObject


class Settings(BaseModel):
    """Public settings of a connection. Every field needs a default or is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secrets(BaseModel):
    """Secrets of a connection: every field is a pydantic SecretStr, is asked for without echo, and is stored sealed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


SettingsT = TypeVar("SettingsT", bound=Settings)
SecretsT = TypeVar("SecretsT", bound=Secrets)


@dataclass(frozen=True, kw_only=True)
class ConnectionType:
    """How a connector's connections look and behave.

    ``settings`` / ``secrets``: the models. ``base_url(settings)``: where calls go. ``authorize(secrets)``: the headers that
    carry the credentials. ``test(http)``: calls the service once and returns facts about the account, kept with the connection
    and given to every later call as ``http.facts``. ``errors(response)``: the ServiceError for an answer that is not 2xx.
    """

    settings: type[Settings]
    secrets: type[Secrets]
    base_url: Callable[[JsonObject], str]
    authorize: Callable[[Mapping[str, str]], Mapping[str, str]]
    test: Callable[[Http], JsonObject]
    errors: Callable[[Response], ServiceError]
    shareable: bool = False
