"""Warning: a wait that is longer than the time that there is. Owns comparing constants with the limits around them; knows no types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.check import codes
from engine.core.times import lasting
from engine.errors import Finding
from engine.flow.model import Flow, GroupStep, Step, UntilStep, WaitStep, inner_lists


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limit:
    milliseconds: int
    owner: str


def check(flow: Flow) -> Iterator[Finding]:
    """The flow's timeout is for its steps; its on_error and finally run after it."""
    whole = None if flow.timeout_ms is None else _Limit(milliseconds=flow.timeout_ms, owner="the flow")
    yield from _within(flow.steps, whole)
    yield from _within(flow.on_error or (), None)
    yield from _within(flow.lastly, None)


def _within(steps: Sequence[Step], limit: _Limit | None) -> Iterator[Finding]:
    for step in steps:
        if limit is not None:
            yield from _longer(step, limit)
        inside = _narrower(step, limit)
        for _, inner in inner_lists(step):
            yield from _within(inner, inside)
        if isinstance(step.on_error, tuple):
            yield from _within(step.on_error, limit)


def _narrower(step: Step, limit: _Limit | None) -> _Limit | None:
    if not isinstance(step, GroupStep | UntilStep) or step.timeout_ms is None:
        return limit
    if limit is not None and limit.milliseconds <= step.timeout_ms:
        return limit
    kind = "group" if isinstance(step, GroupStep) else "until"
    return _Limit(milliseconds=step.timeout_ms, owner=f"the {kind} {step.id}")


def _longer(step: Step, limit: _Limit) -> Iterator[Finding]:
    end = f"but {limit.owner} around it ends after {lasting(limit.milliseconds)}"
    if isinstance(step, WaitStep):
        if isinstance(step.duration, int) and step.duration >= limit.milliseconds:
            place = step.places.get("wait.for") or step.places.get("wait", step.place)
            message = f"this waits {lasting(step.duration)}, {end}"
            yield Finding(place=place, code=codes.TOO_LONG, message=message)
        if step.event is not None and step.timeout_ms is not None and step.timeout_ms > limit.milliseconds:
            place = step.places.get("wait.timeout") or step.places.get("wait", step.place)
            message = f"this waits up to {lasting(step.timeout_ms)} for the event, {end}"
            yield Finding(place=place, code=codes.TOO_LONG, message=message)
    elif isinstance(step, UntilStep):
        longest = min(step.interval_ms * (step.max_iterations - 1), step.timeout_ms)
        if longest > limit.milliseconds:
            place = step.places.get("timeout") or step.place
            message = f"{step.id} may go on for {lasting(longest)} before a limit of its own ends it, {end}"
            yield Finding(place=place, code=codes.TOO_LONG, message=message)
