"""What a guide shows of a terminal. Owns taking its commands apart, and what differs from one machine and one run to the next."""

from __future__ import annotations

import re

CHANGING = (
    (r"\b01[0-9a-z]{24}\b", "ID"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"\b\d\d:\d\d:\d\d\b", "TIME"),
    (r"\b\d+(\.\d+)? m?s\b", "N s"),
    (r"\bschema=\d+", "schema=N"),
    (r" {2,}", "  "),
)


def sessions(text: str) -> list[tuple[str, str]]:
    """The commands of the console blocks in ``text``, each with what is shown below it."""
    consoles = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [
        found for console in consoles for found in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)
    ]


def words(command: str) -> list[str]:
    """The words of a command after its name."""
    return ["".join(each) for each in re.findall(r"'([^']*)'|\"([^\"]*)\"|(\S+)", command)][1:]


def alike(text: str) -> str:
    """The text without ids, times and how long things took."""
    for pattern, instead in CHANGING:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text.rstrip()
