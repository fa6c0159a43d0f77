"""Base models for connectors. Owns how inputs and outputs behave; they are the one source of types, docs, mocks and checks.

Inputs refuse unknown fields (an author's typo is an error); outputs keep them (a service may add fields at any time).
Times stay text: they are the service's words and must come out of the journal as they went in.
"""

from __future__ import annotations

from typing import cast

from pydantic import BaseModel, ConfigDict

from engine.strictjson import Json, JsonObject


class Input(BaseModel):
    """What an author writes under ``with:``."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def payload(self) -> dict[str, Json]:
        """The fields that were given, as JSON."""
        return cast("dict[str, Json]", self.model_dump(mode="json", exclude_unset=True, by_alias=True))


class Output(BaseModel):
    """What a service answered or delivered. Unknown fields pass through."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    def to_json(self) -> JsonObject:
        """Everything that was received, as JSON: fields that were absent stay absent."""
        return cast(JsonObject, self.model_dump(mode="json", exclude_unset=True, by_alias=True))


class NoInput(Input):
    """Takes nothing."""
