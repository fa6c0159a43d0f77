"""What local actions are given. Owns the implementation of ``engine.sdk.Local``: records of flows in this process's own log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine import log, strictjson
from engine.sdk.local import LogLevel
from engine.strictjson import Json, JsonObject

logger = log.get("flow")

_LEVELS: Mapping[LogLevel, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


@dataclass(frozen=True, kw_only=True)
class FlowLog:
    """Implements ``engine.sdk.Local`` for a step of the flow ``flow``. The ids of run and step are bound already.

    ``hide`` takes out of a text what the step keeps secret.
    """

    flow: str
    hide: Callable[[str], str] = str

    def log(self, level: LogLevel, message: str, fields: JsonObject) -> None:
        # The fields stay together under one name, so that none of them can pass for an id, a level or a time of ours.
        given = {"fields": {name: self._hidden(value) for name, value in fields.items()}} if fields else {}
        logger.log(_LEVELS[level], self.hide(message), flow=self.flow, **given)

    def _hidden(self, value: Json) -> Json:
        text = strictjson.dump(value)
        hidden = self.hide(text)
        return value if hidden == text else hidden
