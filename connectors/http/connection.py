"""Connections to any HTTP service. Owns their settings and secrets, how calls are authorized, the test call and the budget."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from connectors.http.errors import service_error
from connectors.http.headers import Headers, header_name, merged
from engine.sdk import Budget, ConnectionType, Http, JsonObject, Secrets, Settings, Window

NEEDED: Mapping[str, Collection[str]] = {
    "none": (),
    "bearer": ("token",),
    "basic": ("user", "password"),
    "header": ("value",),
}
"""The secrets by the setting ``auth``."""

REACHED = frozenset(range(200, 500)) - {401, 403, 429}
"""Statuses by which the test takes the service for reached: its base URL need not be a page of its own."""


def _plain_base_url(text: str) -> str:
    url = text.rstrip("/")
    parts = urlsplit(url)
    plain = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc
    if (
        not plain
        or parts.query
        or parts.fragment
        or "\\" in url
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        raise ValueError("must be an address like https://api.example.com/v2, without user, query or fragment")
    return url


def _one_line(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    # It becomes a header: a line break in it would add headers of its own.
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("must be one line of printable ASCII")
    return SecretStr(text)


def _user(secret: SecretStr) -> SecretStr:
    # RFC 7617, section 2: the colon separates user and password.
    if ":" in secret.get_secret_value():
        raise ValueError("a user for auth=basic holds no colon")
    return _printable(secret)


def _printable(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().isprintable():
        raise ValueError("must be one line of printable characters")
    return secret


class HttpSettings(Settings):
    """Public settings of a connection to an HTTP service."""

    base_url: Annotated[str, AfterValidator(_plain_base_url)] = Field(
        description="Address that every path is joined to, such as https://api.example.com/v2."
    )
    auth: Literal["none", "bearer", "basic", "header"] = Field(
        default="none", description="How calls are authorized; it decides which secrets the connection has."
    )
    auth_header: Annotated[str, AfterValidator(header_name)] = Field(
        default="X-Api-Key", description="Name of the header that carries the secret, for auth=header."
    )
    headers: Headers = Field(default_factory=dict, description="Headers of every call, as JSON; no secrets.")
    idempotency_header: Annotated[str, AfterValidator(header_name)] | None = Field(
        default=None,
        description="Name of the header in which the service takes a key by which it knows a repeated POST or PATCH again.",
    )
    calls: int = Field(default=10, ge=1, le=10_000, description="How many calls are made at most in per_seconds.")
    per_seconds: int = Field(default=1, ge=1, le=86_400, description="Length of the window for calls, in seconds.")


class HttpSecrets(Secrets):
    """Secrets of a connection to an HTTP service; the setting auth says which of them there are."""

    model_config = ConfigDict(hide_input_in_errors=True)

    token: Annotated[SecretStr, AfterValidator(_one_line)] | None = Field(
        default=None, description="Token, for auth=bearer"
    )
    user: Annotated[SecretStr, AfterValidator(_user)] | None = Field(default=None, description="User, for auth=basic")
    password: Annotated[SecretStr, AfterValidator(_printable)] | None = Field(
        default=None, description="Password, for auth=basic"
    )
    value: Annotated[SecretStr, AfterValidator(_one_line)] | None = Field(
        default=None, description="Value of the header, for auth=header"
    )


def settings_of(settings: JsonObject) -> HttpSettings:
    """The settings as a value."""
    return HttpSettings.model_validate(settings)


def base_url(settings: JsonObject) -> str:
    """Where calls go, without a slash at the end."""
    return settings_of(settings).base_url


def secrets_for(settings: JsonObject) -> Collection[str]:
    """The secrets that the setting auth calls for."""
    return NEEDED[settings_of(settings).auth]


def authorize(settings: JsonObject, secrets: Mapping[str, str]) -> Mapping[str, str]:
    """The header that carries the credentials; none for auth=none."""
    chosen = settings_of(settings)
    match chosen.auth:
        case "none":
            return {}
        case "bearer":
            return {"Authorization": f"Bearer {secrets['token'].strip()}"}
        case "basic":
            pair = f"{secrets['user']}:{secrets['password']}"
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        case "header":
            return {chosen.auth_header: secrets["value"].strip()}


def reach(http: Http) -> JsonObject:
    """GET the base URL: whatever is answered there shows that the service is reached and takes the credentials, unless it says otherwise."""
    answer = http.request("GET", "/", headers=default_headers(http), expect=REACHED)
    return {"status": answer.status}


def default_headers(http: Http) -> dict[str, str]:
    """The headers of every call."""
    return merged({"Accept": "*/*"}, settings_of(http.settings).headers)


def budget_of(settings: JsonObject) -> Budget:
    """The budget that the connection's settings choose."""
    chosen = settings_of(settings)
    return Budget(windows=(Window(limit=chosen.calls, seconds=chosen.per_seconds),))


budget = Budget(windows=(Window(limit=10, seconds=1),))

connection = ConnectionType(
    settings=HttpSettings,
    secrets=HttpSecrets,
    base_url=base_url,
    authorize=authorize,
    test=reach,
    errors=service_error,
    secrets_for=secrets_for,
    budget=budget_of,
    shareable=False,
)
