"""Plays a flow through the interpreter with answers at hand. Owns the replies: no journal, no service, no clock."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from engine.core.commands import Branch, Call, Command, Ending, Note, Outcome, Reply, StepError
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import StepStatus
from engine.flow import Flow
from engine.strictjson import Json, JsonObject

EndT = TypeVar("EndT")
NOON = 1_772_452_800_000


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What happened: the ending, the calls with what they were given, and the status of every step."""

    ending: Ending
    calls: list[tuple[str, JsonObject]]
    statuses: Mapping[str, str]


@dataclass
class _Stage:
    answers: Mapping[str, Json]
    calls: list[tuple[str, JsonObject]] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)

    def play(self, walk: Generator[Command, Reply, EndT]) -> EndT:
        reply: Reply = None
        try:
            while True:
                reply = self._reply(walk.send(reply))
        except StopIteration as end:
            ended: EndT = end.value
            return ended

    def _reply(self, command: Command) -> Reply:
        if isinstance(command, Branch):
            return [self.play(command.child(index)) for index in range(command.count)]
        if isinstance(command, Note):
            self.statuses[command.path] = command.status.value
        return self._call(command) if isinstance(command, Call) else None

    def _call(self, call: Call) -> Outcome:
        self.calls.append((call.step.action, call.given))
        answer = self.answers.get(call.step.action)
        status = StepStatus.FAILED if answer is None else StepStatus.SUCCEEDED
        self.statuses[call.path] = status.value
        error = (
            StepError(step=call.path, kind="not_found", message="no answer was prepared") if answer is None else None
        )
        return Outcome(status=status, output=answer, error=error, ended_at=NOON)


def starts(flow: Flow, trigger: int, event: JsonObject) -> bool:
    """Whether the trigger at that position takes the event."""
    condition = flow.triggers[trigger].condition
    return condition is None or condition.truth({"trigger": event, "inputs": _defaults(flow)})


def rehearse(flow: Flow, event: JsonObject, answers: Mapping[str, Json]) -> Rehearsal:
    """Run ``flow`` on ``event``; ``answers``: output by action, an action without one fails."""
    stage = _Stage(answers)
    facts = RunFacts(run_id="run-1", started_at=NOON, trigger=event, inputs=_defaults(flow))
    return Rehearsal(ending=stage.play(interpret(flow, facts)), calls=stage.calls, statuses=stage.statuses)


def _defaults(flow: Flow) -> dict[str, Json]:
    return {name: spec.default for name, spec in flow.inputs.items()}
