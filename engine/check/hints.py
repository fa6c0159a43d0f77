"""The end of a message: "did you mean …?". Owns finding the nearest name, and listing the names when none is near."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """``; did you mean 'email'?``, or nothing when no name is near."""
    near = difflib.get_close_matches(wrong, sorted(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def or_one_of(wrong: str, known: Iterable[str]) -> str:
    """The nearest name, or all of them when none is near and they are few."""
    names = sorted(known)
    listed = f"; there {'is' if len(names) == 1 else 'are'} {', '.join(names)}" if 0 < len(names) <= 12 else ""
    return did_you_mean(wrong, names) or listed
