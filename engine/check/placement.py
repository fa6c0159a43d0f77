"""Rule: what stands at a place where it cannot do what it says. Owns ``set`` in parallel loops and inputs that no event can give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.check import codes
from engine.errors import Finding
from engine.flow.model import Flow, ForeachStep, SetStep, all_steps, walk
from engine.sdk.connector import Connector


def check(flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    for step in all_steps(flow):
        if isinstance(step, ForeachStep) and step.max_parallel > 1:
            yield from _parallel_sets(step)
    if flow.triggers:
        yield from _never_starts(flow)


def _parallel_sets(loop: ForeachStep) -> Iterator[Finding]:
    for step in walk(loop.steps):
        if isinstance(step, SetStep):
            message = f"set cannot stand in the foreach {loop.id}, whose iterations run side by side (max_parallel: {loop.max_parallel})"
            yield Finding(place=step.places.get("set:", step.place), code=codes.PARALLEL_SET, message=message)


def _never_starts(flow: Flow) -> Iterator[Finding]:
    for name, spec in flow.inputs.items():
        if spec.required:
            message = f"the input {name!r} has no default, and an event gives no inputs, so that no trigger can start this flow"
            yield Finding(place=spec.place, code=codes.NEVER_STARTS, message=message)
