"""The conformance suite: what every connector must hold to. Owns the list of checks; what each one asks is in the files beside.

A check is a plain callable that raises AssertionError with a message for the connector's author, so that any test runner will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from engine.sdk.connector import AnyTrigger, Connector
from engine.sdk.testing import action_checks, connection_checks, inbound_checks, timer_checks, trigger_checks
from engine.strictjson import JsonObject

# (body, key, seconds since the epoch) -> the headers that the service would send with the body.
Sign: TypeAlias = "Callable[[bytes, str, int], Mapping[str, str]]"
Parameters: TypeAlias = "Mapping[str, Sequence[JsonObject]]"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check; call it to run it."""

    name: str
    run: Callable[[], None] = field(repr=False)

    def __call__(self) -> None:
        self.run()

    def __str__(self) -> str:
        return self.name


def conformance(
    connector: Connector,
    *,
    sign: Sign | None = None,
    settings: JsonObject | None = None,
    given: Parameters | None = None,
) -> list[Check]:
    """All checks for the connector.

    ``sign`` makes the headers of a genuine delivery; needed if it has webhooks or inbound triggers. ``settings`` of a connection; needed if
    one of them has no default. ``given``: parameters to try of timers, inbound triggers and webhooks with ``missed``, by the trigger's name; needed
    where ``{}`` will not do.
    """
    asked = _Asked(connector, sign, settings or {}, given or {})
    return [
        Check(name=f"{subject}: {check.__name__.replace('_', ' ')}", run=partial(check, *arguments))
        for subject, check, arguments in asked.checks()
    ]


@dataclass(frozen=True)
class _Asked:
    connector: Connector
    sign: Sign | None
    settings: JsonObject
    given: Parameters

    def checks(self) -> Iterator[tuple[str, Callable[..., None], tuple[object, ...]]]:
        connector = self.connector
        if connector.needs_connection:
            for connection_check in connection_checks.CHECKS:
                yield connector.name, connection_check, (connector,)
            for settings_check in connection_checks.CHECKS_WITH_SETTINGS:
                yield connector.name, settings_check, (connector, self.settings)
        else:
            for local_check in connection_checks.CHECKS_WITHOUT_CONNECTION:
                yield connector.name, local_check, (connector,)
        for action in connector.actions.values():
            for action_check in action_checks.CHECKS:
                yield f"{connector.name}.{action.name}", action_check, (action,)
        for trigger in connector.triggers.values():
            for trigger_check in trigger_checks.CHECKS:
                yield f"{connector.name}.{trigger.name}", trigger_check, (connector, trigger)
        yield from self._webhooks()
        yield from self._timers()
        yield from self._inbound()

    def _webhooks(self) -> Iterator[tuple[str, Callable[..., None], tuple[object, ...]]]:
        connector = self.connector
        for trigger in connector.webhooks.values():
            for webhook_check in trigger_checks.WEBHOOK_CHECKS:
                yield f"{connector.name}.{trigger.name}", webhook_check, (connector, trigger)
            for signed_check in trigger_checks.SIGNED_CHECKS:
                yield f"{connector.name}.{trigger.name}", signed_check, (connector, trigger, self.sign)
            if trigger.missed is not None:
                for label, given in self._tried(trigger):
                    yield label, trigger_checks.what_missed_cannot_give_is_a_list_of_texts, (trigger, given)

    def _timers(self) -> Iterator[tuple[str, Callable[..., None], tuple[object, ...]]]:
        for trigger in self.connector.timers.values():
            for label, given in self._tried(trigger):
                for check in timer_checks.CHECKS:
                    yield label, check, (trigger, given)

    def _inbound(self) -> Iterator[tuple[str, Callable[..., None], tuple[object, ...]]]:
        for trigger in self.connector.inbound.values():
            for label, given in self._tried(trigger):
                for check in inbound_checks.CHECKS:
                    yield label, check, (self.connector, trigger, given, self.sign or _nobody_signs)

    def _tried(self, trigger: AnyTrigger) -> Iterator[tuple[str, JsonObject]]:
        for number, given in enumerate(self.given.get(trigger.name, [{}]), start=1):
            yield f"{self.connector.name}.{trigger.name} {number}", given


def _nobody_signs(body: bytes, key: str, at: int) -> Mapping[str, str]:
    raise AssertionError("call conformance(connector, sign=…) with what makes a genuine delivery's headers")
