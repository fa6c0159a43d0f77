"""How long things are kept: what an operator may write, what it means, and what is said of mistakes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.statuses import RUN_FINAL
from engine.errors import SettingsError
from engine.retention import DAY_MS, REDELIVERED_MS, Retention, retention
from engine.settings import Settings


def test_every_status_with_which_a_run_ends_has_a_time() -> None:
    assert {status.value for status in RUN_FINAL} | {"events", "audit"} == set(Retention().kinds)


def test_what_is_named_changes_and_the_rest_keeps_its_default() -> None:
    found = retention(" succeeded=2w , failed=7d12h, uncertain=forever,events=10080m ")

    assert found == replace(
        Retention(), succeeded=14 * DAY_MS, failed=180 * 3_600_000, uncertain=None, events=7 * DAY_MS
    )


@pytest.mark.parametrize("word", ["off", "forever", "OFF"])
def test_one_word_keeps_everything(word: str) -> None:
    assert retention(word).keeps_all
    assert not retention("succeeded=forever").keeps_all


@pytest.mark.parametrize("text", [str(Retention()), "failed=180h,audit=forever"])
def test_what_is_shown_can_be_given_again(text: str) -> None:
    assert retention(str(retention(text))) == retention(text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("running=30d", "succeeded, failed, uncertain, cancelled, poisoned, events, audit, which 'running=30d' is not"),
        ("30d", "which '30d' is not"),
        ("failed", "a time for failed, such as failed=90d"),
        ("failed=", "a time for failed, such as failed=90d"),
        ("failed=90", "did you mean failed=90d?"),
        ("failed=3 days", "which '3 days' is not"),
        ("failed=-3d", "which '-3d' is not"),
        ("failed=90d,failed=80d", "failed once, not twice"),
        ("failed=1h", "failed of 7d at least: services deliver an event again"),
        ("failed=0d", "failed of 7d at least: services deliver an event again"),
        ("events=6d", "events of 7d at least: services deliver an event again"),
    ],
)
def test_a_mistake_is_said_with_what_was_expected(given: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({"HOOKLINE_RETAIN": given})

    assert f"HOOKLINE_RETAIN: given {given!r}, expected" in str(caught.value)
    assert words in str(caught.value)


def test_an_event_is_known_for_longer_than_calendly_delivers_it_again() -> None:
    assert REDELIVERED_MS >= 7 * DAY_MS
    assert Settings.load({}).retain == Retention()
