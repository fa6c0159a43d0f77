"""The loop between the interpreter and whoever answers it in a rehearsal. Owns the dispatch of commands and what cuts a list of steps.

There are two sources of answers: the stage (mocks and a virtual clock) and the record of a run. A walk is driven as a generator of the
instants at which it wants to go on, so that walks can stand side by side on one clock without a thread.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar, assert_never

from engine.core.commands import (
    AwaitEvent,
    Begin,
    Branch,
    Call,
    Command,
    Cut,
    Limit,
    Note,
    Outcome,
    Reply,
    Result,
    StartFlow,
    WaitUntil,
)

EndT = TypeVar("EndT")
Moves: TypeAlias = "Generator[int, None, EndT]"
"""Yields instants (milliseconds since the epoch) at which it wants to go on; may be resumed earlier when something is cut."""


@dataclass(eq=False, kw_only=True, slots=True)
class Frame:
    """A Limit or a Branch around a list of steps. ``lost``: nothing more begins in it; ``hurried``: nothing in it may wait any more."""

    path: str
    ends_at: int | None = None
    cancellable: bool = False
    lost: bool = False
    hurried: bool = False


Frames: TypeAlias = tuple[Frame, ...]
"""All that is around a list of steps, outermost first."""


class CutOff(Exception):
    """What ``frame`` holds is cut where it stands."""

    def __init__(self, frame: Frame, why: Cut) -> None:
        super().__init__(frame.path, why)
        self.frame = frame
        self.why: Cut = why


class Source(Protocol):
    """Answers commands. Any of these may raise CutOff for one of ``frames``, and whatever ends the whole rehearsal."""

    def call(self, call: Call, frames: Frames) -> Moves[Outcome]: ...

    def note(self, note: Note, frames: Frames) -> None: ...

    def begin(self, begin: Begin, frames: Frames) -> int: ...

    def wait(self, wait: WaitUntil, frames: Frames) -> Moves[None]: ...

    def event(self, awaiting: AwaitEvent, frames: Frames) -> Moves[Outcome]: ...

    def flow(self, start: StartFlow, frames: Frames) -> Moves[Outcome]: ...

    def branch(self, branch: Branch, frames: Frames) -> Moves[Mapping[int, Result]]: ...


def drive(walk: Generator[Command, Reply, EndT], source: Source, frames: Frames = ()) -> Moves[EndT]:
    """Drive ``walk`` to its end; the value is what it returns. Raises CutOff when something around it ends first."""
    reply: Reply = None
    try:
        while True:
            try:
                command = walk.send(reply)
            except StopIteration as ended:
                result: EndT = ended.value
                return result
            reply = yield from _answered(command, source, frames)
    finally:
        walk.close()


def _answered(command: Command, source: Source, frames: Frames) -> Moves[Reply]:
    match command:
        case Call():
            return (yield from source.call(command, frames))
        case Note():
            source.note(command, frames)
        case Begin():
            return source.begin(command, frames)
        case WaitUntil():
            yield from source.wait(command, frames)
        case AwaitEvent():
            return (yield from source.event(command, frames))
        case StartFlow():
            return (yield from source.flow(command, frames))
        case Branch():
            return (yield from source.branch(command, frames))
        case Limit():
            return (yield from _limit(command, source, frames))
        case _:
            assert_never(command)
    return None


def _limit(limit: Limit, source: Source, frames: Frames) -> Moves[Result]:
    frame = Frame(path=limit.path, ends_at=limit.ends_at, cancellable=limit.cancellable)
    try:
        return (yield from drive(limit.steps(), source, (*frames, frame)))
    except CutOff as cut:
        if cut.frame is not frame:
            raise
        return Result(cut=cut.why)
