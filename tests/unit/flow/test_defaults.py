"""``defaults`` hold for every action step, and a step's own keys go before them, those of ``retry`` one by one."""

from __future__ import annotations

import pytest

from engine.flow import load_flow
from engine.flow.model import ActionStep, Retry, all_steps

DEFAULTS = """\
id: a
defaults:
  timeout: 10s
  retry: {max_attempts: 4, backoff: fixed, interval: 5s, max_interval: 20s, jitter: false, if: error.kind == 'server'}
  on_uncertain: skip
steps:
"""


def actions(source: str) -> list[ActionStep]:
    return [each for each in all_steps(load_flow(source, "a.yaml")) if isinstance(each, ActionStep)]


def test_every_action_has_them_wherever_it_stands() -> None:
    source = (
        DEFAULTS
        + """\
  - {id: one, uses: a.b}
  - id: two
    foreach: inputs.x
    steps: [{id: three, uses: a.b, on_error: [{id: four, uses: a.b}]}]
on_error: [{id: five, uses: a.b}]
finally: [{id: six, uses: a.b}]
"""
    )
    found = actions(source)
    assert [each.id for each in found] == ["one", "three", "four", "five", "six"]
    for each in found:
        assert (each.timeout_ms, each.on_uncertain) == (10_000, "skip")
        retry = each.retry
        assert (retry.max_attempts, retry.backoff, retry.jitter) == (4, "fixed", False)
        assert (retry.interval_ms, retry.max_interval_ms) == (5_000, 20_000)
        assert retry.condition is not None
        assert retry.condition.text == "error.kind == 'server'"


def test_a_steps_own_words_go_first() -> None:
    own = "  - {id: one, uses: a.b, timeout: 1m, on_uncertain: fail, retry: {max_attempts: 2, jitter: true, if: error.attempt < 2}}\n"
    (found,) = actions(DEFAULTS + own)
    assert (found.timeout_ms, found.on_uncertain) == (60_000, "fail")
    retry = found.retry
    assert (retry.max_attempts, retry.jitter, retry.backoff, retry.interval_ms) == (2, True, "fixed", 5_000)
    assert retry.condition is not None
    assert retry.condition.text == "error.attempt < 2"


@pytest.mark.parametrize(
    ("own", "interval", "most"),
    [
        ("interval: 1s", 1_000, 20_000),
        ("interval: 2m", 120_000, 120_000),
        ("max_interval: 1m", 5_000, 60_000),
        ("max_interval: 1s", 1_000, 1_000),
        ("interval: 1m, max_interval: 2m", 60_000, 120_000),
    ],
)
def test_the_pause_that_a_step_names_moves_the_default_of_the_other(own: str, interval: int, most: int) -> None:
    (found,) = actions(DEFAULTS + f"  - {{id: one, uses: a.b, retry: {{{own}}}}}\n")
    assert (found.retry.interval_ms, found.retry.max_interval_ms) == (interval, most)


def test_one_attempt_of_its_own_switches_the_default_off() -> None:
    (found,) = actions(DEFAULTS + "  - {id: one, uses: a.b, retry: {max_attempts: 1}}\n")
    assert found.retry.max_attempts == 1


def test_what_defaults_leave_out_is_as_without_them() -> None:
    (found,) = actions("id: a\ndefaults: {timeout: 10s}\nsteps: [{id: one, uses: a.b}]\n")
    assert (found.timeout_ms, found.retry, found.on_uncertain) == (10_000, Retry(max_attempts=1), "fail")
    (other,) = actions("id: a\ndefaults: {retry: {interval: 5s}}\nsteps: [{id: one, uses: a.b}]\n")
    assert (other.timeout_ms, other.retry) == (30_000, Retry(interval_ms=5_000))
