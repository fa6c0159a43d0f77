"""Watching flow files: what counts as a change, once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.runtime.watch import Watch


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "a.yaml").write_text("id: a\n")
    (tmp_path / "deeper" / "b.yml").write_text("id: b\n")
    return tmp_path


def test_nothing_has_changed_at_first(flows: Path) -> None:
    assert not Watch(flows).changed()


def test_a_change_is_told_once(flows: Path) -> None:
    watch = Watch(flows)
    (flows / "a.yaml").write_text("id: another\n")
    assert watch.changed()
    assert not watch.changed()


def test_an_edit_that_keeps_the_size_is_a_change(flows: Path) -> None:
    watch = Watch(flows)
    before = (flows / "a.yaml").stat().st_mtime_ns
    (flows / "a.yaml").write_text("id: x\n")
    os.utime(flows / "a.yaml", ns=(before + 1, before + 1))
    assert watch.changed()


@pytest.mark.parametrize("name", ["c.yaml", "deeper/c.yml"])
def test_a_new_file_is_a_change(flows: Path, name: str) -> None:
    watch = Watch(flows)
    (flows / name).write_text("id: c\n")
    assert watch.changed()


def test_a_file_that_went_is_a_change(flows: Path) -> None:
    watch = Watch(flows)
    (flows / "deeper" / "b.yml").unlink()
    assert watch.changed()


def test_a_file_that_was_renamed_is_a_change(flows: Path) -> None:
    watch = Watch(flows)
    (flows / "a.yaml").rename(flows / "renamed.yaml")
    assert watch.changed()


def test_other_files_are_none(flows: Path) -> None:
    watch = Watch(flows)
    (flows / "README.md").write_text("about\n")
    (flows / ".a.yaml.swp").write_text("an editor's\n")
    assert not watch.changed()


def test_one_file_can_be_watched(flows: Path) -> None:
    watch = Watch(flows / "a.yaml")
    (flows / "deeper" / "b.yml").write_text("id: another\n")
    assert not watch.changed()
    (flows / "a.yaml").write_text("id: another\n")
    assert watch.changed()


def test_an_editor_that_replaces_the_file_is_followed(flows: Path) -> None:
    watch = Watch(flows / "a.yaml")
    (flows / "a.yaml").unlink()
    assert watch.changed()
    (flows / "a.yaml").write_text("id: back\n")
    assert watch.changed()


def test_a_link_to_nowhere_is_passed_over(flows: Path) -> None:
    (flows / "dangling.yaml").symlink_to(flows / "gone.yaml")
    assert not Watch(flows).changed()
