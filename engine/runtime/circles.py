"""Flows that call each other in a circle. Owns finding one among the flows that would be active after a deploy; a run would never end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.errors import FlowFileError, UsageError
from engine.flow.load import FlowCache
from engine.flow.model import Flow, FlowStep, all_steps
from engine.journal.records import FlowRow


def refuse_circles(flows: Iterable[Flow], active: Iterable[FlowRow], cache: FlowCache) -> None:
    """Raises UsageError that names the flows of a circle of which one of ``flows`` would be a part."""
    new = {flow.id: _called(flow) for flow in flows}
    calls = {row.id: _called_by_version(row, cache) for row in active if row.id not in new} | new
    for flow_id in new:
        circle = _circle(flow_id, calls)
        if circle is not None:
            raise UsageError(
                f"these flows would call each other in a circle: {' → '.join(circle)}",
                remedy="Take one of these calls out: a run of them would never end.",
            )


def _called(flow: Flow) -> Sequence[str]:
    return [step.flow for step in all_steps(flow) if isinstance(step, FlowStep)]


def _called_by_version(row: FlowRow, cache: FlowCache) -> Sequence[str]:
    try:
        return _called(cache.get(row.digest, row.source, row.file))
    except FlowFileError:
        return ()  # Another release took it; its runs end where they come to be read.


def _circle(start: str, calls: Mapping[str, Sequence[str]]) -> Sequence[str] | None:
    """A way from ``start`` back to it."""
    ways = [[start]]
    seen = set()
    while ways:
        way = ways.pop()
        for called in calls.get(way[-1], ()):
            if called == start:
                return [*way, start]
            if called not in seen:
                seen.add(called)
                ways.append([*way, called])
    return None
