"""The flows of the model test, in two versions each: loops, branches, waits, sub-flows, lanes, and one step for each way of recovering."""

from __future__ import annotations

HEADER = "connections: {desk: desk}\ntriggers: [{uses: desk.told, if: trigger.event == 'made'}]\n"


def step(id_: str, action: str, path: str = "") -> str:
    again = ", retry: {max_attempts: 3, interval: 20s}" if action in ("put", "make") else ""
    return f"{{id: {id_}, uses: desk.{action}, with: {{name: '{{{{ run.id }}}}:{path or id_}'}}{again}}}"


PLAIN = {
    1: f"id: plain\n{HEADER}steps: [{step('a', 'read')}, {step('b', 'make')}, {step('c', 'put')}]\n",
    2: f"id: plain\n{HEADER}steps: [{step('b', 'write')}, {step('d', 'read')}]\n",
}
PATIENT = {
    version: (
        f"id: patient\n{HEADER}concurrency: {{key: trigger.n, limit: {{limit}}}}\n".replace("{limit}", "1")
        + f"steps:\n  - {step('p', 'put')}\n  - {{id: nap, wait: {{for: {version}m}}}}\n"
        + "  - {id: ear, wait: {event: {uses: desk.told, if: event.event == 'answer' and event.n == trigger.n}, timeout: 20m}, on_error: continue}\n"
        + f"  - {step('q', 'make')}\n"
    )
    for version in (1, 2)
}
PARENT = {
    version: (
        f"id: parent\n{HEADER}steps:\n"
        "  - {id: each, foreach: '[1, 2]', as: n, steps: [{id: sub, flow: child, with: {n: '{{ n }}'}}]}\n"
        f"  - {{id: both, parallel: {{x: [{step('x', 'make', 'both.x.x')}], y: [{{id: y, wait: {{for: {version}m}}}}]}}}}\n"
        f"finally:\n  - {step('last', 'put', 'finally.last')}\n"
    )
    for version in (1, 2)
}
CHILD = f"id: child\ninputs: {{n: {{type: integer}}}}\nconnections: {{desk: desk}}\nsteps: [{{id: nap, wait: {{for: 30s}}}}, {step('m', 'make')}]\n"
FLOWS = {"plain": PLAIN, "patient": PATIENT, "parent": PARENT}
