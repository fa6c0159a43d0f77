"""Samples of what the clock delivers. Owns them; every instant in them is made up."""

from __future__ import annotations

from collections.abc import Mapping

from engine.sdk import JsonObject

SAMPLES: Mapping[str, JsonObject] = {
    "cron": {
        "event": "schedule.cron",
        "created_at": "2026-03-02T08:00:00Z",
        "created_by": None,
        "payload": {"scheduled_for": "2026-03-02T09:00:00+01:00", "missed": False},
    },
    "cron.missed": {
        "event": "schedule.cron",
        "created_at": "2026-03-03T08:00:00Z",
        "created_by": None,
        "payload": {"scheduled_for": "2026-03-03T09:00:00+01:00", "missed": True},
    },
}
