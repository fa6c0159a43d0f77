"""Idempotency keys. Owns what a step's key is made from; the author's own key is the interpreter's."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from engine.journal.records import Run


def key_base(run: Run) -> str:
    """What the keys of a run's steps are made from together with their paths."""
    return run.key_base or run.id


def key_of(run: Run, path: str) -> str:
    """The key of the step at ``path``: the one that it had in the run that this one does again, where nobody knows what came of it there."""
    kept = (run.unsettled or {}).get(path)
    return kept if isinstance(kept, str) else str(uuid5(NAMESPACE_URL, f"hookline:{key_base(run)}/{path}"))
