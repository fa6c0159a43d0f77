"""Reading facts out of conditions. Owns which syntax teaches what; the facts themselves are types_narrow's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import ge, gt, le, lt
from typing import cast

from jinja2 import nodes

from engine.expressions.references import Path, path_of
from engine.expressions.types import ABSENT, of_constant
from engine.expressions.types_narrow import (
    NO_FACTS,
    Environment,
    Facts,
    Filter,
    all_of,
    containing,
    different_from,
    equal_to,
    falsy,
    filter_of_test,
    lacking,
    membership,
    not_null,
    one_of,
    present,
    truthy,
)
from engine.strictjson import Json

_ORDERS: Mapping[str, Callable[[float, float], bool]] = {"gt": gt, "gteq": ge, "lt": lt, "lteq": le}
_NO_CONSTANT = cast(Json, object())
_NO_FALLBACK = cast(Json, object())


def where(env: Environment, node: nodes.Node, truth: bool) -> Environment:
    """``env`` where the condition ``node`` has been ``truth``."""
    grown = env.assume(facts_of(node, truth))
    if not env.implications:
        return grown
    held = {(repr(part), holds) for part, holds in conjuncts(node, truth)}
    for known in env.implications:
        if (known.condition, known.truth) in held:
            grown = grown.assume(known.facts)
    return grown


def facts_of(node: nodes.Node, truth: bool) -> Facts:
    """What is known wherever ``node`` has been evaluated and was ``truth``."""
    if isinstance(node, nodes.Not):
        return facts_of(node.node, not truth)
    if isinstance(node, nodes.And | nodes.Or):
        left, right = facts_of(node.left, truth), facts_of(node.right, truth)
        if isinstance(node, nodes.And) == truth:
            return both(left, right)
        # The right side is judged only after the left one has failed to decide.
        return either(left, both(facts_of(node.left, not truth), right))
    if isinstance(node, nodes.Test):
        return _test(node, truth)
    if isinstance(node, nodes.Compare):
        return _comparison(node, truth)
    return _about(node, truthy if truth else falsy)


def conjuncts(node: nodes.Node, truth: bool) -> Iterator[tuple[nodes.Node, bool]]:
    """The conditions that all hold when ``node`` is ``truth``, itself among them."""
    yield node, truth
    if isinstance(node, nodes.Not):
        yield from conjuncts(node.node, not truth)
    elif isinstance(node, nodes.And if truth else nodes.Or):
        yield from conjuncts(node.left, truth)
        yield from conjuncts(node.right, truth)


def both(one: Facts, other: Facts) -> Facts:
    if not one or not other:
        return one or other
    return {path: all_of([facts[path] for facts in (one, other) if path in facts]) for path in (*one, *other)}


def either(one: Facts, other: Facts) -> Facts:
    return {path: one_of([keep, other[path]]) for path, keep in one.items() if path in other}


def constant(node: nodes.Node) -> Json:
    """The value of a constant, or NO_CONSTANT."""
    if isinstance(node, nodes.Const):
        return cast(Json, node.value)
    if isinstance(node, nodes.List | nodes.Tuple):
        items = [constant(item) for item in node.items]
        return _NO_CONSTANT if any(item is _NO_CONSTANT for item in items) else items
    return _NO_CONSTANT


def is_constant(value: Json) -> bool:
    return value is not _NO_CONSTANT


def _test(node: nodes.Test, truth: bool) -> Facts:
    arguments = [constant(item) for item in node.args]
    if any(item is _NO_CONSTANT for item in arguments):
        return NO_FACTS
    keep = filter_of_test(node.name, truth, arguments)
    return NO_FACTS if keep is None else _about(node.node, keep)


def _comparison(node: nodes.Compare, truth: bool) -> Facts:
    if len(node.ops) != 1:
        return NO_FACTS
    operator, right = node.ops[0].op, node.ops[0].expr
    if operator in ("eq", "ne"):
        return _equality(node.expr, right, truth == (operator == "eq"))
    if operator in ("in", "notin"):
        return _containment(node.expr, right, truth == (operator == "in"))
    return _length(node.expr, operator, right, truth)


def _length(left: nodes.Node, operator: str, right: nodes.Node, truth: bool) -> Facts:
    """``x | default('') | length > 1``: a length that the fallback has not tells that the value itself was there."""
    least = constant(right)
    if not isinstance(left, nodes.Filter) or left.name != "length" or not isinstance(left.node, nodes.Filter):
        return NO_FACTS
    if operator not in _ORDERS or not isinstance(least, int | float) or isinstance(least, bool):
        return NO_FACTS
    path, fallback, empty_too = _subject(left.node)
    if (
        path is None
        or None in path
        or not isinstance(fallback, str | list)
        or _ORDERS[operator](len(fallback), least) == truth
    ):
        return NO_FACTS
    return {path: truthy if empty_too else not_null}


def _equality(left: nodes.Node, right: nodes.Node, same: bool) -> Facts:
    for subject, other in ((left, right), (right, left)):
        value = constant(other)
        if value is not _NO_CONSTANT and not isinstance(value, list):
            return _about(subject, equal_to(value) if same else different_from(value))
    return NO_FACTS


def _containment(left: nodes.Node, right: nodes.Node, inside: bool) -> Facts:
    values = constant(right)
    if isinstance(values, list):
        return _about(left, membership(values, inside))
    path, key = path_of(right), constant(left)
    if path is not None and None not in path and isinstance(key, str):
        return {path: containing(key) if inside else lacking(key)}
    return NO_FACTS


def _about(node: nodes.Node, keep: Filter) -> Facts:
    """``keep`` as a fact about the path that ``node`` reads, with a fallback or without."""
    path, fallback, empty_too = _subject(node)
    if path is None or None in path:
        return NO_FACTS
    if fallback is _NO_FALLBACK:
        return {path: lambda found: keep(present(found))} if not keep_missing(keep) else {path: keep}
    # When the fallback itself would have passed, nothing is known of the path.
    if fallback is _NO_CONSTANT or keep(of_constant(fallback)):
        return NO_FACTS
    return {path: all_of([present, truthy, keep] if empty_too else [present, keep])}


def about(node: nodes.Node, keep: Filter) -> Facts:
    """What is known wherever ``keep`` leaves something of the value of ``node``."""
    return _about(node, keep)


def keep_missing(keep: Filter) -> bool:
    return bool(keep(ABSENT))


def _subject(node: nodes.Node) -> tuple[Path | None, Json, bool]:
    """The path that ``node`` reads, what it falls back to, and whether also when the path's value is empty."""
    if isinstance(node, nodes.Filter) and node.name == "default" and node.node is not None:
        options = {str(option.key): option.value for option in node.kwargs}
        fallback = node.args[0] if node.args else options.get("fallback")
        boolean = node.args[1] if len(node.args) > 1 else options.get("boolean")
        given = "" if fallback is None else constant(fallback)
        return path_of(node.node), given, boolean is not None and constant(boolean) is True
    if isinstance(node, nodes.Filter) and node.name == ".get" and node.args and node.node is not None:
        path, key = path_of(node.node), constant(node.args[0])
        if path is None or not isinstance(key, str):
            return None, _NO_FALLBACK, False
        return (*path, key), constant(node.args[1]) if len(node.args) > 1 else None, False
    return path_of(node), _NO_FALLBACK, False
