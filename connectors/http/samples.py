"""Samples of what an inbound webhook delivers. Owns them; everything in them is made up."""

from __future__ import annotations

from collections.abc import Mapping

from engine.sdk import JsonObject

SAMPLES: Mapping[str, JsonObject] = {
    "request": {
        "event": "http.request",
        "created_at": "2026-03-02T08:00:00.000Z",
        "created_by": None,
        "payload": {"email": "ada@example.com", "plan": "team", "seats": 5},
        "method": "POST",
        "query": {},
        "headers": {"content-type": "application/json", "user-agent": "shop/1.0"},
    },
    "request.form": {
        "event": "http.request",
        "created_at": "2026-03-02T08:05:00.000Z",
        "created_by": None,
        "payload": {"email": "ada@example.com", "plan": "team"},
        "method": "POST",
        "query": {"source": "landing-page"},
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    },
}
