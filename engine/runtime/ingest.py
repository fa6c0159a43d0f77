"""From a delivery to an event with its runs. Owns verification, parsing, deduplication keys, trigger conditions, and the refusals.

It answers from the journal alone and never touches Redis: the doorbell rings afterwards. It fails closed: no key, no entry. A signed body
that cannot be read is kept as an event with an error, because services disable hooks that fail. What comes to an address of our own and
cannot be used is refused instead, and nothing of it is kept: its sender can mend it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import ValidationError

from engine import log, strictjson
from engine.errors import HooklineError
from engine.flow.load import FlowCache
from engine.journal.ids import key_base
from engine.journal.journal import Journal
from engine.journal.records import BoundFlow, EventOutcome, EventSource, NewEvent, NewRun, SubscriptionRow
from engine.journal.seal import KeyRing
from engine.redaction import Redactor
from engine.runtime.inbound import HookKeys, declared, wanted_of, whose
from engine.runtime.pinned import Pinned
from engine.runtime.starting import starts
from engine.sdk.connector import AnyTrigger, Connector
from engine.sdk.errors import SignatureError
from engine.sdk.inbound import DeliveryRefused, InboundTrigger, Reply
from engine.sdk.webhook import Delivery, WebhookTrigger
from engine.strictjson import JsonObject

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


class TriggerFailed(Exception):
    """The connector's own code raised on a delivery to an address of ours; the message is the exception's type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Awaited:
    """The sender waits for the run: at most ``within_ms``, for the output of ``uses``, of which ``reply`` makes the answer."""

    within_ms: int
    uses: str
    reply: Callable[[JsonObject], Reply]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The events of one delivery, and whether its sender waits for the run that it starts."""

    events: tuple[NewEvent, ...]
    awaited: Awaited | None = None


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """Prepares events; storing them is the intake's."""

    journal: Journal
    keyring: KeyRing
    catalogue: Mapping[str, Connector]
    flows: FlowCache

    def prepare(self, subscription_id: str, delivery: Delivery) -> tuple[NewEvent, ...]:
        """The events of one delivery, each with the runs it starts and the reasons why others do not start. Raises as ``receive``."""
        return self.receive(subscription_id, delivery).events

    def receive(self, subscription_id: str, delivery: Delivery) -> Prepared:
        """What a delivery is.

        Raises NoSuchSubscription, TriggerNotInstalled, SignatureError (not from the service, or nobody can tell), DeliveryRefused (the
        sender is to blame), TriggerFailed and SecretError (its key cannot be opened).
        """
        row = self.journal.subscriptions.get(subscription_id)
        if row is None:
            raise NoSuchSubscription("there is no such subscription")
        trigger = declared(row.uses, self.catalogue)
        if isinstance(trigger, InboundTrigger):
            return self._called(row, trigger, delivery)
        if not isinstance(trigger, WebhookTrigger):
            raise TriggerNotInstalled(row.uses)
        return Prepared(events=self._delivered(row, trigger, delivery))

    def _delivered(self, row: SubscriptionRow, trigger: WebhookTrigger, delivery: Delivery) -> tuple[NewEvent, ...]:
        verdict = trigger.verify(delivery, self._keys(row))
        if delivery.method != "POST":
            raise DeliveryRefused(f"a webhook is a POST, not {delivery.method}", status=405)
        try:
            return self._events(row, trigger, delivery, verdict.stale)
        except strictjson.NotJson as error:
            return (self._unreadable(row, delivery, f"the body cannot be read: {error}", verdict.stale),)
        except _ConnectorFailed as error:
            # Refusing the delivery again and again would lose the subscription too.
            logger.error("the connector failed on a delivery", uses=row.uses, exc_info=True)
            return (self._unreadable(row, delivery, f"the connector failed on it: {error}", verdict.stale),)

    def _called(self, row: SubscriptionRow, trigger: InboundTrigger, delivery: Delivery) -> Prepared:
        """What came to an address of our own."""
        given = self._given(row)
        keys = HookKeys(keyring=self.keyring, redactor=Redactor()).open(row, now=round(delivery.received_at * 1000))
        try:
            verdict = trigger.verify(given, delivery, keys)
            event = trigger.read(given, delivery)
            key = trigger.dedupe_key(given, delivery)
            within = trigger.respond_within(given)
        except (DeliveryRefused, HooklineError):
            raise
        except Exception as error:
            logger.error("the connector failed on a delivery", uses=row.uses, exc_info=True)
            raise TriggerFailed(type(error).__name__) from error
        new = self._event(row, trigger, event, delivery.body, verdict.stale, key or f"once:{secrets.token_hex(16)}")
        awaited = None
        if within is not None and trigger.responds is not None and trigger.reply is not None:
            uses = f"{row.uses.partition('.')[0]}.{trigger.responds}"
            awaited = Awaited(within_ms=within, uses=uses, reply=trigger.reply)
        return Prepared(events=(new,), awaited=awaited)

    def _given(self, row: SubscriptionRow) -> JsonObject:
        """The ``with`` of the flow's active version, or of the one whose runs wait there. Raises NoSuchSubscription: who has no trigger any
        more listens to nobody."""
        flow_id, binding = whose(row)
        waits = binding.startswith("wait:")
        found = self.journal.flows.get(flow_id)
        # A flow that is disabled starts nothing, but what its runs await still comes.
        if found is not None and (found.enabled or waits):
            for wanted in wanted_of(self.flows.deployed(found.digest, found.source, found.file), self.catalogue):
                if wanted.id == binding:
                    return wanted.source.given
        pinned = Pinned(journal=self.journal, catalogue=self.catalogue, flows=self.flows)
        awaited = pinned.awaited(flow_id, binding) if waits else None
        if awaited is None:
            raise NoSuchSubscription("no flow listens there")
        return awaited.source.given

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
        return tuple(
            self._event(
                row,
                trigger,
                event,
                delivery.body if single else strictjson.dump(event).encode(),
                stale,
                self._key(row, trigger, event, delivery.received_at),
            )
            for event in events
        )

    def _key(self, row: SubscriptionRow, trigger: WebhookTrigger, event: JsonObject, received_at: float | None) -> str:
        """The event's dedupe key, or the one under which an earlier release has stored it. Raises _ConnectorFailed."""
        former = _asked(lambda: trigger.former_keys(event, received_at))
        known = self.journal.events.known(row.id, former) if former else frozenset()
        return min(known) if known else _asked(lambda: trigger.dedupe_key(event))

    def recovered(self, row: SubscriptionRow, trigger: WebhookTrigger, event: JsonObject) -> NewEvent:
        """An event that the service was asked for, as if it had been delivered."""
        key = self._key(row, trigger, event, None)
        body = strictjson.dump(event).encode()
        return self._event(row, trigger, event, body, stale=False, key=key, source=EventSource.RECOVERED)

    def _keys(self, row: SubscriptionRow) -> tuple[str, ...]:
        if row.signing_key is None:
            raise SignatureError("the subscription has no signing key yet")
        return (self.keyring.open(row.signing_key, owner=row.owner, of=row.id, field="signing_key"),)

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
        self,
        row: SubscriptionRow,
        trigger: AnyTrigger,
        event: JsonObject,
        body: bytes,
        stale: bool,
        key: str,
        source: EventSource = EventSource.WEBHOOK,
    ) -> NewEvent:
        problem = _shape_problem(trigger, event)
        recovered = source is EventSource.RECOVERED
        listeners = [] if problem else self.journal.subscriptions.listeners(row.id, recovered=recovered)
        outcomes = [outcome for bound in listeners for outcome in self._judge(bound, event, row)]
        dedupe_key = _storable(key)
        return NewEvent(
            subscription_id=row.id,
            source=source,
            dedupe_key=dedupe_key,
            body=body,
            event=event,
            runs=tuple(_keyed(item, row, dedupe_key) for item in outcomes if isinstance(item, NewRun)),
            refusals=tuple(item for item in outcomes if isinstance(item, EventOutcome)),
            stale=stale,
            error=problem,
        )

    def _judge(self, bound: BoundFlow, event: JsonObject, row: SubscriptionRow) -> Sequence[NewRun | EventOutcome]:
        """What one listening flow makes of the event."""

        def refuse(reason: str) -> Sequence[EventOutcome]:
            return [EventOutcome(flow=bound.flow.id, digest=bound.flow.digest, trigger=bound.trigger, reason=reason)]

        # What only a newer release can judge is not accepted here: the service delivers it again, and a process of that release takes it.
        flow = self.flows.deployed(bound.flow.digest, bound.flow.source, bound.flow.file)
        trigger = next((item for item in flow.triggers if item.id == bound.trigger), None)
        if trigger is None:
            return refuse(f"the version has no trigger {bound.trigger!r}")
        offered = declared(trigger.uses, self.catalogue)
        if offered is not None and not _asked(lambda: offered.accepts(trigger.given, event)):
            return refuse(f"the trigger asks for {strictjson.dump(trigger.given)}, and this event is none of them")
        return starts(flow, trigger, event, owner=row.owner)


def _keyed(run: NewRun, row: SubscriptionRow, dedupe_key: str) -> NewRun:
    """With what is the same when the event comes again: through another subscription of a changed trigger, into a database that was restored."""
    whence = (row.owner, row.connection, row.uses)
    return replace(run, key_base=key_base(*whence, dedupe_key, run.flow, run.trigger, run.index))


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


def _shape_problem(trigger: AnyTrigger, event: JsonObject) -> str | None:
    try:
        trigger.delivery.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"not in the shape of {trigger.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None
