"""What can be wrong with an expression before there are data. Owns the values that say so; putting them into words is the checker's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.expressions.references import Path
from engine.expressions.types import Type

ProblemKind = Literal["name", "field", "fallback", "absent", "null", "type", "never"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong. ``offset``: of the wrong word in the expression's text; ``path``: up to that word, where it has one.

    ``owner``: the object that lacks the field. ``message``: the whole sentence for ``type`` and ``never``, who needs the value for
    ``null``, else nothing. ``dead``: whether no run comes to the word.
    """

    kind: ProblemKind
    offset: int
    path: Path = ()
    owner: Type = ()
    certain: bool = False
    message: str = ""
    dead: bool = False


Report: TypeAlias = Callable[[Problem], None]
