"""Where each character of a scalar stands in the file, when YAML writes it otherwise than it reads: quotes with escapes, folded and
literal blocks, texts over several lines. Owns that alignment; reads no YAML itself.

Folding only changes white space, and escapes stand one for one in order; so the text is laid along its source, word by word.
Sources: YAML 1.2.2 sections 7.3 (flow scalars), 8.1 (block scalars), 5.7 (escapes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.expressions.place import Layout

_SPACE = frozenset(" \t\n")
_HEX = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True, slots=True)
class Span:
    """Where a scalar begins: 0-based line and column of its first character (inside of quotes; of a block, of its first line)."""

    line: int
    column: int
    style: str


def layout_of(text: str, span: Span, lines: Sequence[str], file: str) -> Layout:
    """The layout of ``text``, which is what the scalar at ``span`` of a file of these lines reads as."""
    cursor = _Cursor(lines, span)
    offsets: list[int] = []
    starts: list[tuple[int, int]] = []
    expected: tuple[int, int] | None = None
    for offset, char in enumerate(text):
        here = cursor.take(char)
        if here != expected:
            offsets.append(offset)
            starts.append((here[0] + 1, here[1] + 1))
        expected = (here[0], here[1] + 1)
    if not offsets:
        offsets, starts = [0], [(span.line + 1, span.column + 1)]
    return Layout(file=file, offsets=tuple(offsets), starts=tuple(starts))


class _Cursor:
    """A place in the source that moves along with the text."""

    def __init__(self, lines: Sequence[str], span: Span) -> None:
        self._lines = lines
        self._line, self._column = span.line, span.column
        self._style = span.style

    def take(self, char: str) -> tuple[int, int]:
        """The place of ``char``, which comes next in the text; moves behind it."""
        if char in _SPACE:
            return self._take_space(char)
        self._skip_space()
        here = (self._line, self._column)
        if self._style == '"' and self._source() == "\\":
            self._column += self._escape()
        else:
            self._column += 2 if self._style == "'" and char == "'" else 1
        return here

    def _take_space(self, char: str) -> tuple[int, int]:
        if self._style == '"' and self._source() == "\\":
            self._skip_continuation()
        here = (self._line, self._column)
        if self._style == '"' and self._source() == "\\":
            self._column += self._escape()
        elif self._source() == char:
            self._column += 1
        elif char == "\n" and self._source() == "" and self._style in ("|", ">"):
            self._next_line()
        return here

    def _skip_space(self) -> None:
        while self._line < len(self._lines):
            self._skip_continuation()
            source = self._source()
            if source == "":
                self._next_line()
            elif source in _SPACE:
                self._column += 1
            else:
                return

    def _skip_continuation(self) -> None:
        """A backslash at the end of a line joins it with the next one."""
        while self._style == '"' and self._source() == "\\" and self._column == len(self._current()) - 1:
            self._next_line()
            while self._source() in (" ", "\t"):
                self._column += 1

    def _escape(self) -> int:
        letter = self._current()[self._column + 1 : self._column + 2]
        return 2 + _HEX.get(letter, 0)

    def _current(self) -> str:
        return self._lines[self._line] if self._line < len(self._lines) else ""

    def _source(self) -> str:
        return self._current()[self._column : self._column + 1]

    def _next_line(self) -> None:
        self._line, self._column = self._line + 1, 0
