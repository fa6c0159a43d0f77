"""The demo: the example flows in this folder, run for real on this machine, by the commands that an operator uses.

It starts the Calendly simulator, web, a worker and the scheduler as processes of their own (with the bundled Redis and SQLite), adds a
connection, checks and deploys the flows, lets people book, cancel, reschedule and submit a form at the simulator, and compares what the
simulator saw with what the flows say. It imports nothing of Hookline: everything goes through the `hookline` command and HTTP.

    python flows/demo.py            exit status 0 when everything happened, 1 when anything did not
    python flows/demo.py --keep     leave the home folder behind, to look at it
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

FLOWS = Path(__file__).resolve().parent
STARTERS = [str(path) for path in sorted(FLOWS.glob("*.yaml"))]
"""The flows that need a connection to Calendly only, and their tests, which deploy passes over."""
HOOKLINE = [str(Path(sys.executable).with_name("hookline"))]
PATIENCE = 30.0
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class DemoFailed(Exception):
    """Something of the demo did not happen; the message says what."""


def main() -> int:
    arguments = argparse.ArgumentParser(description="Run the example flows against the Calendly simulator.")
    arguments.add_argument("--keep", action="store_true", help="leave the home folder behind")
    keep = arguments.parse_args().keep
    started = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix="hookline-demo-"))
    try:
        Demo(home).run()
    except DemoFailed as failure:
        print(f"\nThe demo failed: {failure}\n", file=sys.stderr)
        show_logs(home)
        return 1
    finally:
        if keep:
            print(f"The home folder stays: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    print(f"\nEverything above happened, in {time.monotonic() - started:.1f} s.")
    return 0


class Demo:
    """One run through the story. Every step raises DemoFailed when it does not come out as it should."""

    def __init__(self, home: Path) -> None:
        self._home = home
        port = free_port()
        self._web = f"http://127.0.0.1:{port}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOOKLINE_")},
            "HOOKLINE_HOME": str(home),
            "HOOKLINE_PORT": str(port),
            "HOOKLINE_PUBLIC_URL": self._web,
            "HOOKLINE_EGRESS_ALLOW": "127.0.0.1/32",  # the simulator lives on this machine and speaks plain http
            "HOOKLINE_LOG_FORMAT": "text",
        }
        self._simulator = ""
        self._token = ""

    def run(self) -> None:
        with ExitStack() as processes:
            title("Start")
            processes.enter_context(self._simulate())
            self._hookline("migrate")
            for name in ("web", "worker", "scheduler"):
                processes.enter_context(self._process(name))
            self._hookline(
                "connection", "add", "calendly", "calendly", "--set", f"base_url={self._simulator}", "--secrets-stdin",
                given=json.dumps({"token": self._token}),
            )  # fmt: skip
            self._until_ready()
            title("Check and deploy the flows")
            self._hookline("check", str(FLOWS))
            self._hookline("deploy", *STARTERS, "--yes")
            self._expect_subscriptions()
            title("People book, cancel, reschedule and ask")
            people = self._story()
            runs = self._settle()
            title("What came of it")
            self._summary(runs)
            self._expect_outcomes(people, runs)
            title("Clean up")
            self._remove_flows()
            self._stop_gently(processes)

    # -- the parts of the story ------------------------------------------------------------------------------------

    def _story(self) -> dict[str, str]:
        """Who did what, by the URI of the invitee."""
        soon = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(time.time() + 3 * 3600))
        late = self._sim(
            "book", event_type="intro-call", name="Lena Late", email="lena@guests.example", start_time=soon
        )
        self._sim("cancel", invitee="lena@guests.example", by="invitee", reason="Something came up")
        early = self._sim("book", event_type="intro-call", name="Earl Early", email="earl@guests.example")
        self._sim("cancel", invitee="earl@guests.example", by="invitee", reason="Another time")
        partner = self._sim("book", event_type="intro-call", name="Pia Partner", email="pia@partner.example")
        self._sim("no_show", invitee="pia@partner.example")
        moved = self._sim("book", event_type="intro-call", name="Mo Moved", email="mo@guests.example")
        again = self._sim("reschedule", invitee="mo@guests.example")
        self._sim("routing_form_submission", result="event_type")
        print("  Lena booked for in three hours and cancelled; Earl cancelled two days ahead; Pia was marked as a")
        print("  no-show by her host; Mo took another time; a visitor submitted the routing form.")
        named = {"late": late, "early": early, "partner": partner, "moved": moved, "again": again}
        return {name: str(made["invitee"]["uri"]) for name, made in named.items()}

    def _settle(self) -> list[dict[str, Any]]:
        """Wait until every delivery is answered and every run is through."""
        waited = self._sim("wait", settled=True, timeout_s=PATIENCE)
        if not waited["done"] or waited["failed"]:
            raise DemoFailed(f"not every webhook was taken: {waited}")
        deadline = time.monotonic() + PATIENCE
        while True:
            runs = json.loads(self._hookline("runs", "list", "--limit", "200", "--json", show=False))
            open_runs = [run for run in runs if run["status"] in ("queued", "running", "parked")]
            if runs and not open_runs:
                return list(runs)
            if time.monotonic() > deadline:
                raise DemoFailed(f"runs are not through: {open_runs}")

    def _expect_subscriptions(self) -> None:
        found = self._sim_get("state")["webhook_subscriptions"]
        ours = [
            row for row in found if row["callback_url"].startswith(f"{self._web}/hooks/") and row["state"] == "active"
        ]
        events = sorted({event for row in ours for event in row["events"]})
        wanted = ["invitee.canceled", "invitee.created", "invitee_no_show.created", "routing_form_submission.created"]
        expect(events == wanted, f"the simulator has our subscriptions for {', '.join(wanted)}")

    def _expect_outcomes(self, people: Mapping[str, str], runs: Sequence[Mapping[str, Any]]) -> None:
        state = self._sim_get("state")
        marked = {row["invitee"] for row in state["no_shows"]}
        calls = self._sim_get("calls")
        posted = [call for call in calls["calls"] if (call["method"], call["path"]) == ("POST", "/invitee_no_shows")]
        deleted = [
            call
            for call in calls["calls"]
            if call["method"] == "DELETE" and call["path"].startswith("/invitee_no_shows/")
        ]
        expect(marked == {people["late"]}, "the simulator has exactly one no-show: Lena, who cancelled late")
        expect(
            [call["body"] for call in posted] == [{"invitee": people["late"]}],
            "it was asked for that mark exactly once",
        )
        expect(
            [call["status"] for call in deleted] == [204], "Pia's mark was taken back exactly once: she is a partner"
        )
        tracked = [run["outputs"] for run in runs if run["flow"] == "track-reschedules"]
        halves = {(out["half"], out["old_invitee"], out["new_invitee"]) for out in tracked}
        pair = (people["moved"], people["again"])
        expect(halves == {("old", *pair), ("new", *pair)}, "both halves of Mo's reschedule name the same two bookings")
        routed = [run for run in runs if run["flow"] == "route-form-submissions"]
        expect([run["status"] for run in routed] == ["succeeded"], "the form submission was routed once")
        expect(all(run["status"] == "succeeded" for run in runs), f"all {len(runs)} runs succeeded")
        self._expect_events_without_runs()
        expect(calls["busiest_window"]["calls"] <= 100, "no minute saw more than 100 calls")

    def _expect_events_without_runs(self) -> None:
        """An event that started nothing says why: Mo's half cancellation is no late cancellation."""
        events = json.loads(self._hookline("events", "list", "--limit", "200", "--json", show=False))
        refused = [outcome for event in events for outcome in event["outcomes"] if outcome["run"] is None]
        expect(bool(refused) and all(outcome["reason"] for outcome in refused), "every refusal is kept with its reason")

    def _summary(self, runs: Sequence[Mapping[str, Any]]) -> None:
        for run in sorted(runs, key=lambda run: str(run["created_at"])):
            outputs = ", ".join(f"{name}: {short(value)}" for name, value in (run["outputs"] or {}).items())
            print(f"  {run['flow']:27} {run['status']:10} {run['message'] or outputs}")
        for flow in ("late-cancellation-no-show", "undo-no-show-for-partners"):
            print()
            acted = [run for run in runs if run["flow"] == flow and not run["message"]]
            self._hookline("runs", "show", *(run["id"] for run in acted[:1]))
        calls = self._sim_get("calls")["calls"]
        print(f"\n  {len(calls)} calls arrived at the simulator:")
        kinds = [f"{call['method']} {generic(call['path'])} → {call['status']}" for call in calls]
        for kind in dict.fromkeys(kinds):
            print(f"    {kinds.count(kind):3} × {kind}")

    def _remove_flows(self) -> None:
        flows = json.loads(self._hookline("flow", "list", "--json", show=False))
        self._hookline("flow", "remove", *(flow["id"] for flow in flows), "--yes", show=False)
        left = self._sim_get("state")["webhook_subscriptions"]
        expect(left == [], "removing the flows deleted every subscription at the simulator")

    def _stop_gently(self, processes: ExitStack) -> None:
        processes.close()
        leftover = list((self._home / "redis").glob("*.sock")) if (self._home / "redis").is_dir() else []
        expect(leftover == [], "every process stopped, the bundled Redis with the last of them")

    # -- processes and HTTP ----------------------------------------------------------------------------------------

    @contextmanager
    def _simulate(self) -> Iterator[None]:
        with self._process("simulate", "calendly", "--port", "0"):
            deadline = time.monotonic() + PATIENCE
            output = self._home / "simulate.log"
            while "token:" not in output.read_text():
                if time.monotonic() > deadline:
                    raise DemoFailed("the simulator did not start")
                time.sleep(0.02)
            words = output.read_text().split()
            self._simulator = next(word for word in words if word.startswith("http://127.0.0.1:"))
            self._token = words[words.index("token:") + 1]
            yield

    @contextmanager
    def _process(self, *arguments: str) -> Iterator[None]:
        """One process of Hookline, logging into the home; stopped with SIGTERM, and it has to end well."""
        name = arguments[0]
        with (self._home / f"{name}.log").open("wb") as output:
            process = subprocess.Popen(
                [*HOOKLINE, *arguments], env=self._environment, stdout=output, stderr=subprocess.STDOUT
            )
        print(f"  started {name}")
        try:
            yield
        except BaseException:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            raise
        process.terminate()
        try:
            status = process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise DemoFailed(f"{name} did not stop within 20 s") from None
        if status != 0:
            raise DemoFailed(f"{name} ended with exit status {status}")

    def _hookline(self, *arguments: str, given: str | None = None, show: bool = True) -> str:
        if show:
            said = " ".join(arguments).replace(" ".join(STARTERS), "flows/*.yaml").replace(f"{FLOWS}", "flows")
            print(f"  $ hookline {said}")
        done = subprocess.run(
            [*HOOKLINE, *arguments],
            env=self._environment,
            input=given or "",
            capture_output=True,
            text=True,
            check=False,
        )
        if show and (done.stdout.strip() or done.returncode):
            print("    " + done.stdout.strip().replace("\n", "\n    "))
        if done.returncode != 0:
            raise DemoFailed(f"hookline {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def _until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with HTTP.open(f"{self._web}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise DemoFailed("the web process is not ready")

    def _sim(self, control: str, **order: Any) -> dict[str, Any]:
        return fetch(f"{self._simulator}/_sim/{control}", json.dumps(order).encode())

    def _sim_get(self, control: str) -> dict[str, Any]:
        return fetch(f"{self._simulator}/_sim/{control}", None)


def fetch(url: str, body: bytes | None) -> dict[str, Any]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    try:
        with HTTP.open(request, timeout=PATIENCE + 5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise DemoFailed(f"{url} answered {error.code}: {error.read().decode()[:300]}") from None


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise DemoFailed(f"this should be so, and is not: {what}")
    print(f"  ok  {what}")


def title(text: str) -> None:
    print(f"\n{text}")


def short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else f"…{text[-50:]}"


def generic(path: str) -> str:
    """A path with its ids taken out."""
    return "/".join("…" if len(part) >= 32 else part for part in path.split("/"))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def show_logs(home: Path) -> None:
    for file in sorted(home.glob("*.log")):
        lines = file.read_text(errors="replace").splitlines()[-25:]
        print(f"--- {file.name}", *lines, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
