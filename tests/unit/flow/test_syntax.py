"""What YAML cannot read is explained in the author's words, with the line as it should be, whichever parser gave up."""

from __future__ import annotations

import pytest
import yaml

from engine.errors import Finding
from engine.flow import codes
from engine.flow.document import Findings
from engine.flow.yaml import read_yaml


@pytest.fixture(params=[yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.flow.yaml._LOADER", request.param)


def findings_of(source: str) -> list[Finding]:
    findings = Findings()
    read_yaml(source, "a.yaml", findings)
    return findings.found


def first(source: str) -> tuple[str, str, str]:
    finding = findings_of(source)[0]
    return f"{finding.place.line}:{finding.place.column}", finding.code, finding.message


@pytest.mark.parametrize(
    ("line", "right", "column"),
    [
        ("if: {{ x }}", 'if: "{{ x }}"', 5),
        ("if: {{ x == 'a' }}", "if: \"{{ x == 'a' }}\"", 5),
        ('if: {{ x == "a" }}', "if: '{{ x == \"a\" }}'", 5),
        ("if: {{ x == \"a\" or x == 'b' }}", "if: '{{ x == \"a\" or x == ''b'' }}'", 5),
        ("if: {{ x }}   # why", 'if: "{{ x }}"', 5),
        ("foreach: {{ x[0] }}", 'foreach: "{{ x[0] }}"', 10),
        ("foreach: {{ x | default([]) }}", 'foreach: "{{ x | default([]) }}"', 10),
        ("text: {{ x }} and more", 'text: "{{ x }} and more"', 7),
        ("text: {{ x }}: {{ y }}", 'text: "{{ x }}: {{ y }}"', 7),
        ("- {{ x }}", '- "{{ x }}"', 3),
        ("- text: {{ x }}", '- text: "{{ x }}"', 9),
        ("with: {invitee: {{ x }}}", 'with: {invitee: "{{ x }}"}', 17),
        ('with: {a: {{ x }}, b: "{{ y }}"}', 'with: {a: "{{ x }}", b: "{{ y }}"}', 11),
        ('with: {a: "{{ x }}", b: {{ y[0] }}}', 'with: {a: "{{ x }}", b: "{{ y[0] }}"}', 25),
        ("labels: [{{ x }}, b]", 'labels: ["{{ x }}", b]', 10),
        ("labels: [b, {{ x[0] }}]", 'labels: [b, "{{ x[0] }}"]', 13),
        ("with: {invitee: {{ x[0] }}, b: c}", 'with: {invitee: "{{ x[0] }}", b: c}', 17),
    ],
)
def test_an_expression_without_quotes_is_shown_with_them(line: str, right: str, column: int) -> None:
    place, code, message = first(line + "\n")
    assert (place, code) == (f"1:{column}", codes.UNQUOTED)
    assert f"Instead of   {line}   write   {right}" in message


def test_the_form_with_quotes_is_yaml_that_reads_as_meant() -> None:
    _, _, message = first("if: {{ x == \"a\" or x == 'b' }}\n")
    assert yaml.safe_load(message.partition("write   ")[2]) == {"if": "{{ x == \"a\" or x == 'b' }}"}


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        ("a:\n\tb: 1\n", "2:1", "a tab"),
        ("a:\n  - b: 1\n  \tc: 2\n", "3:3", "a tab"),
        ("a: >\n\tx\n", "2:1", "a tab"),
        ("a:b\nc: d\n", "1:3", "write   a: b"),
        ("- id: a\n  uses:calendly.x\n  with: {}\n", "2:8", "write   uses: calendly.x"),
        ('a: "x\nb: c\n', "1:4", "never closed"),
        ('a: "x\nb: "c"\n', "1:4", "ends only on line 2"),
        ("a: 'x' in y\n", "1:7", "put the whole value in quotes:   a: \"'x' in y\""),
        ('a: "x" in y\n', "1:7", "put the whole value in quotes:   a: '\"x\" in y'"),
        ("a: b: c\n", "1:5", 'put the value in quotes:   a: "b: c"'),
        ("a: 1\n  b: 2\n", "2:3", "deeper than 'a' above"),
        ("a: 1\n b: 2\nc: 3\n", "2:2", "align it with 'a'"),
        ("steps:\n - id: x\n   uses: y\n  with: 3\n", "4:3", "begin it with '- '"),
        ("a:\n    b: 1\n  c: 2\n", "3:3", "indentation"),
        ("- a\nb: 1\n", "2:1", "list that begins on line 1"),
        ("a\nb: 1\n", "1:1", "a key without a colon"),
        ("- id: a\n  uses\n  with: {}\n", "2:3", "a key without a colon"),
        ("a: @x\n", "1:4", "cannot begin with @"),
        ("a: `x`\n", "1:4", "cannot begin with `"),
        ("a: %x\n", "1:4", "cannot begin with %"),
        ("a: *\n", "1:4", "cannot begin with *"),
        ("a: & b\n", "1:4", "cannot begin with &"),
        ("a: !<x y\n", "1:4", "cannot begin with !"),
        ("a: {b: x in ['c']}\n", "1:13", "needs quotes"),
        ("a: [1, 2\nb: 3\n", "2:2", "[ of line 1 is not closed"),
        ("a: {x: 1]\n", "1:9", "{ of line 1 is not closed"),
        ("a: [1, 2", "1:9", "[ of line 1 is not closed"),
        ("a: ]\n", "1:4", "closing bracket without its opening"),
        ("a: b]\nc: }\n", "2:4", "closing bracket without its opening"),
        ("%x\n", "1:1", "beginning with id:"),
        ("a: b\n...\nc: d\n", "3:1", "beginning with id:"),
    ],
)
def test_is_explained_at_its_place(source: str, place: str, words: str) -> None:
    found, code, message = first(source)
    assert code == codes.SYNTAX
    assert words in message
    assert found == place


def test_a_backslash_in_double_quotes_is_explained() -> None:
    _, code, message = first('a: "C:\\query"\n')
    assert code == codes.SYNTAX
    assert "use single quotes" in message


def test_no_message_of_the_parser_reaches_the_author() -> None:
    sources = (
        "a: b: c",
        "a: [",
        "a: }",
        "a: @",
        '"',
        "a: 'x' y",
        "a:\n\tb",
        "%",
        "!",
        "&",
        "*",
        "- a\nb: 1",
        "a\nb: 1",
        "a: 1\n  b: 2",
    )
    said = " ".join(finding.message for source in sources for finding in findings_of(source))
    for words in ("while parsing", "block end", "expected key", "flow node", "simple key", "token"):
        assert words not in said
