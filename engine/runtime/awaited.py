"""Waits for events. Owns hearing what came, judging it, and how the wait ends; which subscription it is was decided by the deploy."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.commands import AwaitEvent, Outcome, StepError
from engine.core.statuses import STEP_FINAL, StepStatus
from engine.core.times import clock, iso, lasting
from engine.errors import HooklineError
from engine.flow.model import AwaitedEvent, Flow
from engine.journal.records import Run, StepChange
from engine.journal.wakers import Heard
from engine.runtime.connections import Connections
from engine.runtime.frames import Frames, Guard
from engine.runtime.inbound import Wanted, declared
from engine.runtime.ledger import LEASE_MS, Ledger, Refused, settled
from engine.runtime.pinned import row_key
from engine.sdk.errors import Kind
from engine.strictjson import JsonObject, canonical

DAY_MS = 86_400_000
LOOK_AGAIN_MS = DAY_MS
"""A waiting run is woken by what it hears; without a time limit it looks by itself this often."""


class CannotWait(Exception):
    """Nothing would ever be heard; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """The waits for events of one run."""

    run: Run
    flow: Flow
    connections: Connections
    ledger: Ledger
    guard: Guard

    def wait(self, command: AwaitEvent, frames: Frames) -> Outcome:
        """Raises Parked until the event has come or the time is up."""
        row = self.ledger.recorded(command.path)
        if row is not None and row.status in STEP_FINAL:
            if row.status is StepStatus.CANCELLED:
                self.guard.cut_again(frames)
            return self.ledger.outcome(row)
        self.guard.begin(frames)
        try:
            event = _awaited(command)
            subscription_id = self._subscription(command, event)
        except (CannotWait, HooklineError) as error:
            outcome = self._failed(command, Kind.INVALID.value, str(error))
            self.ledger.settle(command.path, 1, "wait", outcome)
            return outcome
        self._listen(command, event, subscription_id)
        taken = self._take(command, event)
        if taken is not None:
            return taken
        now = self.ledger.now()
        if command.ends_at is None or now < command.ends_at:
            in_ms = LOOK_AGAIN_MS if command.ends_at is None else command.ends_at - now
            raise self.guard.parked(frames, in_ms, self._why(event, command.ends_at))
        lasted = lasting(command.step.timeout_ms or 0)
        outcome = self._failed(command, Kind.TIMEOUT.value, f"no event of {event.uses} that fits came within {lasted}")
        self._end(command.path, settled(command.path, 1, "wait", outcome))
        return outcome

    def _listen(self, command: AwaitEvent, event: AwaitedEvent, subscription_id: str) -> None:
        change = StepChange(
            path=command.path,
            attempt=1,
            uses="wait",
            status=StepStatus.WAITING,
            given={"uses": event.uses, "with": dict(event.given)},
            waiting_for=self._why(event, command.ends_at),
        )
        waits, claim = self.connections.journal.waits, self.ledger.claim
        pulse = self.ledger.through(
            lambda changes: waits.await_event(
                claim, changes, path=command.path, subscription_id=subscription_id, lease_ms=LEASE_MS
            ),
            change,
        )
        self.ledger.heard(pulse)

    def _take(self, command: AwaitEvent, event: AwaitedEvent) -> Outcome | None:
        """The first event that fits, if one came; those before it are passed over."""
        waits = self.connections.journal.waits
        passed: list[str] = []
        for heard in waits.heard(self.run.id, command.path):
            if self._fits(command, event, heard.event):
                outcome = Outcome(status=StepStatus.SUCCEEDED, output=heard.event, ended_at=self.ledger.now())
                try:
                    self._end(
                        command.path,
                        settled(command.path, 1, "wait", outcome, secure=command.step.secure),
                        taken=heard,
                    )
                    return outcome
                except Refused:
                    continue  # Another wait of the run was first.
            passed.append(heard.event_id)
        if passed:
            waits.pass_over(self.ledger.claim, command.path, passed)
        return None

    def _fits(self, command: AwaitEvent, event: AwaitedEvent, found: JsonObject) -> bool:
        trigger = declared(event.uses, self.connections.catalogue)
        return (trigger is None or trigger.accepts(event.given, found)) and command.matches(found)

    def _end(self, path: str, *last: StepChange, taken: Heard | None = None) -> None:
        """Raises Refused when the event is not to be had any more."""
        waits, claim = self.connections.journal.waits, self.ledger.claim
        event_id = None if taken is None else taken.event_id
        pulse = self.ledger.through(
            lambda changes: waits.end_wait(claim, changes, path=path, taken=event_id, lease_ms=LEASE_MS), *last
        )
        self.ledger.heard(pulse)

    def end(self, cut: StepChange) -> None:
        """The wait was cut."""
        if cut.given is not None:  # Else it waits for an instant.
            self._end(cut.path)

    def _subscription(self, command: AwaitEvent, event: AwaitedEvent) -> str:
        """Raises CannotWait: nobody can hear what no subscription delivers."""
        wanted = Wanted(id=f"wait:{command.step.id}", source=event, waits=True)
        name, uses, given = row_key(self.connections.catalogue, self.flow, wanted)
        sought = (self.run.owner, name, uses, canonical(given))
        for row in self.connections.journal.subscriptions.list():
            if (row.owner, row.connection, row.uses, canonical(row.given)) == sought:
                return row.id
        raise CannotWait(f"there is no subscription for {uses} any more; deploy the flow again: hookline deploy FILE")

    def _failed(self, command: AwaitEvent, kind: str, message: str) -> Outcome:
        place = str(command.step.places.get("wait.event", command.step.place))
        error = StepError(step=command.path, kind=kind, message=message, place=place)
        return Outcome(status=StepStatus.FAILED, error=error, ended_at=self.ledger.now())

    def _why(self, event: AwaitedEvent, ends_at: int | None) -> str:
        name = self.flow.connections.get(event.connection, event.connection)
        connector = event.uses.partition(".")[0]
        until = "" if ends_at is None else f" until {iso(ends_at)[:10]} {clock(ends_at)}"
        return f"an event of {event.uses} on {connector}/{name}{until}"


def _awaited(command: AwaitEvent) -> AwaitedEvent:
    assert command.step.event is not None, "the interpreter awaits events for such steps only"
    return command.step.event
