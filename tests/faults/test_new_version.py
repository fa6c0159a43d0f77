"""Promise 17. The fault: a flow is deployed anew while its runs are in the middle of it: steps renamed, taken out, broken.

What must hold: runs finish on the version with which they began; what comes later runs on the new one; a bad file never becomes active.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from threading import Event

from engine.core.statuses import RunStatus
from tests.eventually import eventually
from tests.faults.checker import check
from tests.faults.misbehaviour import Misbehaviour, Wire
from tests.faults.processes import HOOKLINE
from tests.faults.site import Site, flow, step
from tests.faults.together import site_on_postgres_later

FIRST = step("put", "put") + step("slow", "pay", more="timeout: 5m") + step("last", "mark")
RENAMED = step("put", "put") + step("slowly", "pay", more="timeout: 5m") + step("last", "mark")
SHORTER = step("put", "put")
BROKEN = step("put", "put") + "  - {id: slow, uses: faults.pay, with: {name: '{{ steps.nobody.output }}'}}\n"
EACH = 3


def held(released: Event) -> Misbehaviour:
    """Acts at once, answers when it is released."""

    async def do(wire: Wire, status: int, body: bytes) -> bool:
        while not released.is_set():
            await asyncio.sleep(0.05)
        return await wire.answer(status, body)

    return Misbehaviour(name="held", acts=True, do=do)


def deploy_by_command(site: Site, text: str) -> subprocess.CompletedProcess[str]:
    """As an operator does, while everything runs."""
    folder = site.folder / "flows"
    folder.mkdir(exist_ok=True)
    (folder / "f.yaml").write_text(text)
    command = [str(HOOKLINE), "deploy", "--yes", str(folder)]
    return subprocess.run(
        command, env=site.environment, capture_output=True, text=True, timeout=60, cwd=site.folder, check=False
    )


@site_on_postgres_later
def test_runs_finish_on_their_version_and_a_bad_file_never_becomes_active(site: Site) -> None:
    site.deploy(flow(steps=FIRST))
    site.up()
    released = Event()
    site.witness.misbehave("POST /payments", held(released))
    with site.watch() as watch:
        under_way(site, "first")
        redeployed(site, RENAMED)
        under_way(site, "renamed")
        redeployed(site, SHORTER)
        site.client.send_many(site.hook(), [f"shorter-{number}" for number in range(EACH)])
        open_runs = [run for run in site.journal.runs.list() if run.ended_at is None]
        assert len({run.digest for run in open_runs}) >= 2, "runs of several versions were under way when it changed"
        refused(site)
        site.witness.behave()
        released.set()
        site.quiet()
    history = site.history(watch=watch)
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}
    shapes: Counter[tuple[str, frozenset[str]]] = Counter()
    for run in history.runs:
        done = frozenset(row.path for row in history.steps if row.run == run.id)
        shapes[run.event_key.partition("-")[0], done] += 1
    assert shapes == {
        ("first", frozenset({"put", "slow", "last"})): EACH,
        ("renamed", frozenset({"put", "slowly", "last"})): EACH,
        ("shorter", frozenset({"put"})): EACH,
    }
    check(history).require(accepted=3 * EACH, faults=3)


def under_way(site: Site, name: str) -> None:
    """Events whose runs stand in their payment."""
    wanted = len(site.witness.calls_of("POST /payments")) + EACH
    site.client.send_many(site.hook(), [f"{name}-{number}" for number in range(EACH)])
    eventually(lambda: len(site.witness.calls_of("POST /payments")) >= wanted, within=60)


def redeployed(site: Site, steps: str) -> None:
    done = deploy_by_command(site, flow(steps=steps))
    assert done.returncode == 0, done.stdout + done.stderr
    site.faults.append("a new version")


def refused(site: Site) -> None:
    """A file with a mistake in it changes nothing."""
    before = site.journal.flows.get("f")
    for text in (flow(steps=BROKEN), flow(steps=FIRST) + "  - {id: put", ""):
        done = deploy_by_command(site, text)
        assert done.returncode == 1, done.stdout + done.stderr
    assert site.journal.flows.get("f") == before
    site.faults.append("bad files")
