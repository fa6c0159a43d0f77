"""Base models for connectors. Owns how inputs and outputs behave; they are the one source of types, docs, mocks and checks.

Inputs refuse unknown fields (an author's typo is an error); outputs keep them (a service may add fields at any time).
Times stay text: they are the service's words and must come out of the journal as they went in.
A model is built when it is first used, under pydantic's own lock: a command that reads one flow needs few of a connector's.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, cast

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from engine.strictjson import Json, JsonObject

ORIGIN: Final = "x-origin"
STRANGER: Final = "stranger"
GOES_INTO: Final = "x-goes-into"
DESCRIBES: Final = "x-describes"
Destination: TypeAlias = Literal["URL path", "header", "recipient"]


def typed_by_strangers() -> JsonDict:
    """For ``Field(json_schema_extra=…)`` of a delivery or an answer: whoever fills in a form can write anything into it."""
    return {ORIGIN: STRANGER}


def goes_into(destination: Destination) -> JsonDict:
    """For ``Field(json_schema_extra=…)`` of an input: where its text goes to. What a stranger typed gets there encoded, or the checker warns."""
    return {GOES_INTO: destination}


def describes(output: str, *, unless: str) -> JsonDict:
    """For ``Field(json_schema_extra=…)`` of an input that takes a JSON Schema: it is that of this field of the output, which the checker then
    knows; ``unless``: the input that may let answers of another form through."""
    return {DESCRIBES: {"output": output, "unless": unless}}


class Input(BaseModel):
    """What an author writes under ``with:``."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def payload(self) -> dict[str, Json]:
        """The fields that were given, as JSON."""
        return cast("dict[str, Json]", self.model_dump(mode="json", exclude_unset=True, by_alias=True))


class Output(BaseModel):
    """What a service answered or delivered. Unknown fields pass through."""

    # Not a number, or infinite, is not null: it is refused where the output is kept.
    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True, ser_json_inf_nan="constants")

    def to_json(self) -> JsonObject:
        """Everything that was received, as JSON: fields that were absent stay absent."""
        return cast(JsonObject, self.model_dump(mode="json", exclude_unset=True, by_alias=True))


class NoInput(Input):
    """Takes nothing."""
