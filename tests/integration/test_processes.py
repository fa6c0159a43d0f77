"""Real processes as an operator runs them, against the simulated service: end to end, stopped, killed, edited."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from connectors.calendly.simulator import TOKEN
from engine.core.statuses import RunStatus
from engine.journal.journal import Journal
from engine.journal.records import Run
from tests.calendly_room import flow_text, sim
from tests.eventually import eventually

HOOKLINE = Path(sys.executable).parent / "hookline"
MARK = "  - {id: mark, uses: calendly.create_invitee_no_show, with: {invitee: '{{ trigger.payload.uri }}'}}\n"
MARKED = "POST /invitee_no_shows"
STOPPED_WITHIN = 20


class Process:
    """One running command; its log is in a file."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                [HOOKLINE, *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    def said(self, words: str) -> bool:
        """Waits for these words in the log."""

        def look() -> bool:
            assert self._popen.poll() is None or words in self.log, f"it ended: {self.log}"
            return words in self.log

        return eventually(look, saying=lambda: self.log)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a stop signal and return the exit status."""
        self._popen.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        try:
            return self._popen.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end within {STOPPED_WITHIN} s: {self.log}") from None

    def kill(self) -> None:
        self._popen.kill()
        self._popen.wait(STOPPED_WITHIN)

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None


class Installation:
    """A home with its processes; the simulated service at ``service``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.port, self.service_port = free_port(), free_port()
        self.service = f"http://127.0.0.1:{self.service_port}"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("HOOKLINE_")} | {
            "HOOKLINE_HOME": str(self.home),
            "HOOKLINE_PORT": str(self.port),
            "HOOKLINE_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "HOOKLINE_EGRESS_ALLOW": "127.0.0.1/32",
            "HOOKLINE_LOG_FORMAT": "json",
        }
        self.processes: list[Process] = []

    def start(self, *arguments: str, **settings: str) -> Process:
        log = self.folder / f"{arguments[0]}-{len(self.processes)}.log"
        self.processes.append(Process(arguments, {**self.environment, **settings}, log))
        return self.processes[-1]

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HOOKLINE, *arguments],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=30,
            cwd=self.folder,
            check=False,
        )

    def ok(self, *arguments: str, given: str = "") -> str:
        done = self.run(*arguments, given=given)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def service_is_up(self) -> Process:
        process = self.start("simulate", "calendly", "--port", str(self.service_port))
        process.said("is simulated at")
        return process

    def web_is_up(self) -> Process:
        process = self.start("web")
        eventually(lambda: status(f"http://127.0.0.1:{self.port}/readyz") == 200, saying=lambda: process.log)
        return process

    def deployed(self, text: str) -> None:
        """Migrate, add the connection, deploy."""
        (self.folder / "flows").mkdir(exist_ok=True)
        (self.folder / "flows" / "f.yaml").write_text(text)
        self.ok("migrate")
        secrets = json.dumps({"token": TOKEN})
        self.ok("connection", "add", "team", "calendly", "--set", f"base_url={self.service}", "--secrets-stdin", given=secrets)  # fmt: skip
        self.ok("deploy", "--yes", "flows")

    def control(self, name: str, order: Mapping[str, object] | None = None) -> dict[str, Any]:
        return sim(self.service, name, order)

    def marks(self) -> int:
        """How often the service was asked to mark somebody."""
        calls = self.control("calls")["calls"]
        return sum(f"{call['method']} {call['path']}" == MARKED for call in calls)

    @property
    def no_shows(self) -> int:
        return len(self.control("state")["no_shows"])

    def runs(self) -> list[Run]:
        journal = Journal.open(f"sqlite:///{next(self.home.glob('*.db'))}")
        try:
            return list(journal.runs.list())
        finally:
            journal.close()

    def run_ended(self) -> Run:
        def look() -> Run | None:
            return next((run for run in self.runs() if run.ended_at is not None), None)

        return eventually(look, saying=lambda: (self.runs(), [process.log for process in self.processes]))

    def close(self) -> None:
        """Stop what still runs, properly: the last one to leave takes the bundled Redis along."""
        for process in reversed(self.processes):
            if process.alive:
                process.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(url: str) -> int | None:
    """The status of a GET; None while nobody listens."""
    try:
        with urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except URLError:
        return None


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    site = Installation(tmp_path)
    yield site
    site.close()


def test_a_booking_becomes_a_no_show_through_separate_processes_that_stop_cleanly(site: Installation) -> None:
    service = site.service_is_up()
    site.deployed(flow_text(steps=MARK))
    processes = [site.web_is_up(), site.start("scheduler"), site.start("worker")]
    processes[-1].said('"ready"')
    site.control("book", {"email": "guest@guests.example"})
    assert site.run_ended().status is RunStatus.SUCCEEDED
    assert (site.no_shows, site.marks()) == (1, 1)
    assert [process.stop() for process in [*processes, service]] == [0, 0, 0, 0]
    for process in processes:
        assert TOKEN not in process.log
        assert "Traceback" not in process.log


def test_a_worker_that_is_stopped_in_a_slow_call_finishes_it_and_loses_nothing(site: Installation) -> None:
    site.service_is_up()
    site.deployed(flow_text(steps=MARK))
    site.web_is_up()
    worker = site.start("worker")
    worker.said('"ready"')
    site.control("faults", {"method": "POST", "path": "/invitee_no_shows", "delay_s": 2})
    site.control("book", {})
    eventually(lambda: site.marks() == 1)
    assert worker.stop() == 0
    if site.runs()[0].ended_at is None:
        site.start("worker")
        site.start("scheduler")
    assert site.run_ended().status is RunStatus.SUCCEEDED
    assert (site.no_shows, site.marks()) == (1, 1)


def test_what_a_killed_worker_left_is_settled_by_another_one_and_done_once(site: Installation) -> None:
    site.service_is_up()
    site.deployed(flow_text(steps=MARK))
    site.web_is_up()
    worker = site.start("worker")
    worker.said('"ready"')
    site.control("faults", {"method": "POST", "path": "/invitee_no_shows", "delay_s": 1})
    site.control("book", {})
    eventually(lambda: site.marks() == 1)
    worker.kill()
    site.start("worker")
    site.start("scheduler")
    assert site.run_ended().status is RunStatus.SUCCEEDED
    assert (site.no_shows, site.marks()) == (1, 1), "the service was asked instead of told again"


@pytest.mark.parametrize("role", ["worker", "scheduler"])
def test_a_role_answers_health_checks_where_it_is_told_to(site: Installation, role: str) -> None:
    site.ok("migrate")
    port = free_port()
    process = site.start(role, HOOKLINE_HEALTH_PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    assert eventually(lambda: status(f"{url}/readyz"), saying=lambda: process.log) == 200
    assert status(f"{url}/healthz") == 200
    assert status(f"{url}/hooks/x") == 404
    assert process.stop(signal.SIGINT) == 0


@pytest.mark.parametrize("role", ["web", "worker", "scheduler"])
def test_without_a_schema_a_role_says_what_to_do(site: Installation, role: str) -> None:
    done = site.run(role)
    assert done.returncode == 2
    assert "hookline migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_named(site: Installation) -> None:
    site.ok("migrate")
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.port))
        other.listen()
        done = site.run("web")
    assert done.returncode == 2
    assert f"web cannot listen on 127.0.0.1:{site.port}" in done.stderr


def dev(site: Installation) -> Process:
    process = site.start(
        "dev", "--flows", "flows", "--simulate", "calendly", "--simulator-port", str(site.service_port)
    )
    process.said('"ready"')
    return process


def active_digest(site: Installation) -> str:
    journal = Journal.open(f"sqlite:///{next(site.home.glob('*.db'))}")
    try:
        row = journal.flows.get("f")
    finally:
        journal.close()
    assert row is not None
    return row.digest


def test_dev_reloads_a_changed_flow_and_keeps_the_old_version_on_a_broken_edit(site: Installation) -> None:
    flows = site.folder / "flows"
    flows.mkdir()
    (flows / "f.yaml").write_text(flow_text())
    process = dev(site)
    first = active_digest(site)
    (flows / "f.yaml").write_text(flow_text(steps=MARK))
    process.said("flow changed")
    second = active_digest(site)
    assert second != first
    (flows / "f.yaml").write_text(flow_text(steps=MARK) + "nonsense: true\n")
    process.said("the version that is active stays")
    assert active_digest(site) == second
    site.control("book", {})
    assert site.run_ended().status is RunStatus.SUCCEEDED
    assert site.no_shows == 1
    assert process.stop(signal.SIGINT) == 0
    assert "Traceback" not in process.log


def test_dev_survives_a_flow_file_that_vanishes(site: Installation) -> None:
    flows = site.folder / "flows"
    flows.mkdir()
    (flows / "f.yaml").write_text(flow_text())
    process = dev(site)
    first = active_digest(site)
    (flows / "f.yaml").unlink()
    flows.rmdir()
    process.said("not deployed")
    flows.mkdir()
    (flows / "f.yaml").write_text(flow_text(steps=MARK))
    process.said("flow changed")
    assert active_digest(site) != first
    assert process.stop() == 0


def test_dev_deploys_the_others_when_a_connection_is_missing(site: Installation) -> None:
    flows = site.folder / "flows"
    flows.mkdir()
    (flows / "f.yaml").write_text(flow_text())
    ask = "steps: [{id: ask, uses: http.request, connection: crm, with: {path: /}}]\n"
    (flows / "g.yaml").write_text(f"id: g\nconnections: {{crm: crm}}\n{ask}")
    process = dev(site)
    assert active_digest(site)
    assert "not deployed, for a connection is missing" in process.log
    assert "hookline connection add crm" in process.log
    assert json.loads(site.ok("flow", "list", "--json"))[0]["id"] == "f"
    assert process.stop() == 0


def test_a_second_dev_on_the_same_home_refuses(site: Installation) -> None:
    (site.folder / "flows").mkdir()
    process = dev(site)
    second = site.run("dev", "--flows", "flows")
    assert second.returncode == 2
    assert "another `hookline dev` runs on" in second.stderr
    assert process.stop() == 0
