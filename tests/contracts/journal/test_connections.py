"""Stored connections belong to their owner."""

from __future__ import annotations

import pytest

from engine.errors import BusyError
from engine.journal.journal import Journal
from engine.journal.records import ConnectionRow


def save(
    journal: Journal, connection_id: str, *, owner: str = "local", name: str = "team", token: str = "sealed"
) -> ConnectionRow:
    return journal.connections.save(
        connection_id=connection_id,
        owner=owner,
        name=name,
        connector="calendly",
        settings={"token_for": token},
        secrets={"token": token},
    )


def test_a_connection_is_found_by_name_under_its_owner_only(journal: Journal) -> None:
    saved = save(journal, "c1", owner="ana")

    assert journal.connections.get("team", owner="ana") == saved
    assert journal.connections.get("team", owner="ben") is None
    assert (saved.health, saved.health_message, saved.facts) == ("unknown", None, {})
    assert saved.created_at == saved.updated_at


def test_two_owners_may_use_the_same_name(journal: Journal) -> None:
    ana, ben = save(journal, "c1", owner="ana", token="a"), save(journal, "c2", owner="ben", token="b")

    assert journal.connections.get("team", owner="ana") == ana
    assert journal.connections.get("team", owner="ben") == ben
    assert journal.connections.list(owner="ben") == [ben]
    assert journal.connections.list() == [ana, ben]


def test_saving_again_replaces_settings_and_secrets_and_keeps_the_facts(journal: Journal) -> None:
    first = save(journal, "c1", token="old")
    journal.connections.note_test("c1", health="ok", message=None, facts={"user": "u"})

    again = save(journal, "c1", token="new")

    assert (again.settings, dict(again.secrets)) == ({"token_for": "new"}, {"token": "new"})
    assert (again.facts, again.created_at) == ({"user": "u"}, first.created_at)
    assert again.health == "unknown"


def test_a_name_that_another_connection_has_is_refused(journal: Journal) -> None:
    kept = save(journal, "c1", token="kept")

    with pytest.raises(BusyError, match="team"):
        save(journal, "c2", token="other")

    assert journal.connections.list() == [kept]


def test_the_id_of_another_owners_connection_is_refused(journal: Journal) -> None:
    kept = save(journal, "c1", owner="ana", token="kept")

    with pytest.raises(BusyError):
        save(journal, "c1", owner="ben", name="mine", token="stolen")

    assert journal.connections.list() == [kept]


def test_a_test_records_health_and_facts(journal: Journal) -> None:
    save(journal, "c1")

    journal.connections.note_test("c1", health="ok", message=None, facts={"user": "u"})
    journal.connections.note_test("c1", health="failed", message="the token is not accepted", facts=None)

    row = journal.connections.get("team", owner="local")
    assert row is not None
    assert (row.health, row.health_message, row.facts) == ("failed", "the token is not accepted", {"user": "u"})


def test_a_connection_that_is_removed_is_gone(journal: Journal) -> None:
    save(journal, "c1")

    assert journal.connections.remove("c1")
    assert journal.connections.get("team", owner="local") is None
    assert not journal.connections.remove("c1")


def test_a_row_does_not_show_its_secrets(journal: Journal) -> None:
    assert "v1.key.text" not in repr(save(journal, "c1", token="v1.key.text")).replace("'token_for': 'v1.key.text'", "")
