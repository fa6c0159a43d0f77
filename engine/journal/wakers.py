"""Values about runs that wait for other runs and for events. Owns what goes in and out of these use-cases; knows no SQL."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.journal.records import Lane, Pulse
from engine.strictjson import JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class NewChild:
    """A run that the step at ``path`` starts. ``digest``: the version that the caller looked at, to render inputs and lane.

    ``depth``: the child's own, its caller's plus one. ``wait``: the caller waits for its end, is woken by it, and takes it along when cancelled.
    ``unsettled``: as that of a run. ``cancellable``: it belongs to what a request to end the caller cuts.
    """

    flow: str
    digest: str
    inputs: JsonObject
    path: str
    depth: int
    wait: bool
    lane: Lane | None = None
    unsettled: JsonObject = field(default_factory=dict)
    cancellable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildStarted:
    """``run_id`` None: nothing was started, and ``reason`` says why in words. ``changed``: only because another version is active by now; look again.

    ``due``: the child can be claimed (it is new and not held); ring for it.
    """

    pulse: Pulse
    run_id: str | None = None
    due: bool = False
    changed: bool = False
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """An event that came for a wait."""

    event_id: str
    event: JsonObject
