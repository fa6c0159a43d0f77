"""What a value may be, before there is a value. Owns the members of a type and the sums over them; reads no schema, no expression.

A type is a tuple of members: the value is one of them. ``()`` is the type of what cannot be. ``absent`` (a field that is not there) and
``null`` are members like others, so that "may be missing" is part of a type. What is not known is ``any``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, Protocol, TypeAlias

from engine.strictjson import Json

Kind = Literal["any", "absent", "null", "boolean", "integer", "number", "text", "list", "object"]
Key: TypeAlias = "str | int | None"
_MOST_MEMBERS = 24

_WORDS: Mapping[str, str] = {
    "null": "null",
    "boolean": "true or false",
    "integer": "a number",
    "number": "a number",
    "text": "text",
    "list": "a list",
    "object": "an object",
}

_PLURAL: Mapping[str, str] = {"a number": "numbers", "an object": "objects", "a list": "lists"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts. ``values``: the only ones that it can have; ``excluded``: values that it does not have.

    ``marks``: what is known of where it comes from, as types_marks has them; they change nothing about what fits where.
    """

    kind: Kind
    values: frozenset[str | bool] | None = None
    excluded: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of any length."""

    kind: ClassVar[Kind] = "list"
    item: Type


class Shape(Protocol):
    """The fields of an object. Two shapes are the same when they are the same value. ``label``: whose fields they are, for messages."""

    @property
    def label(self) -> str: ...

    def field(self, name: str) -> Type | None:
        """The field's type, with ``absent`` in it when it may be missing; None when there is no such field."""

    def names(self) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class Object:
    """An object. ``changes``: what is known of fields beyond the shape. ``event``: the event that brings it, for messages."""

    kind: ClassVar[Kind] = "object"
    shape: Shape
    changes: tuple[tuple[str, Type], ...] = ()
    event: str = ""

    def field(self, name: str) -> Type | None:
        for key, found in self.changes:
            if key == name:
                return found
        return self.shape.field(name)

    def with_field(self, name: str, found: Type) -> Object:
        others = tuple(change for change in self.changes if change[0] != name)
        return Object(self.shape, (*others, (name, found)), self.event)


Member: TypeAlias = "Scalar | ListOf | Object"
Type: TypeAlias = "tuple[Member, ...]"


class Fields:
    """A shape with given fields: what the flow's own values look like. ``rest``: the type of all other fields, None when there are none."""

    __slots__ = ("_fields", "_label", "_rest")

    def __init__(self, fields: Mapping[str, Type], *, label: str = "", rest: Type | None = None) -> None:
        self._fields, self._label, self._rest = fields, label, rest

    @property
    def label(self) -> str:
        return self._label

    def field(self, name: str) -> Type | None:
        return self._fields.get(name, self._rest)

    def names(self) -> Iterable[str]:
        return self._fields.keys()


ANY_MEMBER: Final = Scalar("any")
ABSENT_MEMBER: Final = Scalar("absent")
NULL_MEMBER: Final = Scalar("null")
NEVER: Final[Type] = ()
ANY: Final[Type] = (ANY_MEMBER,)
ABSENT: Final[Type] = (ABSENT_MEMBER,)
NULL: Final[Type] = (NULL_MEMBER,)
BOOLEAN: Final[Type] = (Scalar("boolean"),)
INTEGER: Final[Type] = (Scalar("integer"),)
NUMBER: Final[Type] = (Scalar("number"),)
TEXT: Final[Type] = (Scalar("text"),)
ANY_LIST: Final[Type] = (ListOf(ANY),)
ANY_OBJECT: Final[Type] = (Object(Fields({}, rest=ANY)),)


def words(*texts: str) -> Type:
    """Text that is one of these."""
    return (Scalar("text", frozenset(texts)),)


def record(fields: Mapping[str, Type], label: str = "") -> Type:
    """An object with exactly these fields."""
    return (Object(Fields(fields, label=label)),)


def of_constant(value: Json) -> Type:
    """The type of a constant, as exact as a type can be."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return (Scalar("boolean", frozenset((value,))),)
    if isinstance(value, str):
        return words(value)
    if isinstance(value, int):
        return INTEGER
    if isinstance(value, float):
        return NUMBER
    if isinstance(value, Mapping):
        return record({key: of_constant(item) for key, item in value.items()})
    return (ListOf(union(*map(of_constant, value)) or ANY),)


def union(*types: Type) -> Type:
    """One of them. Texts with known values merge; very long unions become ``any``."""
    if len(types) == 1:
        return types[0]
    found: list[Member] = []
    for one in types:
        for member in one:
            if member not in found:
                _add(found, member)
    return tuple(found) if len(found) <= _MOST_MEMBERS else ANY


def _add(found: list[Member], member: Member) -> None:
    if isinstance(member, Scalar) and member.kind in ("text", "boolean"):
        for position, other in enumerate(found):
            if isinstance(other, Scalar) and other.kind == member.kind:
                found[position] = _merged(other, member)
                return
    found.append(member)


def _merged(one: Scalar, other: Scalar) -> Scalar:
    marks = one.marks | other.marks
    if one.values is None and other.values is None:
        return Scalar(one.kind, None, one.excluded & other.excluded, marks)
    if one.values is not None and other.values is not None:
        return Scalar(one.kind, one.values | other.values, marks=marks)
    known, open_ = (one, other) if one.values is not None else (other, one)
    excluded = frozenset(text for text in open_.excluded if text not in (known.values or ()))
    return Scalar(one.kind, None, excluded, marks)


def without(found: Type, *kinds: Kind) -> Type:
    """The type with members of these kinds taken out."""
    return tuple(member for member in found if member.kind not in kinds)


def has(found: Type, kind: Kind) -> bool:
    return any(member.kind == kind for member in found)


def values_of(found: Type) -> frozenset[str | bool] | None:
    """All values that a text can have, when they are known and it can be nothing else."""
    if not found or not all(isinstance(member, Scalar) and member.values is not None for member in found):
        return None
    return frozenset(value for member in found if isinstance(member, Scalar) for value in member.values or ())


def items_of(found: Type) -> Type:
    """What the items of a list of this type are."""
    return union(*(member.item if isinstance(member, ListOf) else ANY for member in found)) if found else ANY


def looped_over(found: Type) -> Type:
    """What a loop over a value of this type takes up: the items of its lists, and anything where it may be anything."""
    parts = [member.item if isinstance(member, ListOf) else ANY for member in found if member.kind in ("list", "any")]
    return union(*parts) or ANY if parts else ANY


def in_words(found: Type) -> str:
    """As messages name it: ``text``, ``a list or null`` …"""
    if not found or has(found, "any"):
        return "anything"
    kinds = dict.fromkeys(_WORDS[member.kind] for member in found if member.kind in _WORDS)
    return " or ".join(kinds) or "missing"


def in_detail(found: Type) -> str:
    """As ``in_words``, with what lists hold."""
    parts = [
        f"a list of {_PLURAL.get(in_words(member.item), in_words(member.item))}"
        if isinstance(member, ListOf) and member.item and not has(member.item, "any")
        else in_words((member,))
        for member in found
    ]
    return " or ".join(dict.fromkeys(parts)) or "anything"


def member_field(member: Member, key: Key) -> Type | None:
    """What stands at ``key`` of a value of this member: ``absent`` where nothing can be, None for a field that its object does not know."""
    if member.kind == "any":
        return (member,)
    if isinstance(member, ListOf):
        return ABSENT if isinstance(key, str) else member.item
    if isinstance(member, Object):
        if isinstance(key, str):
            return member.field(key)
        return ANY if key is None else ABSENT
    return TEXT if member.kind == "text" and not isinstance(key, str) else ABSENT
