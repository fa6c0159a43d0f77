"""Rule: every ``uses`` names a connector that is installed and something that it offers. Owns the search and its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.check import codes
from engine.check.hints import or_one_of
from engine.errors import Finding, Place
from engine.flow.model import ActionStep, Flow, WaitStep, all_steps
from engine.flow.words import MANUAL
from engine.sdk.connector import Connector


def check(flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    for trigger in flow.triggers:
        if trigger.uses != MANUAL:
            yield from _check_uses(trigger.uses, "trigger", trigger.places.get("uses", trigger.place), catalogue)
    for step in all_steps(flow):
        if isinstance(step, WaitStep) and step.event is not None:
            yield from _check_uses(
                step.event.uses, "trigger", step.event.places.get("uses", step.event.place), catalogue
            )
        elif isinstance(step, ActionStep):
            yield from _check_uses(step.uses, "action", step.places.get("uses", step.place), catalogue)


def _check_uses(uses: str, what: str, place: Place, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    name, _, member = uses.partition(".")
    connector = catalogue.get(name)
    if uses == MANUAL:
        message = "manual is the start by hand, which no run can wait for; name a trigger of a connector"
        yield Finding(place=place, code=codes.TRIGGER, message=message)
        return
    if connector is None:
        message = f"there is no connector {name!r} installed{or_one_of(name, catalogue)}"
        yield Finding(place=place, code=codes.CONNECTOR, message=message)
        return
    offered, other = (
        (connector.triggers, connector.actions) if what == "trigger" else (connector.actions, connector.triggers)
    )
    if member in offered:
        return
    hint = (
        f"; {uses} is {'an action' if what == 'trigger' else 'a trigger'}"
        if member in other
        else or_one_of(member, offered)
    )
    code = codes.TRIGGER if what == "trigger" else codes.ACTION
    word = replace(place, column=place.column + len(name) + 1)
    yield Finding(place=word, code=code, message=f"{name} has no {what} {member!r}{hint}")
