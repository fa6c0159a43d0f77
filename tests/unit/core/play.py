"""Plays a flow through the pure interpreter with scripted answers. Owns the smallest driver there can be, with a clock of its own.

It keeps what it was told in dicts, as the journal does, so that a play can be broken off at any point and taken up again by a new
generator. Everything runs one after the other: branches in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from engine.core.commands import (
    AwaitEvent,
    Begin,
    Branch,
    Call,
    Command,
    Cut,
    Ending,
    Limit,
    Note,
    Outcome,
    Reply,
    Result,
    StartFlow,
    StepError,
    WaitUntil,
)
from engine.core.interpreter import interpret
from engine.core.scope import RunFacts
from engine.core.statuses import StepStatus
from engine.flow.load import load_flow
from engine.strictjson import Json, JsonObject

HEADER = "id: t\nname: T\nconnections: {calendly: calendly}\n"
Answer = Callable[[Call], Outcome]


class Crash(Exception):
    """The process ended here; what was recorded stays."""


@dataclass(eq=False)
class Frame:
    """A Limit or a Branch around what is played now. ``ended``: the note that its step already has."""

    path: str
    ends_at: int | None = None
    cancellable: bool = False
    ended: Note | None = None


class CutOff(Exception):
    """What a frame holds is cut here."""

    def __init__(self, frame: Frame, why: Cut) -> None:
        super().__init__(frame.path, why)
        self.frame = frame
        self.why: Cut = why


def output(value: Json) -> Outcome:
    return Outcome(status=StepStatus.SUCCEEDED, output=value)


def failure(kind: str, *, at: int | None = None) -> Callable[[Call], Outcome]:
    def answer(call: Call) -> Outcome:
        status = StepStatus.UNCERTAIN if kind == "unknown_outcome" else StepStatus.FAILED
        error = StepError(step=call.path, kind=kind, message=f"it was {kind}", attempt=call.attempt)
        return Outcome(status=status, error=error, ended_at=at or 0)

    return answer


@dataclass
class Play:
    """``answers``: by path, an output, a function of the call, or a list of them by attempt. Unnamed steps answer ``{}``.

    ``took``: by path, how many milliseconds a call takes. ``events``: (instant, event). ``children``: by path, the outcome of a sub-flow.
    ``cancelled_at``: from when on the run is asked to end. ``crash_after``: how many things are recorded before the process ends.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    took: Mapping[str, int] = field(default_factory=dict)
    events: list[tuple[int, JsonObject]] = field(default_factory=list)
    children: Mapping[str, Outcome] = field(default_factory=dict)
    cancelled_at: int | None = None
    crash_after: int | None = None
    now: int = 0
    calls: list[Call] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    waits: list[WaitUntil] = field(default_factory=list)
    begun: dict[str, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    started: list[StartFlow] = field(default_factory=list)
    recorded: dict[tuple[str, int], Outcome] = field(default_factory=dict)
    iterations: dict[str, Result] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    def run(self, text: str, *, trigger: JsonObject | None = None, inputs: JsonObject | None = None) -> Ending:
        flow = load_flow(HEADER + text, "t.yaml")
        facts = RunFacts(run_id="run-1", started_at=0, trigger=trigger or {}, inputs=inputs or {})
        ending = self._drive(interpret(flow, facts), ())
        assert isinstance(ending, Ending)
        return ending

    def _drive(self, steps: Generator[Command, Reply, Any], frames: tuple[Frame, ...]) -> Any:
        reply: Reply = None
        while True:
            try:
                command = steps.send(reply)
            except StopIteration as ended:
                return ended.value
            reply = self._answer(command, frames)

    def _answer(self, command: Command, frames: tuple[Frame, ...]) -> Reply:
        match command:
            case Note():
                self._note(command)
                return None
            case Begin():
                return self._begin(command, frames)
            case WaitUntil():
                self._wait(command, frames)
                return None
            case Call():
                return self._recorded(command.path, command.attempt, frames, lambda: self._call(command))
            case AwaitEvent():
                return self._recorded(command.path, 1, frames, lambda: self._event(command, frames))
            case StartFlow():
                return self._recorded(command.path, 1, frames, lambda: self._child(command))
            case Limit():
                return self._limit(command, frames)
            case Branch():
                return self._branch(command, frames)

    def _new(self, frames: tuple[Frame, ...]) -> None:
        """Something that is not recorded is about to be done."""
        for frame in reversed(frames):
            if frame.ended is not None:
                raise CutOff(frame, frame.ended.cut or "lost")
        for frame in frames:
            if frame.ends_at is not None and self.now >= frame.ends_at:
                raise CutOff(frame, "timeout")
            if frame.cancellable and self.cancelled_at is not None and self.now >= self.cancelled_at:
                raise CutOff(frame, "cancelled")
        if self.crash_after is not None:
            if self.crash_after == 0:
                raise Crash
            self.crash_after -= 1

    def _recorded(self, path: str, attempt: int, frames: tuple[Frame, ...], do: Callable[[], Outcome]) -> Outcome:
        if (path, attempt) not in self.recorded:
            self._new(frames)
            self.recorded[path, attempt] = do()
        return self.recorded[path, attempt]

    def _note(self, note: Note) -> None:
        if note.path in self.notes:
            assert self.notes[note.path] == note, "a replay notes the same"
            return
        self.notes[note.path] = note
        self.log.append(f"note {note.path} {note.status}")

    def _begin(self, begin: Begin, frames: tuple[Frame, ...]) -> int:
        if begin.path not in self.begun:
            self._new(frames)
            self.begun[begin.path] = self.now
        return self.begun[begin.path]

    def _wait(self, wait: WaitUntil, frames: tuple[Frame, ...]) -> None:
        if wait.path in self.notes or (wait.path, wait.attempt) in self.recorded:
            return
        if any(frame.ended is not None for frame in frames):
            self._new(frames)
        if wait.at <= self.now:
            return
        self.waits.append(wait)
        self.log.append(f"wait {wait.path}#{wait.attempt} {wait.at}")
        self._pass_until(wait.at, frames)

    def _pass_until(self, at: int, frames: tuple[Frame, ...]) -> None:
        cuts = [frame.ends_at for frame in frames if frame.ends_at is not None]
        if self.cancelled_at is not None and any(frame.cancellable for frame in frames):
            cuts.append(self.cancelled_at)
        self.now = max(self.now, min([at, *cuts]))
        if self.now < at:
            self._new(frames)

    def _call(self, call: Call) -> Outcome:
        self.calls.append(call)
        self.log.append(f"call {call.path}#{call.attempt}")
        self.now += self.took.get(call.path, 0)
        answer = self.answers.get(call.path, {})
        if isinstance(answer, list):
            answer = answer[call.attempt - 1]
        outcome = cast(Outcome, answer(call)) if callable(answer) else output(answer)
        at = outcome.ended_at or self.now
        return Outcome(status=outcome.status, output=outcome.output, error=outcome.error, ended_at=at)

    def _event(self, awaited: AwaitEvent, frames: tuple[Frame, ...]) -> Outcome:
        for index, (at, event) in enumerate(self.events):
            in_time = awaited.ends_at is None or at < awaited.ends_at
            if index not in self.taken and in_time and awaited.matches(event):
                self._pass_until(at, frames)
                self.taken.add(index)
                return output(event)
        assert awaited.ends_at is not None, f"{awaited.path} would wait for ever"
        self._pass_until(awaited.ends_at, frames)
        error = StepError(step=awaited.path, kind="timeout", message="no event came")
        return Outcome(status=StepStatus.FAILED, error=error)

    def _child(self, start: StartFlow) -> Outcome:
        self.started.append(start)
        return self.children.get(start.path, output({}))

    def _limit(self, limit: Limit, frames: tuple[Frame, ...]) -> Result:
        frame = Frame(limit.path, limit.ends_at, limit.cancellable, self.notes.get(limit.path))
        try:
            return cast(Result, self._drive(limit.steps(), (*frames, frame)))
        except CutOff as cut:
            if cut.frame is not frame:
                raise
            return Result(cut=cut.why)

    def _branch(self, branch: Branch, frames: tuple[Frame, ...]) -> Mapping[int, Result]:
        ended = self.notes.get(branch.path)
        frame = Frame(branch.path, ended=ended if ended is not None and ended.cut is None else None)
        results: dict[int, Result] = {}
        for index in range(branch.count):
            own = f"{branch.path}[{index}]"
            if own in self.iterations:
                results[index] = self.iterations[own]
                if branch.resumed is not None:
                    branch.resumed(results[index])
            else:
                try:
                    results[index] = cast(Result, self._drive(branch.child(index), (*frames, frame)))
                except CutOff as cut:
                    if cut.frame is not frame:
                        raise
                    continue
                if branch.iterations and results[index].through:
                    self.iterations[own] = results[index]
            if _over(branch, results[index]):
                break
        return results

    @property
    def paths(self) -> list[str]:
        return [call.path for call in self.calls]


def _over(branch: Branch, result: Result) -> bool:
    if branch.join == "any":
        return result.through or result.stopped is not None
    return result.last or not result.through
