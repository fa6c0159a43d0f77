"""What a local action is given instead of a connection's client. Owns the protocol; the engine implements it.

A local action calls no service: it needs no connection, takes no permit, and its attempt is recorded before it is performed like any other.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from engine.strictjson import JsonObject

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


class Local(Protocol):
    """The process that performs the action."""

    def log(self, level: LogLevel, message: str, fields: JsonObject) -> None:
        """Write one record with the ids of the run and the step to the process's log. Secrets are hidden in it; it never raises."""
