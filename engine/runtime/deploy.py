"""Deploying flows. Owns the plan (what will change, before it does) and carrying it out; checking is engine.check's.

A file with an error never becomes active, and then nothing of the deploy does: it is all or nothing up to the services.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.check.tree import Checked, check_files
from engine.errors import FlowFileError, NotFoundError, UsageError
from engine.flow.load import FlowCache
from engine.flow.model import Flow
from engine.journal.records import FlowRow
from engine.runtime.circles import refuse_circles
from engine.runtime.connections import Connections
from engine.runtime.pinned import trigger_keys
from engine.runtime.registrar import SubscriptionReport
from engine.runtime.subscriptions import Subscriptions
from engine.runtime.timetable import Timetable
from engine.strictjson import canonical

__all__ = ["Checked", "Deployer", "check_files"]

if TYPE_CHECKING:
    from engine.journal.journal import Journal


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowChange:
    """``change``: ``new``, ``changed`` or ``unchanged``. ``before``: the short version that is active now."""

    flow: Flow
    change: str
    before: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionChange:
    """``change``: ``create``, ``keep`` or ``remove``."""

    connection: str
    uses: str
    given: str
    change: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a deploy will change."""

    flows: tuple[FlowChange, ...]
    subscriptions: tuple[SubscriptionChange, ...]

    @property
    def is_empty(self) -> bool:
        quiet = all(item.change == "unchanged" for item in self.flows)
        return quiet and all(item.change == "keep" for item in self.subscriptions)


@dataclass(frozen=True, kw_only=True)
class Deployer:
    """Plans and carries out deploys for one owner."""

    connections: Connections
    subscriptions: Subscriptions
    cache: FlowCache
    owner: str

    @property
    def timetable(self) -> Timetable:
        return Timetable(journal=self.connections.journal, catalogue=self.connections.catalogue, flows=self.cache)

    def deployed(self) -> Iterator[Flow]:
        """The flows that are active, which others may call. Those that this release cannot read are left out."""
        for row in self.connections.journal.flows.list():
            try:
                yield self.cache.get(row.digest, row.source, row.file)
            except FlowFileError:
                continue

    def plan(self, flows: Sequence[Flow]) -> Plan:
        """Compare with what is active. Raises NotFoundError when a connection that a flow names is not stored, and UsageError for flows that
        call each other in a circle."""
        for flow in flows:
            for name in flow.connections.values():
                self.connections.row(name, owner=self.owner)
        active = {row.id: row for row in self.connections.journal.flows.list()}
        refuse_circles(flows, active.values(), self.cache)
        changes = tuple(_compare(flow, active.get(flow.id)) for flow in flows)
        return Plan(flows=changes, subscriptions=self._subscription_changes(flows, active))

    def _subscription_changes(
        self, flows: Sequence[Flow], active: Mapping[str, FlowRow]
    ) -> tuple[SubscriptionChange, ...]:
        deployed = {flow.id for flow in flows}
        disabled = {row.id for row in active.values() if not row.enabled}
        store = self.connections.journal.subscriptions
        rows = store.list()
        keys = {row.id: (row.connection, row.uses, canonical(row.given)) for row in rows}
        bindings = [
            item
            for item in store.bindings()
            if item.subscription_id in keys and item.left_at is None and item.flow not in disabled
        ]
        # From the bindings, not from the files: a version that this release cannot read keeps its subscriptions all the same.
        kept = {keys[item.subscription_id] for item in bindings if item.flow not in deployed}
        kept |= {keys[row_id] for row_id in self.subscriptions.pinned.keeps(rows)}
        wanted = trigger_keys(self.connections.catalogue, [flow for flow in flows if flow.id not in disabled])
        after = kept | wanted
        found = [(key, "keep" if key in keys.values() else "create") for key in after]
        # One that no flow listens to is on its way out already, or an address that a disabled flow keeps.
        found += [(key, "remove") for key in {keys[item.subscription_id] for item in bindings} - after]
        return tuple(
            SubscriptionChange(connection=key[0], uses=key[1], given=key[2], change=change)
            for key, change in sorted(found)
        )

    def apply(self, plan: Plan) -> Sequence[SubscriptionReport]:
        """Register new subscriptions, make the versions active and bind them, then remove what nobody wants any more.

        In this order, so that there is always one subscription that delivers to a flow. A failed one is reported and tried again later.
        """
        disabled = {row.id for row in self.connections.journal.flows.list() if not row.enabled}
        enabled = [item.flow for item in plan.flows if item.flow.id not in disabled]
        done = self.subscriptions.prepare(enabled, owner=self.owner)
        for item in plan.flows:
            flow = item.flow
            self.connections.journal.flows.deploy(
                flow_id=flow.id,
                name=flow.name,
                owner=self.owner,
                digest=flow.digest,
                source=flow.source,
                file=flow.file,
            )
            self.subscriptions.bind(flow, owner=self.owner)
            self.timetable.bind(flow, owner=self.owner)
        return self.subscriptions.reconcile(check=True, done=done)

    def set_enabled(self, flow_id: str, enabled: bool) -> Sequence[SubscriptionReport]:
        """Turn a flow on or off, with the subscriptions that only it needs. Its schedules start from now. Raises NotFoundError."""
        row = require_flow(self.connections.journal, flow_id)
        if enabled:
            flow = self.cache.get(row.digest, row.source, row.file)
            if not row.enabled:
                # What passed while it was off was not missed: it was not wanted.
                self.timetable.unbind(flow_id, owner=self.owner)
            self.timetable.bind(flow, owner=self.owner)
        self.connections.journal.flows.set_enabled(flow_id, enabled)
        if enabled:
            self.subscriptions.bind(flow, owner=self.owner)
        return self.subscriptions.reconcile()

    def remove(self, flow_ids: Sequence[str]) -> Sequence[SubscriptionReport]:
        """Take flows away, with the subscriptions that only they need; runs and versions stay.

        Raises NotFoundError, and UsageError for a paused flow with runs that wait, which nobody could resume any more; and then removes none.
        """
        for flow_id in flow_ids:
            row = require_flow(self.connections.journal, flow_id)
            waiting = self.connections.journal.pauses.waiting_runs(flow_id) if row.paused else 0
            if waiting:
                raise UsageError(
                    f"the flow {flow_id} is paused, and of its runs {waiting} wait{'s' if waiting == 1 else ''}",
                    remedy=f"Let them go on (hookline flow resume {flow_id}), or cancel them, then remove it.",
                )
        for flow_id in flow_ids:
            self.connections.journal.flows.remove(flow_id)
        return self.subscriptions.reconcile()


def require_flow(journal: Journal, flow_id: str) -> FlowRow:
    """The deployed flow. Raises NotFoundError."""
    row = journal.flows.get(flow_id)
    if row is None:
        raise NotFoundError(f"there is no deployed flow {flow_id!r}", remedy="See them: hookline flow list")
    return row


def _compare(flow: Flow, active: FlowRow | None) -> FlowChange:
    if active is None:
        return FlowChange(flow=flow, change="new", before=None)
    same = active.digest == flow.digest
    return FlowChange(flow=flow, change="unchanged" if same else "changed", before=active.digest[:12])


def refuse_findings(checked: Checked) -> None:
    """Raises FlowFileError when there is an error among the findings."""
    if checked.errors:
        raise FlowFileError(checked.errors)
