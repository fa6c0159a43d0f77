"""Plays a flow through the interpreter with answers at hand. Owns the check of inputs and the record of what happened.

It calls nothing and waits for nothing: a call takes as long as its answer says, a wait moves the virtual clock. Whoever answers may
raise; that ends the play. A sub-flow that is executed for real is played on the same clock, its steps named behind its caller's path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from engine.core.commands import (
    AwaitEvent,
    Begin,
    Branch,
    Call,
    Cut,
    Ending,
    Note,
    Outcome,
    Result,
    StartFlow,
    StepError,
    WaitUntil,
)
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import RunStatus, StepStatus
from engine.core.times import lasting
from engine.flow.model import Flow
from engine.runtime.rehearsal.answering import Answered, Answers, Child
from engine.runtime.rehearsal.answers import made_up
from engine.runtime.rehearsal.cases import Arrival, Refusal
from engine.runtime.rehearsal.children import facts_of_child, outcome_of_child
from engine.runtime.rehearsal.clock import NEVER, Clock, WaitsForEver
from engine.runtime.rehearsal.drive import CutOff, Frame, Frames, Moves, drive
from engine.runtime.rehearsal.played import Acted, Played, Record, Tried
from engine.runtime.rehearsal.start import fits_wait
from engine.sdk.connector import Action, Connector
from engine.sdk.errors import Kind
from engine.strictjson import Json, JsonObject


def play(
    flow: Flow,
    facts: RunFacts,
    catalogue: Mapping[str, Connector],
    answers: Answers,
    *,
    events: tuple[Arrival, ...] = (),
    cancel_ms: int | None = None,
) -> Played:
    """Walk the whole flow. ``events`` and ``cancel_ms`` count from its start. Raises what ``answers`` raises.

    A run that waits for an event that does not come, with nothing to end the wait, stays ``parked``; its ending's error names the step.
    """
    start, record = facts.started_at, Record()
    arrivals = tuple(replace(event, at_ms=start + event.at_ms) for event in sorted(events, key=lambda each: each.at_ms))
    clock = Clock(now=start, cancel_at=None if cancel_ms is None else start + cancel_ms, arrivals=arrivals)
    try:
        ending = clock.run(drive(interpret(flow, facts), _Stage(flow, facts, catalogue, answers, clock, record)))
    except WaitsForEver:
        path = record.awaiting
        error = StepError(step=path, kind="timeout", message="no event comes, and the wait has no timeout")
        ending = Ending(status=RunStatus.PARKED, error=error)
    return Played(ending=ending, steps=record.steps, took_ms=clock.now - start, waits=record.waits)


class _Stage:
    """The source of answers of one play. ``prefix``: the caller's path, of a sub-flow."""

    def __init__(
        self,
        flow: Flow,
        facts: RunFacts,
        catalogue: Mapping[str, Connector],
        answers: Answers,
        clock: Clock,
        record: Record,
        prefix: str = "",
        depth: int = 0,
    ) -> None:
        self._flow = flow
        self._facts = facts
        self._catalogue = catalogue
        self._answers = answers
        self._clock = clock
        self._record = record
        self._prefix = prefix
        self._depth = depth
        self._rested: dict[tuple[str, int], int] = {}

    def call(self, call: Call, frames: Frames) -> Moves[Outcome]:
        self._clock.go_on(frames)
        begun = self._begin(call.path)
        answered, action = self._answered(call)
        most = _most_ms(call, begun, frames)
        if answered.took_ms > most:
            answered = _too_late(call, action, most)
        ended = begun + answered.took_ms
        yield from self._clock.busy(ended, frames)
        outcome = self._outcome(call, answered.answer, ended)
        waited = self._rested.get((call.path, call.attempt), 0)
        tried = Tried(
            attempt=call.attempt, given=call.given, outcome=outcome, waited_ms=waited, took_ms=answered.took_ms
        )
        self._acted(call.path, call.step.uses, outcome, tried)
        return outcome

    def note(self, note: Note, frames: Frames) -> None:
        self._acted(
            note.path, note.uses, Outcome(status=note.status, output=note.output, error=note.error), cut=note.cut
        )

    def begin(self, begin: Begin, frames: Frames) -> int:
        self._clock.go_on(frames)
        return self._begin(begin.path)

    def wait(self, wait: WaitUntil, frames: Frames) -> Moves[None]:
        begun = self._clock.now
        self._begin(wait.path)
        try:
            yield from self._clock.rest(wait.at, frames)
        except CutOff:
            if wait.uses != "iteration":
                self._cut(wait.path, wait.uses)
            raise
        finally:
            self._waited(wait.path, wait.attempt, begun)

    def event(self, awaiting: AwaitEvent, frames: Frames) -> Moves[Outcome]:
        self._clock.go_on(frames)
        begun = self._begin(awaiting.path)
        try:
            event = yield from self._arrived(awaiting, frames)
        except CutOff:
            self._cut(awaiting.path, "wait")
            raise
        finally:
            self._waited(awaiting.path, 1, begun)
        outcome = Outcome(status=StepStatus.SUCCEEDED, output=event, ended_at=self._clock.now)
        if event is None:
            lasts = lasting(awaiting.step.timeout_ms or 0)
            place = awaiting.step.places.get("wait.event", awaiting.step.place)
            uses = awaiting.step.event.uses if awaiting.step.event is not None else "any kind"
            message = f"no event of {uses} that fits came within {lasts}"
            refusal = Refusal(kind=Kind.TIMEOUT.value, message=message)
            outcome = self._refused(awaiting.path, refusal, self._clock.now, place=str(place))
        self._acted(awaiting.path, "wait", outcome)
        return outcome

    def _arrived(self, awaiting: AwaitEvent, frames: Frames) -> Moves[JsonObject | None]:
        """The first event that fits, or None when the time is up."""
        clock = self._clock
        clock.arrivals += self._answers.arrivals(awaiting, clock.now)
        ends = NEVER if awaiting.ends_at is None else awaiting.ends_at
        self._record.awaiting = f"{self._prefix}{awaiting.path}"
        for number, arrival in sorted(enumerate(clock.arrivals), key=lambda each: each[1].at_ms):
            if arrival.at_ms >= ends:
                break
            if number in clock.taken or not fits_wait(awaiting, arrival, self._catalogue):
                continue
            yield from clock.rest(arrival.at_ms, frames)
            if number not in clock.taken:
                clock.taken.add(number)
                return arrival.event
        self._record.awaiting = f"{self._prefix}{awaiting.path}"
        yield from clock.rest(ends, frames)
        return None

    def flow(self, start: StartFlow, frames: Frames) -> Moves[Outcome]:
        self._clock.go_on(frames)
        begun = self._begin(start.path)
        answered = self._answers.flow(start)
        if isinstance(answered, Child):
            outcome = yield from self._child(start, answered, frames)
        else:
            yield from self._clock.busy(begun + answered.took_ms, frames)
            outcome = _of_mocked(start, answered.answer, self._clock.now)
        tried = Tried(attempt=1, given=start.given, outcome=outcome, took_ms=self._clock.now - begun)
        self._acted(start.path, f"flow {start.step.flow}", outcome, tried)
        return outcome

    def _child(self, start: StartFlow, child: Child, frames: Frames) -> Moves[Outcome]:
        """The other flow, on the same clock when it is waited for, else on one of its own that nobody looks at."""
        now, path = self._clock.now, f"{self._prefix}{start.path}"
        facts = facts_of_child(start, child.flow, self._flow, self._facts, now, depth=self._depth)
        if isinstance(facts, Refusal):
            return self._refused(start.path, facts, now, place=str(start.step.places.get("flow", start.step.place)))
        clock = self._clock if start.step.wait else Clock(now=now)
        stage = _Stage(
            child.flow, facts, self._catalogue, child.answers, clock, self._record, f"{path}.", self._depth + 1
        )
        moves = drive(interpret(child.flow, facts), stage, frames if start.step.wait else ())
        if start.step.wait:
            return outcome_of_child(start, (yield from moves), self._clock.now)
        clock.run(moves)
        return Outcome(status=StepStatus.SUCCEEDED, output={"run": facts.run_id}, ended_at=now)

    def branch(self, branch: Branch, frames: Frames) -> Moves[Mapping[int, Result]]:
        frame = Frame(path=branch.path)
        self._begin(branch.path)

        def begin(index: int) -> Moves[Result]:
            return drive(branch.child(index), self, (*frames, frame))

        return (yield from self._clock.side_by_side(branch, frame, begin))

    def _begin(self, path: str) -> int:
        self._record.begun.setdefault(f"{self._prefix}{path}", self._clock.now)
        return self._clock.now

    def _waited(self, path: str, attempt: int, begun: int) -> None:
        lasted = self._clock.now - begun
        self._rested[path, attempt] = lasted
        waits, whole = self._record.waits, f"{self._prefix}{path}"
        waits[whole] = waits.get(whole, 0) + lasted

    def _cut(self, path: str, uses: str) -> None:
        self._acted(path, uses, Outcome(status=StepStatus.CANCELLED))

    def _acted(
        self, path: str, uses: str, outcome: Outcome, tried: Tried | None = None, *, cut: Cut | None = None
    ) -> None:
        """The step has ended, or this attempt of it; it stands where it ended last."""
        whole, steps, now = f"{self._prefix}{path}", self._record.steps, self._clock.now
        before = steps.pop(whole, None)
        tries = [*(before.tries if before is not None else ()), *((tried,) if tried is not None else ())]
        steps[whole] = Acted(
            path=whole,
            uses=uses,
            status=outcome.status,
            output=outcome.output,
            error=outcome.error,
            tries=tries,
            cut=cut,
            begun_at=self._record.begun.get(whole, now),
            ended_at=now,
        )

    def _answered(self, call: Call) -> tuple[Answered, Action | None]:
        connector = self._catalogue.get(call.step.connector)
        if connector is None or call.step.action not in connector.actions:
            message = f"{call.step.uses} is not installed"
            return Answered(answer=Refusal(kind=Kind.INVALID.value, message=message)), None
        action = connector.actions[call.step.action]
        wrong = _wrong_input(action, call.given)
        if wrong is not None:
            return Answered(answer=wrong), action
        return self._answers.call(call, action), action

    def _outcome(self, call: Call, answer: Json | Refusal, ended: int) -> Outcome:
        if isinstance(answer, Refusal):
            place = str(call.step.places.get("uses", call.step.place))
            return self._refused(call.path, answer, ended, attempt=call.attempt, place=place)
        return Outcome(status=StepStatus.SUCCEEDED, output=answer, ended_at=ended)

    def _refused(self, path: str, refusal: Refusal, ended: int, *, attempt: int = 1, place: str) -> Outcome:
        error = StepError(
            step=path,
            kind=refusal.kind,
            message=refusal.message,
            status=refusal.status,
            attempt=attempt,
            place=place,
        )
        lost = refusal.kind == Kind.UNKNOWN_OUTCOME.value
        status = StepStatus.UNCERTAIN if lost else StepStatus.FAILED
        return Outcome(status=status, error=error, ended_at=ended)


def _of_mocked(start: StartFlow, answer: Json | Refusal, ended: int) -> Outcome:
    if isinstance(answer, Refusal):
        return outcome_of_child(start, answer, ended)
    return Outcome(status=StepStatus.SUCCEEDED, output=answer, ended_at=ended)


def _most_ms(call: Call, now: int, frames: Frames) -> int:
    """How long the attempt may last: its own time limit, and what is left of those around it."""
    return min([call.step.timeout_ms, *(frame.ends_at - now for frame in frames if frame.ends_at is not None)])


def _too_late(call: Call, action: Action | None, most_ms: int) -> Answered:
    """What the engine makes of an answer that did not come in time: a write that may not be repeated may have happened."""
    kind = Kind.TIMEOUT if action is None or _may_repeat(action, call.given) else Kind.UNKNOWN_OUTCOME
    message = f"{call.step.uses} did not answer within {lasting(most_ms)}"
    return Answered(answer=Refusal(kind=kind.value, message=message), took_ms=most_ms)


def _may_repeat(action: Action, given: JsonObject) -> bool:
    """Whether it is safe with these inputs, as far as that can be said without a connection's settings."""
    try:
        return action.may_repeat({}, action.given.model_validate(given))
    except ValidationError:
        return False


def _wrong_input(action: Action, given: JsonObject) -> Refusal | None:
    """What the engine would say about the input; a made-up text in it cannot be judged."""
    try:
        action.given.model_validate(given)
    except ValidationError as error:
        if made_up(given):
            return None
        first = error.errors(include_input=False, include_url=False)[0]
        field_name = ".".join(("with", *map(str, first["loc"])))
        return Refusal(kind=Kind.INVALID.value, message=f"{field_name}: {first['msg']}")
    return None
