"""The verdict: the invariants I1 to I8 over a history, after the faults have stopped and everything is quiet.

Owns what each invariant means and naming the run, step or call that breaks it. It reads nothing but the history it is given, and does not
trust the engine's own words where the witness or the client can say it: what was sent is the client's word, what was done the witness's.

    check(site.history()).require(accepted=20, faults=1, retried=1)

    I1  every accepted webhook has exactly one run for each flow that listens; each run has ended, or waits by design
    I2  per run, step and item: one idempotency key at the witness, one completed attempt, one effect, and none of it again
    I3  no call without an attempt that was committed before it arrived
    I4  no step begins before those before it are through; what is final stays as it is
    I5  nothing is written under an old claim; where a worker was paused, refusals were counted
    I6  no sliding window at the witness holds more calls than the budget allows
    I7  ingest and health answer in less than 1 s (p99); with the database down, 503 in less than 2 s
    I8  no canary secret is anywhere
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.faults.breaches import Allowed, Broken
from tests.faults.conduct import answers_of, no_secret, prompt, within_budget
from tests.faults.exactly_once import one_key_and_one_completion, one_run_each, written_ahead
from tests.faults.history import History
from tests.faults.in_order import LOST, fenced, in_order_and_final, refusals

__all__ = ["LOST", "Allowed", "Broken", "Verdict", "check", "refusals", "retried_steps"]


class Verdict:
    """What was found. ``require`` fails with every breach, and when nothing happened."""

    def __init__(self, history: History, broken: Sequence[Broken]) -> None:
        self.history = history
        self.broken = broken

    def require(self, *, accepted: int, faults: int, retried: int = 0, answered: int = 0) -> None:
        """At least so many accepted webhooks, faults that were really applied, and steps that were really called or tried again.

        ``answered``: so many answers of ingest and of each health check that was asked, for tests of promptness (I7).
        """
        assert not self.broken, "\n".join(map(str, self.broken[:30]))
        found = len({delivery.id for delivery in self.history.sent if delivery.accepted})
        assert found >= accepted, f"nothing is proven: {found} webhooks were accepted, wanted {accepted}"
        assert len(self.history.faults) >= faults, (
            f"nothing is proven: wanted {faults} faults, had {self.history.faults}"
        )
        answers = Counter(answer.path for answer in answers_of(self.history))
        few = {path: number for path, number in answers.items() if number < answered}
        assert not few, f"nothing is proven: wanted {answered} answers of each, had {few}"
        assert answers or not answered, "nothing is proven: nobody asked"
        again = retried_steps(self.history)
        assert len(again) >= retried, f"nothing is proven: wanted {retried} steps done again, had {sorted(again)}"


def check(history: History, allowed: Allowed | None = None) -> Verdict:
    """Judge everything."""
    allowed = allowed or Allowed()
    found = [
        *one_run_each(history, allowed),
        *one_key_and_one_completion(history, allowed),
        *written_ahead(history),
        *in_order_and_final(history),
        *fenced(history, allowed),
        *within_budget(history),
        *prompt(history, allowed),
        *no_secret(history),
    ]
    return Verdict(history, found)


def retried_steps(history: History) -> frozenset[str]:
    """Names of what was called more than once, or tried more than once."""
    calls = Counter((call.name, call.place) for call in history.calls if call.name)
    again = {name for (name, _), count in calls.items() if count > 1}
    return frozenset(again | {f"{row.run} {row.path}" for row in history.steps if row.attempt > 1})
