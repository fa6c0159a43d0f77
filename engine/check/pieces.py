"""Texts with expressions and statements in them. Owns what is known inside of their loops and choices; judging is references.py's."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check import codes
from engine.check.references import Judge
from engine.check.scope import Scope
from engine.errors import Finding
from engine.expressions import Expression
from engine.expressions.templates import Choice, Piece, Repeat
from engine.expressions.types import INTEGER, Type, has, in_words, looped_over, record


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
                item = _item(piece, judge.type_of(piece.items, scope), scope, judge)
                inner = scope.with_name(piece.variable, item).with_name("loop", record({"index": INTEGER}))
                yield from written(piece.body, inner, judge)
                yield from written(piece.otherwise, scope, judge)


def _item(piece: Repeat, found: Type, scope: Scope, judge: Judge) -> Type:
    text = piece.items.text.strip()
    if has(found, "any"):
        if has(found, "null") and not (scope.dead or scope.vague):
            message = f"{text} may be null here; a loop needs a list: ask is not none before, or use default([], true)"
            judge.add(Finding(place=piece.items.place, code=codes.MAY_BE_NULL, message=message))
    elif any(member.kind != "list" for member in found):
        message = f"a loop needs a list, but {text} is {in_words(found)}"
        judge.add(Finding(place=piece.items.place, code=codes.NOT_A_LIST, message=message))
    return looped_over(found)
