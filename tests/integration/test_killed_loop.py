"""A long parallel loop in a real worker that is killed in the middle: another worker goes on, and no finished item is done twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from engine.core.statuses import RunStatus
from engine.journal.journal import Journal
from tests.eventually import eventually
from tests.integration.test_processes import Installation

ITEMS = 200
SIDE_BY_SIDE = 20
FLOW = f"""id: f
name: F
connections: {{http: witness}}
steps:
  - id: each
    foreach: trigger.numbers
    max_parallel: {SIDE_BY_SIDE}
    steps:
      - {{id: tell, uses: http.request, with: {{method: PUT, path: "/items/{{{{ item }}}}", json: {{}}}}}}
outputs: {{count: "{{{{ steps.each.output | length }}}}"}}
"""


class Witness(ThreadingHTTPServer):
    """A service that takes a moment for every call and knows how often it was called for each item."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = Lock()
        self.told: Counter[str] = Counter()

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that is killed hangs up in the middle."""

    @property
    def total(self) -> int:
        with self.lock:
            return self.told.total()


class _Handler(BaseHTTPRequestHandler):
    server: Witness

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        with self.server.lock:
            self.server.told[self.path] += 1
        Event().wait(0.02)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def witness() -> Iterator[Witness]:
    with Witness() as witness:
        thread = Thread(target=witness.serve_forever)
        thread.start()
        yield witness
        witness.shutdown()
        thread.join()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    site = Installation(tmp_path)
    yield site
    site.close()


def finished(site: Installation) -> set[str]:
    """The items whose step is recorded as through."""
    journal = Journal.open(f"sqlite:///{next(site.home.glob('*.db'))}")
    try:
        found = journal.runs.get(journal.runs.list()[0].id)
        assert found is not None
        rows = [row for row in found[1] if row.path.endswith(".tell") and row.ended_at is not None]
        return {f"/items/{row.path.partition('[')[2].partition(']')[0]}" for row in rows}
    finally:
        journal.close()


def test_a_loop_whose_worker_is_killed_is_finished_by_another_one(site: Installation, witness: Witness) -> None:
    (site.folder / "f.yaml").write_text(FLOW)
    site.ok("migrate")
    address = f"base_url=http://127.0.0.1:{witness.server_address[1]}"
    site.ok("connection", "add", "witness", "http", "--set", address, "--set", "calls=10000")
    site.ok("deploy", "--yes", "f.yaml")
    worker = site.start("worker")
    worker.said('"ready"')
    site.start("scheduler")
    site.ok("run", "f", "--event", "-", given=json.dumps({"numbers": list(range(ITEMS))}))
    eventually(lambda: witness.total >= ITEMS // 2, saying=lambda: (witness.total, worker.log))
    worker.kill()
    through = finished(site)
    site.start("worker")
    run = site.run_ended()
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"count": ITEMS}), run.error
    assert len(witness.told) == ITEMS
    assert len(through) > ITEMS // 4, "it was killed in the middle"
    assert [item for item in through if witness.told[item] != 1] == []
    repeated = [item for item, count in witness.told.items() if count > 1]
    assert len(repeated) <= SIDE_BY_SIDE
    assert max(witness.told.values()) <= 2
