"""Whether what expressions yield fits where it is given: its type, and where it comes from. Constants are givens.py's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jinja2 import nodes

from engine.check import codes
from engine.check.pieces import written
from engine.check.references import Judge
from engine.check.scope import Scope
from engine.errors import Finding, Place
from engine.expressions import Expression, Value
from engine.expressions.references import path_of, shown, word_of
from engine.expressions.render import Constant, ListNode, Node, ObjectNode, Text, expressions_of
from engine.expressions.types import (
    ANY,
    TEXT,
    ListOf,
    Member,
    Object,
    Scalar,
    Type,
    has,
    in_detail,
    items_of,
    of_constant,
    record,
    union,
    without,
)
from engine.expressions.types_marks import SECRET, TYPED, carried, marks_of


def type_of_value(value: Value, scope: Scope, judge: Judge) -> Type:
    """The type of what a value renders to; every expression in it is judged."""
    return _type_of(value.root, scope, judge)


def _type_of(node: Node, scope: Scope, judge: Judge) -> Type:
    match node:
        case Constant():
            return of_constant(node.value)
        case Expression():
            return judge.type_of(node, scope)
        case Text():
            return carried(TEXT, *(found for _, found in written(node.pieces, scope, judge)))
        case ListNode():
            return (ListOf(union(*(_type_of(item, scope, judge) for item in node.items))),)
        case ObjectNode():
            return record({key: _type_of(item, scope, judge) for key, item in node.fields})


@dataclass(frozen=True, kw_only=True, slots=True)
class Taker:
    """Who takes the values. ``destinations``: where the text of some inputs goes to, by the input's name; ``hides``: whether what it takes
    is shown nowhere; ``cure``: what an author writes so that it is."""

    name: str
    destinations: Mapping[str, str] = field(default_factory=dict)
    hides: bool = False
    cure: str = "secure: [inputs]"


class Fitting:
    """Compares what is given with what is taken."""

    def __init__(self, judge: Judge, scope: Scope, taker: Taker) -> None:
        self._judge = judge
        self._scope = scope
        self._taker = taker
        self._needs = ""

    def check(self, node: Node, wanted: Type, path: tuple[str | int, ...] = (), *, needs: str = "") -> None:
        """Judge every expression in ``node``, and whether each fits what is wanted there. ``needs``: that in words."""
        self._needs = needs
        self._check(node, wanted, path)

    def _check(self, node: Node, wanted: Type, path: tuple[str | int, ...]) -> None:
        match node:
            case Constant():
                return
            case ObjectNode():
                self._object(node, wanted, path)
            case ListNode():
                lists = tuple(member for member in wanted if isinstance(member, ListOf))
                for position, item in enumerate(node.items):
                    self._check(item, items_of(lists) if lists else ANY, (*path, position))
            case Text():
                self._judge_fit(node, TEXT, wanted, path)
                for piece, found in written(node.pieces, self._scope, self._judge):
                    self._judge_origin(piece, found, path)
            case Expression():
                found = self._judge.type_of(node, self._scope)
                self._judge_fit(node, found, wanted, path)
                self._judge_origin(node, found, path)

    def _object(self, node: ObjectNode, wanted: Type, path: tuple[str | int, ...]) -> None:
        owners = [member for member in wanted if isinstance(member, Object)]
        for key, item in node.fields:
            known = [found for owner in owners if (found := owner.field(key)) is not None]
            self._check(item, without(union(*known), "absent") if known else ANY, (*path, key))

    def _judge_fit(self, node: Expression | Text, found: Type, wanted: Type, path: tuple[str | int, ...]) -> None:
        if self._scope.dead or not found or has(found, "any") or not wanted or has(wanted, "any"):
            return
        name = self._name(path)
        needs = self._needs or in_detail(without(wanted, "null", "absent"))
        if has(found, "null") and not has(wanted, "null") and not self._scope.vague:
            state = "may be" if without(found, "null") else "is always"
            message = f"{name} needs {needs}, but {_named(node)} {state} null here; ask is not none before, or use default(…, true)"
            self._add(_word(node), codes.MAY_BE_NULL, message)
            found = without(found, "null")
        if found and not any(_fits(one, other) for one in found for other in wanted):
            self._add(
                _start(node),
                codes.WRONG_GIVEN,
                f"{name} needs {needs}, but {_named(node)} is {_exactly(found)}{'' if self._needs else _cure(found, wanted)}",
            )

    def _judge_origin(self, node: Expression, found: Type, path: tuple[str | int, ...]) -> None:
        """Where the value comes from, and whether it may go where it goes."""
        marks = marks_of(found)
        if self._scope.dead or not marks:
            return
        destination = self._taker.destinations.get(str(path[0])) if path else None
        if TYPED in marks and destination is not None:
            message = f"{_named(node)} is what a stranger typed and becomes part of the {destination}; encode it with | urlencode"
            self._add(node.place, codes.UNENCODED, message)
        if SECRET in marks and not self._taker.hides:
            cure = f"; write {self._taker.cure} at the step" if self._taker.cure else "; leave it out"
            self._add(
                node.place,
                codes.SECRET,
                f"{_named(node)} is kept secret where it comes from, and {self._name(path)} is recorded and shown{cure}",
            )

    def _name(self, path: tuple[str | int, ...]) -> str:
        return f"{'.'.join(map(str, path))} of {self._taker.name}" if self._taker.name else ".".join(map(str, path))

    def _add(self, place: Place, code: str, message: str) -> None:
        self._judge.add(Finding(place=place, code=code, message=message))


def _fits(found: Member, wanted: Member) -> bool:
    if isinstance(found, ListOf):
        if not isinstance(wanted, ListOf):
            return False
        items, inside = found.item, wanted.item
        open_ = not items or not inside or has(items, "any") or has(inside, "any")
        return open_ or any(_fits(one, other) for one in items for other in inside)
    if isinstance(found, Scalar) and isinstance(wanted, Scalar):
        if found.kind == wanted.kind:
            return found.values is None or wanted.values is None or bool(found.values & wanted.values)
        return {found.kind, wanted.kind} == {"integer", "number"}
    return found.kind == wanted.kind


def _exactly(found: Type) -> str:
    texts = [member.values for member in found if isinstance(member, Scalar) and member.kind == "text"]
    known = sorted(str(value) for values in texts for value in values or ())
    return " or ".join(map(repr, known)) if known and len(texts) == len(found) else in_detail(found)


def _cure(found: Type, wanted: Type) -> str:
    if has(found, "text") and (has(wanted, "integer") or has(wanted, "number")):
        return "; make it one with | int" if has(wanted, "integer") else "; make it one with | float"
    return "; make it text with | string" if has(wanted, "text") and not has(found, "text") else ""


def _named(node: Expression | Text) -> str:
    if isinstance(node, Text):
        return "this"
    path = path_of(node.tree)
    return shown(path) if path is not None else "this"


def _start(node: Expression | Text) -> Place:
    if isinstance(node, Expression):
        return node.place
    return next(expressions_of(node)).place


def _word(node: Expression | Text) -> Place:
    if isinstance(node, Expression) and isinstance(node.tree, nodes.Getattr | nodes.Getitem):
        return node.place_of(word_of(node.tree, node.text))
    return _start(node)
