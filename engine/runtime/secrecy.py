"""What ``secure`` hides. Owns sealing the values of one run for the journal, and hiding them in messages; stores nothing.

A step ``flow:`` that hides its inputs or outputs hides them in the run that it starts too: there they are that run's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine import strictjson
from engine.core.commands import Ending
from engine.flow.model import Secret
from engine.journal.seal import KeyRing, open_json, open_object, seal_json, seal_object
from engine.redaction import HIDDEN, spellings
from engine.strictjson import Json, JsonObject

HIDES_ALL: frozenset[Secret] = frozenset({"inputs", "outputs"})
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

    def seal_run(self, value: JsonObject, side: Secret) -> JsonObject:
        """The run's own inputs or outputs, which the step that started it hides."""
        return seal_object(self.keyring, value, owner=self.owner, of=self.run_id, side=side)

    def open_run(self, value: JsonObject, side: Secret) -> JsonObject:
        """``value`` as it is when it is not sealed. Raises SecretError when it cannot be opened."""
        return open_object(self.keyring, value, owner=self.owner, of=self.run_id, side=side)

    def of_run(self, run_id: str) -> Sealer:
        """The same for another run of the owner."""
        return replace(self, run_id=run_id)


def hand_over(ending: Ending, hidden: frozenset[Secret], inputs: JsonObject, sealer: Sealer) -> Ending:
    """The end of a run as its row tells it, when the step that waits for it hides these sides."""
    words = (lambda text: without(text, inputs)) if "inputs" in hidden else (lambda text: text)
    error = ending.error
    return replace(
        ending,
        outputs=sealer.seal_run(ending.outputs, "outputs")
        if "outputs" in hidden and ending.outputs
        else ending.outputs,
        error=None if error is None else replace(error, message=words(error.message)),
        message=None if ending.message is None else words(ending.message),
    )


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
