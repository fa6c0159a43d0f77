"""Jinja's tokens, by offset. Owns the mapping from tokens to character offsets in an author's text; parses nothing.

Jinja numbers lines only. Its tokens' texts add up to the source, so that counting them gives the exact character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Lexer

from engine.expressions.limits import MAX_EXPRESSION

# Python's unicode-escape decoder warns about, or half-decodes, everything else.
_ESCAPES = re.compile(
    r"""\\(?:[\\'"nrtbf]|x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4})"""
)
_SPACE_FOR_RETURN = str.maketrans("\r", " ")


class NotClosed(Exception):
    """A ``{{`` without its ``}}``."""


def by_offset(lexer: Lexer, source: str, state: str | None) -> Iterator[tuple[int, str, str]]:
    """The tokens of ``source`` with their offsets in the place of line numbers. Raises TemplateSyntaxError, ``lineno`` = offset."""
    offset = 0
    try:
        for _, kind, text in lexer.tokeniter(source.translate(_SPACE_FOR_RETURN), None, None, state):
            if kind == "string":
                _check_escapes(text)
            yield offset, kind, text
            offset += len(text)
    except TemplateSyntaxError as error:
        error.lineno = offset
        raise


def _check_escapes(text: str) -> None:
    at = text.find("\\")
    while at >= 0:
        found = _ESCAPES.match(text, at)
        if not found:
            raise TemplateSyntaxError(
                f"the escape {text[at : at + 2]} is not known in a text; write \\\\ for a backslash", 0
            )
        at = text.find("\\", found.end())


def end_of_expression(lexer: Lexer, text: str, start: int) -> int:
    """Offset just behind the ``}}`` that closes the ``{{`` whose content begins at ``start``.

    Raises NotClosed when there is none within the longest expression allowed, and TemplateSyntaxError with ``lineno`` = offset.
    """
    window = text[start : start + MAX_EXPRESSION + 2]
    try:
        for offset, kind, value in by_offset(lexer, window, "variable"):
            if kind == "variable_end":
                if value != "}}":
                    raise TemplateSyntaxError("-}} is not supported; write }}", offset)
                return start + offset + 2
    except TemplateSyntaxError as error:
        if "}}" not in window:
            raise NotClosed from None
        error.lineno += start
        raise
    raise NotClosed
