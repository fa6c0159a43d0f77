"""A YAML file as plain data with places. Owns ``Document``, ``Findings`` and the path type; reads nothing.

``keys[path]`` is where the key stands, ``values[path]`` where its value begins: inside the quotes of a quoted text, on the first line of a
block text. ``spans`` has the texts that are written otherwise than they read. A path is the tuple of keys and list positions from the root, ``()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import ExpressionError, Finding, Place
from engine.expressions.place import Origin
from engine.flow.layout import Span, layout_of
from engine.strictjson import Json

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One YAML document. ``broken`` holds the paths whose value was refused already (their data is None): do not judge them again."""

    file: str
    source: str
    data: Json
    keys: Mapping[Path, Place]
    values: Mapping[Path, Place]
    broken: frozenset[Path]
    spans: Mapping[Path, Span] = field(default_factory=dict)

    def origin(self, path: Path, text: str) -> Origin:
        """Where the characters of the text at ``path`` stand."""
        span = self.spans.get(path)
        return self.values[path] if span is None else layout_of(text, span, self.source.splitlines(), self.file)


def short(text: str, most: int = 60) -> str:
    """Text of a file as a message quotes it: cut, since a file may hold 256 KiB in one word."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


@dataclass(kw_only=True, slots=True)
class Findings:
    """Gathers findings while a file is read, so that the author sees all of them at once."""

    found: list[Finding] = field(default_factory=list)

    def add(self, place: Place, code: str, message: str) -> None:
        self.found.append(Finding(place=place, code=code, message=message))

    def add_error(self, error: ExpressionError, place: Place) -> None:
        """Take over what the compiler of expressions says; ``place`` serves where it knows none."""
        text = f"{error.message}; {error.remedy}" if error.remedy else error.message
        self.add(error.place or place, error.code, text)

    def in_order(self) -> tuple[Finding, ...]:
        """All findings by place, each once."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda finding: (finding.place, finding.code)))
