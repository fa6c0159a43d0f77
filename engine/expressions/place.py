"""Where in the author's file a character of an expression stands. Owns that sum; it knows nothing of YAML's folding."""

from __future__ import annotations

from engine.errors import Place


def at(place: Place, text: str, offset: int) -> Place:
    """The place of ``text[offset]`` when ``text`` begins at ``place``.

    Exact on the first line and in literal blocks, whose lines begin in one column; in folded text, where YAML has joined lines, it
    stays on the line where the text begins.
    """
    before = text[: max(offset, 0)]
    lines = before.count("\n")
    return Place(file=place.file, line=place.line + lines, column=place.column + len(before) - (before.rfind("\n") + 1))
