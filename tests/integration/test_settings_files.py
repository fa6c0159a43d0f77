"""The home and the key on a real disk: who can read them, who makes them, and what is said when they cannot be used."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from engine.errors import SettingsError
from engine.settings import Settings

KEY = "correct-horse-battery-staple-0123456789"


def settings(home: Path, **given: str) -> Settings:
    return Settings.load({"HOOKLINE_HOME": str(home), **{f"HOOKLINE_{name}": value for name, value in given.items()}})


def test_loading_touches_nothing(tmp_path: Path) -> None:
    settings(tmp_path / "home")
    assert list(tmp_path.iterdir()) == []


def test_the_home_is_for_this_user_only(tmp_path: Path) -> None:
    home = settings(tmp_path / "deep" / "home").prepare_home()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert settings(home).prepare_home() == home


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(SettingsError, match=r"HOOKLINE_HOME: given .*file"):
            settings(home).prepare_home()


def test_the_key_is_made_once_for_this_user_only(tmp_path: Path) -> None:
    first = settings(tmp_path / "home").secret_key_text()
    file = tmp_path / "home" / "secret.key"
    assert len(first) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert settings(tmp_path / "home").secret_key_text() == first
    assert settings(tmp_path / "other").secret_key_text() != first


def test_processes_that_make_the_key_at_once_go_on_with_the_same(tmp_path: Path) -> None:
    start, keys = threading.Barrier(8), []

    def make() -> None:
        start.wait()
        keys.append(settings(tmp_path).secret_key_text())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440])
def test_a_key_file_that_others_cannot_touch_is_read(tmp_path: Path, mode: int) -> None:
    file = key_file(tmp_path, f"{KEY}\n", mode)
    assert settings(tmp_path, SECRET_KEY_FILE=str(file)).secret_key_text() == KEY


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o660, 0o604])
def test_a_key_file_that_others_can_touch_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    file = key_file(tmp_path, KEY, mode)
    with pytest.raises(SettingsError, match=f"mode {mode:04o}") as raised:
        settings(tmp_path, SECRET_KEY_FILE=str(file)).secret_key_text()
    assert f"chmod 600 {file}" in str(raised.value)


def test_the_made_key_is_held_to_the_same_mode(tmp_path: Path) -> None:
    settings(tmp_path).secret_key_text()
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(SettingsError, match="mode 0644"):
        settings(tmp_path).secret_key_text()


@pytest.mark.parametrize("content", ["", "short", "\n\n", "zwei Zeilen\n" + KEY])
def test_a_key_file_without_a_usable_key_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    file = key_file(tmp_path, content, 0o600)
    with pytest.raises(SettingsError, match="holds no usable key") as raised:
        settings(tmp_path, SECRET_KEY_FILE=str(file)).secret_key_text()
    assert KEY not in str(raised.value)


def test_a_key_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent cannot be read: No such file"):
        settings(tmp_path, SECRET_KEY_FILE=str(tmp_path / "absent")).secret_key_text()
    binary = tmp_path / "binary"
    binary.write_bytes(os.urandom(64) + b"\xff")
    binary.chmod(0o600)
    with pytest.raises(SettingsError, match="it is not text"):
        settings(tmp_path, SECRET_KEY_FILE=str(binary)).secret_key_text()


def key_file(folder: Path, content: str, mode: int) -> Path:
    file = folder / "key"
    file.write_text(content)
    file.chmod(mode)
    return file
