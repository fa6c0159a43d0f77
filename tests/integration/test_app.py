"""The parts as a process builds them from its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.app import OWNER, App
from engine.errors import SchemaMismatch, SecretError
from engine.journal.schema import migrate
from engine.settings import Settings


def settings(home: Path) -> Settings:
    return Settings.load({"HOOKLINE_HOME": str(home)})


def test_without_a_schema_the_journal_says_what_to_do(tmp_path: Path) -> None:
    with App(settings(tmp_path)) as app, pytest.raises(SchemaMismatch, match="hookline migrate"):
        _ = app.journal


def test_a_key_is_made_at_first_use_and_stays(tmp_path: Path) -> None:
    with App(settings(tmp_path)) as app:
        migrate(app.unchecked_journal.engine)
        sealed = app.keyring.seal("a secret", owner=OWNER, of="c", field="token")
    with App(settings(tmp_path)) as app:
        assert app.keyring.open(sealed, owner=OWNER, of="c", field="token") == "a secret"


def test_a_lost_key_is_not_silently_replaced_by_one_that_opens_nothing(tmp_path: Path) -> None:
    with App(settings(tmp_path)) as app:
        migrate(app.unchecked_journal.engine)
        sealed = app.keyring.seal("a secret", owner=OWNER, of="c", field="token")
        app.journal.connections.save(
            connection_id="c", owner=OWNER, name="n", connector="calendly", settings={}, secrets={"token": sealed}
        )
    (tmp_path / "secret.key").unlink()
    with App(settings(tmp_path)) as app, pytest.raises(SecretError, match="the key is gone") as lost:
        _ = app.keyring
    assert "hookline connection add" in str(lost.value.remedy), "without a copy it goes on with a new key"
    assert not (tmp_path / "secret.key").exists()


def test_the_installed_connectors_are_found_through_their_entry_points(tmp_path: Path) -> None:
    with App(settings(tmp_path)) as app:
        assert app.catalogue["calendly"].title == "Calendly"
