"""Plays a flow through the pure interpreter with scripted answers. Owns the smallest driver there can be: a dict and a list."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.commands import Branch, Call, Command, Ending, Note, Outcome, Reply, Result, StepError, WaitUntil
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import StepStatus
from engine.flow.load import load_flow
from engine.strictjson import Json, JsonObject

HEADER = "id: t\nname: T\nconnections: {calendly: calendly}\n"
Answer = Callable[[Call], Outcome]


def output(value: Json) -> Outcome:
    return Outcome(status=StepStatus.SUCCEEDED, output=value, ended_at=1_000)


def failure(kind: str, *, at: int = 1_000) -> Callable[[Call], Outcome]:
    def answer(call: Call) -> Outcome:
        status = StepStatus.UNCERTAIN if kind == "unknown_outcome" else StepStatus.FAILED
        error = StepError(step=call.path, kind=kind, message=f"it was {kind}", attempt=call.attempt)
        return Outcome(status=status, error=error, ended_at=at)

    return answer


@dataclass
class Play:
    """``answers``: by path, an output, a function of the call, or a list of them by attempt. Unnamed steps answer ``{}``."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    waits: list[WaitUntil] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def run(self, text: str, *, trigger: JsonObject | None = None, inputs: JsonObject | None = None) -> Ending:
        flow = load_flow(HEADER + text, "t.yaml")
        facts = RunFacts(run_id="run-1", started_at=0, trigger=trigger or {}, inputs=inputs or {})
        ending = self._drive(interpret(flow, facts))
        assert isinstance(ending, Ending)
        return ending

    def _drive(self, steps: Generator[Command, Reply, Any]) -> Any:
        reply: Reply = None
        while True:
            try:
                command = steps.send(reply)
            except StopIteration as ended:
                return ended.value
            reply = self._answer(command)

    def _answer(self, command: Command) -> Reply:
        match command:
            case Call():
                self.calls.append(command)
                self.log.append(f"call {command.path}#{command.attempt}")
                return self._outcome(command)
            case Note():
                self.notes[command.path] = command
                self.log.append(f"note {command.path} {command.status}")
            case WaitUntil():
                self.waits.append(command)
                self.log.append(f"wait {command.path}#{command.attempt} {command.at}")
            case Branch():
                return self._branch(command)
        return None

    def _branch(self, branch: Branch) -> Sequence[Result]:
        results: list[Result] = []
        for index in range(branch.count):
            results.append(self._drive(branch.child(index)))
            if not results[-1].through:
                break
        return results

    def _outcome(self, call: Call) -> Outcome:
        answer = self.answers.get(call.path, {})
        if isinstance(answer, list):
            answer = answer[call.attempt - 1]
        return answer(call) if callable(answer) else output(answer)

    @property
    def paths(self) -> list[str]:
        return [call.path for call in self.calls]
