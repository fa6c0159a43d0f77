"""The connection's HTTP client as a connector sees it. Owns the protocol and the response value; the engine implements them.

A connector never writes authentication, permits, retries, deadlines, size caps, address checks or redaction: the client has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine import strictjson
from engine.sdk.errors import Kind, ServiceError
from engine.strictjson import Json, JsonObject

Params = Mapping[str, "str | int | bool | None"]


@dataclass(frozen=True, kw_only=True)
class Response:
    """One complete answer. ``headers`` has lower-case names; ``body`` is decompressed and capped."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Json:
        """The body as strict JSON. Raises ServiceError(INVALID) when it is not."""
        try:
            return strictjson.parse(self.body)
        except strictjson.NotJson as error:
            raise ServiceError(
                Kind.INVALID,
                f"the service answered {self.status} with a body that is not JSON: {error}",
                status=self.status,
            ) from None

    def json_object(self) -> JsonObject:
        """The body as a JSON object. Raises ServiceError(INVALID) when it is not one."""
        value = self.json()
        if not isinstance(value, Mapping):
            raise ServiceError(
                Kind.INVALID, f"the service answered {self.status} with JSON that is not an object", status=self.status
            )
        return value


class Http(Protocol):
    """The client of one connection.

    ``path`` starts with ``/`` and is joined to the connection's base URL (an absolute URL is taken only below that base).
    ``params`` whose value is None are left out; booleans are sent as ``true``/``false``; everything is percent-encoded.
    Every method returns a 2xx Response or raises ServiceError as the connector's error mapping says.
    """

    @property
    def settings(self) -> JsonObject:
        """The connection's settings, validated by the connector's settings model."""

    @property
    def facts(self) -> JsonObject:
        """What the connection's test learnt about the account (for Calendly: user and organization)."""

    def get(self, path: str, *, params: Params | None = None) -> Response: ...

    def post(self, path: str, *, json: Json = None, params: Params | None = None) -> Response: ...

    def delete(self, path: str, *, params: Params | None = None) -> Response: ...
