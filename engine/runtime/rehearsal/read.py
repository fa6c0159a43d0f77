"""Reads test files. Owns their form; every wrong word is a finding with its place. Does no I/O: the flow is looked up by a function.

What a test expects is only checked for its form here; the judge compares it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.check.hints import did_you_mean, or_one_of
from engine.core.statuses import RUN_FINAL, STEP_FINAL
from engine.errors import FlowFileError, UsageError
from engine.flow import codes as loader
from engine.flow.document import Findings, short
from engine.flow.model import ActionStep, Flow, Step
from engine.flow.node import Node, shown
from engine.flow.yaml import read_yaml
from engine.runtime.manual import given_inputs
from engine.runtime.rehearsal import codes
from engine.runtime.rehearsal.cases import NOT_REACHED, NOT_STARTED, RUN_ID, STARTED_AT, Case, CaseFile
from engine.runtime.rehearsal.deliveries import delivered_of
from engine.runtime.rehearsal.mocks import mocks_of
from engine.runtime.rehearsal.paths import pattern_of, patterns, step_at
from engine.sdk.connector import Connector
from engine.strictjson import Json, JsonObject

FILE_KEYS = ("flow", "tests")
TEST_KEYS = ("name", "trigger", "inputs", "manual", "run", "mock", "expect")
RUN_KEYS = ("id", "started_at")
EXPECT_KEYS = ("status", "message", "steps", "outputs", "not_called")
STEP_KEYS = ("status", "attempts", "input", "output", "error")
ERROR_KEYS = ("step", "kind", "message", "status", "attempt", "place")
RUN_STATUSES = (*sorted(status.value for status in RUN_FINAL), NOT_STARTED)
STEP_STATUSES = (*sorted(status.value for status in STEP_FINAL), NOT_REACHED)

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
    reader = _Reader(flow=flow, catalogue=catalogue)
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
    flow: Flow
    catalogue: Mapping[str, Connector]

    def case(self, node: Node) -> Case | None:
        if not node.is_mapping("- name: what the test shows"):
            return None
        node.keys_are("a test", TEST_KEYS)
        name = node.required("name", "name: what the test shows")
        manual, expect = node.child("manual"), node.child("expect")
        by_hand = bool(manual.truth()) if manual is not None else False
        run_id, started_at = _run(node.optional("run"))
        self._expect(expect)
        words = name.text("name: what the test shows") if name is not None else None
        return Case(
            name=words or "",
            place=name.place if name is not None else node.place,
            delivered=delivered_of(node.optional("trigger"), self.flow, self.catalogue, manual=by_hand),
            inputs=self._inputs(node.child("inputs"), node),
            mocks=mocks_of(node.optional("mock"), self.flow, self.catalogue),
            expect=expect,
            run_id=run_id,
            started_at=started_at,
        )

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

    def _expect(self, node: Node | None) -> None:
        if node is None or not node.is_mapping("expect: {status: succeeded}"):
            return
        node.keys_are("expect", EXPECT_KEYS)
        status, message = node.child("status"), node.child("message")
        if status is not None:
            status.choice(RUN_STATUSES)
        if message is not None:
            message.text("message: words that the message holds")
        self._expected_steps(node.optional("steps"))
        self._expected_outputs(node.child("outputs"))
        self._not_called(node.optional("not_called"))

    def _expected_steps(self, node: Node | None) -> None:
        if node is None or not node.is_mapping("steps: {step_id: {status: succeeded}}"):
            return
        for name, child in node.children():
            self._known(name, child)
            if not child.is_mapping(f"{name}: {{status: succeeded}}"):
                continue
            child.keys_are("an expected step", STEP_KEYS)
            status, attempts, error = child.child("status"), child.child("attempts"), child.child("error")
            if status is not None:
                status.choice(STEP_STATUSES)
            if attempts is not None:
                attempts.whole_number(0, 100)
            if error is not None and error.data is not None and error.is_mapping("error: {kind: not_found}"):
                error.keys_are("an expected error", ERROR_KEYS)

    def _known(self, name: str, node: Node) -> None:
        """A finding unless ``name`` means one step of one run."""
        step = step_at(self.flow, name)
        if step is None:
            known = [*patterns(self.flow), *(each.id for each in patterns(self.flow).values())]
            hint = did_you_mean(name, known)
            node.refuse(codes.NO_STEP, f"{self.flow.id} has no step {name!r}{hint}", node.key_place)
        elif "[" not in name and "[]" in (pattern := pattern_of(self.flow, step)):
            example = pattern.replace("[]", "[0]")
            node.refuse(codes.NO_STEP, f"{name} runs once for each item; name the iteration: {example}", node.key_place)

    def _expected_outputs(self, node: Node | None) -> None:
        if node is None or node.data is None or not node.is_mapping("outputs: {name: value}"):
            return
        for name, child in node.children():
            if name not in self.flow.outputs:
                hint = or_one_of(name, self.flow.outputs)
                child.refuse(codes.NO_OUTPUT, f"{self.flow.id} has no output {name!r}{hint}", child.key_place)

    def _not_called(self, node: Node | None) -> None:
        for item in node.items("not_called: [step_id]") if node is not None else ():
            name = item.text("not_called: [step_id]")
            step: Step | None = step_at(self.flow, name) if name is not None else None
            if name is not None and not isinstance(step, ActionStep):
                known = [each.id for each in patterns(self.flow).values() if isinstance(each, ActionStep)]
                item.refuse(
                    codes.NO_STEP, f"{self.flow.id} has no step {name!r} that calls an action{or_one_of(name, known)}"
                )


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
