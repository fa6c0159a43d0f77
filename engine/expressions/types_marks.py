"""Where values come from, as part of their types. Owns the marks, what carries them on and what takes them off; judges nothing.

``typed``: a stranger has typed it. ``secret``: the author wants it to be seen nowhere. ``plain``: it has a form in which nothing can be hidden
(an id, a time), whoever typed it; words out of a fixed list are so too. A text that is made of a marked one is marked too;
numbers, true and false carry nothing that could do harm.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Final, cast

from engine.expressions.types import ListOf, Member, Object, Scalar, Shape, Type

TYPED: Final = "typed"
SECRET: Final = "secret"
PLAIN: Final = "plain"
CLEANERS: Final = frozenset({"urlencode", "uuid", "parse_time", "format_time", "add", "minus"})
"""Filters after which a text is encoded, an id or a time, whoever typed it."""
_DEPTH = 3


class MarkedShape:
    """The fields of another shape, all of them marked."""

    __slots__ = ("_mark", "_shape")

    def __init__(self, shape: Shape, mark: str) -> None:
        self._shape, self._mark = shape, mark

    @property
    def label(self) -> str:
        return self._shape.label

    def field(self, name: str) -> Type | None:
        found = self._shape.field(name)
        return None if found is None else marked(found, self._mark)

    def names(self) -> Iterable[str]:
        return self._shape.names()


@lru_cache(maxsize=512)
def _marked_shape(shape: Hashable, mark: str) -> MarkedShape:
    """One for each, so that equal types stay the same."""
    return MarkedShape(cast(Shape, shape), mark)


def marked(found: Type, *marks: str) -> Type:
    """The type, where everything in it that can carry something has these marks."""
    return tuple(_with(member, marks) for member in found) if marks else found


def _with(member: Member, marks: Iterable[str]) -> Member:
    if isinstance(member, ListOf):
        return ListOf(marked(member.item, *marks))
    if isinstance(member, Object):
        shape: Shape = member.shape
        for mark in marks:
            shape = _marked_shape(cast(Hashable, shape), mark)
        return Object(shape, tuple((name, marked(one, *marks)) for name, one in member.changes), member.event)
    if member.kind in ("text", "any"):
        harmless = member.values is not None or PLAIN in member.marks
        marks = [mark for mark in marks if mark != TYPED or not harmless]
        return Scalar(member.kind, member.values, member.excluded, member.marks.union(marks))
    return member


def marks_of(found: Type, depth: int = _DEPTH) -> frozenset[str]:
    """The marks of anything in it, as deep as authors look."""
    marks: frozenset[str] = frozenset()
    for member in found:
        if isinstance(member, Scalar):
            marks |= member.marks
        elif depth > 0 and isinstance(member, ListOf):
            marks |= marks_of(member.item, depth - 1)
        elif depth > 0 and isinstance(member, Object):
            for name in member.shape.names():
                marks |= marks_of(member.field(name) or (), depth - 1)
    return marks


def carried(made: Type, *sources: Type, by: str = "") -> Type:
    """What a filter, method or operator has made of ``sources``: marked as they are. ``by``: the filter's name."""
    if not any(member.kind in ("text", "any", "list") for member in made):
        return made
    marks = frozenset().union(*map(marks_of, sources))
    marks -= {PLAIN, TYPED} if by in CLEANERS else {PLAIN}
    return _keeping(made, marks)


def _keeping(made: Type, marks: frozenset[str]) -> Type:
    return marked(made, *sorted(marks)) if marks - marks_of(made, 1) else made
