"""Waiting in tests for what other threads and processes do. Owns the one loop that looks again and again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 20.0
NAP = 0.02


def eventually(
    look: Callable[[], T | None], *, within: float = PATIENCE, saying: Callable[[], object] = lambda: ""
) -> T:
    """What ``look`` returns once that is true in Python's sense. Fails after ``within`` seconds, with what ``saying`` tells then."""
    give_up = monotonic() + within
    never = Event()
    while not (found := look()):
        assert monotonic() < give_up, f"it did not happen within {within:g} s: {saying()}"
        never.wait(NAP)
    return found
