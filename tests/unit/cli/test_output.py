"""What commands print and how they end: each kind of error has its exit status, and none has a traceback."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from engine.cli.output import Failing, plain, print_table, took
from engine.errors import (
    BusyError,
    ClaimLost,
    DatabaseUnavailable,
    Finding,
    FlowFileError,
    HooklineError,
    NotFoundError,
    Place,
    RedisUnavailable,
    SchemaMismatch,
    SecretError,
    SettingsError,
    UsageError,
)
from engine.sdk.errors import Kind, ServiceError


def ending_of(error: BaseException) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command that raises ``error``."""

    @click.command(cls=Failing)
    def command() -> None:
        raise error

    result = CliRunner().invoke(command)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    "error",
    [UsageError, SettingsError, NotFoundError, BusyError, DatabaseUnavailable, RedisUnavailable, SchemaMismatch],
)
def test_usage_and_environment_end_with_2(error: type[HooklineError]) -> None:
    assert ending_of(error("what is wrong", remedy="what to do")) == (2, "", "error: what is wrong\n  what to do\n")


@pytest.mark.parametrize("error", [SecretError("s"), ClaimLost("c"), ServiceError(Kind.AUTH, "not accepted")])
def test_what_failed_ends_with_1(error: HooklineError) -> None:
    status, _, words = ending_of(error)
    assert status == 1
    assert words.startswith("error: ")


def test_findings_go_to_standard_output_one_on_a_line() -> None:
    place = Place(file="f.yaml", line=3, column=7)
    findings = [
        Finding(place=place, code="E201", message="no such field"),
        Finding(place=place, code="W310", message="may repeat"),
    ]
    assert ending_of(FlowFileError(findings)) == (
        1,
        "f.yaml:3:7: error E201 no such field\nf.yaml:3:7: warning W310 may repeat\n",
        "",
    )


def test_a_bug_of_ours_ends_in_words_without_a_traceback_and_without_a_secret() -> None:
    status, out, words = ending_of(ValueError("token=abcdef123456"))
    assert (status, out) == (1, "")
    assert "Traceback" not in words
    assert "abcdef123456" not in words
    assert words.startswith("error: Hookline itself failed: ValueError: token=")


def test_a_secret_in_an_error_is_hidden() -> None:
    assert "s3cret-value" not in ending_of(UsageError("given Authorization: Bearer s3cret-value"))[2]


def test_clicks_own_endings_stay_clicks() -> None:
    assert ending_of(click.UsageError("no"))[0] == 2
    assert ending_of(click.exceptions.Exit(7))[0] == 7


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – ñ ✓ 日本", "plain – ñ ✓ 日本"),
        ("two\nlines", "two lines"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\x00b\x9bc\u202ed\u2028e", r"a\x00b\x9bc\u202ed\u2028e"),
    ],
)
def test_text_from_outside_is_shown_on_one_line_without_control_characters(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (None, 5, ""),
        (5, None, ""),
        (10, 5, "0 ms"),
        (0, 340, "340 ms"),
        (0, 2_100, "2.1 s"),
        (0, 180_000, "3 min"),
        (0, 13 * 3_600_000, "13 h"),
        (0, 9 * 86_400_000, "9 d"),
    ],
)
def test_durations(start: int | None, end: int | None, words: str) -> None:
    assert took(start, end) == words


def test_a_table_has_aligned_columns_and_cannot_be_forged(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"id": "a", "name": "x\ny"}, {"id": "long", "name": ""}], empty="nothing")
    assert capsys.readouterr() == ("ID    NAME\na     x y\nlong\n", "")


def test_an_empty_table_is_words(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([], empty="nothing")
    assert capsys.readouterr() == ("", "nothing\n")
