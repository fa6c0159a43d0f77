"""One webhook at its service. Owns making it, comparing it with what is wanted, making it anew and removing it; whoever calls has its row's lock.

A webhook that is to be replaced goes after the new one is there, so that there is no moment without one. The two are told apart by a query
in the callback URL, which ingest does not look at; for a moment both deliver, with the same key to the same row, where repeats are known.
Whenever one that we believed in had to be made anew, what may have been missed is noted as the row's gap.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from time import time

from engine import log
from engine.core.times import iso
from engine.errors import HooklineError, NotFoundError, SecretError, UsageError
from engine.journal.records import SubscriptionRow, SubscriptionState
from engine.metrics import Metrics
from engine.runtime.connections import Connections
from engine.sdk.errors import ServiceError
from engine.sdk.http import Http
from engine.sdk.webhook import CheckRequest, RemoteState, SubscribeRequest, WebhookTrigger

GENERATION = "n"
"""Name of the query in a callback URL that tells a webhook from the one that it replaces."""

STAYS = "the webhook that was replaced is still there"
"""Begins the detail of a row whose other webhooks are to be removed at the next look."""

logger = log.get(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionReport:
    """What happened to one subscription: ``active``, ``failed``, ``removed``, ``paused`` (its connection is) or ``busy`` (another process
    is at it). ``healed``: why it had to be made anew."""

    id: str
    connection: str
    uses: str
    became: str
    detail: str | None = None
    healed: str | None = None


@dataclass(frozen=True, kw_only=True)
class Registrar:
    """Works on rows of subscriptions that services deliver to."""

    connections: Connections
    public_url: str
    metrics: Metrics = field(default_factory=Metrics)

    def callback(self, row: SubscriptionRow) -> str:
        """Where the row's deliveries are to come to, without the query that tells webhooks apart."""
        return f"{self.public_url}/hooks/{row.id}"

    def is_at_its_place(self, row: SubscriptionRow) -> bool:
        return address(row.callback_url) == self.callback(row)

    def remote_state(self, row: SubscriptionRow) -> RemoteState:
        """What the service says about the webhook now; nothing is kept of it. Raises ServiceError, NotFoundError, SecretError."""
        if row.remote_uri is None:
            return RemoteState.MISSING
        wanted = CheckRequest(remote_uri=row.remote_uri, callback_url=row.callback_url, given=row.given)
        return self.trigger(row).check(self._client(row), wanted)

    def check(self, row: SubscriptionRow) -> SubscriptionReport:
        """Ask after a webhook that we believe in, and heal it. Raises HooklineError when that fails."""
        if self._known_key(row) is None:
            # The service may be content, but nothing that it sends can be verified.
            return self._make(row, why="its key cannot be opened any more")
        try:
            remote = self.remote_state(row)
        except ServiceError as error:
            # It could not be asked; that is no reason to take a webhook for broken that may well deliver.
            self.metrics.subscription_checks.add(result="failed")
            return self.failed(row, error, SubscriptionState.ACTIVE)
        self.metrics.subscription_checks.add(result=remote.value)
        if remote is RemoteState.ACTIVE:
            return self._confirm(row)
        return self._make(row, why=f"{remote.value} at the service", remote=remote)

    def bring(self, row: SubscriptionRow) -> SubscriptionReport:
        """Get a webhook that is not as wanted, as far as we know. Raises HooklineError when that fails."""
        if row.remote_uri is None:
            return self._make(row)
        if not self.is_at_its_place(row):
            return self._make(row, why="registered for another address")
        if self._known_key(row) is None:
            return self._make(row, why="its key cannot be opened any more")
        # An attempt to make, to look at or to remove it was not seen to its end: it may be as wanted all the same.
        remote = self.remote_state(row)
        if remote is RemoteState.ACTIVE:
            return self._confirm(row)
        return self._make(row, why=f"{remote.value} at the service", remote=remote)

    def _confirm(self, row: SubscriptionRow) -> SubscriptionReport:
        # Sealed again, so that an older one of our keys can be taken away after this.
        _, sealed = self._signing_key(row)
        left = None
        is_settled = row.state is SubscriptionState.ACTIVE and not (row.detail or "").startswith(STAYS)
        if row.remote_uri is not None and not is_settled:
            # Whoever made it may not have come to the end: the one that it replaced may deliver still.
            left = self._sweep(row, row.callback_url, row.remote_uri)
        store = self.connections.journal.subscriptions
        store.set_state(row.id, SubscriptionState.ACTIVE, signing_key=sealed, detail=left, good=True)
        return report(row, "active", left)

    def _make(
        self, row: SubscriptionRow, *, why: str | None = None, remote: RemoteState | None = None
    ) -> SubscriptionReport:
        """Make the webhook; with a reason ``why`` in the place of another one, which goes afterwards."""
        store, client, trigger = self.connections.journal.subscriptions, self._client(row), self.trigger(row)
        if why is not None:
            store.open_gap(row.id, since=gap_since(row, trigger.retries_for), note=f"made anew at {_now()}: {why}")
        key, sealed = self._signing_key(row)
        callback = next_callback(
            row, self.callback(row), is_gone=row.remote_uri is None or remote is RemoteState.MISSING
        )
        store.set_state(row.id, SubscriptionState.PENDING, signing_key=sealed, callback_url=callback)
        request = SubscribeRequest(callback_url=callback, signing_key=key, given=row.given)
        uri, left = trigger.subscribe(client, request), None
        if row.remote_uri not in (None, uri):
            store.set_state(row.id, SubscriptionState.PENDING, remote_uri=uri)
            left = self._remove_replaced(row, callback, uri)
        store.set_state(row.id, SubscriptionState.ACTIVE, remote_uri=uri, detail=left, good=True)
        self._say_made(row, why)
        return report(row, "active", left, healed=why)

    def _say_made(self, row: SubscriptionRow, why: str | None) -> None:
        words = {"uses": row.uses, "connection": row.connection}
        if why is None:
            logger.info("subscription registered", **words)
            return
        self.metrics.subscription_heals.add()
        logger.warning("subscription healed: made anew", reason=why, subscription=row.id[:8], **words)

    def _remove_replaced(self, row: SubscriptionRow, callback: str, uri: str) -> str | None:
        """The webhook that was there before, and others to the same address whose making nobody saw to its end. In words, what stays."""
        assert row.remote_uri is not None
        try:
            self.trigger(row).unsubscribe(self._client(row), row.remote_uri)
        except ServiceError as error:
            return self._stays(row, error)
        return self._sweep(row, callback, uri) if callback != address(callback) else None

    def _sweep(self, row: SubscriptionRow, callback: str, uri: str) -> str | None:
        """Remove what else delivers to the row's address. In words, what stays."""
        try:
            self.trigger(row).sweep(self._client(row), callback, uri)
        except ServiceError as error:
            return self._stays(row, error)
        return None

    def _stays(self, row: SubscriptionRow, error: ServiceError) -> str:
        words = self.connections.redactor.text(error.message)
        logger.warning(STAYS, uses=row.uses, connection=row.connection, remote=row.remote_uri, reason=words)
        return f"{STAYS}: {words}"

    def remove(self, row: SubscriptionRow) -> SubscriptionReport:
        """Take a webhook away that nobody wants, and its row; make it anew if somebody has come to want it meanwhile. Raises HooklineError."""
        detail = None
        if row.remote_uri is not None and self.connection_is_there(row):
            self.trigger(row).unsubscribe(self._client(row), row.remote_uri)
        elif row.remote_uri is not None:
            detail = f"its connection is gone, so that the service could not be told: {row.remote_uri} stays there until it gives up"
        if not self.connections.journal.subscriptions.delete_unwanted(row.id):
            return self.bring(row)
        if row.gap_from is not None:
            logger.warning("what was missed is not asked for any more", uses=row.uses, since=iso(row.gap_from))
        logger.info("subscription removed", uses=row.uses, connection=row.connection, note=detail)
        return report(row, "removed", detail)

    def failed(self, row: SubscriptionRow, error: HooklineError, state: SubscriptionState) -> SubscriptionReport:
        """Note why it could not be brought into ``state``'s order."""
        words = self.connections.redactor.text(str(error))
        self.connections.journal.subscriptions.set_state(row.id, state, detail=words)
        self.metrics.subscription_failures.add()
        logger.warning("subscription failed", uses=row.uses, connection=row.connection, reason=words)
        return report(row, "failed", words)

    def trigger(self, row: SubscriptionRow) -> WebhookTrigger:
        """Raises NotFoundError when its connector is not installed or has no such trigger (any more)."""
        connector, _, name = row.uses.partition(".")
        found = self.connections.connector(connector).webhooks.get(name)
        if found is None:
            raise NotFoundError(f"the connector {connector} has no trigger {name!r} in the release that is installed")
        return found

    def _signing_key(self, row: SubscriptionRow) -> tuple[str, str]:
        """The key, opened and sealed; a new one when there is none yet, or none that can be opened."""
        key = self._known_key(row) or secrets.token_urlsafe(32)
        self.connections.redactor.add(key)
        return key, self.connections.keyring.seal(key, owner=row.owner, of=row.id, field="signing_key")

    def _known_key(self, row: SubscriptionRow) -> str | None:
        if row.signing_key is None:
            return None
        try:
            return self.connections.keyring.open(row.signing_key, owner=row.owner, of=row.id, field="signing_key")
        except SecretError:
            return None

    def connection_is_there(self, row: SubscriptionRow) -> bool:
        return self.connections.journal.connections.get(row.connection, owner=row.owner) is not None

    def _client(self, row: SubscriptionRow) -> Http:
        require_connection(self.connections, row)
        return self.connections.client(row.connection, owner=row.owner)


def _now() -> str:
    return f"{iso(round(time() * 1000))[:19]}Z"


def require_connection(connections: Connections, row: SubscriptionRow) -> None:
    """Raises NotFoundError, and UsageError for a connection of another connector, whose credentials must not go to this one's service."""
    found, connector = connections.row(row.connection, owner=row.owner), row.uses.partition(".")[0]
    if found.connector != connector:
        raise UsageError(f"{row.uses} needs a {connector} connection, but {row.connection!r} is {found.connector}'s")


def report(
    row: SubscriptionRow, became: str, detail: str | None = None, *, healed: str | None = None
) -> SubscriptionReport:
    return SubscriptionReport(
        id=row.id, connection=row.connection, uses=row.uses, became=became, detail=detail, healed=healed
    )


def address(callback_url: str) -> str:
    """A callback URL without the query that tells one webhook of the row from the other."""
    return callback_url.partition("?")[0]


def next_callback(row: SubscriptionRow, wanted: str, *, is_gone: bool) -> str:
    """The callback URL of the next webhook at ``wanted``: another one than that of a webhook that may still be there (not ``is_gone``)."""
    if address(row.callback_url) != wanted:
        return wanted
    if is_gone:
        return row.callback_url
    number = row.callback_url.partition(f"?{GENERATION}=")[2]
    return f"{wanted}?{GENERATION}={(int(number) if number.isdecimal() else 1) + 1}"


def gap_since(row: SubscriptionRow, retries_for: float) -> int:
    """Since when deliveries may have been lost, in milliseconds since the epoch.

    When the service last said that all is well, it may have been failing to deliver for as long as it goes on trying. Before the
    subscription was wanted, nothing was missed.
    """
    good_at = row.good_at or row.checked_at or row.created_at
    return max(row.created_at, good_at - round(retries_for * 1000))
