"""Closing gaps: events whose deliveries were lost are asked for at the service and fed in. Owns the asking, the feeding and the notes of it.

A recovered event goes the way of a delivered one (shape, dedupe key, conditions, runs, awaited events); what was delivered after all, before
or afterwards, is known by its key. A gap may take hours to read, within its connection's budget: it is read in a thread of its own, what
is found is stored at once, and whoever takes a gap up again finds that known. The gap is closed only when it was read to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine import log
from engine.core.times import iso
from engine.errors import HooklineError, NotFoundError, UnavailableError
from engine.journal.records import ConnectionRow, SubscriptionRow
from engine.metrics import Metrics
from engine.runtime.connections import Connections
from engine.runtime.ingest import Ingest
from engine.runtime.patient_http import Interrupted, PatientHttp
from engine.runtime.registrar import require_connection
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Http
from engine.sdk.inbound import InboundTrigger
from engine.sdk.webhook import MissedEvent, MissedRequest, WebhookTrigger
from engine.strictjson import JsonObject

HOLD_MS = 60_000
"""Longer than one call with its waiting, after each of which it is extended."""

AGAIN_MS = 60_000
REFUSED_AGAIN_MS = 600_000
BATCH = 50
RING_IN_MS = 2_000
MARGIN_SECONDS = 60.0
"""On both ends: the service's clock and the database's may differ, and a notification is made after what it tells of."""

MOST_NAMED = 5
"""Of what a reading came upon and could not get, the note names so many; the log names all."""

logger = log.get(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a time held: an event that happened, and whether it is known (delivered, or recovered before)."""

    event: JsonObject
    at: float
    known: bool


@dataclass(kw_only=True, slots=True)
class Tally:
    """What became of the events of a gap: all that ``happened``, and those that were ``missed`` and fed in, with the ``runs`` they started.

    ``lost``: what the service did not show, in words."""

    happened: int = 0
    missed: int = 0
    runs: int = 0
    lost: list[str] = field(default_factory=list)


class CannotBeAsked(Exception):
    """The connector has no way to ask its service for what happened; the message says so."""


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Reads and closes gaps. ``ring`` is given the ids of runs that were started; ``pause(seconds)`` returns True when the process stops."""

    connections: Connections
    ingest: Ingest
    pause: Callable[[float], bool]
    ring: Callable[[Sequence[str]], None] = lambda run_ids: None
    metrics: Metrics = field(default_factory=Metrics)

    def round(self) -> None:
        """Fill the gap that is open longest, if there is one that can be filled now. To be called every few seconds."""
        paused = {_key(row) for row in self.connections.journal.connections.list() if row.paused}
        store = self.connections.journal.subscriptions
        for row in store.gaps():
            if (row.owner, row.connection) in paused:
                continue
            taken = store.take_gap(row.id, for_ms=HOLD_MS)
            if taken is not None:
                self.fill(taken)
                return

    def fill(self, row: SubscriptionRow) -> None:
        """Read a gap that was taken, feed in what was missed, and close it; or note why not, and leave it for later."""
        assert row.gap_from is not None
        store, why = self.connections.journal.subscriptions, (row.gap_note or "").partition("; ")[0]
        since, until, tally = row.gap_from / 1000 - MARGIN_SECONDS, self.until(), Tally()
        try:
            self.feed_all(row, since=since, until=until, tally=tally)
            note = f"{said(tally, since, until)}{self._lacking(row, tally.lost)}"
        except CannotBeAsked as error:
            note = str(error)
        except Interrupted as error:
            store.keep_gap(row.id, for_ms=0, note=_joined(why, f"not read to its end: {error}"))
            return
        except UnavailableError:
            raise
        except Exception as error:  # a connector that fails on one gap must not keep the others open
            self._leave(row, why, error)
            return
        if store.close_gap(row.id, gap_from=row.gap_from, note=_joined(why, self.connections.redactor.text(note))):
            logger.info("gap closed", uses=row.uses, connection=row.connection, subscription=row.id[:8], note=note)

    def until(self) -> float:
        """The end of a time that is read now. By no process's clock: what is later than this would never be asked for."""
        return self.connections.journal.now() / 1000 + MARGIN_SECONDS

    def _leave(self, row: SubscriptionRow, why: str, error: Exception) -> None:
        refused = not isinstance(error, ServiceError) or error.kind in (Kind.AUTH, Kind.PERMISSION, Kind.INVALID)
        words = self.connections.redactor.text(
            str(error) if isinstance(error, HooklineError) else f"the connector failed: {type(error).__name__}"
        )
        self.metrics.gap_failures.add()
        self.connections.journal.subscriptions.keep_gap(
            row.id, for_ms=REFUSED_AGAIN_MS if refused else AGAIN_MS, note=_joined(why, f"not read to its end: {words}")
        )
        logger.warning(
            "what was missed could not be read; tried again",
            uses=row.uses,
            connection=row.connection,
            reason=words,
            exc_info=not isinstance(error, HooklineError),
        )

    def feed_all(self, row: SubscriptionRow, *, since: float, until: float, tally: Tally) -> None:
        """Feed in what happened from ``since`` until ``until``, and count it. Raises as ``found``."""
        store, trigger = self.connections.journal.subscriptions, self._trigger(row)
        batch: list[JsonObject] = []
        http = self._http(row, trigger, alive=lambda: store.keep_gap(row.id, for_ms=HOLD_MS))
        try:
            for item in _read(http, trigger, _request(row, since, until, tally.lost)):
                batch.append(item.event)
                if len(batch) == BATCH:
                    full, batch = batch, []
                    self._store(row, trigger, full, tally)
        finally:
            # Also of a gap that cannot be read to its end, now or ever.
            self._store(row, trigger, batch, tally)

    def feed(self, row: SubscriptionRow, events: Sequence[JsonObject]) -> Tally:
        """Feed in these events of the service, in order. Raises NotFoundError."""
        tally, trigger = Tally(), self._trigger(row)
        for start in range(0, len(events), BATCH):
            self._store(row, trigger, events[start : start + BATCH], tally)
        return tally

    def found(self, row: SubscriptionRow, *, since: float, until: float, lost: list[str]) -> Iterator[Found]:
        """What the service says has happened; nothing is stored. ``lost`` gets what it did not show.

        Raises CannotBeAsked, NotFoundError, ServiceError, and Interrupted.
        """
        trigger = self._trigger(row)
        for item in _read(self._http(row, trigger), trigger, _request(row, since, until, lost)):
            key = self.ingest.recovered(row, trigger, item.event).dedupe_key
            known = bool(self.connections.journal.events.known(row.id, [key]))
            yield Found(event=item.event, at=item.at, known=known)

    def unrecoverable(self, row: SubscriptionRow) -> Sequence[str]:
        """What the service does not show, in words. Raises NotFoundError."""
        return self._trigger(row).unrecoverable(row.given)

    def _http(self, row: SubscriptionRow, trigger: WebhookTrigger, *, alive: Callable[[], None] = lambda: None) -> Http:
        if trigger.missed is None:
            raise CannotBeAsked(f"{row.uses} has no way to ask its service for what was missed: nothing is recovered")
        require_connection(self.connections, row)
        return PatientHttp(
            connections=self.connections, name=row.connection, owner=row.owner, pause=self.pause, alive=alive
        )

    def _store(self, row: SubscriptionRow, trigger: WebhookTrigger, events: Sequence[JsonObject], tally: Tally) -> None:
        batch = [self.ingest.recovered(row, trigger, event) for event in events]
        for item in self.connections.journal.events.accept(batch, ring_in_ms=RING_IN_MS):
            tally.happened += 1
            tally.missed += not item.duplicate
            tally.runs += len(item.run_ids) + len(item.held)
            self.metrics.recovered_events.add(outcome="duplicate" if item.duplicate else "accepted")
            if not item.duplicate:
                logger.info("event recovered", event_id=item.event_id, runs=len(item.run_ids))
            self.ring(item.run_ids)

    def _lacking(self, row: SubscriptionRow, lost: Sequence[str]) -> str:
        for what in lost:
            logger.warning("not recoverable", uses=row.uses, connection=row.connection, what=what)
        more = [f"{len(lost) - MOST_NAMED} more, which the log names"] if len(lost) > MOST_NAMED else []
        words = [*self.unrecoverable(row), *lost[:MOST_NAMED], *more]
        return f"; not recoverable: {', '.join(words)}" if words else ""

    def _trigger(self, row: SubscriptionRow) -> WebhookTrigger:
        connector, _, name = row.uses.partition(".")
        declaring = self.connections.connector(connector)
        if isinstance(declaring.triggers.get(name), InboundTrigger):
            raise CannotBeAsked(
                "nobody can be asked what was sent to an address of ours; its senders know what they got no answer to"
            )
        found = declaring.webhooks.get(name)
        if found is None:
            raise NotFoundError(f"the connector {connector} has no webhook trigger {name!r}")
        return found


def _request(row: SubscriptionRow, since: float, until: float, lost: list[str]) -> MissedRequest:
    return MissedRequest(given=row.given, since=since, until=until, lost=lost.append)


def _read(http: Http, trigger: WebhookTrigger, request: MissedRequest) -> Iterator[MissedEvent]:
    assert trigger.missed is not None
    for item in trigger.missed(http, request):
        # A service may show more than the trigger asks for.
        if request.since <= item.at < request.until and trigger.accepts(request.given, item.event):
            yield item


def said(tally: Tally, since: float, until: float) -> str:
    """What reading a time came to."""
    span = f"{_when(since)} to {_when(until)}"
    known = tally.happened - tally.missed
    return f"asked for {span}: {tally.happened} happened, {tally.missed} of them missed and fed in, {known} known"


def _joined(why: str, found: str) -> str:
    return f"{why}; {found}" if why else found


def _when(at: float) -> str:
    return f"{iso(round(at * 1000))[:19]}Z"


def _key(row: ConnectionRow) -> tuple[str, str]:
    return row.owner, row.name
