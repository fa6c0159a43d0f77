"""Flow files are found in folders, each once, and a path that cannot be read is the caller's error, not the author's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import NotFoundError, UsageError
from engine.flow import codes, read_flows


def text(flow_id: str) -> str:
    return f"id: {flow_id}\nsteps: [{{id: end, stop: {{status: succeeded}}}}]\n"


def names(*paths: Path) -> list[str]:
    return [found.path.name for found in read_flows(paths)]


def test_a_folder_gives_its_flows_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.yaml", "a.yml", "a.test.yaml", ".c.yaml", "readme.md", "sub/d.yaml", ".hidden/e.yaml"):
        (tmp_path / name).write_text(text(name[0] if "/" not in name else name.rpartition("/")[2][0]))
    assert names(tmp_path) == ["a.yml", "b.yaml", "d.yaml"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text("a"))
    (tmp_path / "a.test.yaml").write_text("flow: a\n")
    assert names(tmp_path / "a.yaml", tmp_path, tmp_path / "a.test.yaml") == ["a.yaml"]


def test_a_wrong_file_gives_its_findings_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: [")
    (tmp_path / "b.yaml").write_text(text("b"))
    first, second = read_flows([tmp_path])
    assert first.flow is None
    assert first.findings[0].place.file == str(tmp_path / "a.yaml")
    assert second.flow is not None
    assert second.findings == ()


def test_a_flow_id_that_another_file_has_is_found_in_the_second(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text("same"))
    (tmp_path / "b.yaml").write_text(text("same"))
    first, second = read_flows([tmp_path])
    assert first.flow is not None
    assert second.flow is None
    (finding,) = second.findings
    assert (finding.code, finding.place.line, finding.place.column) == (codes.SAME_FLOW, 1, 5)
    assert f"{tmp_path / 'a.yaml'}:1:5" in finding.message


def test_an_absent_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nothing\.yaml"):
        list(read_flows([tmp_path, tmp_path / "nothing.yaml"]))


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert names(tmp_path) == [], "a pipe in a folder is passed over, for reading it would wait for ever"
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        list(read_flows([tmp_path / "pipe.yaml"]))


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(text("a"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match=r"a\.yaml cannot be read: Permission denied"):
        list(read_flows([tmp_path]))


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        list(read_flows([tmp_path]))
