"""What ``secure`` hides. Owns sealing the values of one run for the journal, and hiding them in messages; stores nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine import strictjson
from engine.flow.model import Secret
from engine.journal.seal import KeyRing, open_json, seal_json
from engine.redaction import HIDDEN, spellings
from engine.strictjson import Json

SHORTEST = 4
"""Shorter values occur in honest messages too."""


@dataclass(frozen=True, kw_only=True)
class Sealer:
    """Seals values of a run's steps; a sealed text opens only where it was made for: this run, this step, this side of it."""

    keyring: KeyRing
    owner: str
    run_id: str

    def seal(self, value: Json, path: str, side: Secret) -> Json:
        if value is None:
            return None
        return seal_json(self.keyring, value, owner=self.owner, of=self.run_id, field=f"{path} {side}")

    def open(self, value: Json, path: str, side: Secret) -> Json:
        """Raises SecretError when it cannot be opened."""
        return open_json(self.keyring, value, owner=self.owner, of=self.run_id, field=f"{path} {side}")


def without(text: str, value: Json) -> str:
    """``text`` in which the texts and numbers that ``value`` holds are hidden."""
    found = {spelling for word in _words(value) if len(word) >= SHORTEST for spelling in spellings(word)}
    for word in sorted(found, key=len, reverse=True):
        text = text.replace(word, HIDDEN)
    return text


def _words(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int() | float():
            yield strictjson.dump(value)
        case Mapping():
            for inner in value.values():
                yield from _words(inner)
        case _:
            for inner in value:
                yield from _words(inner)
