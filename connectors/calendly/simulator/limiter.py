"""The simulated service's own limit. Owns counting calls in a sliding window and the headers that report it."""

from __future__ import annotations

import math
from collections import deque

from connectors.calendly.simulator.ids import Clock

_SECOND = 1_000_000_000


class Limiter:
    """At most ``limit`` calls in any ``window_s`` seconds; refused calls do not count, as on the service."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: deque[int] = deque()

    def take(self, limit: int, window_s: float) -> bool:
        """Whether the call is within the limit; if so it counts."""
        self._forget(window_s)
        if len(self._taken) >= limit:
            return False
        self._taken.append(self._clock())
        return True

    def headers(self, limit: int, window_s: float) -> dict[str, str]:
        """X-RateLimit-*: Reset is the number of seconds until a call is free again, never an instant."""
        self._forget(window_s)
        oldest = self._taken[0] if self._taken else self._clock()
        reset = math.ceil(window_s - (self._clock() - oldest) / _SECOND)
        return rate_headers(limit, max(0, limit - len(self._taken)), max(1, reset))

    def _forget(self, window_s: float) -> None:
        edge = self._clock() - int(window_s * _SECOND)
        while self._taken and self._taken[0] <= edge:
            self._taken.popleft()


def rate_headers(limit: int, remaining: int, reset_s: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(reset_s),
    }
