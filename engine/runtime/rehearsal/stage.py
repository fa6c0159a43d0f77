"""Plays a flow through the interpreter with answers at hand. Owns the virtual clock, the check of inputs and the record of what happened.

It calls nothing and waits for nothing: a call takes no time, a wait moves the clock. Whoever answers may raise; that ends the play.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, assert_never

from pydantic import ValidationError

from engine.core.commands import Branch, Call, Command, Ending, Note, Outcome, Reply, Result, StepError, WaitUntil
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import StepStatus
from engine.flow.model import Flow
from engine.runtime.rehearsal.answers import made_up
from engine.runtime.rehearsal.cases import Refusal
from engine.sdk.connector import Action, Connector
from engine.sdk.errors import Kind
from engine.strictjson import Json, JsonObject

EndT = TypeVar("EndT")
Answering: TypeAlias = "Callable[[Call, Action], Json | Refusal]"
"""Answers one attempt whose input was right: an output as JSON, or a failure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One attempt of an action. ``waited_ms``: how long the clock stood still for it before, for a retry."""

    attempt: int
    given: JsonObject
    outcome: Outcome
    waited_ms: int = 0


@dataclass(kw_only=True, slots=True)
class Acted:
    """What became of one step. ``tries`` is empty for a step that calls nothing, and for one that was skipped."""

    path: str
    uses: str
    status: StepStatus
    output: Json = None
    error: StepError | None = None
    tries: list[Tried] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """How a rehearsed run went. ``steps``: by path, in the order in which they ended; ``took_ms``: by the virtual clock."""

    ending: Ending
    steps: Mapping[str, Acted]
    took_ms: int

    @property
    def waited_ms(self) -> int:
        """All waits for retries together; those of iterations side by side count each."""
        return sum(tried.waited_ms for acted in self.steps.values() for tried in acted.tries)


def play(flow: Flow, facts: RunFacts, catalogue: Mapping[str, Connector], answering: Answering) -> Played:
    """Walk the whole flow. Raises what ``answering`` raises."""
    stage = _Stage(catalogue, answering, facts.started_at)
    ending = stage.drive(interpret(flow, facts))
    return Played(ending=ending, steps=stage.steps, took_ms=stage.clock - facts.started_at)


def lookups(path: str, step_id: str) -> tuple[str, str, str]:
    """The names under which something is told about a step, most exact first: ``each[0].read``, ``each.read``, ``read``."""
    return path, re.sub(r"\[\d+\]", "", path), step_id


class _Stage:
    def __init__(self, catalogue: Mapping[str, Connector], answering: Answering, clock: int) -> None:
        self._catalogue = catalogue
        self._answering = answering
        self._waits: dict[tuple[str, int], int] = {}
        self.clock = clock
        self.steps: dict[str, Acted] = {}

    def drive(self, walk: Generator[Command, Reply, EndT]) -> EndT:
        reply: Reply = None
        while True:
            try:
                command = walk.send(reply)
            except StopIteration as ended:
                result: EndT = ended.value
                return result
            reply = self._perform(command)

    def _perform(self, command: Command) -> Reply:
        match command:
            case Call():
                return self._call(command)
            case Note():
                self._note(command)
            case WaitUntil():
                self._waits[command.path, command.attempt] = max(0, command.at - self.clock)
                self.clock = max(self.clock, command.at)
            case Branch():
                return self._branch(command)
            case _:
                assert_never(command)
        return None

    def _note(self, note: Note) -> None:
        acted = Acted(path=note.path, uses=note.uses, status=note.status, output=note.output, error=note.error)
        self.steps[note.path] = acted

    def _call(self, call: Call) -> Outcome:
        outcome = self._outcome(call)
        acted = self.steps.setdefault(
            call.path, Acted(path=call.path, uses=call.step.uses, status=outcome.status, output=outcome.output)
        )
        acted.status, acted.output, acted.error = outcome.status, outcome.output, outcome.error
        waited = self._waits.get((call.path, call.attempt), 0)
        acted.tries.append(Tried(attempt=call.attempt, given=call.given, outcome=outcome, waited_ms=waited))
        return outcome

    def _outcome(self, call: Call) -> Outcome:
        action = self._action(call)
        if isinstance(action, Refusal):
            return self._refused(call, action)
        wrong = _wrong_input(action, call.given)
        if wrong is not None:
            return self._refused(call, wrong)
        answer = self._answering(call, action)
        if isinstance(answer, Refusal):
            return self._refused(call, answer)
        return Outcome(status=StepStatus.SUCCEEDED, output=answer, ended_at=self.clock)

    def _action(self, call: Call) -> Action | Refusal:
        connector = self._catalogue.get(call.step.connector)
        if connector is None or call.step.action not in connector.actions:
            return Refusal(kind=Kind.INVALID.value, message=f"{call.step.uses} is not installed")
        return connector.actions[call.step.action]

    def _refused(self, call: Call, refusal: Refusal) -> Outcome:
        error = StepError(
            step=call.path,
            kind=refusal.kind,
            message=refusal.message,
            status=refusal.status,
            attempt=call.attempt,
            place=str(call.step.places.get("uses", call.step.place)),
        )
        lost = refusal.kind == Kind.UNKNOWN_OUTCOME.value
        status = StepStatus.UNCERTAIN if lost else StepStatus.FAILED
        return Outcome(status=status, error=error, ended_at=self.clock)

    def _branch(self, branch: Branch) -> Sequence[Result]:
        """One child after the other, each on the clock of the lane that is free first: as long as it would take side by side."""
        lanes = [self.clock] * min(branch.limit, branch.count)
        results: list[Result] = []
        while len(results) < branch.count and (not results or results[-1].through):
            self.clock = heapq.heappop(lanes)
            results.append(self.drive(branch.child(len(results))))
            heapq.heappush(lanes, self.clock)
        self.clock = max(lanes, default=self.clock)
        return results


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
