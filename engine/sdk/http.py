"""The connection's HTTP client as a connector sees it. Owns the protocol and the response value; the engine implements them.

A connector never writes authentication, permits, retries, deadlines, size caps, address checks or redaction: the client has them.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from engine import strictjson
from engine.sdk.errors import Kind, ServiceError
from engine.strictjson import Json, JsonObject

Param: TypeAlias = "str | int | float | bool"
Params: TypeAlias = "Mapping[str, Param | Sequence[Param] | None]"
"""Names and values of a query or a form. A list is sent as the same name several times."""


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
    Every method returns a 2xx Response or raises ServiceError as the connector's error mapping says; what ``request`` takes as an
    answer is whatever ``expect`` holds, if it is given. A 429 is never an answer: the connection waits, and the attempt with it.
    """

    @property
    def settings(self) -> JsonObject:
        """The connection's settings, validated by the connector's settings model."""

    @property
    def facts(self) -> JsonObject:
        """What the connection's test learnt about the account (for Calendly: user and organization)."""

    @property
    def idempotency_key(self) -> str:
        """Made from the run and the step, and equal for every attempt of it: for services that take one with a write."""

    def get(self, path: str, *, params: Params | None = None) -> Response: ...

    def post(self, path: str, *, json: Json = None, params: Params | None = None) -> Response: ...

    def delete(self, path: str, *, params: Params | None = None) -> Response: ...

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Json = None,
        form: Params | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Container[int] | None = None,
    ) -> Response:
        """Any other request. At most one of ``json``, ``form`` and ``text`` is its body, and gives it its Content-Type.

        ``headers`` replace the client's own (Accept, Content-Type) and never the credentials: that is ServiceError(INVALID).
        """
