"""Where in the author's file a character of an expression stands. Owns that sum; it knows nothing of YAML's folding."""

from __future__ import annotations

from engine.errors import Place


def at(place: Place, text: str, offset: int, margin: int | None = None) -> Place:
    """The place of ``text[offset]`` when ``text`` begins at ``place``, and its later lines in the column ``margin`` (default: the same).

    Exact on the first line and in literal blocks, whose lines begin in one column; in folded text, where YAML has joined lines, it
    stays on the line where the text begins.
    """
    before = text[: max(offset, 0)]
    lines = before.count("\n")
    if not lines:
        return Place(file=place.file, line=place.line, column=place.column + len(before))
    start = place.column if margin is None else margin
    return Place(file=place.file, line=place.line + lines, column=start + len(before) - (before.rfind("\n") + 1))
