"""Measures how fast flows are checked. Owns making many flows; a figure depends on the machine, so that no test holds it.

python -m tests.flows.corpus.speed        500 flows of 20 steps, one flow, and the start of the command
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from engine.check.tree import check_files
from engine.sdk.installed import installed_connectors

FLOWS, GROUPS = 500, 4
HEAD = """\
id: flow-{flow}
connections: {{calendly: calendly}}
triggers:
  - uses: calendly.invitee
    with: {{events: [invitee.created, invitee.canceled]}}
    if: trigger.payload.scheduled_event.event_type is not none
steps:
"""
GROUP = """\
  - id: read_{n}
    uses: calendly.get_event_type
    with: {{uuid: "{{{{ trigger.payload.scheduled_event.event_type | uuid }}}}"}}
    retry: {{max_attempts: 4, interval: 2s}}
  - id: check_{n}
    if: steps.read_{n}.output.resource.kind == 'group' and trigger.payload.email != 'flow-{flow}'
    then:
      - {{id: set_{n}, set: {{label_{n}: "{{{{ steps.read_{n}.output.resource.name }}}} for {{{{ trigger.payload.name | upper }}}}"}}}}
  - id: loop_{n}
    foreach: trigger.payload.questions_and_answers
    steps:
      - {{id: note_{n}, if: item.answer is not none, set: {{x_{n}: "{{{{ vars.label_{n} | default({flow}) }}}} {{{{ item.answer }}}}"}}}}
"""


def main() -> None:
    catalogue = installed_connectors()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FLOWS):
            groups = "".join(GROUP.format(n=n, flow=number) for n in range(GROUPS))
            Path(folder, f"f{number}.yaml").write_text(HEAD.format(flow=number) + groups)
        started = perf_counter()
        check_files([Path(folder, "f0.yaml")], catalogue)
        print(f"one flow of 20 steps, after start-up: {1000 * (perf_counter() - started):.0f} ms")
        cpu = process_time()
        checked = check_files([folder], catalogue)
        print(f"{len(checked.flows)} flows of 20 steps: {process_time() - cpu:.2f} s of one core")
        command = f"from engine.cli import main; main(['check', {str(Path(folder, 'f0.yaml'))!r}])"
        nothing, whole = _started("pass"), _started(command)
        print(
            f"hookline check of one flow, start included: {1000 * whole:.0f} ms, {whole / nothing:.0f} times python -c pass"
        )


def _started(code: str) -> float:
    """Seconds until a new interpreter has done this: the median of 20."""
    seconds: list[float] = []
    for _ in range(20):
        started = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        seconds.append(perf_counter() - started)
    return median(seconds)


if __name__ == "__main__":
    main()
