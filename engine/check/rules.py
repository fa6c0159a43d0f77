"""The checker. Owns which rules there are and the order of what they find; each family of rules has a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from engine.check import codes, connections, givens, installed, placement, subflows, warnings
from engine.check.callees import Callees
from engine.check.holes import NO_HOLES, Holes
from engine.check.references import Judge
from engine.check.walk import Walk
from engine.errors import Finding, Place
from engine.flow.model import ActionStep, Flow, ForeachStep, Trigger, UntilStep, all_steps
from engine.sdk.connector import Connector

Rule: TypeAlias = "Callable[[Flow, Mapping[str, Connector]], Iterable[Finding]]"

RULES: tuple[Rule, ...] = (installed.check, connections.check, givens.check, placement.check)
_UNSURE = frozenset((codes.MISSING_GIVEN, codes.NO_CONNECTION))
"""Findings about something that is not there: a line that the loader refused may have been meant to be it."""


def check_flow(
    flow: Flow, catalogue: Mapping[str, Connector], holes: Holes = NO_HOLES, callees: Callees | None = None
) -> list[Finding]:
    """Everything that is wrong with ``flow``, by place. ``catalogue``: the installed connectors by name. Needs no connection and no service.

    ``holes``: what the loader could not build; nothing is said that follows from those mistakes only. ``callees``: the flows that are
    checked together with it; without them nothing is known of the flows that it calls.
    """
    found = {finding for rule in RULES for finding in rule(flow, catalogue)}
    judge = Judge(flow, holes)
    walk = Walk(flow, catalogue, judge, whole=not holes.trigger, callees=callees)
    walk.flow()
    found |= set(judge.found)
    if callees is not None:
        found |= set(subflows.check(flow, catalogue, callees))
    if holes.exist:
        found = set(_certain(found, flow, holes))
    else:
        found |= set(warnings.check(flow, catalogue, walk, judge))
    return sorted(found, key=lambda finding: (finding.place, finding.code, finding.message))


def _certain(found: Iterable[Finding], flow: Flow, holes: Holes) -> Iterator[Finding]:
    damaged = set(_damaged(flow, holes))
    left_out = {codes.UNUSED_CONNECTION, codes.NEVER_RUNS}
    if holes.conditions:
        left_out |= {codes.MAY_BE_ABSENT, codes.MAY_BE_NULL}
    if any(holes.touch(step.places.values()) for step in all_steps(flow) if isinstance(step, ForeachStep | UntilStep)):
        left_out.add(codes.NAME)
    for finding in found:
        told = finding.code == codes.WRONG_GIVEN and finding.place.line in holes.damaged
        if finding.code in left_out or told:
            continue
        unsure = finding.code in _UNSURE and finding.place in damaged
        if not unsure:
            yield finding


def _damaged(flow: Flow, holes: Holes) -> Iterator[Place]:
    users: list[Trigger | ActionStep] = [*flow.triggers]
    users += [step for step in all_steps(flow) if isinstance(step, ActionStep)]
    for user in users:
        if holes.touch(user.places.values()):
            yield from (user.place, *user.places.values())
