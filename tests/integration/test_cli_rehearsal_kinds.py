"""How ``hookline rehearse`` tells of every kind of step: what would be waited for, which case, which branch, how many rounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.calendly import calendly
from tests.integration.command_line import CommandLine

KINDS = """\
id: kinds
connections: {calendly: calendly}
triggers: [{uses: calendly.invitee, with: {events: [invitee.created]}}]
steps:
  - {id: day, wait: {for: 1d}}
  - id: gone
    wait: {event: {uses: calendly.invitee, with: {events: [invitee.canceled]}}, timeout: 2h}
  - id: which
    switch: trigger.event
    cases: {invitee.created: [{id: made, set: {kind: made}}]}
    default: [{id: other, set: {kind: other}}]
  - id: poll
    until: loop.index == 6
    max_iterations: 10
    timeout: 5h
    interval: 1m
    steps: [{id: look, set: {kind: "{{ vars.kind }}"}}]
  - id: both
    join: any
    parallel: {left: [{id: slow, wait: {for: 2h}}], right: [{id: fast, wait: {for: 1h}}]}
  - {id: ask, flow: called, with: {name: x}}
  - id: box
    timeout: 1h
    steps: [{id: past, wait: {until: trigger.created_at}}]
outputs: {kind: "{{ vars.kind }} {{ steps.ask.output.x }}"}
"""
CALLED = "id: called\ninputs: {name: {type: string}}\nsteps: [{id: s, set: {v: 1}}]\noutputs: {x: '{{ vars.v }}'}\n"


class TestRehearseEveryKind:
    """How ``hookline rehearse`` tells of steps that call nothing."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path

    @pytest.fixture
    def hookline(self, tmp_path: Path) -> CommandLine:
        return CommandLine(tmp_path / "home")

    @pytest.fixture
    def shown(self, hookline: CommandLine, folder: Path) -> str:
        (folder / "kinds.yaml").write_text(KINDS)
        (folder / "called.yaml").write_text(CALLED)
        (folder / "event.json").write_text(
            json.dumps({**calendly.samples["invitee.created"], "created_at": "2020-01-01T00:00:00Z"})
        )
        return hookline.ok("rehearse", str(folder / "kinds.yaml"), "--event", str(folder / "event.json"))

    @pytest.mark.parametrize(
        "words",
        [
            "✓ day  wait  succeeded\n      would wait 1d until 2026-01-02T12:00:00.000000Z",
            "would wait for calendly.invitee, at most 2h\n      < {",
            "(as if this sample came at once)",
            "trigger.event: case invitee.created",
            "- which.other  set  skipped",
            "7 rounds, of which the first 3 are shown",
            "✓ poll[2].interval  wait  succeeded\n      would wait 1m until the next round",
            "right is through first, of left, right",
            "⊘ both.left.slow  wait  cancelled\n      would wait 1h, and is cut then",
            '< {"x":"‹x›"}  (made up from the other flow\'s outputs)',
            "takes 0s of at most 1h",
            "would not wait: 2020-01-01T00:00:00.000000Z has passed",
            'the run would end as succeeded after 1d1h6m\n  kind  "made ‹x›"',
        ],
    )
    def test_each_kind_has_its_words(self, shown: str, words: str) -> None:
        assert words in shown

    def test_later_rounds_are_left_out(self, shown: str) -> None:
        assert "poll[2].look" in shown
        assert "poll[3]" not in shown

    def test_a_run_that_would_wait_for_ever_says_where(self, hookline: CommandLine, folder: Path) -> None:
        wait = "{uses: calendly.invitee, with: {events: [invitee.canceled]}, if: event.payload.email == 'x'}"
        (folder / "ever.yaml").write_text(
            f"id: ever\nconnections: {{calendly: calendly}}\nsteps:\n  - id: gone\n    wait:\n      event: {wait}\n"
        )
        result = hookline.run("rehearse", str(folder / "ever.yaml"))
        assert (result.exit_code, "the run would wait for ever at gone" in result.stdout) == (1, True)
