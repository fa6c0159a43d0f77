"""Compiling and evaluating one expression. Owns ``Expression`` and turning everything that can go wrong into ExpressionError.

Compiling parses and admits the syntax; the Python code that Jinja writes from it is made when the expression is first evaluated, so
that checking many flows stays cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from jinja2 import nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.runtime import new_context

from engine.errors import ExpressionError, Place
from engine.expressions import explain, place, tokens
from engine.expressions.errors import FieldMissing, FilterRefused, Refused
from engine.expressions.fuel import Fuel
from engine.expressions.place import Origin
from engine.expressions.references import Reference, references
from engine.expressions.sandbox import Frame, sandbox
from engine.expressions.syntax import parse
from engine.expressions.values import Meter
from engine.strictjson import Json, JsonObject

_RESULT = "_result"
_PER_EVALUATION = 50


@dataclass(frozen=True, kw_only=True)
class Expression:
    """One expression. ``text``: without braces and white space around it; ``place``: where that begins. Made by compile_expression."""

    text: str
    place: Place
    origin: Origin = field(repr=False, compare=False)
    start: int = field(repr=False, compare=False)
    """Where the expression begins in the text that stands at ``origin``."""
    written: str = field(repr=False, compare=False)
    """That whole text."""
    tree: nodes.Expr = field(repr=False, compare=False)

    def evaluate(self, context: JsonObject) -> Json:
        """The expression's value as plain JSON, a copy. Raises ExpressionError, and nothing else, when the data do not fit it."""
        return self.evaluate_on(Meter(), context)

    def evaluate_for_loop(self, context: JsonObject) -> Json:
        """As ``evaluate``, for what a loop loops over: it may be larger. Raises ExpressionError."""
        return self.evaluate_on(Meter(loop=True), context)

    def evaluate_on(self, meter: Meter, context: JsonObject) -> Json:
        """As ``evaluate``, where several expressions share one limit of size and of work."""
        try:
            return meter.copy(self._run(context, meter.fuel))
        except Exception as error:
            raise self._explained(error, context) from None

    def truth(self, context: JsonObject) -> bool:
        """Whether the value counts as true: not false, null, zero or empty. Raises ExpressionError."""
        return bool(self.evaluate(context))

    def references(self) -> tuple[Reference, ...]:
        """Every path that the expression reads, in the order of the text."""
        return self._references

    @cached_property
    def _references(self) -> tuple[Reference, ...]:
        return tuple(references(self.tree, self.text, self.place_of))

    @cached_property
    def _run(self) -> Callable[[JsonObject, Fuel], object]:
        environment = sandbox()
        self.tree.set_environment(environment)
        body: list[nodes.Node] = [nodes.Assign(nodes.Name(_RESULT, "store"), self.tree, lineno=1)]
        root = environment.from_string(nodes.Template(body, lineno=1)).root_render_func

        def run(context: JsonObject, fuel: Fuel) -> object:
            fuel.burn(_PER_EVALUATION)
            frame = new_context(environment, None, {}, context, shared=True)  # type: ignore[arg-type]
            assert isinstance(frame, Frame)
            frame.fuel = fuel
            for _ in root(frame):
                pass
            return frame.vars[_RESULT]

        return run

    def _explained(self, error: Exception, context: JsonObject) -> ExpressionError:
        message, where = self._cause(error, context)
        return ExpressionError(explain.cut(message), place=where or self.place)

    def _cause(self, error: Exception, context: JsonObject) -> tuple[str, Place | None]:
        if isinstance(error, FieldMissing):
            return explain.missing_field(error, self._references, context)
        if isinstance(error, FilterRefused):
            offset = explain.offset_of(self.tree, error.name)
            return str(error), self.place_of(offset or 0)
        return (str(error) if isinstance(error, Refused) else explain.in_words(error)), None

    def place_of(self, offset: int) -> Place:
        """Where a character of ``text`` stands in the file."""
        return place.at(self.origin, self.written, self.start + offset)


def compile_expression(text: str, origin: Origin) -> Expression:
    """Compile a bare expression, or one wrapped in a single ``{{ }}``. ``origin``: where the text stands, or its first character.

    Raises ExpressionError at the place of the first wrong character or word.
    """
    start, end = _unwrapped(text, origin)
    return compile_part(text, start, end, origin)


def compile_part(text: str, start: int, end: int, begin: Origin) -> Expression:
    """Compile ``text[start:end]``, where ``text`` stands at ``begin``. Raises ExpressionError."""
    source = text[start:end].strip()
    start = text.index(source, start, end)
    where = place.at(begin, text, start)
    try:
        return Expression(text=source, place=where, origin=begin, start=start, written=text, tree=parse(source))
    except TemplateSyntaxError as error:
        raise ExpressionError(_readable(error), place=place.at(begin, text, start + error.lineno)) from None
    except (TemplateError, ValueError, MemoryError) as error:
        raise ExpressionError(explain.in_words(error), place=where) from None


def _unwrapped(text: str, begin: Origin) -> tuple[int, int]:
    stripped = text.strip()
    first = text.index(stripped)
    if not stripped.startswith("{{"):
        return first, first + len(stripped)
    end = closing(text, first, begin)
    if end != first + len(stripped):
        raise ExpressionError(
            "here stands one expression, not text with expressions in it; join pieces with ~",
            place=place.at(begin, text, end),
        )
    return first + 2, end - 2


def closing(text: str, start: int, begin: Origin) -> int:
    """Offset just behind the ``}}`` that closes the ``{{`` at ``start``. Raises ExpressionError."""
    if text[start + 2 : start + 3] in ("-", "+") and text[start + 2]:
        raise ExpressionError(
            f"{{{{{text[start + 2]} is not supported; write {{{{ with a space", place=place.at(begin, text, start)
        )
    try:
        return tokens.end_of_expression(sandbox().lexer, text, start + 2)
    except tokens.NotClosed:
        raise ExpressionError(
            "this {{ has no closing }} (an expression has at most 4,096 characters)", place=place.at(begin, text, start)
        ) from None
    except TemplateSyntaxError as error:
        raise ExpressionError(_readable(error), place=place.at(begin, text, error.lineno)) from None


def _readable(error: TemplateSyntaxError) -> str:
    return explain.syntax(error.message or "the expression cannot be read")
