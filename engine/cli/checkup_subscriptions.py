"""What `hookline doctor` says of subscriptions. Owns asking the services about them, and the words for what was healed, missed and recovered.

A service is asked once about each, through its connection's limits; one that cannot be asked is not waited for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import time

from engine.app import App
from engine.cli.findings import Result, fail, ok, warn
from engine.cli.output import took, when
from engine.errors import HooklineError
from engine.journal.records import ConnectionRow, SubscriptionRow, SubscriptionState
from engine.runtime.inbound import is_inbound, whose
from engine.runtime.reconciler import CHECK_EVERY_MS
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.webhook import RemoteState

REGISTER = "hookline deploy registers it anew, and so does the scheduler within ten minutes."
LONG_UNCHECKED_MS = 3 * CHECK_EVERY_MS


class SubscriptionCheckup:
    """Looks at one subscription after the other. ``asks``: whether services may be asked, which needs the throttle."""

    def __init__(self, app: App, *, asks: bool, is_simulated: Callable[[str], bool]) -> None:
        self._app = app
        self._asks = asks
        self._is_simulated = is_simulated
        self._connections = {(row.owner, row.name): row for row in app.journal.connections.list()}
        self._bindings = app.journal.subscriptions.bindings()
        self._silent: dict[str, str] = {}
        """Connections whose service could not be asked, with the reason."""

    def results(self, row: SubscriptionRow) -> Iterator[Result]:
        """How the subscription is, then what is known of events that were missed."""
        own = is_inbound(row.uses, self._app.catalogue)
        part = f"address of {'.'.join(whose(row))}" if own else f"subscription {row.uses} on {row.connection}"
        yield self._told(self._registered(part, row, own=own), row)
        if row.gap_from is not None or row.gap_note is not None:
            told_of = f"requests to {'.'.join(whose(row))}" if own else f"events of {row.uses} on {row.connection}"
            yield self._told(self._gap(told_of, row), row)

    def _told(self, result: Result, row: SubscriptionRow) -> Result:
        """With the flows that it concerns where something is to be done: several subscriptions may be called alike."""
        flows = sorted({item.flow for item in self._bindings if item.subscription_id == row.id})
        if result.status == "ok" or not flows:
            return result
        return replace(result, found=f"{result.found} (flows: {', '.join(flows)})")

    def _registered(self, part: str, row: SubscriptionRow, *, own: bool) -> Result:
        detail = self._hidden(row.detail or "")
        connection = self._connections.get((row.owner, row.connection))
        if row.state is SubscriptionState.FAILED:
            return fail(part, detail or "it could not be registered", _tried_again(connection))
        if row.state is not SubscriptionState.ACTIVE:
            words = f"{row.state.value}{f': {detail}' if detail else ''}"
            return warn(part, words, "The scheduler goes on with it every minute; see that hookline scheduler runs.")
        if not row.callback_url.startswith(f"{self._app.settings.public_url}/"):
            words = "registered for another address than HOOKLINE_PUBLIC_URL"
            return warn(part, words, "hookline deploy registers it anew.")
        if own:
            return ok(part, f"takes requests at {self._app.settings.public_url}/hooks/…")
        if connection is not None and connection.paused:
            words = f"active when it was looked at last ({when(row.checked_at)}); its connection is paused, so the service is not asked"
            return ok(part, words)
        if not self._asks:
            return ok(
                part,
                f"active when it was looked at last ({when(row.checked_at)}); without Redis the service is not asked",
            )
        return self._at_the_service(part, row)

    def _at_the_service(self, part: str, row: SubscriptionRow) -> Result:
        if row.connection not in self._silent:
            try:
                state = self._app.subscriptions.remote_state(row)
            except HooklineError as error:
                if isinstance(error, ServiceError) and error.kind in (Kind.AUTH, Kind.PERMISSION):
                    return fail(part, self._hidden(error.message), error.remedy or REGISTER)
                self._silent[row.connection] = self._hidden(error.message)
            else:
                if state is not RemoteState.ACTIVE:
                    return fail(part, f"{state.value} at the service: events do not come as they should", REGISTER)
                return self._good(part, row)
        words = f"active when it was looked at last ({when(row.checked_at)}); the service could not be asked: {self._silent[row.connection]}"
        if self._is_simulated(row.connection):
            return ok(part, words)
        return warn(part, words, f"hookline connection test {row.connection}")

    def _good(self, part: str, row: SubscriptionRow) -> Result:
        words = f"active, as the service says too; checked last at {when(row.checked_at)}"
        now = round(time() * 1000)
        if row.checked_at is not None and now - row.checked_at > LONG_UNCHECKED_MS:
            late = f"{words}, {took(row.checked_at, now)} ago"
            return warn(part, late, "hookline scheduler checks every ten minutes: see that it runs.")
        return ok(part, words)

    def _gap(self, part: str, row: SubscriptionRow) -> Result:
        note = self._hidden(row.gap_note or "")
        if row.gap_from is None:
            return ok(part, note)
        words = f"what was missed since {when(row.gap_from)} is still to be asked for{f' ({note})' if note else ''}"
        return warn(
            part, words, "The scheduler does it as soon as the subscription is active: see that it runs, and its log."
        )

    def _hidden(self, text: str) -> str:
        return self._app.redactor.text(text)


def _tried_again(connection: ConnectionRow | None) -> str:
    if connection is not None and connection.health == "failed":
        return f"Store a new secret: hookline connection add {connection.name} {connection.connector}. Tried again every ten minutes; now: hookline deploy."
    return "Tried again every minute; now: hookline deploy."
