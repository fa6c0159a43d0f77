"""The checker and actions that call no service, or any: connections, inputs and outputs."""

from __future__ import annotations

import pytest

from connectors.http import http
from connectors.log import log
from engine.check import check_flow
from engine.flow import load_flow


def found(steps: str, connections: str = "{crm: crm}") -> list[str]:
    text = f"id: a\nconnections: {connections}\nsteps:\n{steps}"
    return [f"{each.code} {each.message}" for each in check_flow(load_flow(text, "a.yaml"), {"http": http, "log": log})]


ASK = "  - {id: ask, uses: http.request, connection: crm, with: {path: /a}}\n"


def test_an_action_that_calls_no_service_needs_no_connection() -> None:
    assert found(ASK + "  - {id: tell, uses: log.write, with: {message: hello, fields: {n: 1}}}\n") == []


def test_it_takes_none_either() -> None:
    steps = ASK + "  - {id: tell, uses: log.write, connection: crm, with: {message: hello}}\n"
    assert found(steps) == ["E217 log.write calls no service and takes no connection; leave out connection:"]


def test_a_connection_for_it_is_not_used() -> None:
    steps = ASK + "  - {id: tell, uses: log.write, with: {message: hello}}\n"
    assert found(steps, "{crm: crm, log: log}") == ["W302 the connection 'log' is not used"]


def test_a_call_of_a_service_needs_its_connection() -> None:
    assert found(
        "  - {id: ask, uses: http.request, with: {path: /a}}\n  - {id: b, uses: http.request, connection: crm, with: {path: /}}\n"
    )[0].startswith("E215 no connection is declared for http")


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        ("{path: /a, methd: GET}", "E212 http.request has no input 'methd'; did you mean 'method'?"),
        ("{method: GET}", "E213 http.request needs path"),
        ("{path: a}", "E214 path of http.request: must begin with /"),
        ("{path: /a, headers: {Authorization: x}}", "E214 headers of http.request: the header Authorization carries"),
        ("{path: /a, expect: [429]}", "E214 expect of http.request: 429 is never an answer"),
        ("{path: /a, response: {type: thing}}", "E214 response of http.request: response.type does not have"),
        ("{path: /a, json: {}}", "E214 http.request: a GET has no body"),
    ],
)
def test_the_inputs_of_a_request_are_known(given: str, finding: str) -> None:
    [only] = found(f"  - {{id: ask, uses: http.request, connection: crm, with: {given}}}\n")
    assert only.startswith(finding)


def test_the_outputs_of_a_request_are_known() -> None:
    read = "{{ steps.ask.output.json.id }} {{ steps.ask.output.text }} {{ steps.ask.output.stats }}"
    [only] = found(f"{ASK}  - {{id: tell, uses: log.write, with: {{message: '{read}'}}}}\n")
    assert only == "E201 steps.ask.output has no field 'stats' on http.request; did you mean 'status'?"


def test_a_path_with_an_expression_is_judged_when_it_is_rendered() -> None:
    assert found("  - {id: ask, uses: http.request, connection: crm, with: {path: '{{ run.id }}?'}}\n") == []
