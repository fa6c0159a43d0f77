"""A cursor over a document, with the questions that every part of the builder asks. Owns the wording of wrong types and unknown keys.

A question that is answered with a finding returns None; a value that the YAML reader refused already gives None without a second finding.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import ExpressionError, Place
from engine.expressions import Expression, Value, compile_expression, compile_value
from engine.expressions.place import Origin
from engine.flow import codes
from engine.flow.document import Document, Findings, Path, short
from engine.flow.durations import NotADuration, milliseconds
from engine.flow.words import HINTS, OWN_PREFIX
from engine.strictjson import Json

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_FILE_NAME = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One value of the file: its data, its path, and where findings about it go."""

    document: Document
    findings: Findings
    path: Path
    data: Json

    @property
    def place(self) -> Place:
        """Where the value begins."""
        return self.document.values[self.path]

    def origin(self, text: str) -> Origin:
        """Where the characters of its text stand."""
        return self.document.origin(self.path, text)

    def _origin_below(self, path: Path) -> Origin:
        data = self.data
        for key in path:
            data = data[key]  # type: ignore[index]
        return self.document.origin((*self.path, *path), str(data))

    @property
    def key_place(self) -> Place:
        """Where its key stands; of a list's item, where the item begins."""
        return self.document.keys.get(self.path, self.place)

    @property
    def key(self) -> str:
        return str(self.path[-1]) if self.path else "the flow"

    @property
    def broken(self) -> bool:
        return self.path in self.document.broken

    def refuse(self, code: str, message: str, place: Place | None = None) -> None:
        self.findings.add(place or self.place, code, message)

    def at(self, key: str | int, data: Json) -> Node:
        return Node(document=self.document, findings=self.findings, path=(*self.path, key), data=data)

    def child(self, key: str) -> Node | None:
        """The value under ``key``, or None when the key is absent."""
        data = self.data
        return self.at(key, data[key]) if isinstance(data, Mapping) and key in data else None

    def children(self) -> Iterator[tuple[str, Node]]:
        if isinstance(self.data, Mapping):
            for key, data in self.data.items():
                yield key, self.at(key, data)

    def optional(self, key: str) -> Node | None:
        """The value under ``key``; one that is empty (its lines are commented out, say) counts as absent."""
        node = self.child(key)
        return None if node is None or node.data in (None, {}, []) else node

    def required(self, key: str, form: str) -> Node | None:
        """The value under ``key``; its absence is a finding that shows ``form``."""
        node = self.child(key)
        if node is None and isinstance(self.data, Mapping):
            self.refuse(codes.MISSING_KEY, f"{key} is missing; write   {form}")
        return node

    def is_mapping(self, form: str) -> bool:
        """Whether it is a mapping with at least one key; if not, a finding that shows ``form``."""
        if self.broken or (isinstance(self.data, Mapping) and self.data):
            return isinstance(self.data, Mapping)
        self._wrong_type("keys and values", form)
        return False

    def items(self, form: str) -> tuple[Node, ...]:
        """The items of a list that may not be empty; () after a finding that shows ``form``."""
        if self.broken:
            return ()
        data = self.data
        if isinstance(data, list) and data:
            return tuple(self.at(position, item) for position, item in enumerate(data))
        self._wrong_type("a list", form)
        return ()

    def text(self, form: str) -> str | None:
        """Text that is not empty."""
        if self.broken or (isinstance(self.data, str) and self.data.strip()):
            return self.data if isinstance(self.data, str) else None
        self._wrong_type("text", form)
        return None

    def choice(self, words: tuple[str, ...], name: str | None = None) -> str | None:
        """One of ``words``. ``name``: what a list's item is called."""
        if isinstance(self.data, str) and self.data in words:
            return self.data
        if not self.broken:
            said = f"{name or self.key} is {shown(self.data)}, but must be one of {', '.join(words)}"
            self.refuse(codes.BAD_CHOICE, said + _did_you_mean(self.data, words))
        return None

    def whole_number(self, least: int, most: int) -> int | None:
        if isinstance(self.data, int) and not isinstance(self.data, bool) and least <= self.data <= most:
            return self.data
        if not self.broken:
            said = f"{self.key} is {shown(self.data)}, but must be a whole number from {least} to {most}"
            self.refuse(codes.BAD_CHOICE, said)
        return None

    def truth(self, remedy: str = "") -> bool | None:
        if isinstance(self.data, bool):
            return self.data
        if not self.broken:
            self.refuse(codes.WRONG_TYPE, f"{self.key} is {shown(self.data)}, but must be true or false{remedy}")
        return None

    def duration(self) -> int | None:
        """Milliseconds."""
        if self.broken:
            return None
        try:
            return milliseconds(self.data)
        except NotADuration as error:
            self.refuse(codes.DURATION, f"{self.key}: {error}")
            return None

    def expression(self, example: str | None = None) -> Expression | None:
        """A bare expression; ``true`` and ``false`` as YAML reads them count as one. ``example``: a line that shows one."""
        if self.broken:
            return None
        data = json.dumps(self.data) if isinstance(self.data, bool) else self.data
        if not isinstance(data, str) or not data.strip():
            form = f'{self.key}: "{json.dumps(data)}"'.replace('\\"', "'") if isinstance(data, list) else None
            self._wrong_type("an expression", form or example or f"{self.key}: trigger.payload.status == 'active'")
            return None
        return self._compiled(data)

    def literal(self, text: str) -> Expression | None:
        """The expression that is this text, which stands here without quotes of its own."""
        return self._compiled(f"'{text}'")

    def _compiled(self, data: str) -> Expression | None:
        try:
            return compile_expression(data, self.origin(data))
        except ExpressionError as error:
            self.findings.add_error(error, self.place)
            return None

    def value(self) -> Value | None:
        """JSON whose texts may hold ``{{ }}``; every text that does not compile is a finding of its own."""
        try:
            return compile_value(self.data, self._origin_below)
        except ExpressionError as error:
            leaves = tuple(self._templates())
            for leaf in leaves:
                leaf._template()
            if not leaves:
                self.findings.add_error(error, self.place)
            return None

    def _templates(self) -> Iterator[Node]:
        if isinstance(self.data, str):
            yield self
        for _, child in self.children():
            yield from child._templates()
        if isinstance(self.data, list):
            for position, item in enumerate(self.data):
                yield from self.at(position, item)._templates()

    def _template(self) -> None:
        try:
            compile_value(self.data, self._origin_below)
        except ExpressionError as error:
            self.findings.add_error(error, self.place)

    def constant(self) -> bool:
        """Whether no text in it is a template; each that is gives a finding."""
        templates = [leaf for leaf in self._templates() if "{{" in str(leaf.data) or "{%" in str(leaf.data)]
        for leaf in templates:
            leaf.refuse(
                codes.NOT_CONSTANT,
                f"{self.key} takes constants only: there is no run yet whose data {{{{ }}}} could use",
            )
        return not templates

    def name(self, what: str) -> str | None:
        """An id that expressions can name."""
        return _checked(self, self.data, what, self.place)

    def is_name(self, what: str) -> bool:
        """Whether its own key is an id that expressions can name."""
        return _checked(self, self.key, what, self.key_place) is not None

    def file_name(self, what: str) -> str | None:
        """A flow id or a connection name."""
        return _checked_file_name(self, self.data, what, self.place)

    def is_file_name(self, what: str) -> bool:
        """Whether its own key can be a connection alias."""
        return _checked_file_name(self, self.key, what, self.key_place) is not None

    def keys_are(
        self, what: str, allowed: tuple[str, ...], *, own: bool = False, ignored: Collection[str] = ()
    ) -> None:
        """A finding for every key that cannot stand here. ``own``: the author's own keys can; ``ignored``: those that have a finding."""
        for key, child in self.children():
            mine = key.startswith(OWN_PREFIX)
            if key in allowed or key in ignored or (own and mine):
                continue
            said = f"{what} has no key {short(key)!r}"
            said += _did_you_mean(key, allowed) or f"; it has {', '.join(allowed)}"
            if mine:
                said = f"keys of your own ({short(key)}) can only stand at the top of the file, beside id:"
            child.refuse(codes.UNKNOWN_KEY, said, child.key_place)

    def _wrong_type(self, expected: str, form: str) -> None:
        hint = _glued(self.data)
        self.refuse(
            codes.WRONG_TYPE, f"{self._named()} must be {expected}, not {shown(self.data)}; write   {form}{hint}"
        )

    def _named(self) -> str:
        last = self.path[-1] if self.path else "the flow"
        return (
            short(last)
            if isinstance(last, str)
            else f"item {last + 1} of {self.path[-2] if len(self.path) > 1 else 'the list'}"
        )


def shown(data: Json) -> str:
    """A value in the words of a message, cut short."""
    if data is None:
        return "empty"
    if isinstance(data, Mapping):
        return "keys and values" if data else "an empty mapping"
    if isinstance(data, list):
        return "a list" if data else "an empty list"
    text = json.dumps(data, ensure_ascii=False)
    return short(text)


def _checked(node: Node, data: Json, what: str, place: Place) -> str | None:
    if isinstance(data, str) and _NAME.fullmatch(data):
        return data
    if not node.broken:
        said = f"{shown(data)} cannot be the id of {what}: expressions name it, so it takes a-z, 0-9 and _, begins with a letter, and has at most 64"
        node.refuse(codes.BAD_ID, said + _try(str(data), "[^a-z0-9_]+", "_"), place)
    return None


def _checked_file_name(node: Node, data: Json, what: str, place: Place) -> str | None:
    if isinstance(data, str) and _FILE_NAME.fullmatch(data):
        return data
    if not node.broken:
        said = f"{shown(data)} cannot be the name of {what}; use 1 to 64 of a-z, 0-9, - and _"
        node.refuse(codes.BAD_ID, said + _try(str(data), "[^a-z0-9_-]+", "-"), place)
    return None


def _try(wrong: str, foreign: str, instead: str) -> str:
    right = re.sub(foreign, instead, wrong.lower(), flags=re.ASCII).strip("-_")[:64]
    return f"; for instance {right}" if right and right != wrong and right[0].isalpha() else ""


def _did_you_mean(wrong: Json, words: tuple[str, ...]) -> str:
    if not isinstance(wrong, str):
        return ""
    hint = HINTS.get(wrong.lower())
    near = [hint] if hint in words else difflib.get_close_matches(wrong.lower(), words, 1, 0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _glued(data: Json) -> str:
    found = re.match(r"([A-Za-z_]\w*):(?=[^\s/:])", data) if isinstance(data, str) else None
    return f" (a space is missing after {found[1]}:)" if found else ""
