"""Permits. Owns the port of the throttle: when a connection may make its next call. Counts only; it never calls a service.

A permit is taken at the moment of a call and given back when the call has ended. A call occupies its window from the grant until
``seconds`` after its *end*, because the service may have seen it at any time in between: so no window at the service is exceeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.sdk.budget import Budget


@dataclass(frozen=True, kw_only=True, slots=True)
class Permit:
    """Leave to make one call. Give it back with ``done`` as soon as the call has ended, however it ended."""

    key: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """No permit yet. ``ms``: milliseconds until this ticket's turn. ``position``: tickets ahead of it. ``paused``: the service asked for it."""

    ms: int
    position: int
    paused: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Cold:
    """The throttle's memory of this connection was lost, or never was: call ``warm`` with what the journal knows, then ask again.

    ``ms``: for how long it has been so, counted from when the first of all askers was told. No permit was given meanwhile. ``lost``: there may
    have been permits before that of which nothing is known here; else the connection is just new, or was not asked for in a long time.
    """

    ms: int = 0
    lost: bool = False


class Throttle(Protocol):
    """One line per connection. ``key`` names the connection, ``ticket`` the call that waits (equal when it asks again).

    Every method raises RedisUnavailable when the shared memory does not answer within about a second, and has then changed nothing that
    a repetition would not set right. All times are the throttle's own clock, so callers give and get durations in milliseconds only.
    """

    def acquire(
        self, key: str, budget: Budget, ticket: str, *, deadline_ms: int, begun: bool = False
    ) -> Permit | Wait | Cold:
        """Ask for one call that ends within ``deadline_ms``. A ticket that must wait joins the end of the line, or, when its attempt has
        ``begun`` (it has made calls that would have to be made again), goes before all that have not.

        A Wait keeps the ticket's place in the line for its turn plus a grace; asking again with the same ticket continues there.
        """

    def done(self, permit: Permit) -> None:
        """The call has ended. Without it the permit counts as if the call had lasted its whole deadline."""

    def leave(self, key: str, ticket: str) -> None:
        """Give up a place in the line."""

    def pause(self, key: str, ms: int) -> None:
        """No permit on this connection for ``ms`` from now; never shortens a longer pause."""

    def warm(self, key: str, *, quiet_ms: int) -> None:
        """Start counting afresh after Cold: no permit for ``quiet_ms`` (0 when no call was made within the window). No effect when warm.

        When the memory was ``lost``, only after so long that each permit from before is in the journal, or cannot be used any more.
        """
