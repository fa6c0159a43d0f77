"""The YAML reader keeps exact places, refuses what would be read otherwise than it looks, and is stopped by no input."""

from __future__ import annotations

import pytest
import yaml

from engine.flow import codes
from engine.flow.document import Document, Findings
from engine.flow.yaml import MAX_BYTES, read_yaml


@pytest.fixture(params=[yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.flow.yaml._LOADER", request.param)


def read(source: str | bytes) -> tuple[Document | None, list[str]]:
    findings = Findings()
    document = read_yaml(source, "a.yaml", findings)
    return document, [f"{f.place.line}:{f.place.column} {f.code}" for f in findings.found]


def document_of(source: str | bytes) -> Document:
    document, found = read(source)
    assert document is not None
    assert found == []
    return document


def place(document: Document, *path: str | int) -> tuple[int, int]:
    found = document.values[path]
    return found.line, found.column


def test_data_are_plain_json() -> None:
    source = "a: 1\nb: [x, true, ~, {c: 1.5}]\non: yes\nd: '1'\n? plain\n: text\n"
    assert document_of(source).data == {
        "a": 1,
        "b": ["x", True, None, {"c": 1.5}],
        "on": "yes",
        "d": "1",
        "plain": "text",
    }


def test_places_of_values_begin_inside_of_quotes_and_blocks() -> None:
    document = document_of(
        'plain: x\ndouble: "x"\nsingle: \'x\'\nliteral: |\n\n    x\nfolded: >-\n  x\nlist:\n  - è: "é"\n    f: g\n'
    )
    assert place(document, "plain") == (1, 8)
    assert place(document, "double") == (2, 10)
    assert place(document, "single") == (3, 10)
    assert place(document, "literal") == (5, 5), "the empty line belongs to the text"
    assert place(document, "folded") == (8, 3)
    assert place(document, "list", 0) == (10, 5)
    assert place(document, "list", 0, "è") == (10, 9)
    assert document.keys["list", 0, "f"].column == 5


def test_places_survive_a_byte_order_mark_and_windows_line_ends() -> None:
    document = document_of(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert place(document, "a") == (1, 4)
    assert place(document, "b") == (2, 4)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", [f"1:1 {codes.ONE_DOCUMENT}"]),
        ("# only a comment\n", [f"1:1 {codes.ONE_DOCUMENT}"]),
        ("a: 1\n---\nb: 2\n", [f"2:1 {codes.ONE_DOCUMENT}"]),
        ("a: 1\nb: 2\na: 3\n", [f"3:1 {codes.DUPLICATE_KEY}"]),
        ("a: {b: 1, b: 2, b: 3}\n", [f"1:11 {codes.DUPLICATE_KEY}", f"1:17 {codes.DUPLICATE_KEY}"]),
        ("a:\n  1: x\n  true: y\n  null: z\n", [f"2:3 {codes.KEY_NOT_TEXT}", f"3:3 {codes.KEY_NOT_TEXT}", f"4:3 {codes.KEY_NOT_TEXT}"]),
        (": x\n", [f"1:1 {codes.SYNTAX}"]),
        (".nan: x\n", [f"1:1 {codes.KEY_NOT_TEXT}"]),
        ("? [a, b]\n: c\n", [f"1:3 {codes.KEY_NOT_TEXT}"]),
        ("? {a: b}\n: c\n", [f"1:3 {codes.KEY_NOT_TEXT}"]),
        ("b: *x\n", [f"1:4 {codes.ALIAS}"]),
        ("b: *x\na: &x 1\n", [f"1:4 {codes.ALIAS}"]),
        ("a: &x [*x]\n", [f"1:8 {codes.ALIAS}"]),
        ("&k a: 1\n*k : 2\n", [f"1:1 {codes.ALIAS}", f"2:1 {codes.KEY_NOT_TEXT}"]),
        ("a: !secret x\nb: !!python/name:os.system y\nc: !!str 1\n", [f"1:4 {codes.TAG}", f"2:4 {codes.TAG}", f"3:4 {codes.TAG}"]),
        ("a: .nan\nb: -.inf\nc: 1e999\n", [f"1:4 {codes.NUMBER}", f"2:4 {codes.NUMBER}", f"3:4 {codes.NUMBER}"]),
        ("a: x\x07y\n", [f"1:5 {codes.NOT_TEXT}"]),
        ("a: x\u2028y\n", [f"1:5 {codes.NOT_TEXT}"]),
        ("a: b\nc: \ud800\n", [f"2:4 {codes.NOT_TEXT}"]),
        (b"a: 1\nb: \xe8\n", [f"2:4 {codes.NOT_TEXT}"]),
        ("a: 1".encode("utf-16"), [f"1:1 {codes.NOT_TEXT}"]),
        ("#" * (MAX_BYTES + 1), [f"1:1 {codes.TOO_LARGE}"]),
        ("#" + "é" * (MAX_BYTES // 2), [f"1:1 {codes.TOO_LARGE}"]),
        ("[" * 100_000, [f"1:61 {codes.TOO_LARGE}"]),
        ("- " * 100_000, [f"1:121 {codes.TOO_LARGE}"]),
        ("a: [" + "x, " * 20_000 + "]", [f"1:59996 {codes.TOO_LARGE}"]),
    ],
)  # fmt: skip
def test_what_is_refused_has_its_place(source: str | bytes, expected: list[str]) -> None:
    assert read(source)[1] == expected


@pytest.mark.parametrize(
    "source",
    [
        'a: "\\ud800"',
        'a: "\\U99999999"',
        'a: "\\UFFFFFFFF"',
        f"%YAML 1.{'9' * 5000}\n---\na: 1",
        "%YAML 2.0\n---\na: 1",
    ],
)
def test_absurd_escapes_and_versions_are_findings(source: str) -> None:
    document, found = read(source)
    assert found, source
    assert document is None


def test_sixty_levels_and_the_largest_file_are_read() -> None:
    assert document_of("[" * 60 + "]" * 60).data is not None
    assert document_of("a: " + "x" * (MAX_BYTES - 3)).data is not None


def test_a_value_that_was_refused_is_marked_so_that_nobody_judges_it_again() -> None:
    document, _ = read("a: {{ x }}\nb: *x\nc: 1\n")
    assert document is not None
    assert document.broken == {("a",), ("b",)}
    assert document.data == {"a": None, "b": None, "c": 1}
