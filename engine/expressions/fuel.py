"""How much work an evaluation may be. Owns ``Fuel``: every filter, test and operator burns its cost before it begins (costs.py says how much).

It counts steps, not time, so that an expression that is refused on one machine is refused on every one, and on every replay. A step
is what the slowest filter does in about a tenth of a microsecond on the machine of the measurement (``python -m tests.bench.expressions``).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.errors import Refused
from engine.expressions.limits import MAX_FUEL

CHARACTERS_PER_STEP = 64
"""Copying or comparing so many characters is one step."""

_WEIGHTLESS = frozenset({int, float, bool, type(None)})


class Exhausted(Refused):
    """The fuel does not suffice for what comes next; nothing of that was begun."""


class Fuel:
    """What is left of the work that one evaluation, or one rendering of several expressions, may do."""

    __slots__ = ("left",)

    def __init__(self, left: int = MAX_FUEL) -> None:
        self.left = left

    def burn(self, steps: int) -> None:
        """Pay for work that is about to begin. Raises Exhausted."""
        self.left -= steps
        if self.left < 0:
            raise Exhausted(
                f"this is more work than an expression may do ({MAX_FUEL:,} steps); select fewer items first, or take a foreach"
            )

    def weigh(self, value: object) -> int:
        """How many steps comparing, or going through, all of ``value`` takes. Finding out burns as many. Raises Exhausted."""
        if type(value) in _WEIGHTLESS:
            return 1
        weight, left = 0, [value]
        while left:
            found = left.pop()
            step = 1 + size(found)
            self.burn(step)
            weight += step
            if isinstance(found, list | tuple):
                left += [item for item in found if type(item) not in _WEIGHTLESS and not _is_short(item)]
            elif isinstance(found, (dict, Mapping)):
                left += [item for item in found.values() if type(item) not in _WEIGHTLESS and not _is_short(item)]
                weight += sum(map(len, found)) // CHARACTERS_PER_STEP
        return weight


def _is_short(item: object) -> bool:
    """Whether it is paid for as an item of what holds it: comparing a short text takes no longer than comparing a number."""
    return isinstance(item, str) and len(item) < CHARACTERS_PER_STEP


def size(value: object) -> int:
    """Items of a list or an object; of a text, how many steps its characters are; 0 for everything else."""
    if isinstance(value, str):
        return len(value) // CHARACTERS_PER_STEP
    return len(value) if isinstance(value, list | tuple | Mapping) else 0
