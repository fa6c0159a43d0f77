"""Text with expressions and statements in it. Owns taking it apart: ``{{ }}``, ``{% for %}`` and ``{% if %}``; rendering is render.py's.

Statements stand in text only. What they repeat or choose is text with expressions in it again; there is no other statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from engine.errors import ExpressionError
from engine.expressions import place
from engine.expressions.compile import Expression, closing, compile_part
from engine.expressions.limits import MAX_NESTING

_MARK = re.compile(r"\{\{|\{%")
_WORD = re.compile(r"\s*([a-z]*)")
_FOR = re.compile(r"\s*for\s+([a-z][a-z0-9_]{0,63})\s+in\s", re.ASCII)
_TAKEN = frozenset(
    {
        *("trigger", "inputs", "vars", "steps", "loop", "error", "run", "flow", "event"),
        *("and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "null", "self", "super"),
    }
)
_ENDS = {"for": "endfor", "if": "endif"}


@dataclass(frozen=True, slots=True)
class Repeat:
    """``{% for variable in items %}…{% else %}…{% endfor %}``; the other text is for an empty list. ``loop.index`` counts from 0."""

    variable: str
    items: Expression
    body: tuple[Piece, ...]
    otherwise: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """``{% if condition %}…{% else %}…{% endif %}``; an ``elif`` is a choice in the other text."""

    condition: Expression
    body: tuple[Piece, ...]
    otherwise: tuple[Piece, ...]


Piece: TypeAlias = "str | Expression | Repeat | Choice"


def pieces_of(text: str, begin: place.Origin) -> tuple[Piece, ...]:
    """The pieces of ``text``, which stands at ``begin``. Raises ExpressionError at the first wrong character or word."""
    reader = _Reader(text, begin)
    found, end = reader.read(0)
    if end is not None:
        reader.refuse(
            f"{{% {end.word} %}} has nothing to end; it needs a {{% for %}} or {{% if %}} before it", end.start
        )
    return found


@dataclass(frozen=True, slots=True)
class _Tag:
    """``{% word … %}``: ``start`` at its first brace, ``inside`` behind its word, ``close`` at its ``%}``."""

    word: str
    start: int
    inside: int
    close: int


class _Reader:
    def __init__(self, text: str, begin: place.Origin) -> None:
        self._text, self._begin, self._at = text, begin, 0

    def refuse(self, message: str, offset: int) -> NoReturn:
        raise ExpressionError(message, place=place.at(self._begin, self._text, offset))

    def read(self, depth: int) -> tuple[tuple[Piece, ...], _Tag | None]:
        """The pieces up to a tag that begins nothing, and that tag."""
        found: list[Piece] = []
        while mark := _MARK.search(self._text, self._at):
            if mark.start() > self._at:
                found.append(self._text[self._at : mark.start()])
            if mark[0] == "{{":
                self._at = closing(self._text, mark.start(), self._begin)
                found.append(compile_part(self._text, mark.start() + 2, self._at - 2, self._begin))
                continue
            tag = self._tag(mark.start())
            self._at = tag.close + 2
            if tag.word not in _ENDS:
                return tuple(found), tag
            if depth >= MAX_NESTING:
                self.refuse("the statements are nested too deeply", tag.start)
            found.append(self._repeat(tag, depth) if tag.word == "for" else self._choice(tag, tag, depth))
        if self._at < len(self._text):
            found.append(self._text[self._at :])
            self._at = len(self._text)
        return tuple(found), None

    def _tag(self, start: int) -> _Tag:
        close = self._text.find("%}", start + 2)
        if close < 0:
            self.refuse("this {% has no closing %}; {{ '{%' }} writes these two characters", start)
        if self._text[start + 2] in "-+" or self._text[close - 1] in "-+":
            self.refuse("{%- and -%} are not supported; write {% %}", start)
        word = _WORD.match(self._text, start + 2, close)
        name = word[1] if word else ""
        if name not in (*_ENDS, *_ENDS.values(), "elif", "else"):
            self.refuse(
                f"there is no statement {name!r}; there are for, if, elif and else, and {{{{ '{{%' }}}} writes these two characters",
                start,
            )
        return _Tag(name, start, word.end() if word else start + 2, close)

    def _repeat(self, tag: _Tag, depth: int) -> Repeat:
        head = _FOR.match(self._text, tag.start + 2, tag.close)
        if head is None:
            self.refuse("a loop reads {% for item in list %}", tag.start)
        if head[1] in _TAKEN:
            self.refuse(f"{head[1]} has a meaning of its own; call the loop's variable otherwise", head.start(1))
        items = self._expression(head.end(), tag)
        body, end = self.read(depth + 1)
        otherwise: tuple[Piece, ...] = ()
        if end is not None and end.word == "else":
            otherwise, end = self.read(depth + 1)
        self._must_end(tag, end)
        return Repeat(head[1], items, body, otherwise)

    def _choice(self, tag: _Tag, first: _Tag, depth: int) -> Choice:
        if depth >= MAX_NESTING:
            self.refuse("the statements are nested too deeply", tag.start)
        condition = self._expression(tag.inside, tag)
        body, end = self.read(depth + 1)
        if end is not None and end.word == "elif":
            return Choice(condition, body, (self._choice(end, first, depth + 1),))
        otherwise: tuple[Piece, ...] = ()
        if end is not None and end.word == "else":
            otherwise, end = self.read(depth + 1)
        self._must_end(first, end)
        return Choice(condition, body, otherwise)

    def _expression(self, start: int, tag: _Tag) -> Expression:
        if not self._text[start : tag.close].strip():
            self.refuse(f"{{% {tag.word} %}} needs an expression", tag.start)
        return compile_part(self._text, start, tag.close, self._begin)

    def _must_end(self, tag: _Tag, end: _Tag | None) -> None:
        if end is None:
            self.refuse(f"this {{% {tag.word} %}} has no {{% {_ENDS[tag.word]} %}}", tag.start)
        if end.word != _ENDS[tag.word]:
            self.refuse(f"here {{% {_ENDS[tag.word]} %}} is expected, not {{% {end.word} %}}", end.start)
