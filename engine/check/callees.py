"""The flows that are checked together, as flows that call each other. Owns who calls whom, circles, and what a called flow gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from engine.expressions.types import ANY_OBJECT, Type
from engine.flow.model import Flow, FlowStep, all_steps

Outputs: TypeAlias = Callable[[Flow, "Callees"], Type]
"""What a run of the flow gives when another flow has started it."""


class Callees:
    """Flows by their ids. ``complete``: whether these are all flows that there are, so that any other name is a mistake."""

    def __init__(self, flows: Iterable[Flow], outputs: Outputs, *, complete: bool) -> None:
        self._flows = {flow.id: flow for flow in flows}
        self._infer = outputs
        self._outputs: dict[str, Type] = {}
        self.complete = complete
        self.calls: Mapping[str, tuple[str, ...]] = {
            flow.id: tuple(dict.fromkeys(step.flow for step in all_steps(flow) if isinstance(step, FlowStep)))
            for flow in self._flows.values()
        }
        self._callers: dict[str, list[str]] = {}
        for caller, called in self.calls.items():
            for flow_id in called:
                self._callers.setdefault(flow_id, []).append(caller)

    @property
    def ids(self) -> Iterable[str]:
        return self._flows.keys()

    def get(self, flow_id: str) -> Flow | None:
        return self._flows.get(flow_id)

    def callers_of(self, flow_id: str) -> tuple[str, ...]:
        return tuple(self._callers.get(flow_id, ()))

    def outputs_of(self, flow: Flow) -> Type:
        """The type of the outputs that a caller of ``flow`` gets. In a circle, which is a finding, anything."""
        if flow.id not in self._outputs:
            self._outputs[flow.id] = ANY_OBJECT
            self._outputs[flow.id] = self._infer(flow, self)
        return self._outputs[flow.id]

    def circle(self, start: str, called: str) -> tuple[str, ...]:
        """The shortest way of calls from ``start`` by way of ``called`` back to ``start``; empty when there is none."""
        ways: list[tuple[str, ...]] = [(start, called)]
        seen = {called}
        while ways:
            way = ways.pop(0)
            if way[-1] == start:
                return way
            for following in self.calls.get(way[-1], ()):
                if following not in seen or following == start:
                    seen.add(following)
                    ways.append((*way, following))
        return ()
