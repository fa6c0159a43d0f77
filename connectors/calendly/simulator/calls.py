"""The witness: every call of the API that arrived. Owns the list and the busiest window; the token is never kept."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from connectors.calendly.simulator.domain import JsonDict
from engine.sdk import Json

_KEPT_HEADERS = ("idempotency-key", "x-calendly-consumer-application", "user-agent", "content-type")


@dataclass(kw_only=True)
class Call:
    """One call. ``at_ns``: when its head arrived. ``status``: None while it is under way, 0 when its connection was dropped."""

    number: int
    at_ns: int
    method: str
    path: str
    query: dict[str, str]
    body: Json
    headers: dict[str, str]
    fault: bool = False
    status: int | None = None

    def to_json(self) -> JsonDict:
        return {
            "number": self.number,
            "at_ns": self.at_ns,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": self.body,
            "headers": self.headers,
            "fault": self.fault,
            "status": self.status,
        }


@dataclass(kw_only=True)
class CallLog:
    """All calls since the start or the last reset. ``changed`` is notified after each."""

    changed: asyncio.Condition
    calls: list[Call] = field(default_factory=list)

    def add(self, *, at_ns: int, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Call:
        call = Call(
            number=len(self.calls) + 1,
            at_ns=at_ns,
            method=method,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            body=_readable(body),
            headers={name: headers[name] for name in _KEPT_HEADERS if name in headers},
        )
        self.calls.append(call)
        return call

    def busiest(self, window_s: float = 60) -> int:
        """The largest number of calls in any window of this length, whatever they were answered."""
        most, inside, width = 0, deque[int](), int(window_s * 1_000_000_000)
        for call in sorted(call.at_ns for call in self.calls):
            inside.append(call)
            while inside[0] <= call - width:
                inside.popleft()
            most = max(most, len(inside))
        return most


def _readable(body: bytes) -> Json:
    if not body:
        return None
    try:
        value: Json = json.loads(body)
        # NaN and lone surrogates can be read and not written: shown as they are, they would spoil every later answer.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
    return value
