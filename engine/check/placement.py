"""Rule: what stands at a place where it cannot do what it says. Owns inputs that no event can give; ``set`` where steps run side by side is the loader's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.check import codes
from engine.errors import Finding
from engine.flow.model import Flow
from engine.flow.words import MANUAL
from engine.sdk.connector import Connector


def check(flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    if any(trigger.uses != MANUAL for trigger in flow.triggers):
        yield from _never_starts(flow)


def _never_starts(flow: Flow) -> Iterator[Finding]:
    for name, spec in flow.inputs.items():
        if spec.required:
            message = f"the input {name!r} has no default, and an event gives no inputs, so that no trigger can start this flow"
            yield Finding(place=spec.place, code=codes.NEVER_STARTS, message=message)
