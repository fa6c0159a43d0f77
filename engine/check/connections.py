"""Rule: every trigger, awaited event and action step has a connection of its own connector, and every connection a use. Owns those findings.

Which connector a stored connection belongs to is not in the file, so that only contradictions inside of the file are findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from engine.check import codes
from engine.errors import Finding, Place
from engine.flow.model import ActionStep, AwaitedEvent, Flow, Trigger, WaitStep, all_steps
from engine.sdk.connector import Connector

User: TypeAlias = Trigger | ActionStep | AwaitedEvent


def check(flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for user in _users(flow):
        connector = user.uses.partition(".")[0]
        # Whose connection an unknown connector would need is unknown too.
        if connector not in catalogue:
            continue
        if _calls_a_service(user, catalogue):
            yield from _check_user(user, connector, flow, catalogue, owners)
        elif "connection" in user.places:
            message = f"{user.uses} calls no service and takes no connection; leave out connection:"
            yield Finding(place=_place(user, "connection"), code=codes.WRONG_CONNECTION, message=message)
    yield from _unused(flow, catalogue)


def _check_user(
    user: User, connector: str, flow: Flow, catalogue: Mapping[str, Connector], owners: dict[str, str]
) -> Iterator[Finding]:
    alias = user.connection
    if not alias:
        yield Finding(place=_place(user, "uses"), code=codes.NO_CONNECTION, message=_undeclared(connector, flow))
    elif alias != connector and alias in catalogue and catalogue[alias].needs_connection:
        message = f"{alias!r} is the connection of the connector {alias}; {user.uses} needs one of {connector}"
        yield Finding(place=_place(user, "connection"), code=codes.WRONG_CONNECTION, message=message)
    elif owners.setdefault(alias, connector) != connector:
        message = f"the connection {alias!r} is used for {owners[alias]} already; {user.uses} needs one of {connector}"
        yield Finding(place=_place(user, "connection"), code=codes.WRONG_CONNECTION, message=message)


def _calls_a_service(user: User, catalogue: Mapping[str, Connector]) -> bool:
    """Whether it works on a connection; what its connector does not have is taken to do what most of it does."""
    connector, _, name = user.uses.partition(".")
    if isinstance(user, ActionStep):
        action = catalogue[connector].actions.get(name)
        return action.needs_connection if action is not None else catalogue[connector].needs_connection
    trigger = catalogue[connector].triggers.get(name)
    return trigger.needs_connection if trigger is not None else catalogue[connector].needs_connection


def _users(flow: Flow) -> Iterator[User]:
    yield from flow.triggers
    for step in all_steps(flow):
        if isinstance(step, ActionStep):
            yield step
        elif isinstance(step, WaitStep) and step.event is not None:
            yield step.event


def _place(user: User, key: str) -> Place:
    return user.places.get(key, user.place)


def _undeclared(connector: str, flow: Flow) -> str:
    declared = f"; declared are {', '.join(flow.connections)}, name one with connection:" if flow.connections else ""
    return f"no connection is declared for {connector}; write   connections: {{{connector}: name-of-a-connection}}{declared}"


def _unused(flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    used = {
        user.connection
        for user in _users(flow)
        if user.uses.partition(".")[0] not in catalogue or _calls_a_service(user, catalogue)
    }
    for alias in flow.connections:
        if alias not in used:
            place = flow.places.get(f"connections.{alias}:") or flow.places["connections"]
            yield Finding(place=place, code=codes.UNUSED_CONNECTION, message=f"the connection {alias!r} is not used")
