"""The ports of what is deployed and stored: flows, connections, subscriptions. Owns what an adapter must promise, as ``port.py`` says for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.journal.records import (
    Binding,
    BoundFlow,
    ConnectionRow,
    FlowRow,
    SubscriptionRow,
    SubscriptionState,
    VersionAtWork,
)
from engine.strictjson import JsonObject


class Flows(Protocol):
    """Deployed flows and their versions."""

    def deploy(self, *, flow_id: str, name: str, owner: str, digest: str, source: str, file: str) -> None:
        """Store the version and make it the active one; enables a new flow, leaves a disabled one disabled."""

    def get(self, flow_id: str) -> FlowRow | None: ...

    def list(self) -> Sequence[FlowRow]:
        """By id."""

    def set_enabled(self, flow_id: str, enabled: bool) -> bool:
        """False when there is no such flow."""

    def remove(self, flow_id: str) -> bool:
        """Take the flow, its bindings and its schedules away; versions, runs and events stay. False when there is no such flow."""

    def versions(self, flow_id: str) -> Sequence[tuple[str, int]]:
        """(digest, first deployed at), newest first."""

    def source(self, digest: str) -> tuple[str, str] | None:
        """(source, file) of a version."""

    def at_work(self) -> Sequence[VersionAtWork]:
        """Each version, and owner, of runs that are not over."""


class Connections(Protocol):
    """Stored connections. ``secrets`` are sealed before they come here."""

    def save(
        self,
        *,
        connection_id: str,
        owner: str,
        name: str,
        connector: str,
        settings: JsonObject,
        secrets: Mapping[str, str],
    ) -> ConnectionRow:
        """Insert, or replace settings and secrets of the same id. Raises BusyError when another connection of the owner has the name."""

    def get(self, name: str, *, owner: str) -> ConnectionRow | None: ...

    def list(self, *, owner: str | None = None) -> Sequence[ConnectionRow]: ...

    def note_test(self, connection_id: str, *, health: str, message: str | None, facts: JsonObject | None) -> None:
        """Record the outcome of a test; facts are kept when None."""

    def note_call(self, connection_id: str) -> None:
        """A call outside of a run is about to leave; ``last_call_age`` counts it."""

    def remove(self, connection_id: str) -> bool: ...


class Subscriptions(Protocol):
    """Webhooks wanted and registered, and who listens."""

    def ensure(self, *, owner: str, connection: str, uses: str, given: JsonObject, public_url: str) -> SubscriptionRow:
        """The subscription for (owner, connection, uses, given), made as PENDING with an unguessable id when it is not there."""

    def set_state(
        self,
        subscription_id: str,
        state: SubscriptionState,
        *,
        remote_uri: str | None = None,
        detail: str | None = None,
        signing_key: str | None = None,
        callback_url: str | None = None,
        good: bool = False,
    ) -> None:
        """Change the state; ``remote_uri``, ``signing_key`` (sealed) and ``callback_url`` are kept when None; ``detail`` is replaced; ``checked_at`` becomes now.

        ``good``: the service has just said that it delivers; ``good_at`` becomes now.
        """

    def unchecked(self, *, for_ms: int) -> Sequence[tuple[SubscriptionRow, int]]:
        """Active ones that nobody works on and that nobody has looked at for so long, each with how long; the longest first."""

    def open_gap(self, subscription_id: str, *, since: int, note: str) -> None:
        """What was missed since then (milliseconds since the epoch), or since an earlier instant that is noted already, is to be asked for.

        ``note`` says why, for people.
        """

    def gaps(self) -> Sequence[SubscriptionRow]:
        """Active ones with a gap that nobody fills now, the oldest gap first."""

    def take_gap(self, subscription_id: str, *, for_ms: int) -> SubscriptionRow | None:
        """Take a gap for filling, for so long; None when another process has it, or there is none (any more)."""

    def keep_gap(self, subscription_id: str, *, for_ms: int, note: str | None = None) -> None:
        """Hold the gap on from now, whether to go on with it or to leave it alone for a while; ``note`` replaces the note."""

    def close_gap(self, subscription_id: str, *, gap_from: int | None, note: str) -> bool:
        """Note what was found, and close the gap if it is still the one that was taken. False when it was opened again meanwhile."""

    def get(self, subscription_id: str) -> SubscriptionRow | None: ...

    def list(self) -> Sequence[SubscriptionRow]: ...

    def lock(self, subscription_id: str, *, for_ms: int) -> bool:
        """Take the row for work at the service; False while another process has it. It frees itself after ``for_ms``."""

    def unlock(self, subscription_id: str) -> None: ...

    def delete(self, subscription_id: str) -> None:
        """Events that came through it stay."""

    def delete_unwanted(self, subscription_id: str) -> bool:
        """``delete``, unless an enabled flow listens to it (other than one that has left it): False then."""

    def bind(self, flow_id: str, bindings: Sequence[Binding]) -> None:
        """Make these the flow's bindings. A subscription that a trigger listened to before is left (``left_at``): what comes through it starts runs for ``OVERLAP_MS`` more, and as long as the new one is not active."""

    def listen_too(self, flow_id: str, bindings: Sequence[Binding]) -> None:
        """Add these to the flow's bindings: until ``bind``, what comes through either starts its runs."""

    def forget_left(self, *, after_ms: int) -> None:
        """Remove bindings that were left longer ago than this."""

    def bindings(self) -> Sequence[Binding]: ...

    def listeners(self, subscription_id: str, *, recovered: bool = False) -> Sequence[BoundFlow]:
        """Enabled flows that listen to the subscription to start runs, those that have left it as ``bind`` says, and for what is ``recovered`` until they are forgotten; not those that only await its events."""
