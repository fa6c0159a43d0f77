"""The types of operators: what they need on each side, what they yield, and comparisons that are never true."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from jinja2 import nodes

from engine.expressions.references import path_of, start_of
from engine.expressions.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    Kind,
    ListOf,
    Scalar,
    Type,
    has,
    in_words,
    items_of,
    union,
    without,
)
from engine.expressions.types_conditions import constant, is_constant
from engine.expressions.types_marks import carried
from engine.expressions.types_narrow import Environment
from engine.expressions.types_problems import Problem
from engine.strictjson import Json

if TYPE_CHECKING:
    from engine.expressions.types_infer import Inference

_NUMBERS: tuple[Kind, ...] = ("integer", "number")
_SIGNS: dict[type[nodes.Node], str] = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Neg: "-",
    nodes.Pos: "+",
}
_WORDS = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ALIKE: dict[str, str] = {"boolean": "number", "integer": "number", "number": "number"}


def arithmetic(walk: Inference, node: nodes.Node, env: Environment) -> Type:
    sign = _SIGNS[type(node)]
    if isinstance(node, nodes.UnaryExpr):
        return walk.needed(node.node, env, _NUMBERS, sign)
    assert isinstance(node, nodes.BinExpr)
    if isinstance(node, nodes.Add):
        return _plus(walk, node, env)
    left, right = (walk.needed(side, env, _NUMBERS, sign) for side in (node.left, node.right))
    if isinstance(node, nodes.Div):
        return NUMBER
    whole = all(member.kind == "integer" for member in (*left, *right))
    return INTEGER if whole else NUMBER


def _plus(walk: Inference, node: nodes.Add, env: Environment) -> Type:
    """Numbers with numbers, text with text, lists with lists."""
    takes: tuple[Kind, ...] = ("integer", "number", "text", "list")
    left, right = (walk.needed(side, env, takes, "+") for side in (node.left, node.right))
    if has(left, "any") or has(right, "any"):
        return carried(ANY, left, right)
    kinds = [{_ALIKE.get(member.kind, member.kind) for member in side} for side in (left, right)]
    if not kinds[0] & kinds[1]:
        joined = "; use ~ to join anything as text" if "text" in kinds[0] | kinds[1] else ""
        _wrong(walk, node.right, env, f"+ cannot join {in_words(left)} and {in_words(right)}{joined}")
        return ANY
    if kinds[0] == {"list"} and kinds[1] == {"list"}:
        parts = [member.item for member in (*left, *right) if isinstance(member, ListOf)]
        return (ListOf(union(*parts)),)
    if kinds[0] == {"text"}:
        return carried(TEXT, left, right)
    return INTEGER if all(member.kind == "integer" for member in (*left, *right)) else union(left, right)


def comparison(walk: Inference, node: nodes.Node, env: Environment) -> Type:
    assert isinstance(node, nodes.Compare)
    left_node: nodes.Expr = node.expr
    left = walk.value(left_node, env)
    for operand in node.ops:
        right = walk.value(operand.expr, env)
        if operand.op in _WORDS:
            _ordered(walk, (left_node, left), (operand.expr, right), _WORDS[operand.op], env)
        elif operand.op in ("eq", "ne"):
            _equal(walk, (left_node, left), (operand.expr, right), env, differs=operand.op == "ne")
        else:
            _within(walk, (left_node, left), (operand.expr, right), env)
        left_node, left = operand.expr, right
    return BOOLEAN


_Side = tuple[nodes.Expr, Type]


def _ordered(walk: Inference, left: _Side, right: _Side, sign: str, env: Environment) -> None:
    sides: list[set[str]] = []
    for node, found in (left, right):
        if has(found, "any"):
            return
        solid = without(found, "null", "absent")
        if has(found, "null"):
            path = path_of(node) or ()
            who = f"{sign} cannot compare null"
            walk.tell(env, Problem(kind="null", offset=walk.offset(node), path=path, certain=not solid, message=who))
        if not solid:
            return
        sides.append({_ALIKE.get(member.kind, member.kind) for member in solid})
    if sides[0] & sides[1] - {"object"}:
        return
    message = f"{sign} cannot compare {in_words(left[1])} with {in_words(right[1])}"
    _wrong(walk, right[0] if isinstance(left[0], nodes.Const) else left[0], env, message)


def _equal(walk: Inference, left: _Side, right: _Side, env: Environment, *, differs: bool) -> None:
    for (node, found), (other_node, _) in ((left, right), (right, left)):
        value = constant(other_node)
        if isinstance(value, str) and not isinstance(node, nodes.Const):
            _never_that(walk, node, found, value, start_of(other_node), env, differs=differs)
            return
    if has(left[1], "any") or has(right[1], "any") or not left[1] or not right[1]:
        return
    kinds = [{_ALIKE.get(member.kind, member.kind) for member in side[1]} for side in (left, right)]
    if not kinds[0] & kinds[1] and "null" not in kinds[0] | kinds[1]:
        _never(walk, right[0], env, f"{in_words(left[1])} never equals {in_words(right[1])}")


def _within(walk: Inference, left: _Side, right: _Side, env: Environment) -> None:
    node, container = right
    values = constant(node)
    if isinstance(values, list) and isinstance(node, nodes.List | nodes.Tuple):
        for item, value in zip(node.items, values, strict=True):
            if isinstance(value, str):
                _never_that(walk, left[0], left[1], value, start_of(item), env)
        return
    walk.needed(node, env, ("list", "text", "object"), "in")
    if not has(container, "any") and all(member.kind == "text" for member in without(container, "null")):
        walk.needed(left[0], env, ("text",), "in (which looks for text in text)")
    elif container and all(isinstance(member, ListOf) for member in container):
        _item_kinds(walk, left, items_of(container), env)


def _item_kinds(walk: Inference, left: _Side, items: Type, env: Environment) -> None:
    if has(items, "any") or has(left[1], "any") or not items or not left[1]:
        return
    kinds = [{_ALIKE.get(member.kind, member.kind) for member in side} for side in (left[1], items)]
    if not kinds[0] & kinds[1]:
        _never(
            walk, left[0], env, f"{walk.named(left[0])} is {in_words(left[1])}, and the list holds {in_words(items)}"
        )


def _never_that(
    walk: Inference, node: nodes.Expr, found: Type, value: str, offset: int, env: Environment, *, differs: bool = False
) -> None:
    """A text that ``node`` never is, whatever was tested before: testing what is left over once more is no mistake."""
    path = path_of(node)
    if path is not None and None not in path:
        found = without(replace(env, facts={}).at(path), "absent")
    if has(found, "any") or not found:
        return
    texts = [member for member in found if isinstance(member, Scalar) and member.kind == "text"]
    if not texts:
        _never_at(walk, offset, env, f"{walk.named(node)} is {in_words(found)}, which never equals the text {value!r}")
        return
    known = _known(texts)
    if known is None or value in known or any(value in member.values for member in texts if member.values):
        return
    near = difflib.get_close_matches(value, sorted(known), 1)
    if differs and not near:
        return
    hint = (
        f"; did you mean {near[0]!r}?" if near else f"; here it is {' or '.join(map(repr, sorted(known))) or 'another'}"
    )
    _never_at(walk, offset + 1, env, f"{walk.named(node)} is never {value!r}{hint}")


def _known(texts: list[Scalar]) -> set[str] | None:
    if any(member.values is None for member in texts):
        return None
    return {str(value) for member in texts for value in member.values or ()}


def _never(walk: Inference, node: nodes.Expr, env: Environment, message: str) -> None:
    _never_at(walk, start_of(node), env, message)


def _never_at(walk: Inference, offset: int, env: Environment, message: str) -> None:
    walk.tell(env, Problem(kind="never", offset=offset, message=message))


def _wrong(walk: Inference, node: nodes.Expr, env: Environment, message: str) -> None:
    walk.tell(env, Problem(kind="type", offset=start_of(node), message=message))


def constant_value(node: nodes.Node) -> Json:
    value = constant(node)
    return value if is_constant(value) else None
