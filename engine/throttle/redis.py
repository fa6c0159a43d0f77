"""The throttle on Redis, shared by all workers. Owns the client's half: connections, deadlines, and what a lost answer means.

Every decision is in ``permit.lua``; this file decides nothing about permits. It never waits for a turn, and never for Redis longer than
its timeout.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from engine.errors import RedisUnavailable, SettingsError
from engine.sdk.budget import Budget
from engine.throttle import Cold, Permit, Wait

GRACE_MS = 10_000
"""How long after its turn a ticket that did not come keeps its place."""

_SLACK_US = 250_000
_DRIFT = 1_000
"""One part in so many is the most that two clocks may drift apart; an NTP daemon slews by at most 500 ppm (adjtimex(2))."""


WHOLE = "hookline:throttle:whole"
"""As ``permit.lua`` says. Who starts a server on no data at all may set it to that server's run_id: nothing was lost then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What a connection's clock said, and this process's monotonic clock (ns) before it asked."""

    now: int
    asked_at: int

    def latest(self, monotonic: int) -> int:
        """The latest that the connection's clock can say at ``monotonic``, if nobody has set it forward."""
        elapsed = (monotonic - self.asked_at) // 1000
        return self.now + elapsed + elapsed // _DRIFT + _SLACK_US


class RedisThrottle:
    """Implements ``engine.throttle.Throttle`` on one Redis server, or on one that speaks its protocol (6.2 or newer).

    ``url``: ``redis://``, ``rediss://`` or ``unix://`` (else SettingsError). ``timeout``: seconds that one exchange with Redis may take.
    ``grace_ms``: how long after its turn a ticket that did not come keeps its place. ``monotonic``: nanoseconds of a clock that nobody
    sets. Connections are made when they are needed, and shared by threads.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 1.0,
        grace_ms: int = GRACE_MS,
        monotonic: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._redis = _connect(url, timeout)
        self._script = files("engine.throttle").joinpath("permit.lua").read_text(encoding="utf-8")
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()
        self._timeout = timeout
        self._grace_us = grace_ms * 1000
        self._monotonic = monotonic
        self._seen: dict[str, _Seen] = {}
        self._pauses: dict[str, int] = {}
        self._told = threading.local()

    def acquire(
        self, key: str, budget: Budget, ticket: str, *, deadline_ms: int, begun: bool = False
    ) -> Permit | Wait | Cold:
        permit = os.urandom(9).hex()
        windows = [number for window in budget.windows for number in (window.limit, round(window.seconds * 1e6))]
        word, pause = "begun" if begun else "", self._known_pause(key)
        answer = self._ask("acquire", key, ticket, permit, deadline_ms * 1000, self._grace_us, word, pause, *windows)
        match answer[0]:
            case b"permit":
                return Permit(key=key, id=f"{permit}:{int(answer[1])}")
            case b"cold":
                self._episodes()[key] = answer[2]
                return Cold(ms=int(answer[3]) // 1000, lost=answer[4] == b"lost")
            case _:
                paused_us = int(answer[4])
                self._note_pause(key, paused_us)
                return Wait(ms=-(-int(answer[2]) // 1000), position=int(answer[3]), paused=paused_us > 0)

    def done(self, permit: Permit) -> None:
        self._ask("done", permit.key, permit.id)

    def leave(self, key: str, ticket: str) -> None:
        self._ask("leave", key, ticket)

    def pause(self, key: str, ms: int) -> None:
        # Known here even when Redis does not hear of it, or forgets it: whoever asks next tells it again.
        self._note_pause(key, ms * 1000)
        self._ask("pause", key, ms * 1000)

    def warm(self, key: str, *, quiet_ms: int) -> None:
        self._ask("warm", key, quiet_ms * 1000, self._episodes().get(key, b""))
        self._episodes().pop(key, None)

    def close(self) -> None:
        """Close the connections; the next call would open new ones."""
        self._redis.close()

    def _note_pause(self, key: str, us: int) -> None:
        if us > 0:
            self._pauses[key] = max(self._pauses.get(key, 0), self._monotonic() + us * 1000)

    def _known_pause(self, key: str) -> int:
        """Microseconds that a pause still lasts of which this process knows."""
        until = self._pauses.get(key)
        if until is None:
            return 0
        left = (until - self._monotonic()) // 1000
        if left <= 0:
            self._pauses.pop(key, None)
        return max(0, left)

    def _ask(self, operation: str, key: str, *args: bytes | str | int) -> list[bytes]:
        shift = False
        give_up = self._monotonic() + round(self._timeout * 1e9)
        while (asked_at := self._monotonic()) <= give_up:
            seen = self._seen.get(key)
            bound = seen.latest(asked_at) if seen else 0
            answer = self._run(key, operation, bound, "shift" if shift else "", *args)
            if answer[0] != b"late":
                self._seen[key] = _Seen(now=int(answer[1]), asked_at=asked_at)
                return answer
            # The answer is here, so the delay is known: what it does not explain, somebody has set the server's clock forward by.
            shift = seen is not None and int(answer[1]) > seen.latest(self._monotonic())
        raise _unavailable_because(f"its answers take too long (more than {self._timeout:g} s in all)")

    def _run(self, key: str, *args: bytes | str | int) -> list[bytes]:
        prefix = f"hookline:throttle:{{{key}}}:"
        all_args = (prefix + "state", prefix + "log", prefix + "line", prefix + "turns", WHOLE, *args)
        with _unavailable():
            try:
                return cast("list[bytes]", self._redis.evalsha(self._sha, 5, *all_args))
            except NoScriptError:
                return cast("list[bytes]", self._redis.eval(self._script, 5, *all_args))

    def _episodes(self) -> dict[str, bytes]:
        # A thread that was told Cold reads the journal and then warms: its answer is about the loss that *it* was told of.
        episodes: dict[str, bytes] | None = getattr(self._told, "episodes", None)
        if episodes is None:
            episodes = self._told.episodes = {}
        return episodes


def _connect(url: str, timeout: float) -> redis.Redis:
    # redis-py's own defaults retry: they turn a timeout of a second into minutes on a silent partition.
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            max_connections=100_000,
            protocol=2,
            decode_responses=False,
        )
    except ValueError:
        raise SettingsError(
            "the throttle's Redis URL cannot be used",
            remedy="give one like redis://host:6379/0, rediss://… or unix:///path",
        ) from None


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise _unavailable_because(str(error)[:200] or type(error).__name__) from error


def _unavailable_because(reason: str) -> RedisUnavailable:
    return RedisUnavailable(
        f"Redis does not serve the throttle: {reason}",
        remedy="calls to services wait until it does; see that it runs, can be reached and has memory left",
    )
