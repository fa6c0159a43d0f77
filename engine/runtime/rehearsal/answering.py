"""Who answers for services and other flows while a flow is played. Owns that seam; whoever plays or rehearses stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.core.commands import AwaitEvent, Call, StartFlow
from engine.flow.model import Flow
from engine.runtime.rehearsal.cases import Arrival, Refusal
from engine.sdk.connector import Action
from engine.strictjson import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What came of one attempt, and how long it took in milliseconds."""

    answer: Json | Refusal
    took_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """Another flow that is executed for real within the play, and who answers for it."""

    flow: Flow
    answers: Answers


class Answers(Protocol):
    """May raise, which ends the play."""

    def call(self, call: Call, action: Action) -> Answered:
        """One attempt whose input was right."""

    def flow(self, start: StartFlow) -> Answered | Child:
        """What the other flow gives back, or the flow itself."""

    def arrivals(self, awaiting: AwaitEvent, now: int) -> tuple[Arrival, ...]:
        """Events that come because they are waited for, besides those of the test; ``at_ms`` since the epoch."""
