"""Plants mistakes into flows that are right. Owns choosing 300 of them, the same ones every time, and counting what the checker finds.

python -m tests.flows.corpus.planted        print the figure
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine.check.tree import callees_of, findings_of
from engine.errors import Finding
from engine.flow.load import read_flow
from engine.flow.model import Flow
from engine.sdk.connector import Connector
from tests.flows.corpus.mistakes import RULES, SPOTS, Rule, Spot

WANTED = 300
FOLDERS = (Path(__file__).parents[3] / "flows", Path(__file__).parent / "right")
_MARK = "\0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """One flow with one mistake: ``line`` and ``column`` of the word that is wrong."""

    kind: str
    flow: str
    text: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.flow}:{self.line}:{self.column} {self.kind}"


def right() -> Mapping[str, str]:
    """The flows that are right, by their names."""
    files = (path for folder in FOLDERS for path in sorted(folder.glob("*.yaml")))
    return {path.stem: path.read_text() for path in files if not path.name.endswith(".test.yaml")}


CATALOGUE: Mapping[str, Connector] = {each.name: each for each in (calendly, http, log, schedule)}


@lru_cache(maxsize=1)
def _beside() -> tuple[Flow, ...]:
    return tuple(flow for name, text in right().items() if (flow := read_flow(text, f"{name}.yaml").flow) is not None)


def check(text: str, name: str = "flow.yaml") -> list[Finding]:
    """Everything that loader and checker say of a flow's text, among the right flows."""
    read = read_flow(text, name)
    flow = read.flow or (read.draft.flow if read.draft is not None else None)
    own = () if flow is None else (flow,)
    return list(findings_of(read, CATALOGUE, callees_of((*_beside(), *own), CATALOGUE, complete=True)))


def planted() -> list[Planted]:
    """300 mistakes: all spots, and of the rules the first ones of each in turn."""
    flows = right()
    found = [_at_spot(spot, flows) for spot in SPOTS]
    left = [list(_by_rule(rule, flows)) for rule in RULES]
    assert all(left), [rule for rule, cases in zip(RULES, left, strict=True) if not cases]
    while len(found) < WANTED and any(left):
        for cases in left:
            if cases and len(found) < WANTED:
                found.append(cases.pop(0))
    return found


def is_found(case: Planted) -> bool:
    """Whether a finding stands at the exact word."""
    places = {(finding.place.line, finding.place.column) for finding in check(case.text)}
    return (case.line, case.column) in places


def _at_spot(spot: Spot, flows: Mapping[str, str]) -> Planted:
    text = flows[spot.flow]
    assert spot.text in text, spot
    instead = spot.instead.replace("^", _MARK)
    return _planted(spot.kind, spot.flow, text.replace(spot.text, instead, 1))


def _by_rule(rule: Rule, flows: Mapping[str, str]) -> Iterator[Planted]:
    """At most ``most`` cases, the first in each flow."""
    count = 0
    for name, text in flows.items():
        match = re.search(rule.pattern, text, re.MULTILINE)
        if match is not None and count < rule.most:
            count += 1
            instead = match.expand(rule.instead).replace("^", _MARK)
            yield _planted(rule.kind, name, text[: match.start()] + instead + text[match.end() :])


def _planted(kind: str, flow: str, marked: str) -> Planted:
    before, _, after = marked.partition(_MARK)
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return Planted(kind=kind, flow=flow, text=before + after, line=line, column=column)


def figures() -> tuple[int, int, int, int]:
    """Right flows, findings in them, planted mistakes, those found at the exact word."""
    flows = right()
    false = sum(len(check(text)) for text in flows.values())
    cases = planted()
    return len(flows), false, len(cases), sum(map(is_found, cases))


def main() -> int:
    """Print the figure; 1 when the checker is worse than it has to be."""
    number, false, cases, found = figures()
    share = 100 * found / cases
    silent = f"{false} false findings on {number} correct flows"
    print(f"checker: {silent}; {found} of {cases} planted mistakes at the exact word ({share:.1f} %)")
    return int(false > 0 or share < 97)


if __name__ == "__main__":
    sys.exit(main())
