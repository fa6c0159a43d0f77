"""Loops of many items, and what a run keeps of them: nothing that is through is done again, loaded again, or kept in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest

from engine.core.statuses import RunStatus
from engine.egress import Request
from engine.errors import ClaimLost
from engine.runtime import iterations
from engine.runtime.iterations import Spans
from tests.engine_room import EngineRoom, ok

LOOP = """steps:
  - id: each
    foreach: trigger.numbers
    max_parallel: {parallel}
    steps:
      - {{id: step, uses: probe.write, with: {{name: "{{{{ item }}}}"}}}}
      - {{id: more, uses: probe.put, with: {{name: "{{{{ item }}}}"}}}}
outputs: {{names: "{{{{ steps.each.output | length }}}}", last: "{{{{ steps.each.output | last }}}}"}}
"""


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path, url=database_url) as room:
        yield room


def numbers(count: int) -> dict[str, list[str]]:
    return {"numbers": [str(number) for number in range(count)]}


class DiesAt:
    """The worker dies when the service is called for the ``count``-th time."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.lock = Lock()

    def __call__(self, request: Request) -> None:
        with self.lock:
            self.left -= 1
            if self.left <= 0:
                raise ClaimLost("the worker is dead")


@pytest.mark.parametrize("parallel", [1, 7])
def test_a_loop_goes_on_where_its_worker_died_and_redoes_nothing_that_is_through(
    room: EngineRoom, parallel: int
) -> None:
    run_id = room.start(LOOP.format(parallel=parallel), trigger=numbers(150))
    room.service.before = DiesAt(220)
    room.execute(run_id)
    room.service.before = lambda request: None
    room.abandon()
    claimed = room.journal.runs.claim(run_id, lease_ms=0)
    assert claimed is not None
    assert len(claimed.steps) < 90, "what is through is folded away"
    through = [path for path, rows in room.steps(run_id).items() if rows[0].uses == "iteration"]
    room.abandon()
    run = room.through(run_id)
    rows = room.steps(run_id)
    uncertain = [path for path, found in rows.items() if found[-1].status.value == "uncertain"]
    if uncertain:  # A write was under way, and nobody can say whether it happened: the run ends there, as it must.
        assert run.status is RunStatus.UNCERTAIN
        assert len(uncertain) <= parallel
    else:
        assert (run.status, run.outputs and run.outputs["names"]) == (RunStatus.SUCCEEDED, 150)
    calls = Counter(request.body for request in room.service.requests)
    redone = [path for path in through if calls[b'{"name":"%s"}' % path[5:-1].encode()] > 2]
    assert redone == []
    assert len(through) > 80


def test_the_outputs_of_all_segments_are_the_loops_output(room: EngineRoom) -> None:
    source = LOOP.format(parallel=4).replace("probe.write", "probe.put")
    run_id = room.start(source, trigger=numbers(130))
    for at in (120, 90):
        room.service.before = DiesAt(at)
        room.execute(run_id)
        room.service.before = lambda request: None
        room.abandon()
    run = room.through(run_id)
    assert run.status is RunStatus.SUCCEEDED
    output = room.steps(run_id)["each"][0].output
    assert output == [{"step": {"name": "POST /things"}, "more": {"name": "POST /things"}}] * 130


def test_a_run_that_waits_after_a_long_loop_has_its_output_still(room: EngineRoom) -> None:
    source = LOOP.format(parallel=3).replace("outputs:", "  - {id: w, wait: {for: 20ms}}\noutputs:")
    run_id = room.start(source, trigger=numbers(120))
    run = room.through(run_id)
    assert (run.status, run.outputs and run.outputs["names"]) == (RunStatus.SUCCEEDED, 120)
    assert len(room.service.requests) == 240


def test_outputs_that_come_to_more_than_a_loop_may_have_fail_the_step_and_say_what_to_do(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iterations, "OUTPUT_CAP", 1024 * 1024)
    big = "x" * 400_000
    room.service.replies["POST /things"] = [ok({"name": big}) for _ in range(6)]
    source = (
        "steps:\n  - {id: each, foreach: trigger.numbers, on_error: continue, steps: [{id: s, uses: probe.put, with: {name: x}}]}\n"
        "  - {id: w, wait: {for: 10ms}}\noutputs: {status: '{{ steps.each.status }}'}\n"
    )
    run = room.through(room.start(source, trigger=numbers(6)))
    assert run.outputs == {"status": "failed"}
    error = room.steps(run.id)["each"][0].error
    assert error is not None
    assert "the outputs of the iterations of each come to more than 1 MB with number 2; loop over fewer items" in str(
        error["message"]
    )
    assert len(room.service.requests) == 3


def test_spans_hold_numbers_in_whatever_order_they_come() -> None:
    spans = Spans([(3, 5)])
    for number in (9, 5, 0, 1, 7, 8, 9):
        spans.add(number)
    assert (list(spans), spans.count, spans.end) == ([(0, 2), (3, 6), (7, 10)], 8, 10)
    assert [number for number in range(11) if number in spans] == [0, 1, 3, 4, 5, 7, 8, 9]
    assert list(spans.without(Spans([(0, 1), (4, 5)]), below=9)) == [range(1, 2), range(3, 4), range(5, 6), range(7, 9)]
