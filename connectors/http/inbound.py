"""The trigger ``http.request``: an address of one's own that anything may call. Owns its parameters, what arrives, and which bodies it takes.

It has no connection: no account at a service stands behind it, and its address and secret belong to the flow alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias, cast
from urllib.parse import parse_qsl

from pydantic import AfterValidator, Field, model_validator

from connectors.http.answer_schema import check_schema, problem
from connectors.http.headers import CREDENTIALS, header_name
from connectors.http.proofs import SIGNATURE_HEADER, TOKEN_HEADER, verify_signature, verify_token
from connectors.http.respond import reply
from engine.sdk import (
    Connector,
    Delivery,
    DeliveryRefused,
    InboundTrigger,
    Input,
    Json,
    JsonObject,
    NotJson,
    Output,
    Verdict,
    parse_json,
)

HookMethod: TypeAlias = Literal["POST", "PUT", "GET"]
PASSED_ON = ("content-type", "user-agent")
"""Headers that always arrive in the flow, when the sender gives them."""

LONGEST_WAIT_MS = 60_000
_MOST_HEADERS = 20
_LONGEST_KEY = 200
_TIMEOUT = re.compile(r"([0-9]{1,6})(ms|s|m)", re.ASCII)
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000}


def _body_schema(schema: dict[str, object]) -> dict[str, object]:
    check_schema(cast(Json, schema), "body")
    return schema


def _header_names(names: list[str]) -> list[str]:
    for name in names:
        header_name(name)
        if name.lower() in CREDENTIALS | {TOKEN_HEADER, SIGNATURE_HEADER}:
            raise ValueError(f"the header {name} carries credentials, which no flow gets to see")
    return names


def _timeout(text: str) -> str:
    found = _TIMEOUT.fullmatch(text)
    if found is None or not 0 < int(found[1]) * _UNITS[found[2]] <= LONGEST_WAIT_MS:
        raise ValueError("a timeout is more than zero and at most 1m, such as 10s or 500ms")
    return text


class Respond(Input):
    """How the sender is answered by the flow."""

    timeout: Annotated[str, AfterValidator(_timeout)] = Field(
        default="10s", description="How long the sender waits for the run, at most 1m; then it is answered 202."
    )


class RequestTrigger(Input):
    """Which requests start the flow."""

    method: HookMethod = Field(default="POST", description="The method that is taken: POST, PUT or GET.")
    auth: Literal["token", "signature"] = Field(
        default="token", description="How the sender proves that it has the secret: it sends it, or it signs with it."
    )
    headers: Annotated[list[str], AfterValidator(_header_names)] = Field(
        default_factory=list,
        max_length=_MOST_HEADERS,
        description="Headers that the flow gets to see beside content-type and user-agent.",
    )
    body: Annotated[dict[str, object], AfterValidator(_body_schema)] | None = Field(
        default=None, description="JSON Schema that a body must fit; other bodies are refused with 400."
    )
    respond: Respond | None = Field(
        default=None,
        description="Wait for the run, and answer with what its http.respond says; 202 at once if left out.",
    )

    @model_validator(mode="after")
    def _get_has_no_body(self) -> RequestTrigger:
        if self.method == "GET" and self.body is not None:
            raise ValueError("a GET has no body; leave out body, or choose another method")
        if self.method == "GET" and self.auth == "signature":
            raise ValueError("a GET has no body to sign; choose auth: token, or another method")
        return self


class RequestDelivery(Output):
    """A request came."""

    event: str = Field(description="Always http.request.")
    created_at: str = Field(description="When it was received, in UTC.")
    created_by: None = Field(description="Nobody: who it was is not known, only that it had the secret.")
    payload: object = Field(
        description="The body: JSON as it is, the fields of a form as an object of texts, null without a body."
    )
    method: str = Field(description="Method of the request.")
    query: dict[str, str] = Field(description="Query by name; of a repeated name the last one.")
    headers: dict[str, str] = Field(description="Headers that are passed on, names in lower case.")


def _wanted(given: JsonObject) -> RequestTrigger:
    return RequestTrigger.model_validate(given)


def verify(given: JsonObject, delivery: Delivery, keys: Sequence[str]) -> Verdict:
    """Raises SignatureError, and nothing else; no key, no entry."""
    proof = verify_signature if _wanted(given).auth == "signature" else verify_token
    return proof(delivery, keys)


def read(given: JsonObject, delivery: Delivery) -> JsonObject:
    """The event. Raises DeliveryRefused naming the field that does not fit."""
    wanted = _wanted(given)
    if delivery.method != wanted.method:
        raise DeliveryRefused(f"this webhook takes {wanted.method}, not {delivery.method}", status=405)
    body = None if wanted.method == "GET" else _body(delivery)
    wrong = problem(cast(JsonObject, wanted.body), body, "body") if wanted.body is not None else None
    if wrong is not None:
        raise DeliveryRefused(wrong)
    shown = {*PASSED_ON, *(name.lower() for name in wanted.headers)}
    at = datetime.fromtimestamp(delivery.received_at, UTC).isoformat(timespec="milliseconds")
    return {
        "event": "http.request",
        "created_at": at.replace("+00:00", "Z"),
        "created_by": None,
        "payload": body,
        "method": delivery.method,
        "query": {name: values[-1] for name, values in delivery.query.items() if values},
        "headers": {name: value for name, value in delivery.headers.items() if name in shown},
    }


def dedupe_key(given: JsonObject, delivery: Delivery) -> str | None:
    """The sender's Idempotency-Key; else the signature, which is the same only for the same body in the same second; else none."""
    key = delivery.headers.get("idempotency-key", "").strip()
    if len(key) > _LONGEST_KEY:
        raise DeliveryRefused(f"the Idempotency-Key has more than {_LONGEST_KEY} characters")
    if key:
        return f"key:{key}"
    return f"signed:{delivery.headers.get(SIGNATURE_HEADER, '')}" if _wanted(given).auth == "signature" else None


def respond_within(given: JsonObject) -> int | None:
    """Milliseconds for which the sender waits."""
    respond = _wanted(given).respond
    if respond is None:
        return None
    number, unit = _TIMEOUT.fullmatch(respond.timeout).groups()  # type: ignore[union-attr]
    return int(number) * _UNITS[unit]


def schema(given: JsonObject) -> JsonObject:
    """The JSON Schema of what arrives: the model's, with the declared body in the place of ``payload``."""
    wanted = _wanted(given)
    whole = cast("dict[str, Json]", RequestDelivery.model_json_schema())
    properties = dict(cast("Mapping[str, Json]", whole["properties"]))
    if wanted.method == "GET":
        properties["payload"] = {"type": "null"}
    elif wanted.body is not None:
        properties["payload"] = cast(Json, wanted.body)
    return {**whole, "properties": properties}


def _body(delivery: Delivery) -> Json:
    kind = delivery.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not delivery.body:
        return None
    if kind == "application/x-www-form-urlencoded":
        return _form(delivery.body)
    if kind in ("", "application/json", "text/plain") or kind.endswith("+json"):
        try:
            return parse_json(delivery.body)
        except NotJson as error:
            raise DeliveryRefused(f"the body is not JSON: {error}") from None
    raise DeliveryRefused(
        f"a body is application/json or application/x-www-form-urlencoded, not {kind[:100]}", status=415
    )


def _form(body: bytes) -> Json:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=1_000, strict_parsing=True, errors="strict"
        )
    except ValueError:
        raise DeliveryRefused(
            "the body is not a form of at most 1,000 fields in UTF-8; JSON needs the header content-type: application/json"
        ) from None
    return dict(pairs)


request = InboundTrigger(
    name="request",
    summary="Somebody who has the secret calls the flow's own address.",
    given=RequestTrigger,
    delivery=RequestDelivery,
    schema=schema,
    verify=verify,
    read=read,
    dedupe_key=dedupe_key,
    signed=lambda given: _wanted(given).auth == "signature",
    respond_within=respond_within,
    responds="respond",
    reply=reply,
    carries={"http.request": {}},
)


def register(connector: Connector) -> None:
    """Add the trigger to the connector."""
    connector.trigger(request)
