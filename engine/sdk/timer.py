"""What a connector says about a trigger that the clock fires. Owns the declaration; when it is looked at, and firing, are the engine's.

A slot is an instant at which the trigger is to fire: milliseconds since the epoch, UTC. Everything here is pure: the same parameters and
the same instant give the same slot, in every process and after every restart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.sdk.trigger import TriggerType
from engine.strictjson import JsonObject

CatchUp: TypeAlias = Literal["none", "last", "all"]
"""Which of the slots fire that passed while no scheduler ran: none of them, the last one only, or all."""


def _none(given: JsonObject) -> CatchUp:
    return "none"


@dataclass(frozen=True, kw_only=True)
class TimerTrigger(TriggerType):
    """A trigger that fires at slots.

    ``next_after(given, instant)``: the first slot later than ``instant``, None when there is none any more.
    ``event(given, slot, missed)``: what arrives; ``missed`` when the slot is caught up on. ``catch_up(given)``: what becomes of missed slots.
    """

    next_after: Callable[[JsonObject, int], int | None]
    event: Callable[[JsonObject, int, bool], JsonObject]
    catch_up: Callable[[JsonObject], CatchUp] = _none
