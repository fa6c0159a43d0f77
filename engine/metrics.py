"""What is counted, and how Prometheus reads it (text format 0.0.4). Owns the names, the counts of one process and their spelling; serves nothing.

Counts are this process's since its start. Gauges that the journal knows are the same in every process; they are read when asked for.
Labels are bounded: outcomes, statuses, connections; never a run's or an event's id, nothing that a stranger types, nothing secret.
Names and units follow https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

MOST_VALUES = 200
"""Values of one label that are kept apart; what comes after them is counted as ``other``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric. ``known``: values of its label that are shown before the first of them happened."""

    name: str
    kind: Literal["counter", "gauge"]
    summary: str
    label: str | None = None
    known: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A metric's values, by the value of its label (``""`` without one)."""

    metric: Metric
    values: Mapping[str, float]


class Counter:
    """A count that only grows. Threads may add to it at once."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self._lock = Lock()
        self._values = dict.fromkeys(metric.known or ([] if metric.label else [""]), 0.0)

    def add(self, amount: float = 1, /, **label: str) -> None:
        """``label``: the metric's label with its value, if it has one."""
        if set(label) != ({self.metric.label} if self.metric.label else set()):
            raise ValueError(f"{self.metric.name} has the label {self.metric.label}, not {', '.join(label) or 'none'}")
        value = next(iter(label.values()), "")
        with self._lock:
            if value not in self._values and len(self._values) >= MOST_VALUES:
                value = "other"
            self._values[value] = self._values.get(value, 0.0) + amount

    def read(self) -> Reading:
        with self._lock:
            return Reading(metric=self.metric, values=dict(self._values))


def _counter(name: str, summary: str, label: str | None = None, known: Sequence[str] = ()) -> Metric:
    return Metric(name=name, kind="counter", summary=summary, label=label, known=known)


def _gauge(name: str, summary: str, label: str | None = None) -> Metric:
    return Metric(name=name, kind="gauge", summary=summary, label=label)


class Metrics:
    """The counters of one process, which its parts add to."""

    def __init__(self) -> None:
        self.events = Counter(EVENTS)
        self.recovered_events = Counter(RECOVERED_EVENTS)
        self.subscription_checks = Counter(SUBSCRIPTION_CHECKS)
        self.subscription_heals = Counter(SUBSCRIPTION_HEALS)
        self.subscription_failures = Counter(SUBSCRIPTION_FAILURES)
        self.gap_failures = Counter(GAP_FAILURES)
        self.permit_waits = Counter(PERMIT_WAITS)
        self.permit_wait_seconds = Counter(PERMIT_WAIT_SECONDS)
        self.throttled_answers = Counter(THROTTLED_ANSWERS)
        self.claims_lost = Counter(CLAIMS_LOST)
        self.doorbell_failures = Counter(DOORBELL_FAILURES)

    def readings(self) -> Iterator[Reading]:
        return (item.read() for item in vars(self).values() if isinstance(item, Counter))


EVENTS = _counter(
    "hookline_events_total",
    "Events that were delivered to this process: accepted, duplicate (known already), or refused (not believed, not usable, or not stored)",
    "outcome",
    ("accepted", "duplicate", "refused"),
)
RECOVERED_EVENTS = _counter(
    "hookline_recovered_events_total",
    "Events that a service was asked for after an outage: accepted, or duplicate (known already)",
    "outcome",
    ("accepted", "duplicate"),
)
SUBSCRIPTION_CHECKS = _counter(
    "hookline_subscription_checks_total",
    "Times that a service was asked after a subscription, by what it said; failed: it could not be asked",
    "result",
    ("active", "altered", "disabled", "missing", "failed"),
)
SUBSCRIPTION_HEALS = _counter(
    "hookline_subscription_heals_total", "Subscriptions that were made anew in the place of another one"
)
SUBSCRIPTION_FAILURES = _counter(
    "hookline_subscription_failures_total",
    "Attempts to register, check, heal or remove a subscription that failed",
)
GAP_FAILURES = _counter(
    "hookline_gap_failures_total", "Attempts to ask a service for what was missed that broke off; they are repeated"
)
PERMIT_WAITS = _counter(
    "hookline_permit_waits_total", "Calls that had to wait for a permit of their connection", "connection"
)
PERMIT_WAIT_SECONDS = _counter(
    "hookline_permit_wait_seconds_total", "Seconds that calls were told to wait for a permit", "connection"
)
THROTTLED_ANSWERS = _counter(
    "hookline_throttled_answers_total", "Answers 429 of services; there should be none", "connection"
)
CLAIMS_LOST = _counter(
    "hookline_claims_lost_total",
    "Segments whose claim was lost to another worker, so that their writes were refused",
)
DOORBELL_FAILURES = _counter(
    "hookline_doorbell_failures_total", "Messages to workers that could not be sent; the scheduler rings again"
)
RUNS = _gauge("hookline_runs", "Runs in the journal, by status", "status")
RUNS_OVERDUE = _gauge("hookline_runs_overdue", "Runs that are due and that nobody has taken")
OLDEST_OVERDUE = _gauge("hookline_oldest_overdue_seconds", "By how much the run that is due longest is overdue")
SUBSCRIPTIONS = _gauge("hookline_subscriptions", "Subscriptions, by state", "state")
GAPS = _gauge("hookline_subscription_gaps", "Subscriptions whose missed events are still to be asked for")
JOURNAL_UP = _gauge(
    "hookline_journal_up", "1 when the database answered; without it the gauges of the journal are absent"
)
BUILD = _gauge("hookline_build_info", "Always 1; the label tells the release", "version")

ALL: Sequence[Metric] = (
    EVENTS,
    RECOVERED_EVENTS,
    SUBSCRIPTION_CHECKS,
    SUBSCRIPTION_HEALS,
    SUBSCRIPTION_FAILURES,
    GAP_FAILURES,
    PERMIT_WAITS,
    PERMIT_WAIT_SECONDS,
    THROTTLED_ANSWERS,
    CLAIMS_LOST,
    DOORBELL_FAILURES,
    RUNS,
    RUNS_OVERDUE,
    OLDEST_OVERDUE,
    SUBSCRIPTIONS,
    GAPS,
    JOURNAL_UP,
    BUILD,
)


def reading(metric: Metric, values: Mapping[str, float] | float) -> Reading:
    return Reading(metric=metric, values=values if isinstance(values, Mapping) else {"": values})


def render(readings: Iterable[Reading]) -> str:
    """The text that Prometheus reads."""
    return "".join(f"{line}\n" for item in readings for line in _lines(item))


def _lines(item: Reading) -> Iterator[str]:
    metric = item.metric
    yield f"# HELP {metric.name} {_help(metric.summary)}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for value, number in sorted(item.values.items()):
        label = f'{{{metric.label}="{_label(value)}"}}' if metric.label else ""
        yield f"{metric.name}{label} {number:.15g}"


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _label(text: str) -> str:
    return _help(text).replace('"', '\\"')
