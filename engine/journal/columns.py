"""Column types. Owns how a value looks in a column, alike on SQLite and PostgreSQL; knows no table.

PostgreSQL refuses U+0000 in text (and ``\\u0000`` in jsonb), and neither driver encodes a lone surrogate: what could hold one passes
through here. JSON is text whose control characters are escaped.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine import strictjson
from engine.errors import NewerRelease
from engine.strictjson import Json

EnumT = TypeVar("EnumT", bound=StrEnum)

LONGEST_KEY = 500
"""Characters; a PostgreSQL index entry holds about 2,700 bytes (https://www.postgresql.org/docs/current/btree.html)."""


def id_column() -> TypeEngine[str]:
    """Ids sort by their bytes on both databases, so that a prefix is a range of the primary key."""
    return Text().with_variant(Text(collation="C"), "postgresql")


def time_column() -> TypeEngine[int]:
    """Milliseconds since the epoch, UTC: SQLite has no time zones."""
    return BigInteger()


class JsonText(TypeDecorator[Json]):
    """JSON kept as compact text; None is NULL. Raises NotJson for what JSON cannot hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: Dialect) -> str | None:
        return None if value is None else _encodable(strictjson.dump(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Json:
        # Not the strict reader: its caps are for what comes from outside, and what is stored must stay readable.
        return None if value is None else _loads(value)


class Words(TypeDecorator[str]):
    """Text for people to read: a character that cannot be stored is shown by a sign for it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _encodable(value).replace("\0", "\u2400")


class Names(TypeDecorator[frozenset[str]]):
    """A set of names of ours, separated by commas; NULL is the empty set."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str | None:
        return ",".join(sorted(value)) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str]:
        return frozenset(value.split(",")) if value else frozenset()


class Key(TypeDecorator[str]):
    """Text that must be equal for equal values: one that cannot be stored or indexed is replaced by its SHA-256."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else as_key(value)


class EnumText(TypeDecorator[EnumT], Generic[EnumT]):
    """A member of a closed set, by its value. Not PostgreSQL's ENUM, whose members a migration cannot take away.

    Reading a member that this release does not know raises NewerRelease: whoever has to decide on it leaves the row for a process that knows.
    """

    impl = Text
    cache_ok = True

    def __init__(self, members: type[EnumT]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: EnumT | None, dialect: Dialect) -> str | None:
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> EnumT | None:
        return None if value is None else self._member(value)

    def _member(self, value: str) -> EnumT:
        try:
            return self.members(value)
        except ValueError:
            raise NewerRelease(
                f"the database holds the {self.members.__name__} {value!r}, which this release does not know",
                remedy="Upgrade Hookline on this machine to the release that the others run.",
            ) from None


def as_key(value: str) -> str:
    """What a Key column holds for the value."""
    if len(value) <= LONGEST_KEY and "\0" not in value and _encodable(value) == value:
        return value
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _loads(text: str) -> Json:
    value: Any = json.loads(text)
    return value  # type: ignore[no-any-return]
