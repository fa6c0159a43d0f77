"""Which subscription a trigger or an awaited event needs, and which of them runs still need that are pinned to other versions than the
active ones. Owns these two questions; it registers and removes nothing.

A run finishes on the version with which it began. So what its waits listen to has to stay while it is not over, although the flow
has been deployed anew, disabled or taken away meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import NewerRelease
from engine.flow.load import FlowCache
from engine.flow.model import AwaitedEvent, Flow, Trigger
from engine.journal.journal import Journal
from engine.journal.records import SubscriptionRow, VersionAtWork
from engine.runtime.inbound import Wanted, declared, is_inbound, owner_of_address, wanted_of
from engine.sdk.connector import Connector
from engine.strictjson import JsonObject, canonical


def normal_given(catalogue: Mapping[str, Connector], source: Trigger | AwaitedEvent) -> JsonObject:
    """The trigger's ``with:`` with its defaults, so that the same wish in other words is the same subscription."""
    found = declared(source.uses, catalogue)
    if found is None:
        return source.given
    given: JsonObject = found.given.model_validate(source.given).model_dump(mode="json")
    return given


def row_key(catalogue: Mapping[str, Connector], flow: Flow, wanted: Wanted) -> tuple[str, str, JsonObject]:
    """(connection, uses, given) of the subscription that a trigger or an awaited event needs."""
    source = wanted.source
    if is_inbound(source.uses, catalogue):
        return "", source.uses, owner_of_address(flow.id, wanted.id)
    return flow.connections.get(source.connection, source.connection), source.uses, normal_given(catalogue, source)


def trigger_keys(catalogue: Mapping[str, Connector], flows: Iterable[Flow]) -> set[tuple[str, str, str]]:
    """(connection, uses, canonical ``given``) of every subscription that these flows need."""
    found = [row_key(catalogue, flow, wanted) for flow in flows for wanted in wanted_of(flow, catalogue)]
    return {(connection, uses, canonical(given)) for connection, uses, given in found}


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What runs that are not over listen to."""

    journal: Journal
    catalogue: Mapping[str, Connector]
    flows: FlowCache

    def keeps(self, rows: Sequence[SubscriptionRow]) -> frozenset[str]:
        """Ids of those of the rows whose events runs may still wait for. Of an owner with a version that cannot be read here: all rows."""
        versions = self.journal.flows.at_work()
        kept: set[str] = set()
        for version in versions:
            try:
                flow = self._read(version)
                keys = {self._key(flow, wanted) for wanted in self._waits(flow)}
            except NewerRelease:
                kept |= {row.id for row in rows if row.owner == version.owner}
                continue
            kept |= {row.id for row in rows if row.owner == version.owner and _key_of(row) in keys}
        return frozenset(kept)

    def awaited(self, flow_id: str, binding: str) -> Wanted | None:
        """The wait of that name, in a version of the flow that runs are at. Raises NewerRelease when there is one that cannot be read here."""
        for version in self.journal.flows.at_work():
            if version.flow == flow_id:
                for wanted in self._waits(self._read(version)):
                    if wanted.id == binding:
                        return wanted
        return None

    def _read(self, version: VersionAtWork) -> Flow:
        """Raises NewerRelease."""
        return self.flows.deployed(version.digest, version.source, version.file)

    def _waits(self, flow: Flow) -> Iterator[Wanted]:
        return (wanted for wanted in wanted_of(flow, self.catalogue) if wanted.waits)

    def _key(self, flow: Flow, wanted: Wanted) -> tuple[str, str, str]:
        connection, uses, given = row_key(self.catalogue, flow, wanted)
        return connection, uses, canonical(given)


def _key_of(row: SubscriptionRow) -> tuple[str, str, str]:
    return row.connection, row.uses, canonical(row.given)
