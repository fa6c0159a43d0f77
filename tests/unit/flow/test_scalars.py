"""Plain scalars follow the core rules of YAML 1.2, so that a flow means what it shows."""

from __future__ import annotations

import math

import pytest

from engine.flow.scalars import NotANumber, resolve


@pytest.mark.parametrize(
    "text",
    ["on", "off", "yes", "no", "y", "n", "On", "12:30:00", "2026-01-01", "010", "+010", "01.5", "1_000", "0b11", "0o8", "0xg", "1.2.3", "-", "+", ".", "e3", "tRUE", "nULL", "1e", "٣"],
)  # fmt: skip
def test_stays_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("+3", 3),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-0.0", -0.0),
        ("5.", 5.0),
    ],
)
def test_is_a_value_of_its_own_type(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_minus_zero_keeps_its_sign() -> None:
    found = resolve("-0.0")
    assert isinstance(found, float)
    assert math.copysign(1, found) == -1


@pytest.mark.parametrize(
    "text", [".nan", ".NaN", ".inf", "-.INF", "+.Inf", "1e999", "-1e999", "9" * 301, "0x" + "f" * 301]
)
def test_what_json_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(NotANumber, match="quote it if it is text"):
        resolve(text)


def test_an_integer_of_three_hundred_digits_is_exact() -> None:
    assert resolve("9" * 300) == 10**300 - 1
