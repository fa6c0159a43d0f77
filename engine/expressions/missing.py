"""The value of a field that is not there. Owns ``Missing``; finding out which path of an expression it stands for is explain.py's."""

from __future__ import annotations

from functools import partial
from typing import Any

from jinja2.runtime import StrictUndefined
from jinja2.utils import missing

from engine.expressions.errors import FieldMissing
from engine.expressions.values import type_name


class Missing(StrictUndefined):
    """Looking further into it stays the same missing field, so that ``default`` can deal with a whole path; every other use raises
    FieldMissing."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: Any = None) -> None:
        owner = None if obj is missing else obj
        message = hint if hint is not None else _describe(obj, name)
        super().__init__(message, obj, name, partial(FieldMissing, owner, name))  # type: ignore[arg-type]


def _describe(obj: object, name: object) -> str:
    if obj is missing:
        return f"{name} is not known here"
    return f"{type_name(obj)} has no {'element' if isinstance(name, int) else 'field'} {name!r}"
