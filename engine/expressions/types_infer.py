"""What an expression yields, and what is wrong with it before there are data. Owns the walk over a syntax tree; knows no flow.

Certain is what holds in every run that gets there: a kind is wrong only when no alternative fits. "May be null" and "may be absent" are
said for any alternative, since a test in the flow takes them away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from jinja2 import nodes

from engine.expressions import types_lists, types_operators
from engine.expressions.compile import Expression
from engine.expressions.references import Path, key_of, path_of, shown, start_of, word_of
from engine.expressions.types import (
    ABSENT,
    ANY,
    BOOLEAN,
    Kind,
    ListOf,
    Member,
    Object,
    Type,
    has,
    in_words,
    member_field,
    of_constant,
    record,
    union,
    without,
)
from engine.expressions.types_conditions import constant, where
from engine.expressions.types_filters import TEST_TAKES, fits, kinds_in_words
from engine.expressions.types_narrow import Environment, falsy, truthy
from engine.expressions.types_problems import Problem, ProblemKind, Report


def infer(expression: Expression, environment: Environment, report: Report) -> Type:
    """The type of what the expression yields; every problem is reported once."""
    return Inference(expression.text, report).value(expression.tree, environment)


class Inference:
    """One walk over one expression."""

    def __init__(self, text: str, report: Report) -> None:
        self._text = text
        self._report = report
        self.problems = 0
        """How many wrong types were told: what is made of a wrong type is not known."""

    def value(self, node: nodes.Node, env: Environment) -> Type:
        """The type of a value that is used: its absence is a problem."""
        found = self.maybe(node, env, tolerant=False)
        if not has(found, "absent"):
            return found or ANY
        self._tell(env, "absent", node, certain=not without(found, "absent"))
        return without(found, "absent") or ANY

    def needed(
        self, node: nodes.Node, env: Environment, kinds: tuple[Kind, ...], who: str, offset: int | None = None
    ) -> Type:
        """The type of a value that has to be of one of these kinds. ``who`` needs it; ``offset``: where a wrong kind is told."""
        found = self.value(node, env)
        if not kinds or not found:
            return found
        if has(found, "null") and "null" not in kinds:
            rest = without(found, "null")
            self._tell(env, "null", node, certain=not rest, message=f"{who} needs {kinds_in_words(kinds)}")
            found = rest
        if has(found, "any"):
            return found
        if found and not any(fits(member.kind, kinds) for member in found):
            message = f"{who} needs {kinds_in_words(kinds)}, but {self.named(node)} is {in_words(found)}"
            where = start_of(node) if offset is None else offset
            self.tell(env, Problem(kind="type", offset=where, message=message))
        return tuple(member for member in found if fits(member.kind, kinds)) or ANY

    def maybe(self, node: nodes.Node, env: Environment, *, tolerant: bool) -> Type:
        """The type of a value that may be absent. ``tolerant``: absence further up the path is dealt with too."""
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            return self._look(node, env, tolerant)[0]
        if isinstance(node, nodes.Filter):
            return types_lists.filtered(self, node, env)
        handler = _HANDLERS.get(type(node))
        return handler(self, node, env) if handler is not None else ANY

    def tell(self, env: Environment, problem: Problem) -> None:
        """What never runs cannot go wrong, beyond naming what there is not."""
        if problem.kind not in ("name", "field") and (env.dead or (env.vague and problem.kind in ("absent", "null"))):
            return
        self.problems += problem.kind == "type"
        self._report(replace(problem, dead=True) if env.dead else problem)

    def named(self, node: nodes.Node) -> str:
        path = path_of(node)
        return shown(path) if path is not None else "this"

    def offset(self, node: nodes.Node) -> int:
        """Where the word of ``node`` stands that a person would call wrong."""
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            return word_of(node, self._text)
        return node.lineno if isinstance(node, nodes.Filter) else start_of(node)

    def _tell(self, env: Environment, kind: ProblemKind, node: nodes.Node, *, certain: bool, message: str = "") -> None:
        self.tell(
            env,
            Problem(kind=kind, offset=self.offset(node), path=path_of(node) or (), certain=certain, message=message),
        )

    def _look(self, node: nodes.Expr, env: Environment, tolerant: bool) -> tuple[Type, Path | None]:
        if isinstance(node, nodes.Name):
            return self._name(node, env)
        assert isinstance(node, nodes.Getattr | nodes.Getitem)
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
            return self._slice(node, node.arg, env), None
        base, path = self._base(node.node, env, tolerant)
        key = key_of(node)
        if key is None and isinstance(node, nodes.Getitem):
            self.value(node.arg, env)
        whole = (*path, key) if path is not None else None
        found = self._field(base, key, node, whole, env, tolerant)
        if whole is None or None in whole:
            return found, whole
        known = env.narrowed(whole, found)
        return known or (found if env.dead else ANY), whole

    def _base(self, node: nodes.Expr, env: Environment, tolerant: bool) -> tuple[Type, Path | None]:
        """What a field is read from: something that is there and not null."""
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            found, path = self._look(node, env, tolerant)
        else:
            found, path = self.maybe(node, env, tolerant=tolerant), None
        if tolerant:
            return found, path
        if has(found, "absent"):
            self._tell(env, "absent", node, certain=not without(found, "absent", "null"))
        elif has(found, "null"):
            self._tell(env, "null", node, certain=not without(found, "null"))
        return without(found, "absent", "null") or ANY, path

    def _name(self, node: nodes.Name, env: Environment) -> tuple[Type, Path]:
        path = (node.name,)
        found = env.names.get(node.name)
        if found is None:
            self.tell(env, Problem(kind="name", offset=node.lineno, path=path))
            return ANY, path
        return env.narrowed(path, found) or found, path

    def _field(
        self,
        base: Type,
        key: str | int | None,
        node: nodes.Getattr | nodes.Getitem,
        path: Path | None,
        env: Environment,
        tolerant: bool,
    ) -> Type:
        lacking = [member for member in base if _lacks(member, key)]
        found = union(
            *(part for member in base if (part := member_field(member, key)) is not None and not _lacks(member, key))
        )
        if not lacking:
            return found
        if path is not None and path in env.facts and not env.narrowed(path, ABSENT):
            return union(found, ANY)
        if tolerant:
            if len(lacking) == len(base) and not found:
                self._missing("fallback", lacking, node, path, env)
            return union(found, ABSENT)
        unknown = _nowhere(lacking, base)
        if unknown:
            self._missing("field", unknown, node, path, env)
        return found or ANY

    def _missing(
        self,
        kind: ProblemKind,
        lacking: list[Member],
        node: nodes.Getattr | nodes.Getitem,
        path: Path | None,
        env: Environment,
    ) -> None:
        offset = self.offset(node)
        self.tell(env, Problem(kind=kind, offset=offset, path=path or ("this", key_of(node)), owner=tuple(lacking)))

    def _slice(self, node: nodes.Getitem, part: nodes.Slice, env: Environment) -> Type:
        for end in (part.start, part.stop, part.step):
            if end is not None:
                self.needed(end, env, ("integer", "null"), "a slice")
        return self.needed(node.node, env, ("list", "text"), "a slice")

    def _and(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.And)
        left = self.value(node.left, env)
        right = self.value(node.right, where(env, node.left, True))
        return union(falsy(left), right)

    def _or(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.Or)
        left = self.value(node.left, env)
        right = self.value(node.right, where(env, node.left, False))
        return union(truthy(left), right)

    def _choice(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.CondExpr)
        assert node.expr2 is not None
        self.value(node.test, env)
        yes, no = where(env, node.test, True), where(env, node.test, False)
        first, second = self.value(node.expr1, yes), self.value(node.expr2, no)
        if yes.dead == no.dead:
            return union(first, second)
        return second if yes.dead else first

    def _not(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.Not)
        self.value(node.node, env)
        return BOOLEAN

    def _constant(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.Const)
        return of_constant(node.value)

    def _list(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.List | nodes.Tuple)
        return (ListOf(union(*(self.value(item, env) for item in node.items)) if node.items else ()),)

    def _dict(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.Dict)
        return record({str(constant(pair.key)): self.value(pair.value, env) for pair in node.items})

    def _test(self, node: nodes.Node, env: Environment) -> Type:
        assert isinstance(node, nodes.Test)
        for item in node.args:
            self.value(item, env)
        if node.name in ("defined", "undefined"):
            self.maybe(node.node, env, tolerant=True)
        else:
            self.needed(node.node, env, TEST_TAKES.get(node.name, ()), f"is {node.name}", node.lineno)
        return BOOLEAN

    def _arithmetic(self, node: nodes.Node, env: Environment) -> Type:
        return types_operators.arithmetic(self, node, env)

    def _comparison(self, node: nodes.Node, env: Environment) -> Type:
        return types_operators.comparison(self, node, env)


def _lacks(member: Member, key: str | int | None) -> bool:
    """Whether nothing can be at ``key``, as far as is known."""
    if isinstance(member, Object):
        return isinstance(key, int) if not isinstance(key, str) else member.field(key) is None
    if isinstance(member, ListOf):
        return isinstance(key, str)
    if member.kind == "text":
        return isinstance(key, str)
    return member.kind in ("boolean", "integer", "number")


def _nowhere(lacking: list[Member], base: Type) -> list[Member]:
    """Those of ``lacking`` whose service has no other alternative that has the field: it must be there on each."""
    have = {_label(member) for member in base if member not in lacking}
    return [member for member in lacking if _label(member) not in have] if lacking else []


def _label(member: Member) -> str:
    return member.shape.label if isinstance(member, Object) else ""


_Handler: TypeAlias = "Callable[[Inference, nodes.Node, Environment], Type]"
_HANDLERS: dict[type[nodes.Node], _Handler] = {
    nodes.And: Inference._and,
    nodes.Or: Inference._or,
    nodes.Not: Inference._not,
    nodes.CondExpr: Inference._choice,
    nodes.Const: Inference._constant,
    nodes.List: Inference._list,
    nodes.Tuple: Inference._list,
    nodes.Dict: Inference._dict,
    nodes.Test: Inference._test,
    nodes.Compare: Inference._comparison,
    **dict.fromkeys(
        (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos),
        Inference._arithmetic,
    ),
}
