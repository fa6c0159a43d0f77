"""A connector's budget. Owns the values that say how often a service may be called; counting is the throttle's.

Source of the words: a window is "at most ``limit`` calls in any ``seconds`` seconds", sliding, not aligned to the clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """At most ``limit`` calls in any ``seconds`` seconds."""

    limit: int
    seconds: float

    def __post_init__(self) -> None:
        if self.limit < 1 or self.seconds <= 0:
            raise ValueError(f"a window needs limit >= 1 and seconds > 0, got {self.limit}/{self.seconds}")

    def __str__(self) -> str:
        return f"{self.limit}/{self.seconds:g}s"


@dataclass(frozen=True, kw_only=True, slots=True)
class RateHeaders:
    """Names of the response headers in which the service reports its own limit. ``reset`` counts in seconds from now."""

    remaining: str
    reset: str
    limit: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """All windows hold at once. ``headers`` lets the service's own count pause the connection."""

    windows: tuple[Window, ...]
    headers: RateHeaders | None = None

    def __str__(self) -> str:
        return " and ".join(str(window) for window in self.windows)


NO_CALLS = Budget(windows=())
"""Of a connector that calls no service."""
