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


def test_what_an_expression_yields_must_fit_the_inputs_of_actions_without_a_service_too() -> None:
    [only] = found(f"{ASK}  - {{id: tell, uses: log.write, with: {{message: '{{{{ steps.ask.output.status }}}}'}}}}\n")
    assert only.startswith("E214 message of log.write needs text, but steps.ask.output.status is a number")


def test_the_body_in_json_is_written_by_the_name_that_flows_know() -> None:
    given = "{method: POST, path: /a, json: '{{ steps.ask.output.json }}'}"
    assert found(f"{ASK}  - {{id: send, uses: http.request, connection: crm, with: {given}}}\n") == []
    [only] = found(
        f"{ASK}  - {{id: tell, uses: log.write, with: {{message: '{{{{ steps.ask.output.json_value }}}}'}}}}\n"
    )
    assert only.startswith("E201 steps.ask.output has no field 'json_value' on http.request")


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_whether_a_request_may_repeat_is_not_in_the_file_so_that_its_retry_is_no_finding(method: str) -> None:
    given = f"{{id: ask, uses: http.request, connection: crm, with: {{method: {method}, path: /a}}, retry: {{max_attempts: 3}}}}"
    assert found(f"  - {given}\n") == []


def test_a_local_write_that_does_no_harm_twice_may_be_retried() -> None:
    steps = f"{ASK}  - {{id: tell, uses: log.write, with: {{message: hello}}, retry: {{max_attempts: 3}}}}\n"
    assert found(steps) == []
