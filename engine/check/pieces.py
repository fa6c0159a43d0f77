"""Texts with expressions and statements in them. Owns what is known inside of their loops and choices; judging is references.py's."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check import codes
from engine.check.references import Judge
from engine.check.scope import Scope
from engine.errors import Finding
from engine.expressions import Expression
from engine.expressions.templates import Choice, Piece, Repeat
from engine.expressions.types import ANY, INTEGER, ListOf, Type, has, in_words, items_of, record


def written(pieces: tuple[Piece, ...], scope: Scope, judge: Judge) -> Iterator[tuple[Expression, Type]]:
    """Every expression whose value the text shows, with its type there; those of statements are judged too."""
    for piece in pieces:
        match piece:
            case Expression():
                yield piece, judge.type_of(piece, scope)
            case Choice():
                judge.type_of(piece.condition, scope)
                yield from written(piece.body, scope.assume(piece.condition, True), judge)
                yield from written(piece.otherwise, scope.assume(piece.condition, False), judge)
            case Repeat():
                item = _item(piece, judge.type_of(piece.items, scope), judge)
                inner = scope.with_name(piece.variable, item).with_name("loop", record({"index": INTEGER}))
                yield from written(piece.body, inner, judge)
                yield from written(piece.otherwise, scope, judge)


def _item(piece: Repeat, found: Type, judge: Judge) -> Type:
    lists = tuple(member for member in found if isinstance(member, ListOf))
    if not found or has(found, "any"):
        return ANY
    if len(lists) < len(found):
        message = f"a loop needs a list, but {piece.items.text} is {in_words(found)}"
        judge.add(Finding(place=piece.items.place, code=codes.NOT_A_LIST, message=message))
    return items_of(lists) if lists else ANY
