"""Builds ``wait``. Owns its three forms and what each takes; when the waiting is over is decided elsewhere."""

from __future__ import annotations

import re
from datetime import datetime

from engine.expressions import Expression, Value
from engine.flow import codes, words
from engine.flow.model import AwaitedEvent, Step, WaitStep
from engine.flow.node import Node, shown
from engine.flow.places import places_of
from engine.flow.scope import Common, Scope
from engine.flow.uses import condition_of, connection_of, settings_of, uses_of

_FORM = "wait: {for: 90m} (or until: an instant, or event: {uses: calendly.invitee})"
_EVENT_FORM = "event: {uses: calendly.invitee, with: {events: [invitee.canceled]}}"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d.*)?", re.ASCII | re.DOTALL)


def wait(node: Node, scope: Scope, common: Common) -> Step | None:
    given = node.required("wait", _FORM)
    if given is None or _is_shorthand(given) or not given.is_mapping(_FORM):
        return None
    given.keys_are("wait", words.WAIT_KEYS)
    forms = [key for key in ("for", "until", "event") if given.child(key) is not None]
    if len(forms) != 1:
        _refuse_forms(given, forms)
        return None
    duration, until, event = (given.child(key) for key in ("for", "until", "event"))
    timeout_ms = _timeout(given, event)
    built = WaitStep(
        **common,
        duration=_duration(duration) if duration is not None else None,
        until=_instant(until) if until is not None else None,
        event=_event(event, scope) if event is not None else None,
        timeout_ms=timeout_ms,
    )
    return None if built.duration is None and built.until is None and built.event is None else built


def _is_shorthand(given: Node) -> bool:
    """Whether it is what authors write who know the word from elsewhere; a finding says how it is written here."""
    data = given.data
    if isinstance(data, bool):
        said = f"wait: {str(data).lower()} belongs to a step with flow; to wait write   {_FORM}"
    elif isinstance(data, str) and data.strip():
        form = "until" if _INSTANT.fullmatch(data.strip()) else "for"
        said = f"wait takes keys and values; write   wait: {{{form}: {shown(data)}}}"
    else:
        return False
    given.refuse(codes.WRONG_TYPE, said)
    return True


def _refuse_forms(given: Node, forms: list[str]) -> None:
    if forms:
        second = given.child(forms[1]) or given
        said = f"wait has {' and '.join(forms)}, but takes one of them; make two steps of it"
        given.refuse(codes.ONE_KIND, said, second.key_place)
    elif all(key in words.WAIT_KEYS for key, _ in given.children()):
        given.refuse(codes.ONE_KIND, f"wait does not say for what; write   {_FORM}")


def _timeout(given: Node, event: Node | None) -> int | None:
    timeout = given.child("timeout")
    if timeout is None:
        return None
    if event is None:
        said = "timeout limits the wait for an event, and there is none here; wait for: and until: end by themselves"
        timeout.refuse(codes.NO_EFFECT, said, timeout.key_place)
        return None
    return timeout.duration()


def _duration(node: Node) -> int | Value | None:
    if isinstance(node.data, str) and "{{" in node.data:
        return node.value()
    return node.duration()


def _instant(node: Node) -> Expression | None:
    """An expression; text that looks like an instant is one, not a sum."""
    text = node.data.strip() if isinstance(node.data, str) else ""
    if not _INSTANT.fullmatch(text):
        return node.expression("until: trigger.payload.scheduled_event.start_time")
    said = _mistake(text)
    if said is None:
        return node.literal(text)
    node.refuse(codes.INSTANT, said)
    return None


def _mistake(text: str) -> str | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return f"{shown(text)} is not an instant; write for instance   until: 2026-12-24T18:00:00+01:00"
    if instant.tzinfo is not None:
        return None
    clock = f"{instant:%Y-%m-%dT%H:%M:%S}"
    return f"{shown(text)} has no offset, so that it is another instant in every time zone; write   until: {clock}+01:00 (or {clock}Z for UTC)"


def _event(node: Node, scope: Scope) -> AwaitedEvent | None:
    if not node.is_mapping(_EVENT_FORM):
        return None
    timeout = node.child("timeout")
    if timeout is not None:
        timeout.refuse(
            codes.UNKNOWN_KEY, "timeout stands beside event, not in it; move it one level up", timeout.key_place
        )
    node.keys_are("event", words.EVENT_KEYS, ignored=["timeout"])
    uses = uses_of(node, "trigger")
    if uses == words.MANUAL:
        (node.child("uses") or node).refuse(
            codes.BAD_USES, "manual is no event that can be awaited; name a trigger of a connector"
        )
    if "event" in scope.loops:
        said = "the loop around this calls its variable event, which would hide the awaited event; write   as: and another name there"
        node.refuse(codes.RESERVED_ID, said, node.key_place)
    given, condition = settings_of(node), condition_of(node)
    connection = connection_of(node, uses, scope.aliases)
    if uses is None:
        return None
    return AwaitedEvent(
        uses=uses, connection=connection, given=given, condition=condition, place=node.place, places=places_of(node)
    )
