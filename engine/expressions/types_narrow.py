"""What a condition teaches about the data it reads. Owns ``Filter`` (a type with what is ruled out taken away), the facts that hold at a
place of a flow, and reading them out of conditions; reports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from engine.expressions.references import Path
from engine.expressions.types import (
    ABSENT,
    ANY,
    ANY_LIST,
    ANY_OBJECT,
    NUMBER,
    TEXT,
    ListOf,
    Member,
    Object,
    Scalar,
    Type,
    member_field,
    of_constant,
    union,
)
from engine.strictjson import Json

Filter: TypeAlias = Callable[[Type], Type]
Facts: TypeAlias = "Mapping[Path, Filter]"
NO_FACTS: Facts = {}
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_LONE_ROOTS = ("steps", "vars", "inputs")


@dataclass(frozen=True, slots=True)
class Implication:
    """What holds again wherever the same condition is ``truth`` again. ``condition``: its syntax tree as text; ``reads``: variables in it."""

    condition: str
    truth: bool
    reads: frozenset[str]
    facts: Facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """The names that an expression can use, and what is known of paths below them. ``dead``: no run ever comes here.
    ``vague``: a condition on the way here is wrong, so that what it was meant to rule out is not known."""

    names: Mapping[str, Type]
    facts: Mapping[Path, tuple[Filter, ...]] = field(default_factory=dict)
    implications: tuple[Implication, ...] = ()
    dead: bool = False
    vague: bool = False

    def narrowed(self, path: Path, found: Type) -> Type:
        for keep in self.facts.get(path, ()):
            found = keep(found)
        return found

    def at(self, path: Path, *, short: bool = False) -> Type:
        """The type at a path, in silence: ``any`` where it leads nowhere. ``short``: lists may have no such item."""
        found = self.narrowed(path[:1], self.names.get(str(path[0]), ANY))
        for depth, key in enumerate(path[1:], 1):
            parts = (member_field(member, key) for member in found)
            below = union(*(part for part in parts if part is not None)) if found else ()
            if short and below and isinstance(key, int):
                below = union(below, ABSENT)
            found = self.narrowed(path[: depth + 1], below or (ANY if found else ()))
        return found

    def assume(self, facts: Facts) -> Environment:
        """This environment where these facts hold as well; dead when they cannot."""
        if not facts:
            return self
        known = dict(self.facts)
        for path, keep in facts.items():
            for prefix, narrow in _propagated(path, keep):
                known[prefix] = (*known.get(prefix, ()), narrow)
        grown = replace(self, facts=known)
        return replace(grown, dead=self.dead or any(not grown.at(path, short=True) for path in facts))


def _propagated(path: Path, keep: Filter) -> Sequence[tuple[Path, Filter]]:
    """The fact about ``path``, and what it says of the things around it: those alternatives stay in which it can hold."""
    found = [(path, keep)]
    least = 2 if path[0] in _LONE_ROOTS else 1
    for depth in range(len(path) - 1, least - 1, -1):
        keep = having(path[depth], keep)
        found.append((path[:depth], keep))
    return found


def having(key: str | int | None, keep: Filter) -> Filter:
    """Keeps what has something at ``key`` that ``keep`` leaves."""

    def narrow(found: Type) -> Type:
        kept: list[Member] = []
        unknown: list[Member] = []
        for member in found:
            part = member_field(member, key)
            if part is None:
                # Nothing is there, which may be just what was asked.
                (kept if keep(ABSENT) else unknown).append(member)
            elif keep(part) or (isinstance(key, int) and keep(ABSENT)):
                kept.append(member)
        return tuple(kept or unknown)

    return narrow


def containing(key: str) -> Filter:
    """Keeps what ``key`` can be in: objects with such a field, and texts and lists, of whose parts nothing is known."""

    def narrow(found: Type) -> Type:
        kept: list[Member] = []
        unknown: list[Member] = []
        for member in found:
            part = member.field(key) if isinstance(member, Object) else None
            if not isinstance(member, Object):
                kept.extend((member,) if member.kind in ("any", "text", "list") else ())
            elif part is None:
                unknown.append(member.with_field(key, ANY))
            elif present(part):
                kept.append(member.with_field(key, present(part)))
        return tuple(kept or unknown)

    return narrow


def lacking(key: str) -> Filter:
    """Keeps what ``key`` may not be in."""

    def narrow(found: Type) -> Type:
        kept: list[Member] = []
        for member in found:
            part = member.field(key) if isinstance(member, Object) else None
            if part is None or not isinstance(member, Object):
                kept.extend(() if member.kind in ("null", "absent") else (member,))
            elif missing(part):
                kept.append(member.with_field(key, missing(part)))
        return tuple(kept)

    return narrow


def bake(found: Type, path: Path, keep: Filter) -> Type:
    """The type with the fact written into it, so that each alternative keeps its own facts."""
    if not path:
        return keep(found)
    baked: list[Member] = []
    for member in found:
        key = path[0]
        if not isinstance(member, Object) or not isinstance(key, str):
            if member.kind in ("any", "list", "object") or keep(ABSENT):
                baked.append(member)
            continue
        if member.field(key) is None and keep(ABSENT):
            baked.append(member)
            continue
        below = bake(member.field(key) or ANY, path[1:], keep)
        if below:
            baked.append(member.with_field(key, below))
    return tuple(baked)


def present(found: Type) -> Type:
    return tuple(member for member in found if member.kind != "absent")


def missing(found: Type) -> Type:
    return tuple(member for member in found if member.kind in ("absent", "any"))


def not_null(found: Type) -> Type:
    return tuple(member for member in found if member.kind not in ("null", "absent"))


def null(found: Type) -> Type:
    return tuple(
        Scalar("null") if member.kind == "any" else member for member in found if member.kind in ("null", "any")
    )


def truthy(found: Type) -> Type:
    return tuple(kept for member in found if (kept := _truthy(member)) is not None)


def _truthy(member: Member) -> Member | None:
    if member.kind in ("null", "absent"):
        return None
    if isinstance(member, Scalar) and member.kind == "boolean":
        return Scalar("boolean", frozenset((True,))) if member.values is None or True in member.values else None
    return _different(member, "") if member.kind == "text" else member


def falsy(found: Type) -> Type:
    return tuple(kept for member in found if (kept := _falsy(member)) is not None)


def _falsy(member: Member) -> Member | None:
    if member.kind == "absent":
        return None
    if isinstance(member, Object):
        return None if any(True for _ in member.shape.names()) else member
    if isinstance(member, Scalar) and member.kind == "boolean":
        return Scalar("boolean", frozenset((False,))) if member.values is None or False in member.values else None
    return _equal(member, "") if member.kind == "text" else member


def equal_to(value: Json) -> Filter:
    return lambda found: tuple(kept for member in found if (kept := _equal(member, value)) is not None)


def different_from(value: Json) -> Filter:
    return lambda found: tuple(kept for member in found if (kept := _different(member, value)) is not None)


def _equal(member: Member, value: Json) -> Member | None:
    if member.kind == "any":
        exact = of_constant(value)
        return exact[0] if len(exact) == 1 else member
    if value is None:
        return member if member.kind == "null" else None
    if isinstance(value, str):
        fits = isinstance(member, Scalar) and member.kind == "text" and _can_be(member, value)
        return Scalar("text", frozenset((value,))) if fits else None
    if isinstance(value, bool | int | float):
        if isinstance(value, bool) and isinstance(member, Scalar) and member.kind == "boolean":
            return Scalar("boolean", frozenset((value,))) if member.values is None or value in member.values else None
        return member if member.kind in ("boolean", "integer", "number") else None
    return member if isinstance(member, ListOf if isinstance(value, list | tuple) else Object) else None


def _different(member: Member, value: Json) -> Member | None:
    if value is None:
        return None if member.kind in ("null", "absent") else member
    if member.kind == "absent":
        return None
    if not isinstance(member, Scalar):
        return member
    if isinstance(value, str) and member.kind == "text":
        if member.values is None:
            return replace(member, excluded=member.excluded | {value})
        return replace(member, values=member.values - {value}) if member.values - {value} else None
    if isinstance(value, bool) and member.kind == "boolean":
        rest = (member.values if member.values is not None else frozenset((True, False))) - {value}
        return Scalar("boolean", rest) if rest else None
    return member


def spelled(text: str) -> Filter:
    """What is ``text`` when it is written out: a text itself, numbers, true, false and null in JSON."""
    return lambda found: tuple(kept for member in found if (kept := _spelled(member, text)) is not None)


def not_spelled(text: str) -> Filter:
    return lambda found: tuple(kept for member in found if (kept := _not_spelled(member, text)) is not None)


def _spelled(member: Member, text: str) -> Member | None:
    if member.kind == "any" or member.kind == "text":
        return _equal(member, text) if member.kind == "text" else member
    if member.kind in ("boolean", "null"):
        constant = {"true": True, "false": False, "null": None}
        return (
            _equal(member, constant[text])
            if text in constant and (constant[text] is None) == (member.kind == "null")
            else None
        )
    return member if member.kind in ("integer", "number") and _NUMBER.fullmatch(text) else None


def _not_spelled(member: Member, text: str) -> Member | None:
    if member.kind in ("boolean", "null"):
        return (
            _different(member, {"true": True, "false": False, "null": None}.get(text, ""))
            if text in ("true", "false", "null")
            else member
        )
    return _different(member, text)


def _can_be(member: Scalar, value: str) -> bool:
    return value in member.values if member.values is not None else value not in member.excluded


def one_of(filters: Sequence[Filter]) -> Filter:
    return lambda found: union(*(keep(found) for keep in filters)) if filters else ()


def all_of(filters: Sequence[Filter]) -> Filter:
    def narrow(found: Type) -> Type:
        for keep in filters:
            found = keep(found)
        return found

    return narrow


def _kinds(instead: Type, *kinds: str) -> tuple[Filter, Filter]:
    def is_one(found: Type) -> Type:
        kept = tuple(member for member in found if member.kind in kinds)
        return union(kept, instead) if any(member.kind == "any" for member in found) else kept

    return is_one, lambda found: tuple(member for member in found if member.kind not in (*kinds, "absent"))


_TESTS: Mapping[str, tuple[Filter, Filter]] = {
    "defined": (present, missing),
    "undefined": (missing, present),
    "none": (null, not_null),
    "truthy": (truthy, falsy),
    "true": (equal_to(True), different_from(True)),
    "false": (equal_to(False), different_from(False)),
    "string": _kinds(TEXT, "text"),
    "list": _kinds(ANY_LIST, "list"),
    "mapping": _kinds(ANY_OBJECT, "object"),
    "number": _kinds(NUMBER, "integer", "number"),
}


def filter_of_test(name: str, truth: bool, arguments: Sequence[Json] = ()) -> Filter | None:
    """What a value for which the test holds (or does not) can be; None when the test teaches nothing. ``arguments``: constants."""
    if name in _TESTS:
        return _TESTS[name][0 if truth else 1]
    if name in ("eq", "ne") and arguments:
        return equal_to(arguments[0]) if truth == (name == "eq") else different_from(arguments[0])
    if name == "in" and arguments and isinstance(arguments[0], list | tuple):
        return membership(arguments[0], truth)
    return not_null if truth and name in ("boolean", "integer", "float", "even", "odd", "divisibleby") else None


def membership(values: Sequence[Json], truth: bool) -> Filter:
    return (
        one_of([equal_to(value) for value in values]) if truth else all_of([different_from(value) for value in values])
    )
