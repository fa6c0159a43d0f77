"""Durations are read in the forms that authors write, and a number without a unit is not guessed at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.durations import MAX_MS, NotADuration, milliseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", 30_000),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("90m", 5_400_000),
        ("2d", 172_800_000),
        ("1w", 604_800_000),
        ("250ms", 250),
        ("1d2h3m4s5ms", 93_784_005),
        ("PT5M", 300_000),
        ("P1DT12H", 129_600_000),
        ("PT30S", 30_000),
        ("P2W", 1_209_600_000),
        ("365d", MAX_MS),
        (" 5m ", 300_000),
    ],
)
def test_is_read(text: str, expected: int) -> None:
    assert milliseconds(text) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "did you mean 5s"),
        (1.5, "did you mean 1.5s"),
        ("30", "did you mean 30s"),
        (True, "is text"),
        (None, "is text"),
        ([], "is text"),
        ("", "is not a duration"),
        ("P", "is not a duration"),
        ("PT", "is not a duration"),
        ("P1DT", "is not a duration"),
        ("P1Y", "is not a duration"),
        ("5 m", "is not a duration"),
        ("5min", "units are w, d, h, m, s, ms"),
        ("30s5m", "in this order"),
        ("5M", "units are lower-case: 5m"),
        ("1.5h", "is not a duration"),
        ("-5m", "is not a duration"),
        ("٣m", "is not a duration"),
        ("0s", "longer than zero"),
        ("366d", "longer than a year"),
        ("999999999w", "longer than a year"),
        ("9999999999s", "is not a duration"),
    ],
)
def test_is_refused_in_words_that_help(value: object, words: str) -> None:
    with pytest.raises(NotADuration, match=words):
        milliseconds(value)


@given(st.text())
def test_any_text_is_a_duration_within_a_year_or_refused(text: str) -> None:
    try:
        found = milliseconds(text)
    except NotADuration:
        return
    assert 0 < found <= MAX_MS
