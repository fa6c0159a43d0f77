"""From a delivery to an event with its runs. Owns verification, parsing, deduplication keys, trigger conditions, and the refusals.

It answers from the journal alone and never touches Redis: the doorbell rings afterwards. It fails closed: no key, no entry. A signed body
that cannot be read is kept as an event with an error, because services disable hooks that fail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from engine import log, strictjson
from engine.errors import ExpressionError, FlowFileError
from engine.flow.load import FlowCache
from engine.flow.model import Flow, InputSpec, Trigger
from engine.journal.journal import Journal
from engine.journal.records import BoundFlow, EventOutcome, EventSource, NewEvent, NewRun, SubscriptionRow
from engine.journal.seal import KeyRing
from engine.sdk.connector import Connector
from engine.sdk.errors import SignatureError
from engine.sdk.webhook import Delivery, WebhookTrigger
from engine.strictjson import Json, JsonObject

T = TypeVar("T")

LONGEST_KEY = 300
"""Characters of a dedupe key that are kept as they are: databases limit what an index may hold."""

logger = log.get(__name__)


class NoSuchSubscription(Exception):
    """A delivery came for a subscription that is not there (any more)."""


class TriggerNotInstalled(Exception):
    """A delivery came for a subscription whose trigger this process does not have: its plugin came, or went, after the start."""

    def __init__(self, uses: str) -> None:
        super().__init__(f"this process has no trigger {uses}")
        self.uses = uses


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """Prepares events; storing them is the intake's."""

    journal: Journal
    keyring: KeyRing
    catalogue: Mapping[str, Connector]
    flows: FlowCache

    def prepare(self, subscription_id: str, delivery: Delivery) -> tuple[NewEvent, ...]:
        """The events of one delivery, each with the runs it starts and the reasons why others do not start.

        Raises NoSuchSubscription, TriggerNotInstalled, SignatureError (not from the service, or nobody can tell) and SecretError (its
        key cannot be opened).
        """
        row = self.journal.subscriptions.get(subscription_id)
        if row is None:
            raise NoSuchSubscription("there is no such subscription")
        trigger = self._trigger(row.uses)
        if trigger is None:
            raise TriggerNotInstalled(row.uses)
        verdict = trigger.verify(delivery, self._keys(row))
        try:
            return self._events(row, trigger, delivery, verdict.stale)
        except strictjson.NotJson as error:
            return (self._unreadable(row, delivery, f"the body cannot be read: {error}", verdict.stale),)
        except _ConnectorFailed as error:
            # Refusing the delivery again and again would lose the subscription too.
            logger.error("the connector failed on a delivery", uses=row.uses, exc_info=True)
            return (self._unreadable(row, delivery, f"the connector failed on it: {error}", verdict.stale),)

    def _events(
        self, row: SubscriptionRow, trigger: WebhookTrigger, delivery: Delivery, stale: bool
    ) -> tuple[NewEvent, ...]:
        body = strictjson.parse(delivery.body)
        if not isinstance(body, Mapping):
            raise strictjson.NotJson("not a JSON object")
        events = _asked(lambda: trigger.events(body))
        if not events:
            return (self._unreadable(row, delivery, "the delivery carries no event", stale),)
        single = len(events) == 1
        return tuple(self._event(row, trigger, event, delivery.body if single else None, stale) for event in events)

    def _keys(self, row: SubscriptionRow) -> tuple[str, ...]:
        if row.signing_key is None:
            raise SignatureError("the subscription has no signing key yet")
        return (self.keyring.open(row.signing_key, owner=row.owner, of=row.id, field="signing_key"),)

    def _trigger(self, uses: str) -> WebhookTrigger | None:
        connector, _, name = uses.partition(".")
        found = self.catalogue.get(connector)
        return found.triggers.get(name) if found is not None else None

    def _unreadable(self, row: SubscriptionRow, delivery: Delivery, why: str, stale: bool) -> NewEvent:
        return NewEvent(
            subscription_id=row.id,
            source=EventSource.WEBHOOK,
            dedupe_key=_digest(delivery.body),
            body=delivery.body,
            event=None,
            stale=stale,
            error=why,
        )

    def _event(
        self, row: SubscriptionRow, trigger: WebhookTrigger, event: JsonObject, body: bytes | None, stale: bool
    ) -> NewEvent:
        problem = _shape_problem(trigger, event)
        outcomes = (
            []
            if problem
            else [self._judge(bound, event, row) for bound in self.journal.subscriptions.listeners(row.id)]
        )
        return NewEvent(
            subscription_id=row.id,
            source=EventSource.WEBHOOK,
            dedupe_key=_storable(_asked(lambda: trigger.dedupe_key(event))),
            body=body if body is not None else strictjson.dump(event).encode(),
            event=event,
            runs=tuple(item for item in outcomes if isinstance(item, NewRun)),
            refusals=tuple(item for item in outcomes if isinstance(item, EventOutcome)),
            stale=stale,
            error=problem,
        )

    def _judge(self, bound: BoundFlow, event: JsonObject, row: SubscriptionRow) -> NewRun | EventOutcome:
        """What one listening flow makes of the event."""

        def refuse(reason: str) -> EventOutcome:
            return EventOutcome(flow=bound.flow.id, digest=bound.flow.digest, trigger=bound.trigger, reason=reason)

        try:
            flow = self.flows.get(bound.flow.digest, bound.flow.source, bound.flow.file)
        except FlowFileError as error:
            return refuse(f"this release cannot read the flow's version: {error}")
        trigger = next((item for item in flow.triggers if item.id == bound.trigger), None)
        if trigger is None:
            return refuse(f"the version has no trigger {bound.trigger!r}")
        declared = self._trigger(trigger.uses)
        if declared is not None and not _asked(lambda: declared.accepts(trigger.given, event)):
            return refuse(f"the trigger asks for {strictjson.dump(trigger.given)}, and this event is none of them")
        reason, inputs = start_condition(flow, trigger, event)
        if reason is not None:
            return refuse(reason)
        return NewRun(flow=flow.id, digest=flow.digest, trigger=trigger.id, owner=row.owner, inputs=inputs)


def start_condition(flow: Flow, trigger: Trigger, event: JsonObject) -> tuple[str | None, JsonObject]:
    """Why no run starts (None when one does), and the inputs' defaults."""
    inputs = defaults(flow.inputs)
    missing = [name for name, spec in flow.inputs.items() if spec.required]
    if missing:
        return f"the input {missing[0]!r} has no default, and an event gives none", inputs
    if trigger.condition is None:
        return None, inputs
    context = {"trigger": event, "inputs": inputs, "flow": {"id": flow.id, "version": flow.version}}
    try:
        if trigger.condition.truth(context):
            return None, inputs
    except ExpressionError as error:
        return f"if failed: {error.message} ({error.place})", inputs
    return f"if was false: {trigger.condition.text} ({trigger.condition.place})", inputs


def defaults(specs: Mapping[str, InputSpec]) -> dict[str, Json]:
    return {name: spec.default for name, spec in specs.items() if not spec.required}


class _ConnectorFailed(Exception):
    """A connector's own code raised; the message is the exception's type."""


def _asked(question: Callable[[], T]) -> T:
    """A connector's answer. Raises _ConnectorFailed."""
    try:
        return question()
    except Exception as error:
        raise _ConnectorFailed(type(error).__name__) from error


def _storable(key: str) -> str:
    """A key that every database keeps: what a delivery says may be long, or hold characters that PostgreSQL refuses."""
    return key if len(key) <= LONGEST_KEY and key.isprintable() else _digest(key.encode(errors="surrogatepass"))


def _digest(text: bytes) -> str:
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def _shape_problem(trigger: WebhookTrigger, event: JsonObject) -> str | None:
    try:
        trigger.delivery.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"not in the shape of {trigger.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None
