"""Why an expression failed, in an author's words. Owns the messages; it runs only after something has gone wrong."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from jinja2 import nodes

from engine.errors import Place
from engine.expressions.errors import FieldMissing
from engine.expressions.references import Path, Reference, shown
from engine.expressions.values import type_name
from engine.strictjson import JsonObject

_TYPES = {
    "NoneType": "null",
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "an object",
}
_COMPARED = re.compile(r"'(.+)' not supported between instances of '(\w+)' and '(\w+)'")
_LONGEST_NAME = 64
_MOST_NAMES = 200
_LONGEST_MESSAGE = 600
_UNEXPECTED = re.compile(r"unexpected char (.+) at \d+", re.DOTALL)
_CONTAINED = re.compile(r"argument of type '(\w+)' is not (?:iterable|a container or iterable)")


def missing_field(error: FieldMissing, found: Sequence[Reference], context: JsonObject) -> tuple[str, Place | None]:
    """The message that names the path, and the place of the word that is wrong (None when no path of the expression fits)."""
    for reference in sorted(found, key=lambda each: each.guarded):
        depth = _missing_at(reference.path, error, context)
        if depth is not None:
            owner = error.owner if depth else context
            return _sentence(reference.path, depth, owner), reference.places[depth]
    return str(error), None


def _missing_at(path: Path, error: FieldMissing, context: JsonObject) -> int | None:
    value: object = context
    for depth, part in enumerate(path):
        if part == error.name and (value is error.owner or (depth == 0 and error.owner is None)):
            return depth
        value = _inside(value, part)
    return None


def _inside(value: object, part: str | int | None) -> object:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list | tuple) and isinstance(part, int) and -len(value) <= part < len(value):
        return value[part]
    return None


def _sentence(path: Path, depth: int, owner: object) -> str:
    whole = shown(path[: depth + 1])
    if isinstance(owner, Mapping):
        near = _near(str(path[depth]), owner)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{whole} is missing{hint}" if depth else f"there is nothing called {whole} here{hint}"
    parent = shown(path[:depth])
    if isinstance(owner, list | tuple):
        held = f"a list of {len(owner)}" if isinstance(path[depth], int) else "a list"
        return f"{whole} is missing: {parent} is {held}"
    if isinstance(owner, str) and not isinstance(path[depth], int):
        return f"{whole} is missing: {parent} is text, which has no fields (a method needs its brackets)"
    return f"{whole} is missing: {parent} is {type_name(owner)}"


def _near(word: str, keys: Iterable[object]) -> list[str]:
    """The key that may be meant. Only among few and short ones: strangers name the keys, and likeness takes their lengths' product."""
    if len(word) > _LONGEST_NAME:
        return []
    known = [key for key in islice(keys, _MOST_NAMES) if isinstance(key, str) and len(key) <= _LONGEST_NAME]
    return difflib.get_close_matches(word, known, 1)


def cut(message: str) -> str:
    """The message; without its end when it quotes so much that nobody would read on."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"


def offset_of(tree: nodes.Node, name: str) -> int | None:
    """The offset of the filter, test or method called ``name`` when there is exactly one, else None."""
    called = [
        node
        for node in (tree, *tree.find_all((nodes.Filter, nodes.Test)))
        if getattr(node, "name", None) in (name, f".{name}")
    ]
    unique = {id(node): node for node in called if isinstance(node, nodes.Filter | nodes.Test)}
    return next(iter(unique.values())).lineno if len(unique) == 1 else None


def in_words(error: BaseException) -> str:
    """What a Python or Jinja error means to an author; never the error's own words unless they are known to be readable."""
    if isinstance(error, TypeError):
        return _type_error(str(error))
    if isinstance(error, RecursionError | MemoryError):
        return "the expression is nested too deeply"
    if isinstance(error, OverflowError):
        return "the number is out of range"
    if isinstance(error, ValueError) and "slice step" in str(error):
        return "the step of a slice cannot be zero"
    return "the expression cannot be evaluated on these data"


def _type_error(text: str) -> str:
    if compared := _COMPARED.search(text):
        operator, left, right = compared.groups()
        return f"{operator} cannot compare {_TYPES.get(left, left)} with {_TYPES.get(right, right)}"
    if contained := _CONTAINED.search(text):
        return f"in cannot look into {_TYPES.get(contained.group(1), contained.group(1))}"
    if "'in <string>' requires string" in text:
        return "in looks for text in text; what stands before it is something else"
    if "slice" in text or "not subscriptable" in text:
        return "a slice [a:b] needs a list or text, and whole numbers"
    return "the expression cannot be evaluated: a value has another type than it needs"


def syntax(message: str) -> str:
    """Jinja's message about syntax, without the words that mean nothing in an expression."""
    if unexpected := _UNEXPECTED.fullmatch(message):
        sign = ast.literal_eval(unexpected[1])
        return f"this {sign} has no partner" if sign in ("'", '"') else f"unexpected character {sign!r}"
    return re.sub(r"end of (?:template|print statement)", "the end of the expression", message)
