"""The conformance suite: what every connector must hold to. Owns the list of checks; what each one asks is in the files beside.

A check is a plain callable that raises AssertionError with a message for the connector's author, so that any test runner will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from engine.sdk.connector import Connector
from engine.sdk.testing import action_checks, connection_checks, trigger_checks
from engine.strictjson import JsonObject

# (body, key, seconds since the epoch) -> the headers that the service would send with the body.
Sign: TypeAlias = "Callable[[bytes, str, int], Mapping[str, str]]"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check; call it to run it."""

    name: str
    run: Callable[[], None] = field(repr=False)

    def __call__(self) -> None:
        self.run()

    def __str__(self) -> str:
        return self.name


def conformance(connector: Connector, *, sign: Sign | None = None, settings: JsonObject | None = None) -> list[Check]:
    """All checks for the connector.

    ``sign`` makes the headers of a genuine delivery; needed if it has triggers. ``settings`` of a connection; needed if one of them
    has no default.
    """
    return [
        Check(name=f"{subject}: {check.__name__.replace('_', ' ')}", run=partial(check, *arguments))
        for subject, check, arguments in _checks(connector, sign, settings or {})
    ]


def _checks(
    connector: Connector, sign: Sign | None, settings: JsonObject
) -> Iterator[tuple[str, Callable[..., None], tuple[object, ...]]]:
    if connector.needs_connection:
        for connection_check in connection_checks.CHECKS:
            yield connector.name, connection_check, (connector,)
        for settings_check in connection_checks.CHECKS_WITH_SETTINGS:
            yield connector.name, settings_check, (connector, settings)
    else:
        for local_check in connection_checks.CHECKS_WITHOUT_CONNECTION:
            yield connector.name, local_check, (connector,)
    for action in connector.actions.values():
        for action_check in action_checks.CHECKS:
            yield f"{connector.name}.{action.name}", action_check, (action,)
    for trigger in connector.triggers.values():
        for trigger_check in trigger_checks.CHECKS:
            yield f"{connector.name}.{trigger.name}", trigger_check, (connector, trigger)
        for signed_check in trigger_checks.SIGNED_CHECKS:
            yield f"{connector.name}.{trigger.name}", signed_check, (connector, trigger, sign)
