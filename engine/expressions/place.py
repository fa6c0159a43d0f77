"""Where in the author's file a character of a text stands. Owns that sum; how YAML lays a text out is engine.flow.layout's."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TypeAlias

from engine.errors import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A text that is written otherwise than it reads: over several lines, or with escapes.

    ``offsets``: where runs of characters begin that stand side by side in the file, ascending from 0; ``starts``: their 1-based
    line and column.
    """

    file: str
    offsets: tuple[int, ...]
    starts: tuple[tuple[int, int], ...]

    def at(self, offset: int) -> Place:
        run = bisect_right(self.offsets, max(offset, 0)) - 1
        line, column = self.starts[run]
        return Place(file=self.file, line=line, column=column + max(offset, 0) - self.offsets[run])


Origin: TypeAlias = "Place | Layout"


def at(origin: Origin, text: str, offset: int) -> Place:
    """The place of ``text[offset]``; a text that begins at a plain Place has its later lines in the same column."""
    if isinstance(origin, Layout):
        return origin.at(offset)
    before = text[: max(offset, 0)]
    lines = before.count("\n")
    if not lines:
        return Place(file=origin.file, line=origin.line, column=origin.column + len(before))
    return Place(
        file=origin.file, line=origin.line + lines, column=origin.column + len(before) - (before.rfind("\n") + 1)
    )
