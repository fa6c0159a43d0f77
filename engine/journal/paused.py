"""Pauses' values, as they go out of the journal. Owns no SQL."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseChange:
    """What pausing or resuming found. ``changed``: it was not so before.

    Of a flow, ``runs`` have not ended, and ``under_way`` of them a worker has. Of a connection, ``runs`` have an open step on it, and the calls of
    ``under_way`` of these steps may have left.
    """

    changed: bool
    runs: int
    under_way: int
