"""Triggers that the clock fires. Owns binding a flow's timers, firing slots that have come, and what becomes of those that were missed.

Which instants are slots, the connector says; what time it is, the database. The journal fires a slot once, whoever asks: several schedulers
at once are safe. A slot is missed when it fires more than a minute late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine import log, strictjson
from engine.errors import NewerRelease, UnavailableError
from engine.flow.load import FlowCache
from engine.flow.model import Flow, Trigger
from engine.journal.records import EventOutcome, EventSource, NewEvent, NewRun
from engine.journal.timetable import DueSchedule, NewSchedule, ScheduleRow
from engine.runtime.inbound import declared
from engine.runtime.pinned import normal_given
from engine.runtime.starting import starts
from engine.sdk.connector import Connector
from engine.sdk.timer import TimerTrigger
from engine.strictjson import JsonObject

if TYPE_CHECKING:
    from engine.journal.journal import Journal

LATE_MS = 60_000
"""A slot that fires later than this was missed."""

MOST_MISSED = 1_000
"""Missed slots of one schedule that ``catch_up: all`` fires at most, the newest so many, oldest first."""

BATCH = 100
"""Slots of one schedule that are fired before the scheduler looks at other work."""

RING_IN_MS = 2_000
"""The scheduler rings by itself; should that be lost, it does again after this long."""

AGAIN_MS = 3_600_000
"""When a schedule is looked at again whose connector failed."""

logger = log.get(__name__)


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """The timers of one installation."""

    journal: Journal
    catalogue: Mapping[str, Connector]
    flows: FlowCache
    _left: set[str] = field(default_factory=set, init=False, repr=False)
    """Versions of which the log has said already that this release cannot read them."""

    def bind(self, flow: Flow, *, owner: str) -> None:
        """Make the flow's schedules (and no others). One that is as before goes on; a new or changed one starts from now."""
        now = self.journal.now()
        self.journal.schedules.bind(
            flow.id, owner, [self._new(item.id, item.uses, given, now) for item, given in self._timers(flow)]
        )

    def unbind(self, flow_id: str, *, owner: str) -> None:
        """Forget the flow's schedules, and with them what they missed."""
        self.journal.schedules.bind(flow_id, owner, [])

    def fire(self) -> Sequence[str]:
        """Fire what has come; the ids of the runs that it started. Raises DatabaseUnavailable."""
        if self.journal.schedules.next_due_in() != 0:
            return []
        started: list[str] = []
        for due in self.journal.schedules.due():
            try:
                started += self._fire(due)
            except NewerRelease as error:
                # Its slot stays due for a scheduler of that release; the others' slots must not wait for it.
                if due.flow.digest not in self._left:
                    self._left.add(due.flow.digest)
                    logger.warning("left to a scheduler of a newer release", flow=due.flow.id, reason=error.message)
            except UnavailableError:
                raise
            except Exception:
                # A connector's bug, or one that is not installed here: the others' slots must not wait for it.
                row = due.schedule
                logger.error(
                    "a schedule cannot be fired; tried again in an hour", flow=row.flow, uses=row.uses, exc_info=True
                )
                self.journal.schedules.skip(row, next_at=row.now + AGAIN_MS)
        return started

    def _timers(self, flow: Flow) -> Sequence[tuple[Trigger, JsonObject]]:
        return [
            (trigger, normal_given(self.catalogue, trigger))
            for trigger in flow.triggers
            if isinstance(declared(trigger.uses, self.catalogue), TimerTrigger)
        ]

    def _new(self, trigger: str, uses: str, given: JsonObject, now: int) -> NewSchedule:
        return NewSchedule(trigger=trigger, uses=uses, given=given, next_at=self._timer(uses).next_after(given, now))

    def _timer(self, uses: str) -> TimerTrigger:
        found = declared(uses, self.catalogue)
        if not isinstance(found, TimerTrigger):
            raise LookupError(f"{uses} is not installed")
        return found

    def _fire(self, due: DueSchedule) -> Sequence[str]:
        row, timer = due.schedule, self._timer(due.schedule.uses)
        slots = due_slots(timer, row)
        started: list[str] = []
        for slot in slots[:BATCH]:
            next_at = timer.next_after(row.given, slot)
            accepted = self.journal.schedules.fire(
                row, slot, self._event(due, timer, slot), next_at=next_at, ring_in_ms=RING_IN_MS
            )
            if accepted is None:
                return started
            started += accepted.run_ids
            row = replace(row, next_at=next_at, last_slot=slot)
        if not slots:
            self.journal.schedules.skip(row, next_at=timer.next_after(row.given, row.now - LATE_MS))
        return started

    def _event(self, due: DueSchedule, timer: TimerTrigger, slot: int) -> NewEvent:
        row = due.schedule
        event = timer.event(row.given, slot, row.now - slot > LATE_MS)
        outcomes = self._outcomes(due, event)
        return NewEvent(
            subscription_id=row.source,
            source=EventSource.SCHEDULE,
            dedupe_key=str(slot),
            body=strictjson.dump(event).encode(),
            event=event,
            runs=tuple(item for item in outcomes if isinstance(item, NewRun)),
            refusals=tuple(item for item in outcomes if isinstance(item, EventOutcome)),
        )

    def _outcomes(self, due: DueSchedule, event: JsonObject) -> Sequence[NewRun | EventOutcome]:
        row, found = due.schedule, due.flow

        def refuse(reason: str) -> Sequence[EventOutcome]:
            return [EventOutcome(flow=found.id, digest=found.digest, trigger=row.trigger, reason=reason)]

        flow = self.flows.deployed(found.digest, found.source, found.file)
        trigger = next((item for item in flow.triggers if item.id == row.trigger), None)
        if trigger is None:
            return refuse(f"the version has no trigger {row.trigger!r}")
        return starts(flow, trigger, event, owner=row.owner)


def due_slots(timer: TimerTrigger, row: ScheduleRow) -> Sequence[int]:
    """The slots to fire now, oldest first, up to one more than BATCH. None: everything that has come was missed and is not wanted.

    ``last`` fires the last of the missed slots only, and nothing missed beside a slot that is on time.
    """
    assert row.next_at is not None
    if timer.next_after(row.given, row.next_at - 1) != row.next_at:
        # It was put there to be looked at again, and is no slot.
        return _from(timer, row, row.now - LATE_MS)
    if row.now - row.next_at <= LATE_MS:
        return _from(timer, row, row.next_at - 1)
    match timer.catch_up(row.given):
        case "none":
            return _from(timer, row, row.now - LATE_MS)
        case "last":
            return _newest(timer, row, 1)
        case "all":
            return _all(timer, row)


def _all(timer: TimerTrigger, row: ScheduleRow) -> Sequence[int]:
    assert row.next_at is not None
    found = _from(timer, row, row.next_at - 1, most=MOST_MISSED + 1)
    if len(found) <= MOST_MISSED:
        return found[: BATCH + 1]
    logger.warning("more slots were missed than are caught up on", flow=row.flow, trigger=row.trigger, most=MOST_MISSED)
    return _newest(timer, row, MOST_MISSED)[: BATCH + 1]


def _from(timer: TimerTrigger, row: ScheduleRow, after: int, *, most: int = BATCH + 1) -> list[int]:
    """The slots later than ``after`` that have come."""
    found: list[int] = []
    slot = timer.next_after(row.given, after)
    while slot is not None and slot <= row.now and len(found) < most:
        found.append(slot)
        slot = timer.next_after(row.given, slot)
    return found


def _newest(timer: TimerTrigger, row: ScheduleRow, count: int) -> list[int]:
    """The last ``count`` slots that have come, none before ``next_at``: looked for further and further back, so that a year of minutes costs no more."""
    assert row.next_at is not None
    first, span = row.next_at - 1, LATE_MS
    while True:
        after = max(first, row.now - span)
        found: deque[int] = deque(maxlen=count)
        slot = timer.next_after(row.given, after)
        while slot is not None and slot <= row.now:
            found.append(slot)
            slot = timer.next_after(row.given, slot)
        if len(found) == count or after == first:
            return list(found)
        span *= 4
