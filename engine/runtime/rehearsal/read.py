"""Reads test files. Owns their form; every wrong word is a finding with its place. Does no I/O: the flow is looked up by a function.

How a test starts is deliveries.py's, what it answers mocks.py's, what it expects expectations.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.check.hints import or_one_of
from engine.errors import FlowFileError, UsageError
from engine.flow import codes as loader
from engine.flow.document import Findings, short
from engine.flow.model import Flow, FlowStep, all_steps
from engine.flow.node import Node, shown
from engine.flow.yaml import read_yaml
from engine.runtime.manual import given_inputs
from engine.runtime.rehearsal import codes
from engine.runtime.rehearsal.cases import RUN_ID, STARTED_AT, Case, CaseFile
from engine.runtime.rehearsal.deliveries import arrivals_of, delivered_of
from engine.runtime.rehearsal.expectations import ExpectationReader
from engine.runtime.rehearsal.mocks import MockReader, span_of
from engine.runtime.starting import MOST_ITEMS
from engine.sdk.connector import Connector
from engine.strictjson import Json, JsonObject

FILE_KEYS = ("flow", "tests")
TEST_KEYS = (
    *("name", "trigger", "item", "inputs", "manual", "run"),
    *("mock", "flows", "events", "cancel", "expect"),
)
RUN_KEYS = ("id", "started_at")

FindFlow = Callable[[str], Flow | None]
"""The flow of that id, None when there is none. May raise FlowFileError."""


def read_tests(text: str | bytes, file: str, find: FindFlow, catalogue: Mapping[str, Connector]) -> CaseFile:
    """The tests in ``text``. Raises FlowFileError with all findings, those of the flow itself included."""
    findings = Findings()
    document = read_yaml(text, file, findings)
    if document is None:
        raise FlowFileError(findings.in_order())
    root = Node(document=document, findings=findings, path=(), data=document.data)
    tests = _tests(root, file, find, catalogue)
    if tests is None or findings.found:
        raise FlowFileError(findings.in_order())
    return tests


def _tests(root: Node, file: str, find: FindFlow, catalogue: Mapping[str, Connector]) -> CaseFile | None:
    if not root.is_mapping("flow: the-flows-id   and below it   tests:"):
        return None
    root.keys_are("a test file", FILE_KEYS)
    flow = _flow(root, find)
    tests = root.required("tests", "tests: followed by a list of tests, each beginning with '- name: …'")
    if flow is None or tests is None:
        return None
    reader = _Reader(flow=flow, catalogue=catalogue, called=called_flows(flow, find))
    nodes = tests.items("tests: followed by   - name: what the test shows")
    cases = [case for node in nodes if (case := reader.case(node)) is not None]
    _refuse_same_names(nodes)
    return CaseFile(file=file, flow=flow, cases=tuple(cases))


def _flow(root: Node, find: FindFlow) -> Flow | None:
    node = root.required("flow", "flow: the-flows-id")
    name = node.file_name("a flow") if node is not None else None
    if node is None or name is None:
        return None
    flow = find(name)
    if flow is None:
        node.refuse(codes.NO_FLOW, f"there is no flow {name!r} in the folder of this file")
    return flow


def _refuse_same_names(nodes: Sequence[Node]) -> None:
    seen: dict[str, Node] = {}
    for node in nodes:
        name = node.child("name")
        if name is None or not isinstance(name.data, str):
            continue
        if name.data in seen:
            name.refuse(
                codes.SAME_NAME, f"the test {short(name.data)!r} stands on line {seen[name.data].place.line} already"
            )
        seen.setdefault(name.data, name)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """``called``: the flows beside that this one calls, and those that they call, by id."""

    flow: Flow
    catalogue: Mapping[str, Connector]
    called: Mapping[str, Flow]

    def case(self, node: Node) -> Case | None:
        if not node.is_mapping("- name: what the test shows"):
            return None
        node.keys_are("a test", TEST_KEYS)
        name = node.required("name", "name: what the test shows")
        manual, expect, item = node.child("manual"), node.child("expect"), node.child("item")
        by_hand = bool(manual.truth()) if manual is not None else False
        run_id, started_at = _run(node.optional("run"))
        children = self._children(node.child("flows"))
        ExpectationReader(flow=self.flow, children=children).read(expect)
        words = name.text("name: what the test shows") if name is not None else None
        mocks = MockReader(self.flow, self.catalogue, self.called, children)
        return Case(
            name=words or "",
            place=name.place if name is not None else node.place,
            delivered=delivered_of(
                node.optional("trigger"), self.flow, self.catalogue, manual=by_hand, started_at=started_at
            ),
            inputs=self._inputs(node.child("inputs"), node),
            mocks=mocks.mocks(node.optional("mock")),
            expect=expect,
            events=arrivals_of(node.optional("events"), (self.flow, *children.values()), self.catalogue),
            cancel_ms=_cancel(node.child("cancel")),
            item=item.whole_number(0, MOST_ITEMS - 1) if item is not None else None,
            children=children,
            run_id=run_id,
            started_at=started_at,
            remarks=tuple(mocks.remarks),
        )

    def _children(self, node: Node | None) -> Mapping[str, Flow]:
        """The flows that the test executes for real."""
        if node is None or node.choice(("mock", "real")) != "real":
            return {}
        missing = [name for name in _calls(self.flow) if name not in self.called]
        if len(missing) == len(list(_calls(self.flow))):
            listed = ", ".join(missing)
            said = f"no file beside holds {listed}" if listed else f"{self.flow.id} calls no flow"
            node.refuse(codes.NO_CHILD, f"{said}, so that there is nothing to execute")
        return self.called

    def _inputs(self, node: Node | None, test: Node) -> JsonObject:
        """What the test gives; a finding for every name that the flow does not declare, and for the first value that it refuses."""
        if node is None or not isinstance(node.data, Mapping):
            if node is not None:
                node.is_mapping("inputs: {name: value}")
            given: dict[str, Json] = {}
        else:
            given = {name: value for name, value in node.data.items() if name in self.flow.inputs}
        for name, child in _children(node):
            if name not in given:
                hint = or_one_of(name, self.flow.inputs)
                child.refuse(codes.WRONG_INPUT, f"{self.flow.id} has no input {name!r}{hint}", child.key_place)
        try:
            given_inputs(self.flow, given)
        except UsageError as error:
            wrong = [child for name, child in _children(node) if repr(name) in error.message]
            (wrong[0] if wrong else node or test).refuse(codes.WRONG_INPUT, error.message)
        return given


def called_flows(flow: Flow, find: FindFlow) -> Mapping[str, Flow]:
    """The flows that ``flow`` calls, and those that they call, as far as they can be found, by id."""
    found: dict[str, Flow] = {}
    waiting = list(_calls(flow))
    while waiting:
        name = waiting.pop()
        child = find(name) if name not in found else None
        if child is not None:
            found[name] = child
            waiting.extend(_calls(child))
    return found


def _calls(flow: Flow) -> Iterator[str]:
    return (step.flow for step in all_steps(flow) if isinstance(step, FlowStep))


def _cancel(node: Node | None) -> int | None:
    """Milliseconds after the start of the run."""
    if node is None or not node.is_mapping("cancel: {at: 10m}"):
        return None
    node.keys_are("cancel", ("at",))
    at = node.required("at", "cancel: {at: 10m}")
    return span_of(at) if at is not None else None


def _children(node: Node | None) -> Iterator[tuple[str, Node]]:
    if node is not None:
        yield from node.children()


def _run(node: Node | None) -> tuple[str, int]:
    if node is None or not node.is_mapping("run: {started_at: 2026-01-01T12:00:00Z}"):
        return RUN_ID, STARTED_AT
    node.keys_are("run", RUN_KEYS)
    given, started = node.child("id"), node.child("started_at")
    run_id = given.text("id: some-id") if given is not None else None
    return run_id or RUN_ID, _instant(started) if started is not None else STARTED_AT


def _instant(node: Node) -> int:
    try:
        return round(datetime.fromisoformat(str(node.data)).timestamp() * 1000)
    except (ValueError, OverflowError):
        node.refuse(loader.BAD_CHOICE, f"started_at is {shown(node.data)}, but must be like 2026-01-01T12:00:00Z")
        return STARTED_AT
