"""What ``http.request`` takes and gives. Owns the two models and the rules that one input sets for another."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from connectors.http.answer_schema import check_schema
from connectors.http.headers import Headers
from connectors.http.paths import Path
from engine.sdk import Input, JsonObject, Output, describes, goes_into

Method: TypeAlias = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Scalar: TypeAlias = str | int | float | bool
Values: TypeAlias = dict[str, Scalar | list[Scalar] | None]


def _statuses(statuses: list[int]) -> list[int]:
    odd = [status for status in statuses if not 200 <= status <= 599]
    if odd:
        raise ValueError(f"{odd[0]} is no status of an answer; there are 200 to 599")
    if 429 in statuses:
        raise ValueError("429 is never an answer: the connection waits as long as the service says, and asks again")
    return statuses


def _schema(schema: dict[str, object]) -> dict[str, object]:
    check_schema(schema)  # type: ignore[arg-type]
    return schema


class Request(Input):
    """Send one HTTP request to the connection's service."""

    method: Method = Field(default="GET", description="GET, HEAD, POST, PUT, PATCH or DELETE.")
    path: Path = Field(
        description="Path below the connection's base_url, beginning with a slash.",
        json_schema_extra=goes_into("URL path"),
    )
    query: Values = Field(
        default_factory=dict, description="Query by name; a list repeats the name, null leaves it out."
    )
    headers: Headers = Field(
        default_factory=dict,
        description="Headers beside those of the connection; no credentials.",
        json_schema_extra=goes_into("header"),
    )
    json_body: object = Field(default=None, alias="json", description="Body that is sent as JSON.")
    form: Values | None = Field(default=None, description="Body that is sent as a form, by name like query.")
    text: str | None = Field(
        default=None, description="Body that is sent as it is; Content-Type is text/plain unless headers say otherwise."
    )
    expect: Annotated[list[int], AfterValidator(_statuses)] | None = Field(
        default=None, min_length=1, description="Statuses that are an output and not an error; 200 to 299 if left out."
    )
    response: Annotated[dict[str, object], AfterValidator(_schema)] | None = Field(
        default=None,
        description="JSON Schema that an answer with a status of 200 to 299 must fit.",
        json_schema_extra=describes("json", unless="expect"),
    )

    @model_validator(mode="after")
    def _one_body(self) -> Request:
        bodies = [name for name, value in self._bodies().items() if value is not None]
        if len(bodies) > 1:
            raise ValueError(f"a request has one body, and here are {' and '.join(bodies)}")
        if bodies and self.method in ("GET", "HEAD"):
            raise ValueError(f"a {self.method} has no body; give {bodies[0]} as query, or choose another method")
        return self

    def _bodies(self) -> dict[str, object]:
        return {"json": self.json_body, "form": self.form, "text": self.text}


class Answer(Output):
    """What the service answered."""

    status: int = Field(description="Status of the answer.")
    headers: dict[str, str] = Field(description="Headers of the answer, names in lower case, without cookies.")
    json_value: object = Field(alias="json", description="Body of an answer in JSON; null when it is none.")
    text: str = Field(description="Body of an answer that is text and not JSON; otherwise empty.")


def schema_of(given: Request) -> JsonObject | None:
    """The schema for the answer, checked when the input was."""
    return given.response  # type: ignore[return-value]
