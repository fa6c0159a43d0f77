"""Subscriptions compared with what the services say, again and again. Owns which are asked after, and when; asking and healing is the registrar's.

One call per subscription and ten minutes at most, whoever makes it: what any scheduler did is on the row. The instants are spread, so that
subscriptions that were made together are not asked after together for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.journal.records import ConnectionRow, SubscriptionRow, SubscriptionState
from engine.runtime.inbound import is_inbound
from engine.runtime.registrar import SubscriptionReport
from engine.runtime.subscriptions import Subscriptions

CHECK_EVERY_MS = 600_000
SPREAD_MS = 30_000
AT_ONCE = 4
"""Services asked per round, so that a round is short: the process may be asked to stop."""

Owned = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    """``round`` is to be called every few seconds. Several at once, also in several processes, do not ask twice."""

    subscriptions: Subscriptions

    def round(self) -> Sequence[SubscriptionReport]:
        """Ask after a few of those that are due."""
        reports: list[SubscriptionReport] = []
        for _ in range(AT_ONCE):
            # Chosen anew each time: what the last call showed of a connection decides about its others.
            row = next(iter(self._due()), None)
            report = None if row is None else self.subscriptions.look(row)
            if report is None:
                break
            reports.append(report)
        return reports

    def _due(self) -> Sequence[SubscriptionRow]:
        connections = self.subscriptions.connections
        store = connections.journal.subscriptions
        old = [(row, age) for row, age in store.unchecked(for_ms=CHECK_EVERY_MS) if self._is_asked_after(row)]
        if not old:
            return []
        active = [row for row in store.list() if row.state is SubscriptionState.ACTIVE and self._is_asked_after(row)]
        return due(old, active, {(row.owner, row.name): row for row in connections.journal.connections.list()})

    def _is_asked_after(self, row: SubscriptionRow) -> bool:
        return not is_inbound(row.uses, self.subscriptions.connections.catalogue)


def due(
    old: Sequence[tuple[SubscriptionRow, int]],
    active: Sequence[SubscriptionRow],
    connections: Mapping[Owned, ConnectionRow],
) -> Sequence[SubscriptionRow]:
    """Which to ask after now, of the ``old`` ones with their ages in milliseconds, the oldest first.

    None on a connection that is paused. Where the service refuses the credentials, one of all in ten minutes, to see whether it still does.
    """
    ready = [row for row, age in old if age >= CHECK_EVERY_MS + spread_ms(row.id)]
    waiting, all_of = Counter(map(_whose, (row for row, _ in old))), Counter(map(_whose, active))
    chosen: list[SubscriptionRow] = []
    asked: set[Owned] = set()
    for row in ready:
        whose = _whose(row)
        connection = connections.get(whose)
        refused = connection is not None and connection.health == "failed"
        is_probe = whose not in asked and waiting[whose] == all_of[whose]
        if (connection is None or not connection.paused) and (not refused or is_probe):
            asked.add(whose)
            chosen.append(row)
    return chosen


def spread_ms(subscription_id: str) -> int:
    """How much later than ten minutes a subscription is asked after: always the same, and another for each."""
    return int(subscription_id[:8], 16) % SPREAD_MS


def _whose(row: SubscriptionRow) -> Owned:
    return row.owner, row.connection
