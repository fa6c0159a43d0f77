"""Builds ``triggers``. Owns their keys and ids; which triggers connectors have is the checker's business."""

from __future__ import annotations

from collections.abc import Mapping

from engine.flow import codes, words
from engine.flow.model import Trigger
from engine.flow.node import Node
from engine.flow.places import places_of
from engine.flow.uses import condition_of, connection_of, settings_of, uses_of


def triggers_of(node: Node | None, aliases: Mapping[str, str]) -> tuple[Trigger, ...]:
    """The triggers of a list; those with findings are left out."""
    if node is None:
        return ()
    items = node.items("triggers: followed by   - uses: calendly.invitee")
    ids: dict[str, Node] = {}
    for item in items:
        given = item.child("id")
        name = given.name("a trigger") if given is not None else None
        if given is not None and name in ids:
            given.refuse(codes.TAKEN_ID, f"the trigger id {name} is used already on line {ids[name].place.line}")
        elif given is not None and name is not None:
            ids[name] = given
    taken = set(ids)
    built = (_trigger(item, aliases, taken) for item in items)
    return tuple(trigger for trigger in built if trigger is not None)


def _trigger(node: Node, aliases: Mapping[str, str], taken: set[str]) -> Trigger | None:
    if not node.is_mapping("- uses: calendly.invitee"):
        return None
    node.keys_are("a trigger", words.TRIGGER_KEYS)
    uses = uses_of(node, "trigger")
    if uses == words.MANUAL:
        _refuse_beside_manual(node)
    own, split = node.child("id"), node.child("split_on")
    given, condition = settings_of(node), condition_of(node)
    split_on = split.expression("split_on: trigger.payload.questions_and_answers") if split is not None else None
    connection = connection_of(node, uses, aliases)
    if uses is None:
        return None
    return Trigger(
        id=str(own.data) if own is not None else _free(uses.rpartition(".")[2], taken),
        uses=uses,
        connection=connection,
        given=given,
        condition=condition,
        split_on=split_on,
        place=node.place,
        places=places_of(node),
    )


def _refuse_beside_manual(node: Node) -> None:
    for key in ("with", "connection"):
        child = node.child(key)
        if child is not None:
            said = f"uses: manual belongs to no connector and takes no {key}; leave it out"
            child.refuse(codes.NO_EFFECT, said, child.key_place)


def _free(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found)
    return found
