"""Deliveries to the web application in this process, as the service sends them. Owns the way in; what they hold is calendly_room's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
from starlette.applications import Starlette

from engine.journal.records import SubscriptionRow
from tests.calendly_room import CalendlyRoom, signed


async def post(app: Starlette, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    raw = httpx.Headers([(name.encode(), value.encode("latin-1")) for name, value in headers.items()])
    async with httpx.AsyncClient(transport=transport, base_url="http://web.example") as client:
        return await client.post(path, content=body, headers=raw)


def deliver(
    app: Starlette, row: SubscriptionRow, body: bytes, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return asyncio.run(post(app, f"/hooks/{row.id}", body, signed(body) if headers is None else headers))


def nothing_stored(room: CalendlyRoom) -> bool:
    return not room.journal.events.list() and not room.journal.runs.list() and not room.rung
