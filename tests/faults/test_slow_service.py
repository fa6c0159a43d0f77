"""Promise 20. The faults: a service that answers a byte a second, sends headers without end, a small body that unpacks to half a gigabyte, or
redirects for ever.

What must hold: each call ends by its deadline, and nothing is kept beyond the cap; the workers' memory does not grow by what was sent; and the calls
of other connections hardly notice, although there are more slow calls than threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread

import pytest

from engine.core.statuses import RunStatus
from tests.eventually import eventually
from tests.faults.checker import Allowed, check
from tests.faults.demand import send_all
from tests.faults.misbehaviour import (
    Misbehaviour,
    endless_headers,
    gzip_bomb,
    hang,
    redirect_loop,
    slow_body,
)
from tests.faults.processes import Process
from tests.faults.site import Site, flow, step

TIMEOUT = 3
EACH = 6
MEMORY = 120
"""Megabytes. The bombs unpack to four times as much."""

WAYS: Mapping[str, tuple[Misbehaviour, str]] = {
    "drip": (slow_body(1), "timeout"),
    "headers": (endless_headers(), "timeout"),
    "bomb": (gzip_bomb(512), "invalid"),
    "loop": (redirect_loop("/things?name=again"), "invalid"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_call_ends_by_its_deadline_and_below_its_cap(site: Site) -> None:
    for name in WAYS:
        site.connect(name)
    once = f"timeout: {TIMEOUT}s, retry: {{max_attempts: 1}}"
    site.deploy(*(flow(name, channel=name, connection=name, steps=step("one", "read", more=once)) for name in WAYS))
    for name, (fault, _) in WAYS.items():
        site.witness.misbehave(name, fault)
    worker = site.up()[-1]
    before = resident(worker)
    with site.watch() as watch:
        for name in WAYS:
            send_all(site, site.hook(name), [f"{name}-{number}" for number in range(EACH)])
        site.quiet()
    history = site.history(watch=watch, leaks=False)
    check(history, Allowed(slower=3)).require(accepted=EACH * len(WAYS), faults=len(WAYS))
    assert {run.status for run in history.runs} == {RunStatus.FAILED}
    assert kinds(site) == {(name, kind) for name, (_, kind) in WAYS.items()}
    assert resident(worker) - before < MEMORY
    assert site.witness.misbehaved["redirect"] == EACH, "a redirect was followed"
    assert longest(site) < TIMEOUT + 3, "a call outlasted its deadline"


def kinds(site: Site) -> set[tuple[str, str]]:
    """How the runs of each flow failed."""
    found = site.journal.runs.list(statuses=[RunStatus.FAILED], limit=1_000)
    return {(run.flow, str((run.error or {}).get("kind"))) for run in found}


def longest(site: Site) -> float:
    """Seconds from a call to what was written of it."""
    arrived = {call.name: call.wall_ms for call in site.witness.calls}
    rows = site.history(leaks=False).steps
    return max((row.ended_at or 0) - arrived[f"{row.run}.{row.path}"] for row in rows) / 1000


def resident(process: Process) -> float:
    """Megabytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


class Steady:
    """Webhooks for the quick connection at an even pace; ``latencies`` are the seconds until their calls arrived."""

    def __init__(self, site: Site, prefix: str, *, seconds: float, per_second: float = 8) -> None:
        hook, never = site.hook("quick"), Event()
        before = len(site.client.sent)
        for number in range(round(seconds * per_second)):
            never.wait(1 / per_second)
            Thread(target=site.client.send, args=(hook, f"{prefix}-{number}"), daemon=True).start()
        wanted = round(seconds * per_second)
        eventually(lambda: len(site.client.sent) >= before + wanted)
        sent = {each.id: each.at for each in site.client.sent if each.id.startswith(prefix) and each.accepted}
        arrived: dict[str, float] = {}

        def all_arrived() -> bool:
            arrived.update({call.name: call.at for call in site.witness.calls if call.name in sent})
            return len(arrived) == len(sent)

        eventually(all_arrived, within=60)
        self.latencies = [arrived[name] - at for name, at in sent.items()]

    @property
    def p95(self) -> float:
        return quantiles(self.latencies, n=20)[-1]


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_others_hardly_notice_a_slow_service(site: Site) -> None:
    """In turns beside as many quick calls and as many slow ones, of which there are more than threads: what else the machine does falls on both."""
    site.connect("quick")
    site.connect("slow")
    once = f"timeout: {TIMEOUT}s, retry: {{max_attempts: 1}}"
    named = '  - {id: one, uses: faults.read, with: {name: "{{ trigger.id }}"}}\n'
    site.deploy(
        flow("quick", channel="quick", connection="quick", steps=named),
        flow("slow", channel="slow", connection="slow", steps=step("one", "read", more=once)),
    )
    site.up(workers=2, worker_threads="8")
    without, beside = [], []
    Steady(site, "warm-up", seconds=2)
    for turn in range(4):
        site.witness.behave("slow")
        send_all(site, site.hook("slow"), [f"healthy-{turn}-{number}" for number in range(60)])
        without.append(Steady(site, f"without-{turn}", seconds=8).p95)
        site.witness.misbehave("slow", hang())
        send_all(site, site.hook("slow"), [f"slow-{turn}-{number}" for number in range(60)])
        beside.append(Steady(site, f"beside-{turn}", seconds=8).p95)
        site.quiet()
    print(
        f"p95 until the call: {[f'{p95 * 1000:.0f} ms' for p95 in without]} without, {[f'{p95 * 1000:.0f} ms' for p95 in beside]} beside"
    )
    assert site.witness.misbehaved["hang"] == 240
    assert median(beside) < 2 * median(without) + 0.05
