"""Arguments of commands: inputs become what the flow declares, and a secret is taken from standard input only."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from engine.cli import COMMANDS, cli
from engine.cli.run import read_inputs
from engine.errors import UsageError
from engine.flow.load import load_flow
from engine.runtime.manual import given_inputs
from engine.strictjson import Json

FLOW = load_flow(
    """\
id: typed
name: Typed
inputs:
  s: {type: string, default: ""}
  i: {type: integer, default: 0}
  n: {type: number, default: 0}
  b: {type: boolean, default: false}
  l: {type: list, default: []}
  o: {type: object, default: {}}
steps:
  - {id: a, set: {x: 1}}
""",
    "typed.yaml",
)


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("s=text", "text"),
        ("s=", ""),
        ("s=007", "007"),
        ("s=15", "15"),
        ("s=true", "true"),
        ("s=null", "null"),
        ('s="15"', "15"),
        ("s=a=b", "a=b"),
        ("s=[1,2]", "[1,2]"),
        ("i=15", 15),
        ("n=1.5", 1.5),
        ("n=2", 2),
        ("b=true", True),
        ("l=[1, 2]", [1, 2]),
        ('o={"a": 1}', {"a": 1}),
    ],
)
def test_an_input_becomes_what_the_flow_declares(assignment: str, value: Json) -> None:
    given = read_inputs(FLOW, (assignment,))
    name = assignment.partition("=")[0]
    assert given[name] == value
    assert type(given[name]) is type(value)
    assert given_inputs(FLOW, given)[name] == value


@pytest.mark.parametrize("assignment", ["i=abc", "i=1.5", "b=yes", "b=1", "l={}", "o=[]", "i=", "n=NaN"])
def test_an_input_of_another_type_is_refused_with_the_type_that_is_wanted(assignment: str) -> None:
    with pytest.raises(UsageError, match=r"needs (integer|boolean|list|object|number), got"):
        given_inputs(FLOW, read_inputs(FLOW, (assignment,)))


@pytest.mark.parametrize("assignment", ["novalue", "=5", ""])
def test_an_input_without_a_name_or_a_value_is_refused(assignment: str) -> None:
    with pytest.raises(UsageError, match="expected NAME=VALUE"):
        read_inputs(FLOW, (assignment,))


def test_the_last_of_two_equal_inputs_counts() -> None:
    assert read_inputs(FLOW, ("i=1", "i=2")) == {"i": 2}


@pytest.mark.parametrize("arguments", [[name] for name in COMMANDS] + [[], ["runs", "show"], ["connection", "add"]])
def test_every_command_has_help(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.stdout
    assert "hookline " in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["runs", "list", "--status", "failed,unknown"],
        ["runs", "list", "--limit", "0"],
        ["check"],
        ["connection", "add", "only-a-name"],
        ["check", "x.yaml", "--format", "xml"],
    ],
)
def test_wrong_usage_ends_with_2_and_words_on_standard_error(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


def test_a_status_that_does_not_exist_is_answered_with_those_that_do() -> None:
    result = CliRunner().invoke(cli, ["runs", "list", "--status", "done"])
    assert "'done' is none of queued, running, parked, succeeded" in result.stderr


def test_no_option_of_any_command_takes_a_secret() -> None:
    from engine.cli.connection import connection

    names = {name for command in connection.commands.values() for item in command.params for name in item.opts}
    assert names == {
        *{"name", "connector", "--set", "--secrets-stdin", "--no-test"},
        *{"--json", "--force", "--yes"},
    }


class TestSecretsOnStandardInput:
    """``parsed_secrets`` is given bytes as a program wrote them."""

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (b"abc\n", {"token": "abc"}),
            (b"  abc  \r\n\n", {"token": "abc"}),
            (b'{"token": "abc"}', {"token": "abc"}),
            (b"12345", {"token": "12345"}),
            (b"{not-json", {"token": "{not-json"}),
        ],
    )
    def test_one_secret_may_stand_alone(self, text: bytes, found: Mapping[str, Json]) -> None:
        from engine.cli.connection import parsed_secrets

        assert parsed_secrets(text, ["token"]) == found

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            (b"abc\n", ["user", "password"]),
            (b"abc\ndef\n", ["token"]),
            (b"\xff\xfe", ["token"]),
        ],
    )
    def test_what_cannot_be_read_is_refused_without_being_quoted(self, text: bytes, names: list[str]) -> None:
        from engine.cli.connection import parsed_secrets

        with pytest.raises(UsageError) as refused:
            parsed_secrets(text, names)
        assert "abc" not in str(refused.value)
        assert names[0] in str(refused.value)
