"""``http.respond``: the answer to the request that started the run. Owns what may be answered and how it is written out; sending it is the engine's."""

from __future__ import annotations

import json
from typing import Annotated, cast

from pydantic import AfterValidator, Field, model_validator

from connectors.http.headers import Headers
from engine.sdk import Connector, Input, Json, JsonObject, Local, Output, Reply

_WITHOUT_BODY = (204, 205, 304)


def _ours(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if name.lower() == "set-cookie":
            raise ValueError("the header Set-Cookie would set cookies for everything at this address; leave it out")
    return headers


class Respond(Input):
    """Answer the request that started the run."""

    status: int = Field(default=200, ge=200, le=599, description="Status of the answer, 200 to 599.")
    headers: Annotated[Headers, AfterValidator(_ours)] = Field(
        default_factory=dict, description="Headers of the answer; Content-Type follows from the body if it is left out."
    )
    json_body: object = Field(default=None, alias="json", description="Body that is sent as JSON; null is no body.")
    text: str | None = Field(default=None, description="Body that is sent as it is, as text/plain.")

    @model_validator(mode="after")
    def _one_body(self) -> Respond:
        if self.json_body is not None and self.text is not None:
            raise ValueError("an answer has one body, and here are json and text")
        if self.status in _WITHOUT_BODY and (self.json_body is not None or self.text is not None):
            raise ValueError(f"an answer with the status {self.status} has no body")
        return self


class Responded(Output):
    """What is answered."""

    status: int = Field(description="Status of the answer.")
    headers: dict[str, str] = Field(description="Headers of the answer that the flow has set.")
    json_value: object = Field(alias="json", description="Body that is sent as JSON, else null.")
    text: str | None = Field(description="Body that is sent as text, else null.")


def respond(local: Local, given: Respond) -> Responded:
    """The answer is the output: whoever waits for it takes it from the journal. A second one in a run is refused."""
    return Responded.model_validate(
        {"status": given.status, "headers": dict(given.headers), "json": given.json_body, "text": given.text}
    )


def reply(output: JsonObject) -> Reply:
    """The answer as it is sent."""
    said = Responded.model_validate(output)
    body, kind = b"", None
    if said.json_value is not None:
        body = json.dumps(cast(Json, said.json_value), ensure_ascii=False, separators=(",", ":")).encode()
        kind = "application/json"
    elif said.text is not None:
        body, kind = said.text.encode(), "text/plain; charset=utf-8"
    own = any(name.lower() == "content-type" for name in said.headers)
    typed = (("Content-Type", kind),) if kind is not None and not own else ()
    # What a flow answers may hold what a stranger sent: no browser is to take it for a page.
    return Reply(
        status=said.status, headers=(*typed, *said.headers.items(), ("X-Content-Type-Options", "nosniff")), body=body
    )


def register(connector: Connector) -> None:
    """Add the action. Performing it again says the same once more, and only one answer is sent."""
    connector.local_action(effect="write", idempotent=True, once=True)(respond)
