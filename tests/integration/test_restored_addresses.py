"""A restored database and the addresses that anybody may call: nobody can be asked what was sent to them, so that nothing stays open."""

from __future__ import annotations

from pathlib import Path

from engine.app import App
from engine.settings import Settings
from tests.contracts.journal.stories import accept_run
from tests.integration.command_line import CommandLine

FLOW = """
id: orders
name: Orders
triggers: [{uses: http.request}]
steps: [{id: a, set: {x: 1}}]
"""


def test_what_was_sent_to_an_address_since_the_backup_is_not_asked_for_without_end(tmp_path: Path) -> None:
    hookline = CommandLine(tmp_path / "home")
    hookline.ok("migrate")
    (tmp_path / "orders.yaml").write_text(FLOW)
    hookline.ok("deploy", str(tmp_path / "orders.yaml"), "--yes")
    app = App(Settings.load(hookline.settings))
    accept_run(app.journal)
    hookline.ok("restore", "--noted")

    app.recovery(lambda run_ids: None).round()

    assert app.journal.subscriptions.gaps() == []
    (row,) = app.journal.subscriptions.list()
    assert row.gap_from is None
    (found,) = (check for check in hookline.json("doctor")["checks"] if check["part"] == "requests to orders.request")
    assert found["status"] == "ok"
    assert "nobody can be asked what was sent to an address" in found["found"]
    app.close()
