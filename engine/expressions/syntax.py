"""What an expression may be made of. Owns parsing and the first wall: every kind of syntax is refused that is not listed here.

Method calls become filters (see methods.py), ``~`` becomes the internal filter that joins as text, so that after this file nothing in
the tree is called. Node positions (``lineno``) are offsets into the source. Errors are TemplateSyntaxError with ``lineno`` = offset.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import NoReturn, TypeVar, cast

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser

from engine.expressions.errors import Refused
from engine.expressions.filters import FILTERS
from engine.expressions.limits import MAX_EXPRESSION, MAX_NESTING
from engine.expressions.methods import CONCAT, INTERNAL, OBJECT_METHODS, TEXT_METHODS
from engine.expressions.predicates import TESTS
from engine.expressions.sandbox import sandbox
from engine.expressions.values import number

NodeT = TypeVar("NodeT", bound=nodes.Expr)

_INSTEAD = {
    "tojson": "json",
    "count": "length",
    "d": "default",
    "to_json": "json",
    "strftime": "format_time",
    "attr": "pluck",
}
_IS = re.compile(r"is\s+(?:not\s+)?")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_KINDS: Mapping[type[nodes.Node], str] = {nodes.Pow: "the operator **"}
_CONSTANTS = {"null": "none", "nil": "none", "TRUE": "true", "FALSE": "false", "NULL": "none"}
_PLAIN_NODES = (
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Pos,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.FloorDiv,
    nodes.Mod,
)


@lru_cache(maxsize=2_048)
def parse(source: str) -> nodes.Expr:
    """The syntax tree of one expression; nobody changes it. Raises TemplateSyntaxError (``lineno`` = offset) for everything that is not
    allowed. Kept, since flows say the same things often and parsing is most of what loading one costs."""
    _check_source(source)
    try:
        parser = Parser(sandbox(), source, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            left = parser.stream.current
            hint = "; == compares two values" if left.type == "assign" else ""
            _refuse(f"{_shown(source, left.lineno)} is left over after the expression{hint}", left.lineno)
        _place_tests(tree, source)
        return _admit(tree, 1)
    except RecursionError:
        _refuse("the expression is nested too deeply", 0)


def _place_tests(tree: nodes.Node, source: str) -> None:
    """Jinja places a test at its ``is``; the word that can be wrong is its name."""
    for test in (tree, *tree.find_all(nodes.Test)):
        found = _IS.match(source, test.lineno) if isinstance(test, nodes.Test) else None
        if found:
            test.lineno = found.end()


def _check_source(source: str) -> None:
    if len(source) > MAX_EXPRESSION:
        _refuse(f"the expression is longer than {MAX_EXPRESSION:,} characters", 0)
    if not source.strip():
        _refuse("the expression is empty", 0)
    if wrong := _NO_TEXT.search(source):
        _refuse("the expression holds a character that is not text", wrong.start())


def _admit(node: nodes.Node, depth: int) -> nodes.Expr:
    if depth > MAX_NESTING:
        _refuse("the expression is nested too deeply", node.lineno)
    admit = _ADMITTED.get(type(node))
    if admit is None:
        _refuse(
            f"{_KINDS.get(type(node), type(node).__name__.lower())} is not part of the expression language", node.lineno
        )
    return admit(node, depth)


def _parts(node: NodeT, depth: int) -> NodeT:
    """The node with each of its child expressions admitted."""
    for field, value in list(node.iter_fields()):
        if isinstance(value, nodes.Node):
            setattr(node, field, _admit(value, depth + 1))
        elif isinstance(value, list):
            setattr(node, field, [_admit(item, depth + 1) if isinstance(item, nodes.Node) else item for item in value])
    return node


def _operator(node: nodes.Node, depth: int) -> nodes.Expr:
    return _parts(cast(nodes.Expr, node), depth)


def _name(node: nodes.Node, depth: int) -> nodes.Expr:
    name = cast(nodes.Name, node).name
    if name in _CONSTANTS:
        _refuse(f"write {_CONSTANTS[name]} instead of {name}", node.lineno)
    if name.startswith("_") or name in ("self", "super", "caller"):
        _refuse(f"there is nothing called {name} in an expression", node.lineno)
    return cast(nodes.Name, node)


def _constant(node: nodes.Node, depth: int) -> nodes.Expr:
    value = cast(nodes.Const, node).value
    try:
        number(value if isinstance(value, int | float) else 0)
    except Refused as refused:
        _refuse(str(refused), node.lineno)
    return cast(nodes.Const, node)


def _choice(node: nodes.Node, depth: int) -> nodes.Expr:
    if cast(nodes.CondExpr, node).expr2 is None:
        _refuse("an if in an expression needs its else: a if b else c", node.lineno)
    return _operator(node, depth)


def _concatenation(node: nodes.Node, depth: int) -> nodes.Expr:
    pieces = nodes.List(_parts(cast(nodes.Concat, node), depth).nodes, lineno=node.lineno)
    return nodes.Filter(pieces, CONCAT, [], [], None, None, lineno=node.lineno)


def _comparison(node: nodes.Node, depth: int) -> nodes.Expr:
    compare = cast(nodes.Compare, node)
    compare.expr = _admit(compare.expr, depth + 1)
    for operand in compare.ops:
        operand.expr = _admit(operand.expr, depth + 1)
    return compare


def _object(node: nodes.Node, depth: int) -> nodes.Expr:
    for pair in cast(nodes.Dict, node).items:
        if not isinstance(pair.key, nodes.Const) or not isinstance(pair.key.value, str):
            _refuse("a key in { } must be a quoted text", pair.key.lineno)
        pair.value = _admit(pair.value, depth + 1)
    return cast(nodes.Dict, node)


def _filter(node: nodes.Node, depth: int) -> nodes.Expr:
    found = cast(nodes.Filter, node)
    if found.name not in FILTERS:
        _refuse(_unknown("filter", found.name, FILTERS), node.lineno)
    _check_arguments(found, found.name, FILTERS[found.name].function)
    return _with_arguments(found, depth)


def _test(node: nodes.Node, depth: int) -> nodes.Expr:
    found = cast(nodes.Test, node)
    if found.name not in TESTS:
        _refuse(_unknown("test", found.name, TESTS), node.lineno)
    _check_arguments(found, found.name, TESTS[found.name].function)
    return _with_arguments(found, depth)


def _call(node: nodes.Node, depth: int) -> nodes.Expr:
    call = cast(nodes.Call, node)
    called = call.node
    if not isinstance(called, nodes.Getattr):
        shown = called.name if isinstance(called, nodes.Name) else "this"
        _refuse(f"{shown} cannot be called; there are no functions, use a filter: value | filter", called.lineno)
    name, word = called.attr, called.lineno + len(".")
    if f".{name}" not in INTERNAL:
        _refuse(_unknown("method", name, (*TEXT_METHODS, *OBJECT_METHODS)), word)
    made = nodes.Filter(called.node, f".{name}", call.args, call.kwargs, call.dyn_args, call.dyn_kwargs, lineno=word)
    _check_arguments(made, name, TEXT_METHODS.get(name) or OBJECT_METHODS[name])
    return _with_arguments(made, depth)


def _with_arguments(node: nodes.Filter | nodes.Test, depth: int) -> nodes.Expr:
    if node.node is None:
        _refuse("a filter needs a value before it", node.lineno)
    node.node = _admit(node.node, depth + 1)
    node.args = [_admit(item, depth + 1) for item in node.args]
    for option in node.kwargs:
        option.value = _admit(option.value, depth + 1)
    return node


def _check_arguments(node: nodes.Filter | nodes.Test, name: str, function: Callable[..., object]) -> None:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        _refuse("arguments cannot be spread with * or **", node.lineno)
    options = {cast(nodes.Keyword, option).key: None for option in node.kwargs}
    try:
        _signature(function).bind(None, *node.args, **options)
    except TypeError as error:
        signature = FILTERS[name].signature if name in FILTERS else f"takes {_arity(function)}"
        _refuse(f"{name}: {error}; {name}: {signature}", node.lineno)
    if len(options) != len(node.kwargs):
        _refuse(f"{name}: an argument is given twice", node.lineno)


@cache
def _signature(function: Callable[..., object]) -> inspect.Signature:
    return inspect.signature(function)


def _arity(function: Callable[..., object]) -> str:
    return f"{len(_signature(function).parameters) - 1} arguments at most"


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = [_INSTEAD[name]] if name in _INSTEAD else difflib.get_close_matches(name, names, 1)
    return f"there is no {what} called {name!r}" + (
        f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"
    )


def _shown(source: str, offset: int) -> str:
    return repr(source[offset : offset + 20].strip())


def _refuse(message: str, offset: int) -> NoReturn:
    raise TemplateSyntaxError(message, offset)


_ADMITTED: Mapping[type[nodes.Node], Callable[[nodes.Node, int], nodes.Expr]] = {
    nodes.Name: _name,
    nodes.Const: _constant,
    nodes.Getattr: _operator,
    nodes.Getitem: _operator,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.Call: _call,
    nodes.Compare: _comparison,
    nodes.CondExpr: _choice,
    nodes.Concat: _concatenation,
    nodes.List: _operator,
    nodes.Tuple: _operator,
    nodes.Dict: _object,
    nodes.Slice: _operator,
    **dict.fromkeys(_PLAIN_NODES, _operator),
}
