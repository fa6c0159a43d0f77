"""Values that hold expressions. Owns ``Value``: JSON as an author writes it, whose texts may hold ``{{ }}``, and its rendering.

A text that is exactly one ``{{ expression }}`` becomes the expression's value, whatever its type. Any other text becomes text: null
adds nothing, true and false read so, lists and objects read as JSON. What an expression gives is data and is never rendered again.
Only ``{{`` is special. ``{#`` is plain text (YAML has comments of its own); ``{%`` is refused; ``{{ '{{' }}`` writes two braces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import ExpressionError
from engine.expressions import place
from engine.expressions.compile import Expression, closing, compile_part
from engine.expressions.errors import Refused
from engine.expressions.values import Meter, as_text, bounded
from engine.strictjson import Json, JsonObject

PlaceOf: TypeAlias = Callable[[tuple[str | int, ...]], place.Origin]


@dataclass(frozen=True, slots=True)
class Constant:
    """JSON that rendering leaves as it is."""

    value: Json


@dataclass(frozen=True, slots=True)
class Text:
    """Text with expressions in it."""

    pieces: tuple[str | Expression, ...]
    origin: place.Origin


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list with an expression somewhere in it."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ObjectNode:
    """An object with an expression somewhere in it."""

    fields: tuple[tuple[str, Node], ...]


Node: TypeAlias = "Constant | Expression | Text | ListNode | ObjectNode"


@dataclass(frozen=True, kw_only=True)
class Value:
    """What stands under ``with:``, ``set:``, ``outputs:`` … ``source`` is the JSON as written. Made by compile_value."""

    source: Json
    root: Node = field(repr=False, compare=False)
    """The same as a tree, in which texts are taken apart; the checker reads it."""

    def render(self, context: JsonObject) -> Json:
        """The value with every expression evaluated; the limits of size hold for all of it. Raises ExpressionError."""
        return _rendered(self.root, context, Meter())

    @property
    def is_constant(self) -> bool:
        return isinstance(self.root, Constant)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression in it, in the order of the file."""
        return tuple(_expressions(self.root))


def compile_value(value: Json, place_of: PlaceOf) -> Value:
    """Compile every text in ``value``. ``place_of(path)``: the place of the first character of the text at that path.

    Raises ExpressionError for the first text that cannot be compiled.
    """
    return Value(source=value, root=_compiled(value, (), place_of))


def holds_expression(text: str) -> bool:
    """Whether rendering changes this text."""
    return "{{" in text


def _compiled(value: Json, path: tuple[str | int, ...], place_of: PlaceOf) -> Node:
    if isinstance(value, str):
        return _compiled_text(value, place_of(path)) if "{{" in value or "{%" in value else Constant(value)
    if isinstance(value, Mapping):
        fields = tuple((key, _compiled(item, (*path, key), place_of)) for key, item in value.items())
        return Constant(value) if all(isinstance(item, Constant) for _, item in fields) else ObjectNode(fields)
    if isinstance(value, list | tuple):
        items = tuple(_compiled(item, (*path, index), place_of) for index, item in enumerate(value))
        return Constant(value) if all(isinstance(item, Constant) for item in items) else ListNode(items)
    return Constant(value)


def _compiled_text(text: str, begin: place.Origin) -> Node:
    pieces = tuple(_pieces(text, begin))
    if len(pieces) == 1:
        return pieces[0] if isinstance(pieces[0], Expression) else Constant(pieces[0])
    return Text(pieces, begin)


def _pieces(text: str, begin: place.Origin) -> Iterator[str | Expression]:
    at = 0
    while (start := text.find("{{", at)) >= 0:
        _refuse_statements(text, at, start, begin)
        if start > at:
            yield text[at:start]
        end = closing(text, start, begin)
        yield compile_part(text, start + 2, end - 2, begin)
        at = end
    _refuse_statements(text, at, len(text), begin)
    if at < len(text):
        yield text[at:]


def _refuse_statements(text: str, start: int, end: int, begin: place.Origin) -> None:
    found = text.find("{%", start, end)
    if found >= 0:
        raise ExpressionError(
            "{% %} statements are not supported yet; use an expression {{ a if b else c }}, or {{ '{%' }} for these two characters",
            place=place.at(begin, text, found),
        )


def _rendered(node: Node, context: JsonObject, meter: Meter) -> Json:
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Expression):
        return node.evaluate_on(meter, context)
    if isinstance(node, Text):
        return _joined(node, context, meter)
    if isinstance(node, ObjectNode):
        return {key: _rendered(item, context, meter) for key, item in node.fields}
    return [_rendered(item, context, meter) for item in node.items]


def _joined(node: Text, context: JsonObject, meter: Meter) -> str:
    try:
        pieces = (
            piece if isinstance(piece, str) else as_text(piece.evaluate_on(meter, context)) for piece in node.pieces
        )
        return bounded("".join(pieces))
    except Refused as refused:
        raise ExpressionError(str(refused), place=place.at(node.origin, "", 0)) from None


def _expressions(node: Node) -> Iterator[Expression]:
    if isinstance(node, Expression):
        yield node
    elif isinstance(node, Text):
        yield from (piece for piece in node.pieces if isinstance(piece, Expression))
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _expressions(item)
    elif isinstance(node, ObjectNode):
        for _, item in node.fields:
            yield from _expressions(item)
