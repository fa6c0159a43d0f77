"""What a file names but the loader could not build. Owns that list, so that one mistake is told once and not at every later mention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import ExpressionError, Finding, Place
from engine.flow.codes import UNQUOTED
from engine.strictjson import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Holes:
    """``steps``, ``inputs``, ``variables``: names that stand in the file, built or not. ``trigger``: whether a trigger is missing.

    ``conditions``: whether an expression cannot be read, which may be the test of what is read later. ``damaged``: the lines on which the loader found something; a step with one of them lacks nothing for certain.
    """

    exist: bool = False
    steps: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    connections: bool = False
    trigger: bool = False
    damaged: frozenset[int] = frozenset()
    conditions: bool = False

    def touch(self, places: Iterable[Place]) -> bool:
        """Whether the loader found something at one of these places."""
        return any(place.line in self.damaged for place in places)


NO_HOLES = Holes()


def holes_of(data: Json, built_triggers: int, findings: Iterable[Finding]) -> Holes:
    """The names in a document that was built with these findings."""
    found = tuple(findings)
    top = data if isinstance(data, Mapping) else {}
    triggers = top.get("triggers")
    lines = frozenset(finding.place.line for finding in found)
    return Holes(
        exist=bool(lines),
        steps=frozenset(_step_ids(data)),
        inputs=frozenset(_keys(top.get("inputs"))),
        variables=frozenset((*_keys(top.get("variables")), *_set_names(data))),
        connections=True,
        trigger=isinstance(triggers, list) and len(triggers) != built_triggers,
        damaged=lines,
        conditions=any(finding.code in (ExpressionError.code, UNQUOTED) for finding in found),
    )


def _keys(data: Json) -> Iterable[str]:
    return data.keys() if isinstance(data, Mapping) else ()


def _step_ids(data: Json) -> Iterator[str]:
    for node in _mappings(data):
        if isinstance(given := node.get("id"), str):
            yield given


def _set_names(data: Json) -> Iterator[str]:
    for node in _mappings(data):
        yield from _keys(node.get("set"))


def _mappings(data: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(data, Mapping):
        yield data
        for value in data.values():
            yield from _mappings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _mappings(value)
