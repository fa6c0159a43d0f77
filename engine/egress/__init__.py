"""The one HTTP client of the engine. Owns the port: requests that leave this machine, and which addresses they may reach.

It checks the address at connect time on every hop, ignores the proxy environment, follows no redirect by itself, enforces one total
deadline and a size cap after decompression. It knows nothing of connections, permits or retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.sdk.http import Response


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request. ``url`` is absolute; ``body`` is sent as it is; ``deadline_ms`` covers everything from connecting to the last byte."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    deadline_ms: int = 30_000


class NotSent(Exception):
    """The call certainly did not reach the service (no connection could be made). The message names the host and is safe to show."""


class AnswerLost(Exception):
    """The request may have reached the service, but no complete answer came back in time. The message names the host and is safe to show."""


class Client(Protocol):
    """Shared by all threads of a process."""

    def send(self, request: Request) -> Response:
        """Any complete answer, of whatever status. Raises EgressRefused (not allowed, nothing sent; or the answer was over the cap), NotSent, AnswerLost."""

    def close(self) -> None: ...
