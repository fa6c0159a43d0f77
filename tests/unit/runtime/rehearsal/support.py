"""What the tests of rehearsals share. Owns a flow on the small catalogue of the checker's tests, and the short form of playing a test of it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from engine.errors import Finding, FlowFileError
from engine.flow import Flow, load_flow
from engine.runtime.rehearsal.cases import CaseFile
from engine.runtime.rehearsal.judge import Verdict, judge
from engine.runtime.rehearsal.read import read_tests
from tests.unit.check.support import CATALOGUE

EVENT = "{event: order.made, payload: {id: o-1, person: {email: ann@guests.example}}}"
FLOW = """\
id: a
connections: {shop: shop, crm: crm}
inputs:
  stars: {type: integer, default: 2}
triggers:
  - {uses: shop.order, with: {events: [order.made]}, if: trigger.payload.id != 'o-0'}
variables: {seen: 0}
steps:
  - id: look
    uses: crm.list_people
    retry: {max_attempts: 3, interval: 10s, jitter: false}
  - id: known
    if: steps.look.output.name is none
    then:
      - {id: nobody, stop: {status: failed, message: "nobody is called {{ steps.look.output.email }}"}}
  - id: each
    foreach: trigger.payload.lines | default([])
    as: line
    steps:
      - {id: note, uses: shop.write_note, with: {text: "{{ line.sku }}", stars: "{{ inputs.stars }}"}}
  - {id: count, set: {seen: "{{ trigger.payload.lines | default([]) | length }}"}}
outputs:
  name: "{{ steps.look.output.name }}"
  seen: "{{ vars.seen }}"
"""


def flow(text: str = FLOW) -> Flow:
    return load_flow(text, "a.yaml")


def read(text: str, *, of: str = FLOW, beside: Mapping[str, str] = MappingProxyType({})) -> CaseFile:
    """The tests of a whole file; ``beside``: other flows of the folder, by id. Raises FlowFileError."""

    def find(name: str) -> Flow | None:
        found = of if name == "a" else beside.get(name)
        return flow(found) if found is not None else None

    return read_tests(text, "a.test.yaml", find, CATALOGUE)


def whole(test: str) -> str:
    """A file with one test whose lines, after its name on line 3, are ``test``."""
    return "flow: a\ntests:\n  - name: t\n" + textwrap.indent(textwrap.dedent(test).strip("\n") + "\n", "    ")


def verdict(test: str, *, of: str = FLOW, beside: Mapping[str, str] = MappingProxyType({})) -> Verdict:
    tests = read(whole(test), of=of, beside=beside)
    return judge(tests.flow, tests.cases[0], CATALOGUE)


def problems(test: str, *, of: str = FLOW, beside: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """What fails, as ``what | - line | + line``."""
    found = verdict(test, of=of, beside=beside).problems
    return [" | ".join((problem.what, *problem.diff)) for problem in found]


def findings(text: str, *, of: str = FLOW, beside: Mapping[str, str] = MappingProxyType({})) -> Sequence[Finding]:
    try:
        read(text, of=of, beside=beside)
    except FlowFileError as error:
        return error.findings
    return ()
