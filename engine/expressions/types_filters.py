"""What filters and methods take and give. Owns the table of their types; what they do is in the *_filters files.

A filter that is not in the table takes and gives anything; a test holds that none is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.expressions.types import (
    ANY,
    ANY_MEMBER,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    Kind,
    ListOf,
    Object,
    Type,
    has,
    items_of,
    of_constant,
    union,
    without,
)
from engine.expressions.types_narrow import truthy
from engine.strictjson import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Argument:
    """One argument: its type, and its value when it is a constant."""

    type: Type
    value: Json = None
    is_constant: bool = False


Arguments: TypeAlias = Mapping[str, Argument]
_Gives: TypeAlias = "Callable[[Type, Arguments], Type]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """``takes``: kinds of the input (none: anything); ``arguments``: kinds of those arguments that are not just anything."""

    takes: tuple[Kind, ...] = ()
    gives: _Gives
    arguments: Mapping[str, tuple[Kind, ...]] = field(default_factory=dict)
    attribute: bool = False
    """Whether ``attribute`` names a field of the list's items."""


_T: tuple[Kind, ...] = ("text",)
_N: tuple[Kind, ...] = ("integer", "number")


def _always(result: Type) -> _Gives:
    return lambda given, arguments: result


def _same(given: Type, arguments: Arguments) -> Type:
    return given


def _item(given: Type, arguments: Arguments) -> Type:
    return union(
        *(member.item if isinstance(member, ListOf) else TEXT if member.kind == "text" else ANY for member in given)
    )


def _list(given: Type, arguments: Arguments) -> Type:
    return union(
        *(
            (member,) if isinstance(member, ListOf) else (ListOf(TEXT),) if member.kind != "any" else (ListOf(ANY),)
            for member in given
        )
    )


def _whole(given: Type, arguments: Arguments) -> Type:
    return union(INTEGER, arguments["default"].type) if "default" in arguments else INTEGER


def _real(given: Type, arguments: Arguments) -> Type:
    return union(NUMBER, arguments["default"].type) if "default" in arguments else NUMBER


def _rounded(given: Type, arguments: Arguments) -> Type:
    return NUMBER if "digits" in arguments else INTEGER


def _sum(given: Type, arguments: Arguments) -> Type:
    whole = not {"attribute", "start"} & set(arguments) and all(member.kind == "integer" for member in items_of(given))
    return INTEGER if whole else NUMBER


def _values(given: Type, arguments: Arguments) -> Type:
    found = [
        member.field(name) or ANY for member in given if isinstance(member, Object) for name in member.shape.names()
    ]
    return (ListOf(without(union(*found), "absent") if found else ANY),)


def _default(given: Type, arguments: Arguments) -> Type:
    fallback = arguments["fallback"].type if "fallback" in arguments else of_constant("")
    empty_too = "boolean" in arguments and arguments["boolean"].value is not False
    kept = without(truthy(given) if empty_too else given, "absent")
    return union(kept, fallback) if empty_too or has(given, "absent") or not kept else kept


def _get(given: Type, arguments: Arguments) -> Type:
    key, fallback = arguments.get("key"), arguments["default"].type if "default" in arguments else of_constant(None)
    if key is None or not isinstance(key.value, str):
        return ANY
    found = union(
        *((member.field(key.value) if isinstance(member, Object) else None) or (ANY_MEMBER,) for member in given)
    )
    return union(without(found, "absent"), fallback) if has(found, "absent") else found


_TEXT = Signature(takes=_T, gives=_always(TEXT))
_ANY_TO_TEXT = Signature(gives=_always(TEXT))
_TRIM = Signature(takes=_T, gives=_always(TEXT), arguments={"characters": ("text", "null")})
_REPLACE = Signature(takes=_T, gives=_always(TEXT), arguments={"old": _T, "new": _T, "count": ("integer", "null")})
_SPLIT = Signature(
    takes=_T, gives=_always((ListOf(TEXT),)), arguments={"separator": ("text", "null"), "count": ("integer",)}
)
_OF_LIST = Signature(takes=("list",), gives=_same, attribute=True)
_EXTREME = Signature(takes=("list",), gives=_item, attribute=True)
_MOVE = Signature(takes=_T, gives=_always(TEXT), arguments={"duration": _T})
_KEYS = Signature(takes=("object",), gives=_always((ListOf(TEXT),)))
_VALUES = Signature(takes=("object",), gives=_values)
_ITEMS = Signature(takes=("object",), gives=_always((ListOf((ListOf(ANY),)),)))
_AFFIX = Signature(takes=_T, gives=_always(BOOLEAN), arguments={"start": _T, "end": _T})

SIGNATURES: Mapping[str, Signature] = {
    **dict.fromkeys(("uuid", "lower", "upper", "capitalize", "title"), _TEXT),
    "trim": _TRIM,
    "replace": _REPLACE,
    "split": _SPLIT,
    "truncate": Signature(takes=_T, gives=_always(TEXT), arguments={"length": ("integer",), "end": _T}),
    "join": Signature(takes=("list",), gives=_always(TEXT), arguments={"separator": _T}, attribute=True),
    **dict.fromkeys(("urlencode", "string", "json"), _ANY_TO_TEXT),
    "int": Signature(takes=("text", *_N), gives=_whole),
    "float": Signature(takes=("text", *_N), gives=_real),
    "round": Signature(takes=_N, gives=_rounded, arguments={"digits": ("integer",)}),
    "abs": Signature(takes=_N, gives=_same),
    "length": Signature(takes=("text", "list", "object"), gives=_always(INTEGER)),
    "first": Signature(takes=("list", "text"), gives=_item),
    "last": Signature(takes=("list", "text"), gives=_item),
    "list": Signature(takes=("list", "text", "object"), gives=_list),
    "reverse": Signature(takes=("list", "text"), gives=_same),
    **dict.fromkeys(("sort", "unique", "unique_by", "where", "pluck", "map"), _OF_LIST),
    **dict.fromkeys(("select", "reject", "selectattr", "rejectattr"), _OF_LIST),
    "sum": Signature(takes=("list",), gives=_sum, attribute=True),
    "min": _EXTREME,
    "max": _EXTREME,
    "keys": _KEYS,
    "values": _VALUES,
    "items": _ITEMS,
    "parse_time": Signature(takes=_T, gives=_always(TEXT), arguments={"layout": ("text", "null")}),
    "format_time": Signature(takes=_T, gives=_always(TEXT), arguments={"tz": _T, "layout": _T}),
    "add": _MOVE,
    "minus": _MOVE,
    "default": Signature(gives=_default),
    ".split": _SPLIT,
    **dict.fromkeys((".lower", ".upper", ".title", ".capitalize"), _TEXT),
    **dict.fromkeys((".strip", ".lstrip", ".rstrip"), _TRIM),
    **dict.fromkeys((".startswith", ".endswith"), _AFFIX),
    ".replace": _REPLACE,
    ".get": Signature(takes=("object",), gives=_get, arguments={"key": _T}),
    ".keys": _KEYS,
    ".values": _VALUES,
    ".items": _ITEMS,
    ".~": _ANY_TO_TEXT,
}
"""By the filter's name; methods begin with a dot, as in methods.py."""

TEST_TAKES: Mapping[str, tuple[Kind, ...]] = {
    "even": ("integer",),
    "odd": ("integer",),
    "divisibleby": ("integer",),
}


def mapped(name: str, item: Type) -> Type:
    """What ``map('name')`` makes of an item."""
    signature = SIGNATURES.get(name)
    return signature.gives(item, {}) if signature is not None else ANY


def fits(kind: Kind, kinds: Sequence[Kind]) -> bool:
    """Whether a value of this kind may be given where one of ``kinds`` is taken; a service's number may be whole."""
    return kind in kinds or (kind == "number" and "integer" in kinds)


def kinds_in_words(kinds: Sequence[Kind]) -> str:
    shown = {
        "text": "text",
        "list": "a list",
        "object": "an object",
        "integer": "a number",
        "number": "a number",
        "boolean": "true or false",
    }
    if tuple(kinds) == ("integer",):
        return "a whole number"
    return " or ".join(dict.fromkeys(shown[kind] for kind in kinds if kind in shown))
