"""How much an expression may say, build and return. Owns the caps; raising on them is the work of the files that build values.

An expression is written by an author but works on what strangers send, so every way of building a value is bounded.
"""

from __future__ import annotations

from typing import Final

MAX_EXPRESSION: Final = 4_096
"""Characters of one expression."""

MAX_NESTING: Final = 50
"""Levels of one expression's syntax tree; CPython refuses about 90 nested calls in the code that Jinja writes."""

MAX_TEXT: Final = 256 * 1024
"""Bytes (UTF-8) of all text in one result, and characters of any text built on the way."""

MAX_ITEMS: Final = 10_000
"""Values in one result, counted at every level, and items of any list built on the way."""

MAX_LOOP_VALUES: Final = 200_000
"""The same for what a loop loops over and a trigger is split on: 10,000 items with fields of their own."""

MAX_LOOP_TEXT: Final = 2 * 1024 * 1024
"""Bytes of all text in that; no delivery and no output of an action is larger than half of it."""

MAX_DEPTH: Final = 20
"""Levels of lists and objects in one result."""

MAX_INTEGER: Final = 10**300
"""No whole number is larger than this. Other numbers are finite."""

MAX_FUEL: Final = 1_000_000
"""Steps of work in one value, however many expressions it holds: about one for each number or short text that is looked at, more for each
that is parsed, sorted or written as JSON. It is counted before the work begins, so a large list is refused at once."""
# A tenth of a microsecond each at most where it was measured (`python -m tests.bench.expressions`): all of it takes a tenth of a second there,
# so that no expression takes a quarter of a second on a core half as fast.
