"""What the checker refuses can fail on data of the right shape. Owns looking for such data; what has none is a false finding, perhaps.

python -m tests.flows.oracle.precision FIRST COUNT     prints findings about expressions that failed on no data of many
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import Random
from typing import Any

from engine.check import codes
from engine.errors import Finding
from engine.sdk.installed import installed_connectors
from tests.flows.oracle.flows import Author, Place, step_roots
from tests.flows.oracle.schemas import INPUTS
from tests.flows.oracle.soundness import Trial

TRIES = 150
JUDGED = (codes.FIELD, codes.MAY_BE_ABSENT, codes.MAY_BE_NULL, codes.WRONG_TYPE, codes.NOT_A_LIST)


def flow_of(author: Author) -> dict[str, Any]:
    """A step that may have failed, and one expression that is always reached."""
    triggers, roots = author._triggers()
    read, _, output = author._action("read", Place(roots), 0, False)
    if "with" in read:
        read = {"uses": "calendly.get_event_type", "with": {"uuid": "u"}}
        output = dict(author._catalogue["calendly"].actions["get_event_type"].output.model_json_schema())
    place = Place({**roots, **step_roots("read", output)})
    slot = author._slot(place, author.dice.choice(["template", "template", "condition"]), "x")
    shown: dict[str, Any] = {"id": "shown", "uses": "log.write", "with": {"message": slot}}
    if not slot.count("{"):
        shown = {"id": "shown", "if": slot, "uses": "log.write", "with": {"message": "x"}}
    return {
        "id": "random",
        "connections": {"calendly": "calendly"},
        "inputs": INPUTS,
        "triggers": triggers,
        "steps": [{"id": "read", "on_error": "continue", **read}, shown],
    }


def unproven(trial: Trial, seed: int) -> Iterator[tuple[Finding, dict[str, Any]]]:
    """The only finding of a flow, when no data make its expression fail."""
    flow = flow_of(Author(Random(seed), trial.catalogue))
    errors, _ = trial.errors(flow)
    if len(errors) != 1 or errors[0].code not in JUDGED:
        return
    if next(trial.failures(flow, seed, TRIES, inputs_too=True), None) is None:
        yield errors[0], flow


def main(first: int, count: int) -> None:
    trial = Trial(installed_connectors())
    found = 0
    for seed in range(first, first + count):
        for finding, flow in unproven(trial, seed):
            found += 1
            shown = flow["steps"][-1]
            events = [trigger.get("with", {}).get("events", trigger["uses"]) for trigger in flow["triggers"]]
            print(
                f"seed {seed}: {finding.code} {finding.message}\n   {shown.get('if', shown['with']['message'])}\n   {events}"
            )
    print(f"{found} findings that failed on no data, of {count} flows")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
