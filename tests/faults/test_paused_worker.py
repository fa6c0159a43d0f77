"""Promise 6. The fault: a worker is frozen (SIGSTOP) past its lease, others go on with its runs, and it continues (SIGCONT).

What must hold: everything that it writes is refused, and refusals are counted; no call leaves it any more for a run that others have; what the
others did stays as it is; and it is as good a worker as before.
"""

from __future__ import annotations

from engine.core.statuses import RunStatus
from tests.faults import misbehaviour
from tests.faults.checker import Allowed, check, refusals
from tests.faults.site import Site, flow, soon, step
from tests.faults.together import together

SIDE_BY_SIDE = 6
"""All of them: they wait for leases."""

RUNS = 6
PAUSED = Allowed(paused=True)


def lost(site: Site) -> int:
    return refusals(site.history(leaks=False))


@together
def test_what_a_worker_writes_after_others_have_ended_its_runs_is_refused(site: Site) -> None:
    site.deploy(flow(steps=step("put", "put") + step("slow", "pay") + step("mark", "mark")))
    frozen = site.up()[-1]
    site.witness.misbehave("POST /payments", misbehaviour.delay(1), times=RUNS)
    with site.watch() as watch:
        site.client.send_many(site.hook(), [f"e{number}" for number in range(RUNS)])
        soon(lambda: len(site.witness.calls_of("POST /payments")) == RUNS)
        frozen.pause()
        other = site.worker()
        site.quiet()
        ended = site.statuses()
        frozen.resume()
        soon(lambda: lost(site) == RUNS, saying=lambda: frozen.log)
        assert site.statuses() == ended == dict.fromkeys(ended, RunStatus.SUCCEEDED)
        # Only the one that was frozen is left, and it works.
        assert other.stop() == 0
        site.client.send(site.hook(), "later")
        site.quiet()
    check(site.history(watch=watch), PAUSED).require(accepted=RUNS + 1, faults=2, retried=RUNS)


@together
def test_what_a_worker_writes_while_others_execute_its_runs_is_refused(site: Site) -> None:
    site.deploy(flow(steps=step("put", "put") + step("slow", "pay") + step("mark", "mark")))
    frozen = site.up()[-1]
    site.witness.misbehave("POST /payments", misbehaviour.delay(1), times=RUNS)
    with site.watch() as watch:
        site.client.send_many(site.hook(), [f"e{number}" for number in range(RUNS)])
        soon(lambda: len(site.witness.calls_of("POST /payments")) == RUNS)
        frozen.pause()
        site.witness.misbehave("POST /payments", misbehaviour.delay(4))
        site.worker()
        soon(lambda: len(site.witness.calls_of("POST /payments")) == 2 * RUNS)
        frozen.resume()
        soon(lambda: lost(site) == RUNS, saying=lambda: frozen.log)
        assert set(site.statuses().values()) == {RunStatus.RUNNING}, "the others were at it while it was refused"
        site.quiet()
    assert set(site.statuses().values()) == {RunStatus.SUCCEEDED}
    check(site.history(watch=watch), PAUSED).require(accepted=RUNS, faults=2, retried=RUNS)


@together
def test_a_call_that_had_not_left_before_the_pause_does_not_leave_after_it(site: Site) -> None:
    """The worst instant: the attempt is written, the call is about to leave, and the lease ends before it does.

    Others ask the service, hear that it did not happen, and do it. What leaves the worker now would be a second effect.
    """
    site.deploy(flow(steps=step("put", "put") + step("mark", "mark")))
    site.web()
    site.scheduler()
    # The thread naps where the point is, so that the freeze meets it there.
    frozen = site.worker(failpoint="open.after-commit:2:sleep=3")
    with site.watch() as watch:
        site.client.send(site.hook(), "e1")
        soon(lambda: any(row.path == "mark" for row in site.history(leaks=False).steps))
        frozen.pause()
        assert site.witness.calls_of("POST /marks") == []
        site.worker()
        site.quiet()
        frozen.resume()
        soon(lambda: lost(site) == 1, saying=lambda: frozen.log)
    assert len(site.witness.calls_of("POST /marks")) == 1
    check(site.history(watch=watch), PAUSED).require(accepted=1, faults=2)
