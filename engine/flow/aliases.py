"""What anchors mark and aliases repeat. Owns the names, and that a copy has the places of what it copies; reads no YAML itself.

YAML 1.2.2 section 7.1 (an alias means the anchor before it that was written last); merge keys: https://yaml.org/type/merge.html.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import Place
from engine.flow.document import Path, short
from engine.flow.layout import Span
from engine.strictjson import Json

Spend: TypeAlias = Callable[[Path, int], None]
"""Told of every value and key that a copy adds: its path, and how many characters of text it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What is known of the values read so far, by path; the fields are those of a Document."""

    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)
    spans: dict[Path, Span] = field(default_factory=dict)

    def repeat(self, source: Path, target: Path, data: Json, spend: Spend) -> None:
        """Give ``data``, which was read at ``source`` and stands at ``target`` too, the same places there."""
        spend(target, len(data) if isinstance(data, str) else 0)
        self.values[target] = self.values[source]
        if source in self.broken:
            self.broken.add(target)
        if source in self.spans:
            self.spans[target] = self.spans[source]
        if isinstance(data, Mapping):
            for key, value in data.items():
                self.repeat_entry(source, target, key, value, spend)
        elif isinstance(data, list):
            for position, value in enumerate(data):
                self.repeat((*source, position), (*target, position), value, spend)

    def repeat_entry(self, source: Path, target: Path, key: str, value: Json, spend: Spend) -> None:
        """The same for one key of a mapping and what stands under it."""
        spend((*target, key), len(key))
        self.keys[(*target, key)] = self.keys[(*source, key)]
        self.repeat((*source, key), (*target, key), value, spend)

    def merge(self, sources: Iterable[Anchored], path: Path, own: Mapping[str, Json], spend: Spend) -> dict[str, Json]:
        """The mapping at ``path``: what ``<<`` brings, in this order, except what it has itself or has been brought already."""
        brought: dict[str, Json] = {}
        for source in sources:
            for key, value in source.data.items() if isinstance(source.data, Mapping) else ():
                if key not in own and key not in brought:
                    brought[key] = value
                    self.repeat_entry(source.path, path, key, value, spend)
        return {**brought, **own}


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchored:
    """A value that can be repeated, and where it was read."""

    path: Path
    data: Json


@dataclass(kw_only=True, slots=True)
class Anchors:
    """The names that stand for values from here on. ``being_read``: those whose value has not ended yet."""

    named: dict[str, Anchored] = field(default_factory=dict)
    being_read: set[str] = field(default_factory=set)

    def begin(self, name: str) -> None:
        self.being_read.add(name)

    def end(self, name: str, path: Path, data: Json) -> None:
        self.being_read.discard(name)
        self.named[name] = Anchored(path=path, data=data)

    def find(self, name: str) -> Anchored | str:
        """What the name stands for; words for the author where it stands for nothing."""
        if name in self.being_read:
            return f"*{short(name)} stands inside of what it names, which would never end; write the value out"
        if name in self.named:
            return self.named[name]
        near = difflib.get_close_matches(name, self.named, 1, 0.6)
        hint = f"did you mean *{short(near[0])}?" if near else f"mark the value with &{short(name)}, or quote the text"
        return f"no anchor &{short(name)} stands above this; {hint}"
