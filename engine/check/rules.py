"""The checker. Owns which rules there are and the order of what they find; each family of rules has a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from engine.check import connections, givens, installed, placement, references
from engine.errors import Finding
from engine.flow.model import Flow
from engine.sdk.connector import Connector

Rule: TypeAlias = "Callable[[Flow, Mapping[str, Connector]], Iterable[Finding]]"

RULES: tuple[Rule, ...] = (installed.check, connections.check, givens.check, placement.check, references.check)


def check_flow(flow: Flow, catalogue: Mapping[str, Connector]) -> list[Finding]:
    """Everything that is wrong with ``flow``, by place. ``catalogue``: the installed connectors by name. Needs no connection and no service."""
    found = {finding for rule in RULES for finding in rule(flow, catalogue)}
    return sorted(found, key=lambda finding: (finding.place, finding.code, finding.message))
