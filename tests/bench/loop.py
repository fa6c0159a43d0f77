"""What one item of a long loop costs, and how much memory the loop takes: a parallel foreach over a local action, on SQLite.

Owns the figures, which it prints: items per second at 1,000, 5,000 and 10,000 items, their ratio, and the greatest resident memory.

    python -m tests.bench.loop [--items N,N,…] [--parallel N]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.sdk import Connector, Input, Local, Output
from tests.engine_room import EngineRoom

FLOW = """steps:
  - id: each
    foreach: trigger.numbers
    max_parallel: {parallel}
    steps: [{{id: step, uses: bench.step, with: {{number: "{{{{ item }}}}"}}}}]
outputs: {{count: "{{{{ steps.each.output | length }}}}"}}
"""


class Number(Input):
    """What the step takes, and answers."""

    number: int


class Same(Output):
    """What the step answers."""

    number: int


def connector() -> Connector:
    found = Connector(name="bench", title="Bench")

    @found.local_action(effect="read")
    def step(local: Local, given: Number) -> Same:
        return Same(number=given.number)

    return found


def measured(items: int, parallel: int) -> float:
    """Items per second."""
    with tempfile.TemporaryDirectory() as folder, EngineRoom(Path(folder)) as room:
        room.install(connector())
        run_id = room.start(FLOW.format(parallel=parallel), trigger={"numbers": list(range(items))})
        began = time.monotonic()
        run = room.through(run_id, within=600)
        took = time.monotonic() - began
        if run.outputs != {"count": items}:
            raise SystemExit(f"it ended as {run.status}: {run.error}")
    return items / took


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the items of a parallel foreach per second, and its memory.")
    parser.add_argument("--items", default="1000,5000,10000")
    parser.add_argument("--parallel", type=int, default=20)
    arguments = parser.parse_args()
    sizes = [int(text) for text in arguments.items.split(",")]
    if len(sizes) > 1:
        # A process for each, so that the greatest memory is its own.
        for size in sizes:
            subprocess.run([sys.executable, "-m", __spec__.name, "--items", str(size), "--parallel", str(arguments.parallel)], check=True)  # fmt: skip
        return
    rate = measured(sizes[0], arguments.parallel)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{sizes[0]:>6} items: {rate:7.1f} items/s, peak {peak:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
