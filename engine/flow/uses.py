"""Reads ``uses`` and what stands beside it in steps, triggers and awaited events. Owns their form; which connectors exist is the checker's business."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from engine.expressions import Expression
from engine.flow import codes, words
from engine.flow.document import short
from engine.flow.node import Node, shown
from engine.strictjson import Json

_USES = re.compile(r"[a-z][a-z0-9_-]{0,63}\.[a-z][a-z0-9_]{0,63}", re.ASCII)
_EXAMPLES = {"action": "calendly.get_event_type", "trigger": "calendly.invitee"}


def uses_of(node: Node, what: Literal["action", "trigger"]) -> str | None:
    """``<connector>.<action>`` or ``<connector>.<trigger>``; of a trigger also ``manual``."""
    form = f"uses: {_EXAMPLES[what]}"
    uses = node.required("uses", form)
    text = uses.text(form) if uses is not None else None
    if uses is None or text is None:
        return None
    if _USES.fullmatch(text) or (what == "trigger" and text == words.MANUAL):
        return text
    manual = ", or   uses: manual   for runs that a person starts" if what == "trigger" and "." not in text else ""
    uses.refuse(codes.BAD_USES, f"{shown(text)} is not <connector>.<{what}>; write for instance   {form}{manual}")
    return None


def connection_of(node: Node, uses: str | None, aliases: Mapping[str, str]) -> str:
    """The alias that is named, or the one that equals the connector's name, or "" when there is neither."""
    given = node.child("connection")
    if given is None:
        connector, _, name = (uses or "").partition(".")
        return connector if name and connector in aliases else ""
    alias = given.text("connection: an alias from connections")
    if alias is not None and alias not in aliases:
        declared = f"declared are {short(', '.join(aliases), 200)}" if aliases else "none is declared"
        given.refuse(codes.UNDECLARED, f"the connection {shown(alias)} is not declared under connections ({declared})")
    return alias or ""


def settings_of(node: Node) -> Mapping[str, Json]:
    """What a trigger is given: constants."""
    given = node.optional("with")
    form = "with: followed by what the trigger takes, each as   name: value"
    constant = given is not None and given.is_mapping(form) and given.constant()
    return given.data if constant and given is not None and isinstance(given.data, Mapping) else {}


def condition_of(node: Node) -> Expression | None:
    """The ``if`` of a trigger or of an awaited event."""
    condition = node.child("if")
    return condition.expression() if condition is not None else None
