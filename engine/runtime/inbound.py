"""Addresses that the engine hands out. Owns whose an inbound subscription is, and its secret: made, sealed, rotated; it answers no request.

The row of an inbound subscription names its flow and trigger (``given``), not the trigger's ``with:``: that may change with every version of
the flow while senders go on calling the same address with the same secret.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine import strictjson
from engine.errors import SecretError
from engine.flow.model import AwaitedEvent, Flow, Trigger, WaitStep, all_steps
from engine.flow.words import MANUAL
from engine.journal.records import SubscriptionRow
from engine.journal.seal import KeyRing
from engine.redaction import Redactor
from engine.sdk.connector import AnyTrigger, Connector
from engine.sdk.inbound import InboundTrigger
from engine.sdk.timer import TimerTrigger
from engine.strictjson import Json, JsonObject

GRACE_MS = 24 * 3_600_000
"""How long the old secret is good after a rotation, unless the operator says otherwise."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a flow wants to hear of: through a trigger, or (``waits``) through a step that awaits it. ``id``: the binding's."""

    id: str
    source: Trigger | AwaitedEvent
    waits: bool = False


def wanted_of(flow: Flow, catalogue: Mapping[str, Connector]) -> Sequence[Wanted]:
    """Every trigger and awaited event of the flow that needs a subscription: neither manual nor the clock's."""
    found = [Wanted(id=trigger.id, source=trigger) for trigger in flow.triggers]
    for step in all_steps(flow):
        if isinstance(step, WaitStep) and step.event is not None:
            found.append(Wanted(id=f"wait:{step.id}", source=step.event, waits=True))
    return [item for item in found if _needs_subscription(item.source.uses, catalogue)]


def declared(uses: str, catalogue: Mapping[str, Connector]) -> AnyTrigger | None:
    """What the connector says about the trigger; None when it is not installed, and for ``manual``."""
    connector, _, name = uses.partition(".")
    return catalogue[connector].triggers.get(name) if connector in catalogue else None


def _needs_subscription(uses: str, catalogue: Mapping[str, Connector]) -> bool:
    return uses != MANUAL and not isinstance(declared(uses, catalogue), TimerTrigger)


def is_inbound(uses: str, catalogue: Mapping[str, Connector]) -> bool:
    return isinstance(declared(uses, catalogue), InboundTrigger)


def owner_of_address(flow_id: str, binding: str) -> JsonObject:
    """The ``given`` of the row: whose address it is."""
    return {"flow": flow_id, "trigger": binding}


def whose(row: SubscriptionRow) -> tuple[str, str]:
    """Flow id and binding of an inbound row."""
    return str(row.given.get("flow")), str(row.given.get("trigger"))


@dataclass(frozen=True, kw_only=True)
class HookKeys:
    """The secrets of inbound subscriptions: one that is valid, and older ones until their time is up. Times are milliseconds."""

    keyring: KeyRing
    redactor: Redactor

    def open(self, row: SubscriptionRow, *, now: int) -> tuple[str, ...]:
        """The secrets that are good now, the newest first. Raises SecretError."""
        return tuple(str(item["key"]) for item in self._read(row) if _good(item, now))

    def made(self, row: SubscriptionRow) -> str:
        """The secrets, sealed anew; one is made when there is none, or none that can be opened."""
        try:
            found = self._read(row)
        except SecretError:
            found = ()
        return self._sealed(row, found or (_new(),))

    def rotated(self, row: SubscriptionRow, *, now: int, grace_ms: int) -> str:
        """A new secret, sealed, with the one before it, which is good for ``grace_ms`` more; older ones end at once."""
        before = [{**item, "until": now + grace_ms} for item in self._read(row)[:1] if grace_ms > 0]
        return self._sealed(row, (_new(), *before))

    def revoked(self, row: SubscriptionRow) -> str:
        """Only the newest secret, sealed."""
        return self._sealed(row, self._read(row)[:1])

    def until(self, row: SubscriptionRow, *, now: int) -> int | None:
        """Until when an old secret is good too."""
        times = [item["until"] for item in self._read(row) if item["until"] is not None and _good(item, now)]
        return max((int(str(time)) for time in times), default=None)

    def _read(self, row: SubscriptionRow) -> Sequence[Mapping[str, Json]]:
        if row.signing_key is None:
            return ()
        opened = self.keyring.open(row.signing_key, owner=row.owner, of=row.id, field="signing_key")
        found = strictjson.parse(opened)
        keys = [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
        self.redactor.add(*(str(item["key"]) for item in keys))
        return keys

    def _sealed(self, row: SubscriptionRow, keys: Sequence[Mapping[str, Json]]) -> str:
        self.redactor.add(*(str(item["key"]) for item in keys))
        return self.keyring.seal(strictjson.dump(list(keys)), owner=row.owner, of=row.id, field="signing_key")


def _new() -> Mapping[str, Json]:
    return {"key": secrets.token_urlsafe(32), "until": None}


def _good(item: Mapping[str, Json], now: int) -> bool:
    until = item.get("until")
    return until is None or (isinstance(until, int) and now < until)
