"""What was expected against what happened, as JSON. Owns the comparison and the words of a difference; knows no run.

Objects are compared by the fields that the test names, lists item by item and by their length, texts and numbers exactly; a message
need only hold the expected words.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import Place
from engine.flow.node import Node
from engine.strictjson import Json, dump

ONE_LINE = 100
LONGEST = 300
"""Characters of a value in a message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is not as expected. ``diff``: lines that begin with ``-`` (expected), ``+`` (what happened) or a blank."""

    place: Place
    what: str
    diff: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        yield f"{self.place}: {self.what}"
        yield from (f"  {line}" for line in self.diff)


def compare_message(node: Node, actual: str | None, what: str) -> Iterator[Problem]:
    """A difference unless ``actual`` holds the words that stand at ``node``."""
    if str(node.data) not in (actual or ""):
        yield Problem(
            place=node.place, what=what, diff=(f"- expected {shortened(node.data)}", f"+ happened {shortened(actual)}")
        )


def compare(node: Node, actual: Json, what: str) -> Iterator[Problem]:
    """Every difference between what stands at ``node`` and ``actual``, each at its own place."""
    expected = node.data
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key, child in node.children():
            if key in actual:
                yield from compare(child, actual[key], f"{what}.{key}")
            else:
                diff = (f"- expected {shortened(child.data)}", "+ happened (no such field)")
                yield Problem(place=child.place, what=f"{what}.{key}", diff=diff)
    elif isinstance(expected, list) and isinstance(actual, list | tuple) and len(expected) == len(actual):
        for index, item in enumerate(expected):
            yield from compare(node.at(index, item), actual[index], f"{what}[{index}]")
    elif not same(expected, actual):
        yield Problem(place=node.place, what=what, diff=tuple(_diff(expected, actual)))


def same(one: Json, other: Json) -> bool:
    """Equal as JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def _diff(expected: Json, actual: Json) -> Iterator[str]:
    left, right = _pretty(expected), _pretty(actual)
    if _fits_a_line(expected) and _fits_a_line(actual):
        yield f"- expected {shortened(expected)}"
        yield f"+ happened {shortened(actual)}"
        return
    yield from (line.rstrip() for line in difflib.ndiff(left, right) if not line.startswith("?"))


def _fits_a_line(value: Json) -> bool:
    return len(dump(value)) <= ONE_LINE and not (isinstance(value, str) and "\n" in value)


def _pretty(value: Json) -> list[str]:
    if isinstance(value, str) and "\n" in value:
        return value.splitlines()
    return json.dumps(value, ensure_ascii=False, indent=2).splitlines()


def shortened(value: Json) -> str:
    text = dump(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
