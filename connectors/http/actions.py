"""``http.request``. Owns one call of any service: what is sent, what an answer becomes, and which calls are safe to repeat."""

from __future__ import annotations

from typing import cast

from connectors.http.answer_schema import problem
from connectors.http.answers import says_json, text_of
from connectors.http.connection import default_headers, settings_of
from connectors.http.headers import merged
from connectors.http.models import Answer, Request, schema_of
from engine.sdk import Connector, Http, Json, JsonObject, Kind, Response, ServiceError

# RFC 9110, section 9.2: what these do a second time has been done the first time.
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})

LONGEST_PATH = 200
"""Characters of a path that a message shows."""


def request(http: Http, given: Request) -> Answer:
    """One request; an answer with a status that was not expected is an error with method, path, status and the answer's beginning."""
    try:
        response = http.request(
            given.method,
            given.path,
            params=given.query,
            json=cast(Json, given.json_body),
            form=given.form,
            text=given.text,
            headers=_headers(http, given),
            expect=given.expect,
        )
        return _answer(response, schema_of(given))
    except ServiceError as error:
        raise _named(error, given) from None


def may_repeat(settings: JsonObject, given: Request) -> bool:
    """A POST or PATCH may be repeated only when the service is given a key by which it knows the repetition."""
    return given.method in REPEATABLE or settings_of(settings).idempotency_header is not None


def _headers(http: Http, given: Request) -> dict[str, str]:
    keyed = settings_of(http.settings).idempotency_header
    key = {keyed: http.idempotency_key} if keyed is not None and given.method not in REPEATABLE else {}
    return merged(default_headers(http), key, given.headers)


def _answer(response: Response, schema: JsonObject | None) -> Answer:
    fits = schema if response.ok else None
    value, is_json = _json(response, required=fits is not None)
    wrong = problem(fits, value) if fits is not None else None
    if wrong is not None:
        raise ServiceError(Kind.INVALID, f"answered {response.status}, but {wrong}", status=response.status)
    return Answer.model_validate(
        {
            "status": response.status,
            "headers": {name: text for name, text in response.headers.items() if name != "set-cookie"},
            "json": value,
            "text": "" if is_json else text_of(response) or "",
        }
    )


def _json(response: Response, *, required: bool) -> tuple[Json, bool]:
    """The body as JSON, and whether it is. Raises ServiceError(INVALID) when it has to be and is not."""
    if not (required or says_json(response)):
        return None, False
    try:
        return response.json(), True
    except ServiceError:
        if required:
            raise
        return None, False


def _named(error: ServiceError, given: Request) -> ServiceError:
    path = given.path if len(given.path) <= LONGEST_PATH else f"{given.path[:LONGEST_PATH]}…"
    return ServiceError(
        error.kind,
        f"{given.method} {path} {error.message}",
        status=error.status,
        retry_after=error.retry_after,
        remedy=error.remedy,
    )


def register(connector: Connector) -> None:
    """Add the action to the connector."""
    connector.action(effect="write", repeatable=may_repeat)(request)
