"""Ids of events and runs. Owns their form and their order; stores nothing.

26 characters of lower-case Crockford base32: 48 bits of milliseconds, then 80 bits that are random. They sort by time, across processes as
well as the clocks agree, and strictly within one maker. The form is that of a ULID (https://github.com/ulid/spec), in lower case.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
SHORTEST_PREFIX = 6
_RANDOM_BITS = 80
_STEP_BITS = 70


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class IdMaker:
    """Makes ids that grow strictly, from any thread, also when the clock stands still or goes back."""

    def __init__(self, clock_ms: Callable[[], int] = _wall_clock_ms) -> None:
        self._clock_ms = clock_ms
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> str:
        with self._lock:
            fresh = self._clock_ms() << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS - 1)
            same_millisecond = fresh >> _RANDOM_BITS <= self._last >> _RANDOM_BITS
            # Large steps, so that ids of one millisecond differ early and short prefixes tell them apart. If they run over, the time carries.
            self._last = self._last + 1 + secrets.randbits(_STEP_BITS) if same_millisecond else fresh
            return _encode(self._last)


def prefix_range(text: str) -> tuple[str, str] | None:
    """The half-open range of ids that start with ``text``; None when it is no id and no prefix of at least 6 characters."""
    prefix = text.lower()
    if not SHORTEST_PREFIX <= len(prefix) <= LENGTH or not set(prefix) <= set(ALPHABET):
        return None
    # "~" sorts after every character of the alphabet.
    return prefix, prefix + "~"


def child_id(parent: str, path: str, kind: str = "run") -> str:
    """The id of what the step at ``path`` of the run ``parent`` starts: the same each time, and shared with nothing else."""
    digest = hashlib.sha256("\n".join((kind, parent, path)).encode("utf-8", "surrogatepass")).digest()
    return _encode(int.from_bytes(digest[:16]))


def key_base(*parts: str | int | None) -> str:
    """What the idempotency keys of a run's steps are made from: the same each time for the same parts, whatever id the run has."""
    text = json.dumps(parts)
    return _encode(int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()[:16]))


def _encode(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
