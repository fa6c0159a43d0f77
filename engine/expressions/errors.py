"""What goes wrong inside an expression. Owns the exceptions that filters and operators raise; only compile.py catches them,
and turns each into an ExpressionError with a place."""

from __future__ import annotations

from jinja2.exceptions import UndefinedError


class Refused(Exception):
    """A filter, a test or an operator cannot work on what it was given; the message is for an author."""


class FilterRefused(Refused):
    """``Refused``, with the name of the filter, test or method as the author wrote it."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


class FieldMissing(UndefinedError):
    """Something was used that is not there: ``name`` of ``owner``, or a root called ``name`` when ``owner`` is None."""

    def __init__(self, owner: object, name: object, message: str) -> None:
        super().__init__(message)
        self.owner = owner
        self.name = name
