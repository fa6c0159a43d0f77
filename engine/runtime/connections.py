"""Connections at run time. Owns opening them (owner check, secrets, connector) and testing them; storing is the journal's."""

from __future__ import annotations

import secrets as random_source
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from engine.errors import ConnectionPaused, NotFoundError, UnavailableError, UsageError
from engine.journal.records import ConnectionRow
from engine.journal.seal import KeyRing
from engine.redaction import Redactor
from engine.runtime.connection_client import ConnectionClient, OpenConnection, Outside
from engine.sdk.connection import ConnectionType
from engine.sdk.connector import Connector
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Http
from engine.strictjson import JsonObject

if TYPE_CHECKING:
    from engine.journal.journal import Journal

TEST_TIMEOUT_MS = 15_000


@dataclass(frozen=True, kw_only=True)
class Connections:
    """Opens and tests the connections of one process."""

    journal: Journal
    keyring: KeyRing
    catalogue: Mapping[str, Connector]
    outside: Outside
    redactor: Redactor

    def row(self, name: str, *, owner: str) -> ConnectionRow:
        """Raises NotFoundError when the owner has no such connection, whoever else may have one."""
        row = self.journal.connections.get(name, owner=owner)
        if row is None:
            raise NotFoundError(
                f"there is no connection called {name!r}", remedy=f"Add it: hookline connection add {name} CONNECTOR"
            )
        return row

    def open(self, name: str, *, owner: str) -> OpenConnection:
        """Raises NotFoundError, SecretError."""
        return self.open_row(self.row(name, owner=owner))

    def open_row(self, row: ConnectionRow) -> OpenConnection:
        opened = {
            field: self.keyring.open(sealed, owner=row.owner, of=row.id, field=field)
            for field, sealed in row.secrets.items()
        }
        self.redactor.add(*opened.values())
        connection = OpenConnection(
            key=row.id,
            owner=row.owner,
            name=row.name,
            connector=self.connector(row.connector),
            settings=row.settings,
            facts=row.facts,
            secrets=opened,
            health=row.health,
            paused=row.paused,
        )
        self.redactor.add(*connection.secret_words)
        return connection

    def note_health(self, opened: OpenConnection, refusal: ServiceError | None) -> None:
        """Keep what a call showed of the credentials, when it is news. A database that fails here must not spoil the call's own outcome."""
        health = "ok" if refusal is None else "failed"
        message = None if refusal is None else self.redactor.text(refusal.message)
        if opened.health != health:
            with suppress(UnavailableError):
                self.journal.connections.note_test(opened.key, health=health, message=message, facts=None)

    def connector(self, name: str) -> Connector:
        if name not in self.catalogue:
            raise NotFoundError(
                f"the connector {name!r} is not installed",
                remedy=f"Installed: {', '.join(sorted(self.catalogue)) or 'none'}",
            )
        return self.catalogue[name]

    def client(self, name: str, *, owner: str, timeout_ms: int = TEST_TIMEOUT_MS) -> Http:
        """A client for calls outside of a run (tests, subscriptions): it waits for its permit in the thread. Raises ConnectionPaused."""
        opened = self.open(name, owner=owner)
        if opened.paused:
            raise ConnectionPaused(
                f"the connection {name!r} is paused, and no call leaves on it",
                remedy=f"Let it work again: hookline connection resume {name}",
            )
        return ConnectionClient(
            opened,
            self.outside,
            ticket=f"outside-{random_source.token_hex(8)}",
            timeout_ms=timeout_ms,
            safe_to_repeat=True,
            before_send=lambda: self.journal.connections.note_call(opened.key),
            note_health=lambda refusal: self.note_health(opened, refusal),
            may_park=False,
            idempotency_key=random_source.token_hex(16),
        )

    def kind(self, connector_name: str) -> ConnectionType:
        """What connections to the connector look like. Raises NotFoundError, and UsageError when it has none."""
        connector = self.connector(connector_name)
        if not connector.needs_connection:
            raise UsageError(
                f"the connector {connector_name!r} calls no service and has no connections",
                remedy=f"Use it in flows as it is: uses: {connector_name}.{next(iter(connector.actions), 'ACTION')}",
            )
        return connector.connection

    def secrets_for(self, connector_name: str, settings: JsonObject) -> Sequence[str]:
        """Names of the secrets that a connection with these settings has. Raises UsageError naming the setting that is wrong."""
        kind = self.kind(connector_name)
        return _secrets_for(kind, _validated(kind.settings, settings))

    def add(
        self, name: str, connector_name: str, *, owner: str, settings: JsonObject, secrets: Mapping[str, str]
    ) -> ConnectionRow:
        """Validate, seal and store; an existing connection of that name gets the new settings and secrets.

        Raises UsageError naming the field that is wrong; the message never holds a secret's value.
        """
        kind = self.kind(connector_name)
        valid_settings = _validated(kind.settings, settings)
        _require_secrets(kind, valid_settings, secrets)
        _validated(kind.secrets, dict(secrets))
        existing = self.journal.connections.get(name, owner=owner)
        if existing is not None and existing.connector != connector_name:
            raise UsageError(f"the connection {name!r} exists and belongs to the connector {existing.connector!r}")
        row_id = existing.id if existing else random_source.token_hex(12)
        sealed = {
            field: self.keyring.seal(value, owner=owner, of=row_id, field=field) for field, value in secrets.items()
        }
        return self.journal.connections.save(
            connection_id=row_id,
            owner=owner,
            name=name,
            connector=connector_name,
            settings=valid_settings,
            secrets=sealed,
        )

    def test(self, name: str, *, owner: str) -> JsonObject:
        """Call the service once; record health and facts. Raises ServiceError with the service's reason."""
        row = self.row(name, owner=owner)
        try:
            facts = self.kind(row.connector).test(self.client(name, owner=owner))
        except ServiceError as error:
            health = "failed" if error.kind in (Kind.AUTH, Kind.PERMISSION) else "unknown"
            self.journal.connections.note_test(row.id, health=health, message=error.message, facts=None)
            raise
        self.journal.connections.note_test(row.id, health="ok", message=None, facts=facts)
        return facts


def _secrets_for(kind: ConnectionType, settings: JsonObject) -> Sequence[str]:
    names = list(kind.secrets.model_fields)
    if kind.secrets_for is None:
        return names
    chosen = kind.secrets_for(settings)
    return [name for name in names if name in chosen]


def _require_secrets(kind: ConnectionType, settings: JsonObject, secrets: Mapping[str, str]) -> None:
    """What the settings call for is there, and nothing else. What no settings decide, the model judges."""
    if kind.secrets_for is None:
        return
    needed = _secrets_for(kind, settings)
    missing, extra = [name for name in needed if name not in secrets], sorted(set(secrets) - set(needed))
    if missing:
        raise UsageError(f"with these settings the connection needs the secret {' and '.join(missing)}")
    if extra:
        raise UsageError(
            f"with these settings the connection has no secret {' or '.join(extra)}",
            remedy=f"Its secrets: {', '.join(needed) or 'none'}",
        )


def _validated(model: type[BaseModel], given: JsonObject) -> JsonObject:
    try:
        dumped: JsonObject = model.model_validate(given).model_dump(mode="json")
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_input=False)
        )
        raise UsageError(f"the connection's fields are not right: {problems}") from None
    return dumped
