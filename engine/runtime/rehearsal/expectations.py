"""Reads what a test expects. Owns the form of ``expect``: every wrong word is a finding with its place; compared.py compares it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.check.hints import did_you_mean, or_one_of
from engine.core.statuses import RUN_ENDS_ITSELF, STEP_FINAL
from engine.flow.model import ActionStep, Flow, FlowStep
from engine.flow.node import Node
from engine.runtime.rehearsal import codes
from engine.runtime.rehearsal.cases import NOT_REACHED, NOT_STARTED
from engine.runtime.rehearsal.mocks import span_of
from engine.runtime.rehearsal.paths import located, patterns

RUN_KEYS = ("status", "message", "waited", "took", "steps", "outputs", "order", "not_called")
EXPECT_KEYS = (*RUN_KEYS, "runs")
STEP_KEYS = ("status", "attempts", "input", "output", "error", "waited", "took")
ERROR_KEYS = ("step", "kind", "message", "status", "attempt", "place")
RUN_STATUSES = (*sorted(status.value for status in RUN_ENDS_ITSELF), NOT_STARTED)
STEP_STATUSES = (*sorted(status.value for status in STEP_FINAL), NOT_REACHED)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectationReader:
    """``children``: the flows that are executed with this one, by id."""

    flow: Flow
    children: Mapping[str, Flow]

    def read(self, node: Node | None) -> None:
        if node is None or not node.is_mapping("expect: {status: succeeded}"):
            return
        node.keys_are("expect", EXPECT_KEYS)
        self._run(node)
        runs = node.child("runs")
        for item in runs.items("runs: [{status: succeeded}]") if runs is not None else ():
            if item.is_mapping("runs: [{status: succeeded}]"):
                item.keys_are("an expected run", RUN_KEYS)
                self._run(item)

    def _run(self, node: Node) -> None:
        status, message = node.child("status"), node.child("message")
        if status is not None:
            status.choice(RUN_STATUSES)
        if message is not None:
            message.text("message: words that the message holds")
        _spans(node)
        self._steps(node.optional("steps"))
        self._outputs(node.child("outputs"))
        self._order(node.optional("order"))
        self._not_called(node.optional("not_called"))

    def _steps(self, node: Node | None) -> None:
        if node is None or not node.is_mapping("steps: {step_id: {status: succeeded}}"):
            return
        for name, child in node.children():
            self._known(name, child, child)
            if not child.is_mapping(f"{name}: {{status: succeeded}}"):
                continue
            child.keys_are("an expected step", STEP_KEYS)
            status, attempts, error = child.child("status"), child.child("attempts"), child.child("error")
            if status is not None:
                status.choice(STEP_STATUSES)
            if attempts is not None:
                attempts.whole_number(0, 100)
            _spans(child)
            if error is not None and error.data is not None and error.is_mapping("error: {kind: not_found}"):
                error.keys_are("an expected error", ERROR_KEYS)

    def _known(self, name: str, node: Node, keyed: Node | None = None) -> None:
        """A finding unless ``name`` means one step of one run."""
        found, place = located(self.flow, name, self.children), keyed.key_place if keyed is not None else node.place
        if found is None:
            known = [*patterns(self.flow), *(each.id for each in patterns(self.flow).values())]
            hint = did_you_mean(name, known)
            node.refuse(codes.NO_STEP, f"{self.flow.id} has no step {name!r}{hint}", place)
        elif "[" not in name and "[]" in found.pattern:
            example = found.pattern.replace("[]", "[0]")
            node.refuse(codes.NO_STEP, f"{name} runs once for each item; name the iteration: {example}", place)

    def _outputs(self, node: Node | None) -> None:
        if node is None or node.data is None or not node.is_mapping("outputs: {name: value}"):
            return
        for name, child in node.children():
            if name not in self.flow.outputs:
                hint = or_one_of(name, self.flow.outputs)
                child.refuse(codes.NO_OUTPUT, f"{self.flow.id} has no output {name!r}{hint}", child.key_place)

    def _order(self, node: Node | None) -> None:
        for item in node.items("order: [step_id, step_id]") if node is not None else ():
            name = item.text("order: [step_id, step_id]")
            if name is not None:
                self._known(name, item)

    def _not_called(self, node: Node | None) -> None:
        for item in node.items("not_called: [step_id]") if node is not None else ():
            name = item.text("not_called: [step_id]")
            found = located(self.flow, name, self.children) if name is not None else None
            if name is not None and not isinstance(found.step if found else None, ActionStep | FlowStep):
                known = [each.id for each in patterns(self.flow).values() if isinstance(each, ActionStep | FlowStep)]
                said = f"{self.flow.id} has no step {name!r} that calls an action or a flow{or_one_of(name, known)}"
                item.refuse(codes.NO_STEP, said)


def _spans(node: Node) -> None:
    for child in _present(node, "waited", "took"):
        span_of(child)


def _present(node: Node, *names: str) -> Iterator[Node]:
    return (child for name in names if (child := node.child(name)) is not None)
