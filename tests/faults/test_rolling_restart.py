"""Promise 18. The fault: every process is stopped by SIGTERM and started anew, one after the other, while webhooks keep coming.

What must hold: nothing is lost and nothing done twice; every process leaves in order; no delivery is refused by word: it is answered 2xx, or there
was nobody to answer. With a second web process, which a proxy turns to meanwhile, every delivery is accepted at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from threading import Event, Thread
from types import TracebackType

import pytest

from engine.core.statuses import RunStatus
from tests.eventually import eventually
from tests.faults import misbehaviour
from tests.faults.checker import Allowed, check
from tests.faults.processes import Process
from tests.faults.site import Site, flow, free_port, step
from tests.faults.watch import status_of
from tests.faults.witness import Hook

STEPS = step("put", "put") + "  - {id: w, wait: {for: 1500ms}}\n" + step("pay", "pay") + step("mark", "mark")
BETWEEN = 8
"""Deliveries at least between two restarts."""
PAUSE = 0.03
SECOND = "web-second"
SLOW = "the database does not answer in time"
BUSY = Allowed(slower=4)
"""Three to five processes start while they are measured."""


class Deliveries:
    """A service that delivers all the time, through a proxy that knows these web processes and asks the next one when one gives no answer.

    ``lost``: deliveries that no web process answered; the service sends them again when the restarts are over.
    """

    def __init__(self, site: Site, ports: Sequence[int]) -> None:
        self._site = site
        self._hooks: list[Hook] = [
            replace(site.hook(), url=site.hook().url.replace(f":{site.port}/", f":{port}/")) for port in ports
        ]
        self._stopping = Event()
        self._thread = Thread(target=self._deliver, name="service", daemon=True)
        self.sent = 0
        self.lost: list[str] = []

    def __enter__(self) -> Deliveries:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def more(self) -> None:
        """Returns when some more have been sent."""
        enough = self.sent + BETWEEN
        eventually(lambda: self.sent >= enough)

    def _deliver(self) -> None:
        for number in count():
            if self._stopping.wait(PAUSE):
                return
            name = f"e{number}"
            if not any(self._site.client.send(hook, name).accepted for hook in self._hooks):
                self.lost.append(name)
            self.sent += 1


def restart(site: Site, process: Process, deliveries: Deliveries, port: int) -> None:
    """TERM, and a new one in its place (``port``: of a web process); there are deliveries before, between and after."""
    deliveries.more()
    site.faults.append(f"SIGTERM to {process.name}")
    assert process.stop() == 0
    deliveries.more()
    again = site.start(process.name.partition("-")[0], port=str(port))
    again.said('"ready"')
    deliveries.more()


def all_in_turn(site: Site, deliveries: Deliveries, processes: Sequence[Process], second: int | None = None) -> None:
    """Each of these; ``second`` is the port of the web process of that name."""
    for process in processes:
        restart(site, process, deliveries, second if second and process.name == SECOND else site.port)


def judged(site: Site, deliveries: Deliveries) -> None:
    for name in deliveries.lost:
        site.client.until_accepted(site.hook(), name)
    site.quiet()
    refused = [line for process in site.processes for line in process.log.splitlines() if "delivery refused" in line]
    # A machine that does much else may make the database slow; a restart is no reason to refuse anything.
    assert [line for line in refused if SLOW not in line] == []
    answered = {delivery.status for delivery in site.client.sent}
    assert answered <= {202, None} | ({503} if refused else set()), "a 2xx, or nobody was there"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_process_is_restarted_in_turn_and_nothing_is_lost(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    site.witness.misbehave("POST /payments", misbehaviour.delay(0.3))
    processes = site.up(workers=2)
    with site.watch() as watch, Deliveries(site, [site.port]) as deliveries:
        all_in_turn(site, deliveries, processes)
    assert deliveries.lost, "nobody listened while the only web process was restarted"
    judged(site, deliveries)
    history = site.history(watch=watch)
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}
    check(history, BUSY).require(accepted=deliveries.sent, faults=4)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_with_a_second_web_process_every_delivery_is_accepted_at_once(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    site.witness.misbehave("POST /payments", misbehaviour.delay(0.3))
    other = free_port()
    processes = [*site.up(workers=2), site.start("web", name=SECOND, port=str(other))]
    eventually(lambda: status_of(f"http://127.0.0.1:{other}/readyz") == 200, saying=lambda: processes[-1].log)
    with site.watch() as watch, Deliveries(site, [site.port, other]) as deliveries:
        all_in_turn(site, deliveries, processes, other)
    assert deliveries.lost == []
    judged(site, deliveries)
    check(site.history(watch=watch), BUSY).require(accepted=deliveries.sent, faults=5)
