"""What became of a rehearsed run. Owns the record that the stage writes and that judges and printers read; plays nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.core.commands import Cut, Ending, Outcome, StepError
from engine.core.statuses import StepStatus
from engine.strictjson import Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One attempt of an action or of starting a flow. ``waited_ms``: how long the clock stood still for it before, for a retry."""

    attempt: int
    given: JsonObject
    outcome: Outcome
    waited_ms: int = 0
    took_ms: int = 0


@dataclass(kw_only=True, slots=True)
class Acted:
    """What became of one step. ``tries`` is empty for a step that calls nothing, and for one that was skipped.

    ``begun_at``, ``ended_at``: milliseconds since the epoch, by the virtual clock.
    """

    path: str
    uses: str
    status: StepStatus
    output: Json = None
    error: StepError | None = None
    tries: list[Tried] = field(default_factory=list)
    cut: Cut | None = None
    """Why what the step holds was cut."""
    begun_at: int = 0
    ended_at: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """How a rehearsed run went. ``steps``: by path, in the order in which they ended; ``took_ms``: by the virtual clock.

    ``waits``: by path, how long the run stood still there. A round's interval stands under the path of the round, ``each[1]``.
    """

    ending: Ending
    steps: Mapping[str, Acted]
    took_ms: int
    waits: Mapping[str, int]

    @property
    def waited_ms(self) -> int:
        """All waits together; those of branches and iterations side by side count each."""
        return sum(self.waits.values())

    def waited_in(self, path: str) -> int:
        """What the step and the steps inside of it waited."""
        inside = (f"{path}.", f"{path}[")
        return sum(ms for at, ms in self.waits.items() if at == path or at.startswith(inside))

    def took_in(self, path: str) -> int:
        """From the first thing that the step or a step inside of it did until its end."""
        inside = (f"{path}.", f"{path}[")
        begun = [acted.begun_at for at, acted in self.steps.items() if at == path or at.startswith(inside)]
        return self.steps[path].ended_at - min(begun) if path in self.steps else 0


@dataclass(kw_only=True, slots=True)
class Record:
    """What a play and the plays inside of it did so far."""

    steps: dict[str, Acted] = field(default_factory=dict)
    waits: dict[str, int] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    awaiting: str = ""
