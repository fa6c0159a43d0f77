"""The places that a built flow keeps for later findings. Owns the names under which they are found; judges nothing.

``places["with.invitee"]`` is where the value begins, ``places["with.invitee:"]`` (as an author writes it) where its key stands;
list items are named by their position: ``with.events.0``. Steps inside of a step keep their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Place
from engine.flow.node import Node
from engine.flow.words import OWN_PREFIX, STEP_LISTS, STEP_LISTS_BY_NAME


def places_of(node: Node) -> Mapping[str, Place]:
    """The places of a flow's, trigger's or step's own keys."""
    places: dict[str, Place] = {}
    for key, child in node.children():
        places[f"{key}:"] = child.key_place
        places[key] = child.place
        if key in STEP_LISTS_BY_NAME:
            _collect_names(child, key, places)
        elif not (key in STEP_LISTS and isinstance(child.data, list)) and not key.startswith(OWN_PREFIX):
            _collect(child, key, places)
    return places


def _collect_names(node: Node, name: str, places: dict[str, Place]) -> None:
    for key, child in node.children():
        places[f"{name}.{key}:"] = child.key_place
        places[f"{name}.{key}"] = child.place


def _collect(node: Node, name: str, places: dict[str, Place]) -> None:
    for key, child in node.children():
        places[f"{name}.{key}:"] = child.key_place
        places[f"{name}.{key}"] = child.place
        _collect(child, f"{name}.{key}", places)
    if isinstance(node.data, list):
        for position, item in enumerate(node.data):
            child = node.at(position, item)
            places[f"{name}.{position}"] = child.place
            _collect(child, f"{name}.{position}", places)
