"""The journal's ports, in use-cases. Owns what an adapter must promise: order, atomicity, and which error it raises.

Every method is one transaction and raises DatabaseUnavailable when the database does not answer in time (nothing is then stored).
"Fenced" means: the write happens only while the claim's number is still the run's and the run is still running; else ClaimLost, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.core.commands import Ending
from engine.core.statuses import RunStatus
from engine.journal.records import (
    Accepted,
    Binding,
    BoundFlow,
    Claim,
    ClaimedRun,
    ConnectionRow,
    Event,
    FlowRow,
    NewEvent,
    Pulse,
    Run,
    StepChange,
    StepRow,
    SubscriptionRow,
    SubscriptionState,
)
from engine.strictjson import JsonObject


class Runs(Protocol):
    """Runs and their steps."""

    def claim(self, run_id: str, *, lease_ms: int) -> ClaimedRun | None:
        """Take the run if it is queued, or parked or running with its ``due_at`` past. None when it is not to be had."""

    def renew(self, claims: Sequence[Claim], *, lease_ms: int) -> Mapping[Claim, Pulse]:
        """Extend leases; a claim that is missing from the answer is lost."""

    def record(self, claim: Claim, changes: Sequence[StepChange], *, lease_ms: int) -> Pulse:
        """Fenced: write the changes and extend the lease."""

    def park(self, claim: Claim, changes: Sequence[StepChange], *, in_ms: int, waiting_for: str | None) -> None:
        """Fenced: write the changes and give the run back until ``in_ms`` from now; 0 or less makes it queued, due now."""

    def finish(self, claim: Claim, changes: Sequence[StepChange], ending: Ending) -> None:
        """Fenced: write the changes and end the run. Open attempts that are left become cancelled."""

    def ring(self, *, limit: int, again_in_ms: int) -> Sequence[str]:
        """Make due runs (queued, parked, lease ended) queued and due again in ``again_in_ms``; return their ids, oldest due first.

        Several schedulers at once never get the same run in the same period.
        """

    def next_due_in(self) -> int | None:
        """Milliseconds until the next active run is due (0 when overdue), None without active runs."""

    def get(self, run_id: str) -> tuple[Run, tuple[StepRow, ...]] | None:
        """A run with its attempts in order of start. ``run_id`` may be a unique prefix of at least 6 characters."""

    def list(
        self, *, flow: str | None = None, statuses: Sequence[RunStatus] = (), limit: int = 50, before: str | None = None
    ) -> Sequence[Run]:
        """Newest first; ``before`` is the id of the last one of the previous page."""

    def last_call_age(self, connection: str, *, owner: str, within_ms: int) -> int | None:
        """Milliseconds since the last call that a run made on the connection may have ended (0 while one is open); None when longer ago than ``within_ms``."""


class Events(Protocol):
    """Accepted deliveries."""

    def accept(self, batch: Sequence[NewEvent], *, ring_in_ms: int) -> Sequence[Accepted]:
        """Store events, their outcomes and their runs (queued, due in ``ring_in_ms``) in one transaction; answers in order.

        An event whose (subscription, dedupe key) is stored already, or stands earlier in the batch, is a duplicate: counted, not stored.
        """

    def get(self, event_id: str) -> Event | None:
        """By id or unique prefix of at least 6 characters."""

    def list(self, *, limit: int = 50, before: str | None = None) -> Sequence[Event]:
        """Newest first."""


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
        """Take the flow and its bindings away; versions, runs and events stay. False when there is no such flow."""

    def versions(self, flow_id: str) -> Sequence[tuple[str, int]]:
        """(digest, first deployed at), newest first."""

    def source(self, digest: str) -> tuple[str, str] | None:
        """(source, file) of a version."""


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
    ) -> None:
        """Change the state; ``remote_uri``, ``signing_key`` (sealed) and ``callback_url`` are kept when None; ``detail`` is replaced; ``checked_at`` becomes now."""

    def get(self, subscription_id: str) -> SubscriptionRow | None: ...

    def list(self) -> Sequence[SubscriptionRow]: ...

    def lock(self, subscription_id: str, *, for_ms: int) -> bool:
        """Take the row for work at the service; False while another process has it. It frees itself after ``for_ms``."""

    def unlock(self, subscription_id: str) -> None: ...

    def delete(self, subscription_id: str) -> None:
        """Events that came through it stay."""

    def bind(self, flow_id: str, bindings: Sequence[Binding]) -> None:
        """Replace the flow's bindings."""

    def bindings(self) -> Sequence[Binding]: ...

    def listeners(self, subscription_id: str) -> Sequence[BoundFlow]:
        """Enabled flows that listen to the subscription."""
