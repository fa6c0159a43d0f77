"""I6 to I8: how the system behaves towards others: budgets, promptness, secrecy."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.faults.breaches import Allowed, Broken, words
from tests.faults.history import Answer, History
from tests.faults.witness import Call

ANSWERED_WITHIN = 1.0
ENOUGH = 100
"""Of fewer answers there is no 99th percentile: a test of promptness asks for as many (``require(answered=…)``)."""
REFUSED_WITHIN = 2.0


# I6


def within_budget(history: History) -> Iterator[Broken]:
    by_label: dict[str, list[Call]] = defaultdict(list)
    for call in sorted(history.calls, key=lambda call: call.at):
        by_label[call.connection].append(call)
    for label, windows in history.budgets.items():
        calls = by_label[label]
        for window in windows:
            for first, beyond in zip(calls, calls[window.limit :], strict=False):
                if beyond.at - first.at < window.seconds:
                    what = f"{window.limit + 1} calls on {label} within {beyond.at - first.at:.3f} s, allowed are {window}: {words(first)} to {words(beyond)}"
                    yield Broken(invariant="I6", what=what)


# I7


def prompt(history: History, allowed: Allowed) -> Iterator[Broken]:
    up = [answer for answer in answers_of(history) if answer.status is not None and not _was_down(history, answer)]
    for path in sorted({answer.path for answer in up}):
        took = sorted(answer.took for answer in up if answer.path == path)
        if len(took) < ENOUGH:
            continue
        p99 = took[max(0, math.ceil(len(took) * 0.99) - 1)]
        if p99 >= ANSWERED_WITHIN * allowed.slower:
            yield Broken(invariant="I7", what=f"{path} answered in {p99:.2f} s (p99 of {len(took)})")
    for answer in answers_of(history):
        # One that began before the database went away, or ended after it came back, may have been served.
        if not _was_down(history, answer) or answer.path == "/healthz":
            continue
        if answer.status != 503:
            yield Broken(invariant="I7", what=f"{answer.path} was answered {answer.status} while the database was down")
        if answer.took >= REFUSED_WITHIN * allowed.slower:
            yield Broken(
                invariant="I7", what=f"{answer.path} took {answer.took:.2f} s to say that the database is down"
            )


def answers_of(history: History) -> Sequence[Answer]:
    sent = [Answer(path="ingest", at=item.at, took=item.took, status=item.status) for item in history.sent]
    return [*history.answers, *sent]


def _was_down(history: History, answer: Answer) -> bool:
    return any(begin <= answer.at and answer.at + answer.took <= end for begin, end in history.down)


# I8


def no_secret(history: History) -> Iterator[Broken]:
    for name, secret in history.secrets.items():
        for place, content in history.places.items():
            if secret.encode() in content:
                yield Broken(invariant="I8", what=f"the {name} stands in {place}")
