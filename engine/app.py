"""Builds the parts from settings. The only file that picks adapters: which database, which Redis, which throttle, which connectors.

Parts are built when they are first asked for, so that a command pays only for what it uses; ``close`` closes what was built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from threading import Event
from time import time
from types import TracebackType
from typing import TYPE_CHECKING

from engine.core.times import clock
from engine.errors import SecretError
from engine.flow.load import FlowCache
from engine.journal.seal import KeyRing
from engine.metrics import Metrics
from engine.redaction import Redactor
from engine.runtime.connection_client import Outside
from engine.runtime.connections import Connections
from engine.runtime.deploy import Deployer
from engine.runtime.ingest import Ingest
from engine.runtime.places import Places, most_of
from engine.runtime.reconciler import Reconciler
from engine.runtime.recovery import Recovery
from engine.runtime.subscriptions import Subscriptions
from engine.sdk.connector import Connector
from engine.sdk.installed import installed_connectors as installed_connectors
from engine.setting_values import KEY_IS_GONE
from engine.settings import Settings

if TYPE_CHECKING:
    # Imported when they are built: they are slow to import, and `hookline check` needs none of them.
    from engine.egress.client import HttpxClient
    from engine.embedded import EmbeddedRedis
    from engine.journal.journal import Journal
    from engine.throttle.redis import RedisThrottle

OWNER = "local"
"""The owner of everything that is made on the command line."""


class App:
    """The parts of one process. Use it as a context manager."""

    def __init__(self, settings: Settings, *, redactor: Redactor | None = None, stopping: Event | None = None) -> None:
        self.settings = settings
        self.redactor = redactor or Redactor()
        self.stopping = stopping or Event()
        self._closing = ExitStack()

    def __enter__(self) -> App:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._closing.close()

    @cached_property
    def journal(self) -> Journal:
        """Raises DatabaseUnavailable, and SchemaMismatch when the schema is not this release's."""
        from engine.journal import schema

        schema.check(self.unchecked_journal.engine)
        return self.unchecked_journal

    @cached_property
    def unchecked_journal(self) -> Journal:
        """The journal whatever its schema, for migrating and for the doctor."""
        from engine.journal.journal import Journal

        if self.settings.is_embedded_database:
            self.settings.prepare_home()
        journal = Journal.open(self.settings.database_url)
        self._closing.callback(journal.close)
        return journal

    @cached_property
    def keyring(self) -> KeyRing:
        """Raises SettingsError; SecretError when the key is gone that sealed what is stored."""
        self._refuse_a_new_key_for_old_secrets()
        text = self.settings.secret_key_text()
        self.redactor.add(text)
        return KeyRing.parse(text)

    def _refuse_a_new_key_for_old_secrets(self) -> None:
        # A key that is silently made anew opens nothing that is stored, and that would show only when a step needs it.
        if self.settings.makes_key and (stored := self.journal.connections.list()):
            raise SecretError(
                f"the key is gone that sealed {len(stored)} stored connections: there is no {self.settings.made_key_file}",
                remedy=KEY_IS_GONE,
            )

    @cached_property
    def catalogue(self) -> Mapping[str, Connector]:
        """As installed_connectors."""
        return installed_connectors()

    @cached_property
    def embedded(self) -> EmbeddedRedis | None:
        """This process's share in the bundled Redis, or None when HOOKLINE_REDIS_URL names another. Raises RedisUnavailable."""
        if self.settings.redis_url is not None:
            return None
        from engine.embedded import EmbeddedRedis

        embedded = EmbeddedRedis.join(self.settings.prepare_home())
        self._closing.callback(embedded.close)
        return embedded

    @property
    def redis_url(self) -> str:
        return self.embedded.url if self.embedded else str(self.settings.redis_url)

    @property
    def broker_url(self) -> str:
        return self.embedded.celery_url if self.embedded else str(self.settings.celery_url)

    @cached_property
    def throttle(self) -> RedisThrottle:
        from engine.throttle.redis import RedisThrottle

        throttle = RedisThrottle(self.redis_url)
        self._closing.callback(throttle.close)
        return throttle

    @cached_property
    def egress(self) -> HttpxClient:
        from engine.egress.client import HttpxClient

        egress = HttpxClient(self.settings.egress_allow)
        self._closing.callback(egress.close)
        return egress

    @cached_property
    def metrics(self) -> Metrics:
        """What this process counts."""
        return Metrics()

    @cached_property
    def outside(self) -> Outside:
        return Outside(
            egress=self.egress,
            throttle=self.throttle,
            age_of_last_call=self._age_of_last_call,
            pause=self.stopping.wait,
            clock=lambda ms: clock(round(time() * 1000) + ms),
            places=Places(most_of(self.settings.worker_threads)),
            metrics=self.metrics,
        )

    def _age_of_last_call(self, owner: str, connection: str, within_ms: int) -> int | None:
        return self.journal.runs.last_call_age(connection, owner=owner, within_ms=within_ms)

    @cached_property
    def connections(self) -> Connections:
        return Connections(
            journal=self.journal,
            keyring=self.keyring,
            catalogue=self.catalogue,
            outside=self.outside,
            redactor=self.redactor,
        )

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(
            connections=self.connections,
            public_url=self.settings.public_url,
            metrics=self.metrics,
            flows=self.flows,
        )

    @cached_property
    def reconciler(self) -> Reconciler:
        return Reconciler(subscriptions=self.subscriptions)

    @cached_property
    def ingest(self) -> Ingest:
        return Ingest(journal=self.journal, keyring=self.keyring, catalogue=self.catalogue, flows=self.flows)

    def recovery(self, ring: Callable[[Sequence[str]], None] = lambda run_ids: None) -> Recovery:
        return Recovery(
            connections=self.connections,
            ingest=self.ingest,
            pause=self.stopping.wait,
            ring=ring,
            metrics=self.metrics,
        )

    @cached_property
    def flows(self) -> FlowCache:
        return FlowCache()

    @cached_property
    def deployer(self) -> Deployer:
        return Deployer(connections=self.connections, subscriptions=self.subscriptions, cache=self.flows, owner=OWNER)
