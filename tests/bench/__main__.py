"""`make bench`: webhook → condition → two upstream calls, recorded; with web, worker, scheduler, load and mock on this one machine.

Owns the processes and the report, which it prints and writes to tests/bench/results.json with the machine and the command.

    python -m tests.bench [--runs N] [--senders N] [--light N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.wire import Mock, Sender, webhook

HOOKLINE = str(Path(sys.executable).with_name("hookline"))
HERE = Path(__file__).parent
FLOW = """id: bench
connections: {mock: mock}
triggers:
  - uses: mock.noticed
    if: trigger.go and trigger.id != 'nobody'
steps:
  - {id: first, uses: mock.look, with: {id: "{{ trigger.id }}-1"}}
  - {id: second, uses: mock.look, with: {id: "{{ trigger.id }}-2"}}
outputs: {found: "{{ steps.second.output.id }}"}
"""


class Site:
    """The processes of one installation in a home of its own."""

    def __init__(self, home: Path, mock_port: int) -> None:
        self._home = home
        self._mock_port = mock_port
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        self.environment = {
            **os.environ,
            "HOOKLINE_HOME": str(home),
            "HOOKLINE_PORT": str(self.port),
            "HOOKLINE_EGRESS_ALLOW": "127.0.0.1/32",
            "HOOKLINE_LOG_LEVEL": "warning",
            "PYTHONPATH": str(_plugin(home)),
        }

    def hookline(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [HOOKLINE, *arguments], env=self.environment, input=given, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"hookline {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def processes(self) -> Iterator[list[subprocess.Popen[bytes]]]:
        started = [subprocess.Popen([HOOKLINE, name], env=self.environment) for name in ("web", "worker", "scheduler")]
        try:
            yield started
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(timeout=25)

    def ready(self) -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the web process is not ready")

    def connect_and_deploy(self) -> None:
        base = f"base_url=http://127.0.0.1:{self._mock_port}"
        self.hookline("connection", "add", "mock", "mock", "--set", base, "--secrets-stdin", given='{"token": "t"}')
        file = self._home / "bench.yaml"
        file.write_text(FLOW)
        self.hookline("deploy", str(file), "--yes")

    def not_succeeded(self) -> int:
        listed = json.loads(self.hookline("runs", "list", "--status", "queued,running,parked,failed", "--json"))
        return len(listed)

    def memory_mb(self, processes: list[subprocess.Popen[bytes]]) -> dict[str, float]:
        """Proportional set size where the system tells it (Linux), which counts shared pages once; else nothing."""
        pids = {str(process.args[1]): process.pid for process in processes}  # type: ignore[index]
        redis = self._home / "redis" / "redis.pid"
        if redis.exists():
            pids["redis"] = int(redis.read_text())
        found = {}
        for name, pid in pids.items():
            rollup = Path(f"/proc/{pid}/smaps_rollup")
            if rollup.exists():
                line = next(line for line in rollup.read_text().splitlines() if line.startswith("Pss:"))
                found[name] = round(int(line.split()[1]) / 1024, 1)
        return found


def _plugin(home: Path) -> Path:
    """The mock connector as an installed plugin: a folder for PYTHONPATH with the module and its entry point."""
    folder = home / "plugin"
    info = folder / "hookline_bench-0.dist-info"
    info.mkdir(parents=True)
    shutil.copy(HERE / "mock_connector.py", folder / "hookline_bench.py")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hookline-bench\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[hookline.connectors]\nmock = hookline_bench:mock\n")
    return folder


async def flood(mock: Mock, port: int, runs: int, senders: int, name: str) -> tuple[float, float]:
    """Send ``runs`` webhooks as fast as they are taken; (webhooks accepted per second, completed runs per second)."""
    requests = iter([webhook(mock.callback, mock.key, f"{name}{number}") for number in range(runs)])
    done_before = mock.complete

    async def one() -> None:
        sender = Sender("127.0.0.1", port)
        await sender.open()
        for request in requests:
            status = await sender.send(request)
            if status != 202:
                raise SystemExit(f"a webhook was answered {status}")
        sender.close()

    started = time.monotonic()
    await asyncio.gather(*(one() for _ in range(senders)))
    accepted = time.monotonic() - started
    while mock.complete - done_before < runs:
        mock.seen.clear()
        await asyncio.wait_for(mock.seen.wait(), timeout=60)
    return runs / accepted, runs / (time.monotonic() - started)


async def trickle(mock: Mock, port: int, count: int) -> list[float]:
    """Milliseconds from the sending of a webhook to the arrival of its last upstream call, one webhook after the other."""
    sender = Sender("127.0.0.1", port)
    await sender.open()
    found = []
    for number in range(count):
        request = webhook(mock.callback, mock.key, f"light{number}")
        sent = time.monotonic()
        await sender.send(request)
        while len(mock.arrived.get(f"light{number}", ())) < 2:
            mock.seen.clear()
            await asyncio.wait_for(mock.seen.wait(), timeout=60)
        found.append((mock.arrived[f"light{number}"][1] - sent) * 1000)
        await asyncio.sleep(0.02)
    sender.close()
    return found


async def measure(arguments: argparse.Namespace) -> dict[str, object]:
    mock = Mock()
    home = Path(tempfile.mkdtemp(prefix="hookline-bench-"))
    try:
        site = Site(home, await mock.start())
        site.hookline("migrate")
        with site.processes() as processes:
            await asyncio.to_thread(site.ready)
            await asyncio.to_thread(site.connect_and_deploy)
            await asyncio.wait_for(mock.subscribed.wait(), timeout=20)
            await asyncio.sleep(1)
            memory = site.memory_mb(processes)
            await flood(mock, site.port, 100, 4, "warm")
            light = await trickle(mock, site.port, arguments.light)
            accepted, completed = await flood(mock, site.port, arguments.runs, arguments.senders, "run")
            unfinished = await asyncio.to_thread(site.not_succeeded)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    ordered = sorted(light)
    return {
        "completed_runs_per_s": round(completed, 1),
        "webhooks_accepted_per_s": round(accepted, 1),
        "runs": arguments.runs,
        "runs_not_succeeded_at_the_end": unfinished,
        "light_p50_ms": round(statistics.median(ordered), 1),
        "light_p99_ms": round(ordered[int(len(ordered) * 0.99) - 1], 1),
        "idle_memory_mb": memory,
        "idle_memory_total_mb": round(sum(memory.values()), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure webhook → condition → two upstream calls on this machine.")
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--senders", type=int, default=16)
    parser.add_argument("--light", type=int, default=200)
    report = {
        "command": "make bench",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        **asyncio.run(measure(parser.parse_args())),
    }
    text = json.dumps(report, indent=2)
    (HERE / "results.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
