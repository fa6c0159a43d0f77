"""Connections to Calendly. Owns their settings and secret, how calls are authorized, the test call and the budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from connectors.calendly.errors import service_error
from engine.sdk import (
    Budget,
    ConnectionType,
    Http,
    JsonObject,
    Kind,
    RateHeaders,
    Secrets,
    ServiceError,
    Settings,
    Window,
)

DEFAULT_BASE_URL = "https://api.calendly.com"


def _plain_base_url(text: str) -> str:
    url = text.rstrip("/")
    parts = urlsplit(url)
    plain = (
        parts.scheme in ("https", "http")
        and parts.hostname
        and not parts.username
        and not parts.query
        and not parts.fragment
    )
    if not plain or "@" in parts.netloc:
        raise ValueError(f"must be an address like {DEFAULT_BASE_URL}, without user, query or fragment")
    return url


def _one_word(secret: SecretStr) -> SecretStr:
    token = secret.get_secret_value().strip()
    # It becomes a header: a line break in it would add headers of its own.
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError("must be one word of printable ASCII, as Calendly shows it once when the token is made")
    return SecretStr(token)


class CalendlySettings(Settings):
    """Public settings of a connection to Calendly."""

    base_url: Annotated[str, AfterValidator(_plain_base_url)] = Field(
        default=DEFAULT_BASE_URL, description="Address of Calendly's API; only a simulator needs another."
    )
    scope: Literal["organization", "user"] = Field(
        default="organization",
        description="Whether triggers and event types cover the whole organization (owner or admin) or the token's user only.",
    )


class CalendlySecrets(Secrets):
    """Secrets of a connection to Calendly."""

    model_config = ConfigDict(hide_input_in_errors=True)

    token: Annotated[SecretStr, AfterValidator(_one_word)] = Field(description="Personal access token")


def base_url(settings: JsonObject) -> str:
    """Where calls go, without a slash at the end."""
    return CalendlySettings.model_validate(settings).base_url


def authorize(settings: JsonObject, secrets: Mapping[str, str]) -> Mapping[str, str]:
    """Headers that carry the token; the second tells Calendly's support who is calling."""
    return {"Authorization": f"Bearer {secrets['token']}", "X-Calendly-Consumer-Application": "hookline"}


def current_user(http: Http) -> JsonObject:
    """GET /users/me: URIs of the user and the organization, and the user's name, email and timezone."""
    resource = http.get("/users/me").json_object().get("resource")
    user = resource if isinstance(resource, Mapping) else {}
    facts = {
        "user": user.get("uri"),
        "organization": user.get("current_organization"),
        "name": user.get("name"),
        "email": user.get("email"),
        "timezone": user.get("timezone"),
    }
    if not (isinstance(facts["user"], str) and isinstance(facts["organization"], str)):
        raise ServiceError(
            Kind.INVALID, "GET /users/me did not name the user and the organization; check the connection's base_url"
        )
    return facts


def scope(http: Http) -> Literal["organization", "user"]:
    """The connection's scope."""
    return CalendlySettings.model_validate(http.settings).scope


def fact(http: Http, name: str) -> str:
    """One of the URIs that the connection's test learnt. Raises ServiceError(INVALID) on a connection that was never tested."""
    value = http.facts.get(name)
    if isinstance(value, str) and value:
        return value
    raise ServiceError(
        Kind.INVALID,
        f"the connection does not know its {name} yet",
        remedy="run `hookline connection test NAME`, which asks Calendly for it",
    )


connection = ConnectionType(
    settings=CalendlySettings,
    secrets=CalendlySecrets,
    base_url=base_url,
    authorize=authorize,
    test=current_user,
    errors=service_error,
    shareable=False,
)

# The limit is the one of Calendly's certified connector; the service itself grants 500 calls a minute on paid plans.
budget = Budget(
    windows=(Window(limit=100, seconds=60),),
    headers=RateHeaders(remaining="X-RateLimit-Remaining", reset="X-RateLimit-Reset", limit="X-RateLimit-Limit"),
)
