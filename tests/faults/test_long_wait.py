"""Promise 16. The fault: a run waits for 90 days, and meanwhile everything is restarted and Redis loses all that it holds.

What must hold: nothing of the wait is at the broker; the run wakes once, at most 5 s after its time, and goes on with the step after the wait.
"""

from __future__ import annotations

from sqlalchemy import text

from engine.core.statuses import RunStatus
from engine.journal.database import writing
from tests.eventually import eventually
from tests.faults.checker import check
from tests.faults.site import Site, flow, step
from tests.faults.together import together

DAY_MS = 86_400_000
WAIT_MS = 90 * DAY_MS
LEFT_MS = 3_000
LATE_MS = 5_000
STEPS = step("before", "put") + "  - {id: nap, wait: {for: 90d}}\n" + step("after", "mark")


@together
def test_a_wait_of_ninety_days_outlives_every_process_and_wakes_once_and_in_time(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    site.up()
    site.client.send(site.hook(), "e1")
    run_id = eventually(
        lambda: next((run for run, status in site.statuses().items() if status is RunStatus.PARKED), None)
    )
    assert nothing_of(site, run_id), "what waits for 90 days is not a message"
    for process in [*site.processes]:
        process.kill_group()
    assert site.redis is not None
    with site.redis.client() as client:
        client.flushall()
    ninety_days_pass(site, run_id)
    site.up(workers=2)
    site.quiet()
    found = site.journal.runs.get(run_id)
    assert found is not None
    run, rows = found
    assert run.status is RunStatus.SUCCEEDED
    [nap] = [row for row in rows if row.path == "nap"]
    [after] = [row for row in rows if row.path == "after"]
    assert nap.begun_at is not None
    assert after.started_at is not None
    late = after.started_at - (nap.begun_at + WAIT_MS)
    assert 0 <= late <= LATE_MS, f"it woke {late} ms after its time"
    assert run.claim_no == 2, "it was taken up to begin, and to go on after the wait"
    check(site.history()).require(accepted=1, faults=3)


def ninety_days_pass(site: Site, run_id: str) -> None:
    """All but LEFT_MS of the wait: its beginning and its end move into the past."""
    with writing(site.journal.engine) as db:
        left = (
            db.execute(text("SELECT due_at FROM runs WHERE id = :run"), {"run": run_id}).scalar_one()
            - site.journal.now()
        )
        assert left > WAIT_MS - DAY_MS, "nothing is proven: the run does not wait for 90 days"
        ms = {"run": run_id, "ms": left - LEFT_MS}
        db.execute(text("UPDATE runs SET due_at = due_at - :ms WHERE id = :run"), ms)
        db.execute(text("UPDATE steps SET begun_at = begun_at - :ms WHERE run_id = :run AND path = 'nap'"), ms)


def nothing_of(site: Site, run_id: str) -> bool:
    """Whether Redis holds nothing that names the run."""
    assert site.redis is not None
    with site.redis.client() as client:
        held = [client.dump(key) or b"" for key in client.scan_iter()]
        return all(run_id.encode() not in value for value in held)
