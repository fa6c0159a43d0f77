"""What local actions are given. Owns the implementation of ``engine.sdk.Local``: records of flows in this process's own log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from engine import log
from engine.sdk.local import LogLevel
from engine.strictjson import JsonObject

logger = log.get("flow")

_LEVELS: Mapping[LogLevel, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


@dataclass(frozen=True, kw_only=True)
class FlowLog:
    """Implements ``engine.sdk.Local`` for a step of the flow ``flow``. The ids of run and step are bound already."""

    flow: str

    def log(self, level: LogLevel, message: str, fields: JsonObject) -> None:
        # The fields stay together under one name, so that none of them can pass for an id, a level or a time of ours.
        given = {"fields": fields} if fields else {}
        logger.log(_LEVELS[level], message, flow=self.flow, **given)
