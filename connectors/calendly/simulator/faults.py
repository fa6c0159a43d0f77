"""Faults that tests ask for. Owns the list and finding the one that strikes a call; performing it is the gate's."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from connectors.calendly.simulator.domain import JsonDict
from connectors.calendly.simulator.orders import FaultOrder


@dataclass(kw_only=True)
class Fault:
    """One fault, with how often it was passed by and has struck."""

    order: FaultOrder
    passed: int = 0
    struck: int = 0

    @property
    def spent(self) -> bool:
        return self.order.count is not None and self.struck >= self.order.count

    def matches(self, method: str, path: str) -> bool:
        return fnmatchcase(method, self.order.method.upper()) and fnmatchcase(path, self.order.path)

    def to_json(self) -> JsonDict:
        return {**self.order.model_dump(mode="json", exclude_defaults=True), "struck": self.struck, "spent": self.spent}


@dataclass(kw_only=True)
class Faults:
    """Faults in the order in which they were asked for."""

    all: list[Fault] = field(default_factory=list)

    def add(self, order: FaultOrder) -> Fault:
        self.all.append(Fault(order=order))
        return self.all[-1]

    def strike(self, method: str, path: str) -> FaultOrder | None:
        """The oldest unspent fault that matches, which is thereby used once; None when the call is left alone."""
        for fault in self.all:
            if fault.spent or not fault.matches(method, path):
                continue
            if fault.passed < fault.order.skip:
                fault.passed += 1
                continue
            fault.struck += 1
            return fault.order
        return None
