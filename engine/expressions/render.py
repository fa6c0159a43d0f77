"""Values that hold expressions. Owns ``Value``: JSON as an author writes it, whose texts may hold ``{{ }}``, and its rendering.

A text that is exactly one ``{{ expression }}`` becomes the expression's value, whatever its type. Any other text becomes text: null
adds nothing, true and false read so, lists and objects read as JSON. What an expression gives is data and is never rendered again.
Only ``{{`` and ``{%`` are special. ``{#`` is plain text (YAML has comments of its own); ``{{ '{{' }}`` writes two braces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import ExpressionError
from engine.expressions import place
from engine.expressions.compile import Expression
from engine.expressions.errors import Refused
from engine.expressions.limits import MAX_TEXT
from engine.expressions.templates import Choice, Piece, Repeat, pieces_of
from engine.expressions.values import Meter, as_text, bounded, type_name
from engine.strictjson import Json, JsonObject

_PER_ROUND = 20
PlaceOf: TypeAlias = Callable[[tuple[str | int, ...]], place.Origin]


@dataclass(frozen=True, slots=True)
class Constant:
    """JSON that rendering leaves as it is."""

    value: Json


@dataclass(frozen=True, slots=True)
class Text:
    """Text with expressions or statements in it."""

    pieces: tuple[Piece, ...]
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
        return tuple(expressions_of(self.root))


def compile_value(value: Json, place_of: PlaceOf) -> Value:
    """Compile every text in ``value``. ``place_of(path)``: the place of the first character of the text at that path.

    Raises ExpressionError for the first text that cannot be compiled.
    """
    return Value(source=value, root=_compiled(value, (), place_of))


def holds_expression(text: str) -> bool:
    """Whether rendering changes this text."""
    return "{{" in text or "{%" in text


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
    pieces = pieces_of(text, begin)
    if len(pieces) == 1 and isinstance(pieces[0], Expression):
        return pieces[0]
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return Constant(pieces[0])
    return Text(pieces, begin)


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
        written, length = [], 0
        for piece in _written(node.pieces, context, meter):
            written.append(piece)
            length += len(piece)
            if length > MAX_TEXT:
                break
        return bounded("".join(written))
    except Refused as refused:
        raise ExpressionError(str(refused), place=place.at(node.origin, "", 0)) from None


def _written(pieces: tuple[Piece, ...], context: JsonObject, meter: Meter) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Expression):
            yield as_text(piece.evaluate_on(meter, context))
        elif isinstance(piece, Choice):
            holds = piece.condition.evaluate_on(Meter(meter.fuel), context)
            yield from _written(piece.body if holds else piece.otherwise, context, meter)
        else:
            yield from _repeated(piece, context, meter)


def _repeated(piece: Repeat, context: JsonObject, meter: Meter) -> Iterator[str]:
    items = piece.items.evaluate_on(Meter(meter.fuel), context)
    if not isinstance(items, list):
        raise ExpressionError(f"a loop needs a list, not {type_name(items)}", place=piece.items.place)
    if not items:
        yield from _written(piece.otherwise, context, meter)
    for index, item in enumerate(items):
        meter.fuel.burn(_PER_ROUND)
        yield from _written(piece.body, {**context, piece.variable: item, "loop": {"index": index}}, meter)


def expressions_of(node: Node | Piece) -> Iterator[Expression]:
    """Every expression in it, in the order of the text."""
    match node:
        case Expression():
            yield node
        case Text():
            yield from _all(node.pieces)
        case Repeat():
            yield node.items
            yield from _all((*node.body, *node.otherwise))
        case Choice():
            yield node.condition
            yield from _all((*node.body, *node.otherwise))
        case ListNode():
            yield from _all(node.items)
        case ObjectNode():
            yield from _all(tuple(item for _, item in node.fields))


def _all(nodes: tuple[Node | Piece, ...]) -> Iterator[Expression]:
    for node in nodes:
        yield from expressions_of(node)
