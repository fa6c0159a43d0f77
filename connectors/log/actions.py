"""What a flow can write to the log. Owns the one action; how records look and what is hidden in them is the engine's."""

from __future__ import annotations

from pydantic import Field

from engine.sdk import Connector, Input, Json, Local, LogLevel, Output


class Write(Input):
    """Write one record to the log of the worker."""

    level: LogLevel = Field(default="info", description="How much it matters: debug, info, warning or error.")
    message: str = Field(min_length=1, description="What happened, in one line.")
    fields: dict[str, object] = Field(
        default_factory=dict, description="Facts that belong to it, by name; values of any type."
    )


class Written(Output):
    """What was written."""

    level: str = Field(description="Level of the record.")
    message: str = Field(description="Text of the record.")


def write(local: Local, given: Write) -> Written:
    """One record with the ids of the run and the step."""
    fields = given.payload().get("fields", {})
    local.log(given.level, given.message, _object(fields))
    return Written(level=given.level, message=given.message)


def _object(value: Json) -> dict[str, Json]:
    return dict(value) if isinstance(value, dict) else {}


def register(connector: Connector) -> None:
    """Add the action. A worker that stopped on the way writes the record again: twice the same line does no harm."""
    connector.local_action(effect="write", idempotent=True)(write)
