"""What the invariants find, and what a test may allow. Owns these two values; judges nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tests.faults.witness import Call


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """One breach. ``what`` names the run, step or call."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What this test's faults make lawful.

    ``waiting``: flows whose runs may still be parked. ``twice``: places at the witness (``POST /shots``) whose effect may be there again, for the
    flow says so (``on_uncertain: retry``). ``late``: a paused worker may send a call that is safe to repeat after another one finished the step.
    ``paused``: claims must have been refused. ``slower``: how many times slower answers may be, on a machine that does other work too. ``unsent``:
    the test stored events that its client did not send.
    """

    waiting: Collection[str] = ()
    twice: Collection[str] = ()
    late: bool = False
    paused: bool = False
    slower: float = 1.0
    unsent: bool = False


def words(call: Call) -> str:
    return f"call {call.number} ({call.place} {call.name})"
