"""Subscriptions kept as the flows want them. Owns which are wanted, by whom, and who works on one; the work itself is the registrar's.

Wanted is what an enabled flow's trigger names, and what runs of any version may still wait for: one subscription per (connection, trigger, its
``with:``), shared by all such triggers and waits.
An inbound trigger has one of its own, which no service knows of: it is active as soon as it has its secret, and stays while its flow is disabled.
Our signing key is stored, sealed, before the service learns it: a delivery that overtakes the service's answer can be verified. It stays
when the webhook is replaced, so that what the service sends again from the old one can be verified too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, time
from types import MappingProxyType

from engine.errors import ConnectionPaused, HooklineError, NotFoundError
from engine.flow.load import FlowCache
from engine.flow.model import Flow
from engine.journal.records import Binding, SubscriptionRow, SubscriptionState
from engine.metrics import Metrics
from engine.runtime.connections import Connections
from engine.runtime.inbound import GRACE_MS, HookKeys, Wanted, is_inbound, wanted_of, whose
from engine.runtime.pinned import Pinned, row_key
from engine.runtime.registrar import Registrar, SubscriptionReport, report
from engine.sdk.webhook import RemoteState

LOCK_MS = 60_000
LEFT_MS = 48 * 3_600_000
"""How long it is remembered which webhook a flow's changed trigger has left: what was missed through it may still have to be read."""

AGAIN_SECONDS = 60.0
"""What failed, or was left half done by a process that died, is tried again after this long."""

REFUSED_AGAIN_SECONDS = 600.0
"""As above, while the service refuses the connection's credentials: what mends that is a person."""


@dataclass(frozen=True, kw_only=True)
class Subscriptions:
    """Keeps the subscriptions of one installation. Several processes at once are safe: each row is locked while it is worked on."""

    connections: Connections
    public_url: str
    clock: Callable[[], float] = monotonic
    metrics: Metrics = field(default_factory=Metrics)
    flows: FlowCache = field(default_factory=FlowCache)
    _unsettled: dict[str, tuple[int, float]] = field(default_factory=dict, init=False, repr=False)
    """Rows that upkeep saw to be not as wanted: when each was changed last, and since when it was seen so by our clock."""

    def bind(self, flow: Flow, *, owner: str) -> None:
        """Make the rows that the flow's triggers want, and bind the flow to them (and to no others)."""
        try:
            self._bind(flow, owner)
        except NotFoundError:
            # Another process reconciled in between, and removed a new row that nobody was bound to yet.
            self._bind(flow, owner)

    def _bind(self, flow: Flow, owner: str) -> None:
        self.connections.journal.subscriptions.bind(flow.id, self._bindings(flow, owner))

    def _bindings(self, flow: Flow, owner: str) -> Sequence[Binding]:
        return [
            Binding(
                subscription_id=self._ensure(flow, wanted, owner).id,
                flow=flow.id,
                trigger=wanted.id,
                purpose="wait" if wanted.waits else "start",
            )
            for wanted in self._wanted_of(flow)
        ]

    def _wanted_of(self, flow: Flow) -> Sequence[Wanted]:
        return wanted_of(flow, self.connections.catalogue)

    def _ensure(self, flow: Flow, wanted: Wanted, owner: str) -> SubscriptionRow:
        connection, uses, given = row_key(self.connections.catalogue, flow, wanted)
        return self.connections.journal.subscriptions.ensure(
            owner=owner, connection=connection, uses=uses, given=given, public_url=self.public_url
        )

    def prepare(self, flows: Iterable[Flow], *, owner: str) -> Mapping[str, SubscriptionReport]:
        """Register what these flows will listen to, by row id. They listen to it and to what they listened to until they are bound to it
        alone: an event that only one of the two webhooks delivers in between is not missed, and one that both do starts its runs once.
        What fails is in the report, and stays for ``reconcile`` and ``upkeep``."""
        reports: dict[str, SubscriptionReport] = {}
        rows: dict[str, SubscriptionRow] = {}
        for flow in flows:
            rows |= {row.id: row for row in (self._ensure(flow, wanted, owner) for wanted in self._wanted_of(flow))}
            self.connections.journal.subscriptions.listen_too(flow.id, self._bindings(flow, owner))
        for row in rows.values():
            if row.id not in reports and not self._settled(row, wanted=True):
                report = self._keep(row, wanted=True, check=False, bound=False)
                if report is not None:
                    reports[row.id] = report
        return reports

    def reconcile(
        self,
        *,
        check: bool = False,
        connection: str | None = None,
        done: Mapping[str, SubscriptionReport] = MappingProxyType({}),
    ) -> Sequence[SubscriptionReport]:
        """Register what is wanted and not there, remove what nobody wants; new ones first, so that there is no gap.

        ``check`` also asks the services about those that we believe active. ``connection`` limits it to one connection's. ``done``: rows
        that were dealt with just now, and how; they are reported and left alone.
        """
        wanted = self._wanted()
        rows = [row for row in self.connections.journal.subscriptions.list() if connection in (None, row.connection)]
        rows.sort(key=lambda row: row.id not in wanted)
        reports = [done.get(row.id) or self._keep(row, wanted=row.id in wanted, check=check) for row in rows]
        return [report for report in reports if report is not None]

    def remote_state(self, row: SubscriptionRow) -> RemoteState:
        """What the service says about the webhook now; nothing is kept of it. Raises ServiceError, NotFoundError, SecretError."""
        return self._registrar.remote_state(row)

    def look(self, seen: SubscriptionRow) -> SubscriptionReport | None:
        """Ask the service after a webhook that was ``seen`` unchecked for long. None when another process was first."""
        return self._keep(seen, wanted=True, check=True, seen=seen)

    def upkeep(self) -> None:
        """What the scheduler does every few seconds: try again what failed or was left half done a minute ago."""
        if any(item.left_at is not None for item in self.connections.journal.subscriptions.bindings()):
            self.connections.journal.subscriptions.forget_left(after_ms=LEFT_MS)
        wanted = self._wanted()
        rows = {row.id: row for row in self.connections.journal.subscriptions.list()}
        open_rows = [row for row in rows.values() if not self._settled(row, wanted=row.id in wanted)]
        seen = {row.id: self._seen_since(row) for row in open_rows}
        self._unsettled.clear()
        self._unsettled.update(seen)
        patience = self._patience() if open_rows else {}
        for row in open_rows:
            again = patience.get((row.owner, row.connection), AGAIN_SECONDS)
            if again is not None and self.clock() - seen[row.id][1] >= again:
                self._keep(row, wanted=row.id in wanted, check=False)

    def _patience(self) -> Mapping[tuple[str, str], float | None]:
        """After how many seconds a connection's rows are tried again, by (owner, name); None: not while an operator has paused it."""
        rows = self.connections.journal.connections.list()
        refused = {(row.owner, row.name): REFUSED_AGAIN_SECONDS for row in rows if row.health == "failed"}
        return {**refused, **{(row.owner, row.name): None for row in rows if row.paused}}

    def _seen_since(self, row: SubscriptionRow) -> tuple[int, float]:
        before = self._unsettled.get(row.id)
        return before if before is not None and before[0] == row.updated_at else (row.updated_at, self.clock())

    def _settled(self, row: SubscriptionRow, *, wanted: bool) -> bool:
        return wanted and row.state is SubscriptionState.ACTIVE and self._registrar.is_at_its_place(row)

    def _wanted(self) -> set[str]:
        """Ids of the rows that a flow listens to, or has left and cannot do without yet, and of those that runs may still wait for."""
        enabled = {row.id for row in self.connections.journal.flows.list() if row.enabled}
        store = self.connections.journal.subscriptions
        rows, bindings = {row.id: row for row in store.list()}, store.bindings()
        listening = [item for item in bindings if item.left_at is None and item.subscription_id in rows]
        # Those who call an address of ours go on calling it while the flow is disabled: it must be the same when it is enabled again.
        now = {
            item.subscription_id
            for item in listening
            if item.flow in enabled or self._is_inbound(rows[item.subscription_id])
        }
        # Until the new webhook is there, the old one delivers; and what was missed through a row, only that row knows.
        waiting = {
            _line(item, row)
            for item in listening
            if (row := rows[item.subscription_id]).state is not SubscriptionState.ACTIVE
        }
        left = {
            item.subscription_id
            for item in _left(bindings, enabled)
            if (old := rows.get(item.subscription_id)) is not None
            and (old.gap_from is not None or _line(item, old) in waiting)
        }
        listened_to = now | left
        others = [row for row in rows.values() if row.id not in listened_to]
        return listened_to | self.pinned.keeps(others) if others else listened_to

    @property
    def pinned(self) -> Pinned:
        journal, catalogue = self.connections.journal, self.connections.catalogue
        return Pinned(journal=journal, catalogue=catalogue, flows=self.flows)

    def _is_inbound(self, row: SubscriptionRow) -> bool:
        return is_inbound(row.uses, self.connections.catalogue)

    def _keep(
        self,
        row: SubscriptionRow,
        *,
        wanted: bool,
        check: bool,
        bound: bool = True,
        seen: SubscriptionRow | None = None,
    ) -> SubscriptionReport | None:
        if self._settled(row, wanted=wanted) and not check:
            return None
        if not self.connections.journal.subscriptions.lock(row.id, for_ms=LOCK_MS):
            return report(row, "busy", "another process is at it")
        try:
            return self._keep_locked(row.id, check=check, bound=bound, seen=seen)
        finally:
            self.connections.journal.subscriptions.unlock(row.id)

    def _keep_locked(
        self, row_id: str, *, check: bool, bound: bool, seen: SubscriptionRow | None
    ) -> SubscriptionReport | None:
        """As ``_keep``, on the row as it is now: another process may have worked on it until just before. A row that nobody is ``bound``
        to yet is wanted because the caller says so; one that is not any more as it was ``seen`` is left alone."""
        row, wanted = self.connections.journal.subscriptions.get(row_id), not bound or row_id in self._wanted()
        if row is None or (seen is not None and row.updated_at != seen.updated_at):
            return None
        try:
            if not wanted:
                return self._let_go(row)
            if self._is_inbound(row):
                return self._hand_out(row)
            if self._settled(row, wanted=True):
                return self._registrar.check(row) if check else report(row, "active")
            return self._registrar.bring(row)
        except ConnectionPaused as error:
            self.connections.journal.subscriptions.set_state(row.id, row.state, detail=error.message)
            return report(row, "paused", str(error))
        except HooklineError as error:
            return self._registrar.failed(
                row, error, SubscriptionState.FAILED if wanted else SubscriptionState.REMOVING
            )

    def _let_go(self, row: SubscriptionRow) -> SubscriptionReport:
        """Remove what nobody wants. What a changed trigger has left is asked after once more: what it has missed comes first."""
        enabled = {flow.id for flow in self.connections.journal.flows.list() if flow.enabled}
        left = {item.subscription_id for item in _left(self.connections.journal.subscriptions.bindings(), enabled)}
        if row.id in left and row.remote_uri is not None and self._registrar.connection_is_there(row):
            found = self._registrar.bring(row)
            if found.healed is not None:
                return found
        return self._registrar.remove(row)

    # Addresses of our own

    @property
    def _registrar(self) -> Registrar:
        return Registrar(connections=self.connections, public_url=self.public_url, metrics=self.metrics)

    @property
    def _hook_keys(self) -> HookKeys:
        return HookKeys(keyring=self.connections.keyring, redactor=self.connections.redactor)

    def _hand_out(self, row: SubscriptionRow) -> SubscriptionReport:
        """Give an inbound row its secret and its present address. No service is told: who is to call it is told by a person."""
        self.connections.journal.subscriptions.set_state(
            row.id,
            SubscriptionState.ACTIVE,
            signing_key=self._hook_keys.made(row),
            callback_url=self._registrar.callback(row),
        )
        return report(row, "active")

    def addresses_of(self, flow_id: str) -> Sequence[SubscriptionRow]:
        """The flow's inbound rows, by their bindings."""
        rows = [row for row in self.connections.journal.subscriptions.list() if self._is_inbound(row)]
        return sorted((row for row in rows if whose(row)[0] == flow_id), key=lambda row: whose(row)[1])

    def secrets_of(self, row: SubscriptionRow) -> tuple[tuple[str, ...], int | None]:
        """The secrets of an inbound row that are good now, the newest first, and until when the older is. Raises SecretError."""
        now = round(time() * 1000)
        return self._hook_keys.open(row, now=now), self._hook_keys.until(row, now=now)

    def rotate(self, row: SubscriptionRow, *, grace_ms: int = GRACE_MS) -> None:
        """Give an inbound row a new secret; the one before it is good for ``grace_ms`` more. Raises SecretError."""
        sealed = self._hook_keys.rotated(row, now=round(time() * 1000), grace_ms=grace_ms)
        self.connections.journal.subscriptions.set_state(row.id, row.state, detail=row.detail, signing_key=sealed)

    def revoke_old(self, row: SubscriptionRow) -> None:
        """End what is left of older secrets of an inbound row. Raises SecretError."""
        sealed = self._hook_keys.revoked(row)
        self.connections.journal.subscriptions.set_state(row.id, row.state, detail=row.detail, signing_key=sealed)


def _left(bindings: Iterable[Binding], enabled: Container[str]) -> Sequence[Binding]:
    """The bindings from which flows that are enabled have gone over to another subscription."""
    return [item for item in bindings if item.left_at is not None and item.flow in enabled]


def _line(of: Binding, to: SubscriptionRow) -> tuple[str, str, str, str]:
    """What is the same for a trigger whose ``with:`` has changed."""
    return of.flow, of.trigger, to.connection, to.uses
