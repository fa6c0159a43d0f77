"""Subscriptions kept as the flows want them. Owns registering, checking, replacing and removing webhooks at the services.

Wanted is what an enabled flow's trigger names: one subscription per (connection, trigger, its ``with:``), shared by all such triggers.
Our signing key is stored, sealed, before the service learns it: a delivery that overtakes the service's answer can be verified.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import time

from engine import log
from engine.errors import HooklineError
from engine.flow.model import Flow, Trigger
from engine.journal.records import Binding, SubscriptionRow, SubscriptionState
from engine.runtime.connections import Connections
from engine.sdk.connector import Connector
from engine.sdk.webhook import RemoteState, SubscribeRequest, WebhookTrigger
from engine.strictjson import JsonObject, canonical

LOCK_MS = 60_000
AGAIN_MS = 60_000
logger = log.get(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionReport:
    """What happened to one subscription: ``active``, ``failed``, ``removed`` or ``busy`` (another process is at it)."""

    id: str
    connection: str
    uses: str
    became: str
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Subscriptions:
    """Keeps the subscriptions of one installation. Several processes at once are safe: each row is locked while it is worked on."""

    connections: Connections
    public_url: str

    def bind(self, flow: Flow, *, owner: str) -> None:
        """Make the rows that the flow's triggers want, and bind the flow to them (and to no others)."""
        store = self.connections.journal.subscriptions
        bindings = []
        for trigger in flow.triggers:
            row = store.ensure(
                owner=owner,
                connection=flow.connections.get(trigger.connection, trigger.connection),
                uses=trigger.uses,
                given=normal_given(self.connections.catalogue, trigger),
                public_url=self.public_url,
            )
            bindings.append(Binding(subscription_id=row.id, flow=flow.id, trigger=trigger.id))
        store.bind(flow.id, bindings)

    def reconcile(self, *, check: bool = False, connection: str | None = None) -> Sequence[SubscriptionReport]:
        """Register what is wanted and not there, remove what nobody wants; new ones first, so that there is no gap.

        ``check`` also asks the services about those that we believe active. ``connection`` limits it to one connection's.
        """
        wanted = self._wanted()
        rows = [row for row in self.connections.journal.subscriptions.list() if connection in (None, row.connection)]
        rows.sort(key=lambda row: row.id not in wanted)
        reports = [self._keep(row, wanted=row.id in wanted, check=check) for row in rows]
        return [report for report in reports if report is not None]

    def upkeep(self) -> None:
        """What the scheduler does every few seconds: try again what failed or was left half done a minute ago."""
        wanted = self._wanted()
        before = time() * 1000 - AGAIN_MS
        for row in self.connections.journal.subscriptions.list():
            settled = row.state is SubscriptionState.ACTIVE and row.id in wanted
            if not settled and row.updated_at < before:
                self._keep(row, wanted=row.id in wanted, check=False)

    def _wanted(self) -> set[str]:
        enabled = {row.id for row in self.connections.journal.flows.list() if row.enabled}
        return {
            item.subscription_id for item in self.connections.journal.subscriptions.bindings() if item.flow in enabled
        }

    def _keep(self, row: SubscriptionRow, *, wanted: bool, check: bool) -> SubscriptionReport | None:
        current = wanted and row.state is SubscriptionState.ACTIVE and row.callback_url == self._callback(row)
        if current and not check:
            return None
        if not self.connections.journal.subscriptions.lock(row.id, for_ms=LOCK_MS):
            return self._report(row, "busy", "another process is at it")
        try:
            if not wanted:
                return self._remove(row)
            if current and self._remote_state(row) is RemoteState.ACTIVE:
                self._set(row, SubscriptionState.ACTIVE)
                return self._report(row, "active")
            return self._register(row)
        except HooklineError as error:
            state = SubscriptionState.FAILED if wanted else SubscriptionState.REMOVING
            self._set(row, state, detail=error.message)
            logger.warning("subscription failed", uses=row.uses, connection=row.connection, reason=error.message)
            return self._report(row, "failed", str(error))
        finally:
            self.connections.journal.subscriptions.unlock(row.id)

    def _register(self, row: SubscriptionRow) -> SubscriptionReport:
        store = self.connections.journal.subscriptions
        key = secrets.token_urlsafe(32)
        self.connections.redactor.add(key)
        sealed = self.connections.keyring.seal(key, owner=row.owner, of=row.id, field="signing_key")
        callback = self._callback(row)
        store.set_state(row.id, SubscriptionState.PENDING, signing_key=sealed, callback_url=callback)
        client = self.connections.client(row.connection, owner=row.owner)
        request = SubscribeRequest(callback_url=callback, signing_key=key, given=row.given)
        uri = self._trigger(row).subscribe(client, request)
        self._set(row, SubscriptionState.ACTIVE, remote_uri=uri)
        logger.info("subscription registered", uses=row.uses, connection=row.connection)
        return self._report(row, "active")

    def _remove(self, row: SubscriptionRow) -> SubscriptionReport:
        if row.remote_uri is not None:
            client = self.connections.client(row.connection, owner=row.owner)
            self._trigger(row).unsubscribe(client, row.remote_uri)
        self.connections.journal.subscriptions.delete(row.id)
        logger.info("subscription removed", uses=row.uses, connection=row.connection)
        return self._report(row, "removed")

    def _remote_state(self, row: SubscriptionRow) -> RemoteState:
        if row.remote_uri is None:
            return RemoteState.MISSING
        return self._trigger(row).check(self.connections.client(row.connection, owner=row.owner), row.remote_uri)

    def _trigger(self, row: SubscriptionRow) -> WebhookTrigger:
        connector, _, name = row.uses.partition(".")
        return self.connections.connector(connector).triggers[name]

    def _callback(self, row: SubscriptionRow) -> str:
        return f"{self.public_url}/hooks/{row.id}"

    def _set(
        self,
        row: SubscriptionRow,
        state: SubscriptionState,
        *,
        remote_uri: str | None = None,
        detail: str | None = None,
    ) -> None:
        self.connections.journal.subscriptions.set_state(row.id, state, remote_uri=remote_uri, detail=detail)

    def _report(self, row: SubscriptionRow, became: str, detail: str | None = None) -> SubscriptionReport:
        return SubscriptionReport(id=row.id, connection=row.connection, uses=row.uses, became=became, detail=detail)


def normal_given(catalogue: Mapping[str, Connector], trigger: Trigger) -> JsonObject:
    """The trigger's ``with:`` with its defaults, so that the same wish in other words is the same subscription."""
    connector, _, name = trigger.uses.partition(".")
    declared = catalogue[connector].triggers.get(name) if connector in catalogue else None
    if declared is None:
        return trigger.given
    given: JsonObject = declared.given.model_validate(trigger.given).model_dump(mode="json")
    return given


def trigger_keys(catalogue: Mapping[str, Connector], flows: Iterable[Flow]) -> set[tuple[str, str, str]]:
    """(connection, uses, canonical ``with``) of every trigger: what needs a subscription."""
    return {
        (
            flow.connections.get(trigger.connection, trigger.connection),
            trigger.uses,
            canonical(normal_given(catalogue, trigger)),
        )
        for flow in flows
        for trigger in flow.triggers
    }
