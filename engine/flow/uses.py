"""Reads ``uses`` and ``connection``. Owns their form; which connectors exist is the checker's business."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from engine.flow import codes
from engine.flow.document import short
from engine.flow.node import Node, shown

_USES = re.compile(r"[a-z][a-z0-9_-]{0,63}\.[a-z][a-z0-9_]{0,63}", re.ASCII)
_EXAMPLES = {"action": "calendly.get_event_type", "trigger": "calendly.invitee"}


def uses_of(node: Node, what: Literal["action", "trigger"]) -> str | None:
    """``<connector>.<action>`` or ``<connector>.<trigger>``."""
    form = f"uses: {_EXAMPLES[what]}"
    uses = node.required("uses", form)
    text = uses.text(form) if uses is not None else None
    if uses is None or text is None:
        return None
    if _USES.fullmatch(text):
        return text
    uses.refuse(codes.BAD_USES, f"{shown(text)} is not <connector>.<{what}>; write for instance   {form}")
    return None


def connection_of(node: Node, uses: str | None, aliases: Mapping[str, str]) -> str:
    """The alias that is named, or the one that equals the connector's name, or "" when there is neither."""
    given = node.child("connection")
    if given is None:
        connector = (uses or "").partition(".")[0]
        return connector if connector in aliases else ""
    alias = given.text("connection: an alias from connections")
    if alias is not None and alias not in aliases:
        declared = f"declared are {short(', '.join(aliases), 200)}" if aliases else "none is declared"
        given.refuse(codes.UNDECLARED, f"the connection {shown(alias)} is not declared under connections ({declared})")
    return alias or ""
