"""The fixtures of earlier releases. Owns reading them; ``tests.upgrade.record`` makes them."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
REVISIONS = tuple(sorted(folder.name for folder in FOLDER.iterdir() if (folder / "sqlite").is_dir()))
"""Schemas of which there are fixtures."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """What a release asked in one transaction: texts with their parameters, and whether these are several rows of one statement."""

    story: str
    reads: bool
    statements: Sequence[tuple[str, Any, bool]]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release's fixture on one kind of database."""

    revision: str
    kind: str

    @property
    def _folder(self) -> Path:
        return FOLDER / self.revision / self.kind

    def restore(self, url: str) -> None:
        """Make the database at ``url``, which is empty, what the release left."""
        script = (self._folder / "database.sql").read_text()
        if self.kind == "sqlite":
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
                db.executescript(script)
                db.execute("PRAGMA journal_mode=WAL")
            return
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(script.encode())

    @cached_property
    def _facts(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads((self._folder / "facts.json").read_text())
        return found

    @property
    def runs(self) -> Mapping[str, Sequence[str]]:
        """The runs that were started, by flow."""
        return self._facts["runs"]  # type: ignore[no-any-return]

    @property
    def asked(self) -> Sequence[tuple[str, str, str | None]]:
        """What the shop was asked, in order: the step's name, the method, the idempotency key."""
        return [(name, method, key) for name, method, key in self._facts["asked"]]

    @cached_property
    def transactions(self) -> Sequence[Transaction]:
        """All that the release asked of the database while it made the fixture, in order of commit."""
        heard = json.loads((self._folder / "statements.json").read_text())
        return [
            Transaction(
                story=item["story"],
                reads=item["reads"],
                statements=[(heard["sql"][index], _given(given), many) for index, given, many in item["statements"]],
            )
            for item in heard["transactions"]
        ]


def _given(value: Any) -> Any:
    """Parameters as the driver takes them."""
    match value:
        case {"base64": str(text), **rest} if not rest:
            return base64.b64decode(text)
        case dict():
            return {name: _given(item) for name, item in value.items()}
        case list():
            return [_given(item) for item in value]
        case _:
            return value
