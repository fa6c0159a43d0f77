"""The text that Prometheus reads: spelt as its format asks, complete, bounded, and adding up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.errors import DatabaseUnavailable
from engine.journal.inspection import LoadFacts
from engine.metrics import ALL, BUILD, MOST_VALUES, Counter, Metric, Metrics, reading, render
from engine.runtime.gauges import KEPT_SECONDS, Gauges
from tests.unit.runtime.outside import Clock

FACTS = LoadFacts(runs={"queued": 3}, overdue=2, late_ms=1_500, subscriptions={"active": 4}, gaps=1)
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\]|\\.)*"\})? \d+(\.\d+)?')


def values(text: str) -> Mapping[str, float]:
    """By name with label."""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


def gauges(counts: Metrics, look: object = lambda: FACTS, clock: Clock | None = None) -> Gauges:
    return Gauges(counts, look, version="1.2.3", clock=clock or Clock())  # type: ignore[arg-type]


def test_every_metric_is_served_under_its_help_and_type_and_each_line_is_as_the_format_asks() -> None:
    text = gauges(Metrics()).text()
    assert text.endswith("\n")
    for metric in ALL:
        assert f"# HELP {metric.name} {metric.summary}\n# TYPE {metric.name} {metric.kind}\n" in text
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: Metric) -> None:
    assert re.fullmatch(r"hookline_[a-z_]+", metric.name)
    assert metric.name.endswith("_total") is (metric.kind == "counter")
    assert not re.search(r"_(ms|milliseconds|minutes)(_|$)", metric.name)


def test_what_is_counted_is_what_is_shown_beside_what_the_journal_says() -> None:
    counts = Metrics()
    counts.events.add(outcome="accepted")
    counts.events.add(outcome="accepted")
    counts.permit_wait_seconds.add(0.25, connection="calendly/team")
    counts.claims_lost.add()
    shown = values(gauges(counts).text())
    assert shown['hookline_events_total{outcome="accepted"}'] == 2
    assert shown['hookline_events_total{outcome="refused"}'] == 0, "shown before it happens, so that its growth is seen"
    assert shown['hookline_permit_wait_seconds_total{connection="calendly/team"}'] == 0.25
    assert shown["hookline_claims_lost_total"] == 1
    assert (shown['hookline_runs{status="queued"}'], shown['hookline_runs{status="failed"}']) == (3, 0)
    assert (shown["hookline_runs_overdue"], shown["hookline_oldest_overdue_seconds"]) == (2, 1.5)
    assert (shown['hookline_subscriptions{state="active"}'], shown["hookline_subscription_gaps"]) == (4, 1)
    assert (shown["hookline_journal_up"], shown['hookline_build_info{version="1.2.3"}']) == (1, 1)


def test_without_the_database_the_counts_are_served_all_the_same() -> None:
    def fail() -> LoadFacts:
        raise DatabaseUnavailable("gone")

    counts = Metrics()
    counts.doorbell_failures.add()
    shown = values(gauges(counts, fail).text())
    assert (shown["hookline_journal_up"], shown["hookline_doorbell_failures_total"]) == (0, 1)
    assert "hookline_runs_overdue" not in shown, "an old number would look like a good one"


def test_the_journal_is_looked_at_once_in_a_while_however_often_it_is_scraped() -> None:
    clock, looks = Clock(), list[int]()

    def look() -> LoadFacts:
        looks.append(1)
        return FACTS

    served = gauges(Metrics(), look, clock)
    for _ in range(3):
        served.text()
    assert len(looks) == 1
    clock.now += KEPT_SECONDS
    served.text()
    assert len(looks) == 2


def test_a_label_with_ever_new_values_does_not_grow_without_end() -> None:
    counter = Counter(Metric(name="hookline_x_total", kind="counter", summary="X", label="connection"))
    for number in range(MOST_VALUES + 50):
        counter.add(connection=f"http/{number}")
    found = counter.read().values
    assert len(found) == MOST_VALUES + 1
    assert found["other"] == 50


def test_a_label_is_escaped() -> None:
    assert 'version="a\\"b\\\\c\\nd"' in render([reading(BUILD, {'a"b\\c\nd': 1})])


@pytest.mark.parametrize("label", [{}, {"status": "x"}, {"outcome": "x", "status": "y"}])
def test_a_count_with_another_label_is_refused(label: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="has the label outcome"):
        Metrics().events.add(**label)


def test_every_metric_is_in_the_operators_guide() -> None:
    guide = (Path(__file__).parents[2] / "docker" / "README.md").read_text()
    assert [metric.name for metric in ALL if f"| `{metric.name}` | {metric.kind} |" not in guide] == []
