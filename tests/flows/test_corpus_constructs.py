"""The right flows of the corpus use the whole language: every construct of it stands in at least three of them."""

from __future__ import annotations

import re

import pytest

from tests.flows.corpus.planted import right

CONSTRUCTS = {
    "switch": r"^\s+switch: ",
    "default of a switch": r"^    default:",
    "until": r"^\s+until: .*\n\s+max_iterations:",
    "parallel, join all": r"^(?!.*join: any)\s+parallel:\n",
    "parallel, join any": r"join: any",
    "group with a timeout": r"timeout: \w+\n\s+steps:",
    "wait for": r"wait: \{for: ",
    "wait until": r"wait: \{until: ",
    "wait for an event": r"event: ?(?:\n|\{uses)",
    "sub-flow": r"\bflow: [\w-]+",
    "sub-flow that is not waited for": r"wait: false",
    "finally": r"^finally:",
    "flow timeout": r"^timeout: ",
    "on_error: continue of the flow": r"^on_error: continue",
    "handler of the flow": r"^on_error:\n",
    "handler of a step": r"^\s+on_error:\n",
    "concurrency": r"^concurrency: ",
    "concurrency.key": r"^concurrency: \{key: ",
    "on_limit: skip or replace": r"on_limit: (?:skip|replace)",
    "max_queued": r"max_queued: ",
    "split_on": r"split_on: ",
    "secure": r"secure: ",
    "idempotency_key": r"idempotency_key: ",
    "on_uncertain": r"on_uncertain: ",
    "defaults": r"^defaults: ",
    "inputs": r"^inputs:",
    "retry": r"retry: ",
    "anchors": r"[:-] \*\w+",
    "x- keys": r"^x-\w+: ",
    "schedule.cron": r"uses: schedule\.cron",
    "manual": r"uses: manual",
    "http.request trigger": r"^  - uses: http\.request",
    "http.respond": r"uses: http\.respond",
    "log.write": r"uses: log\.write",
    "declared response": r"response: ?(?:\n|\{type)",
    "foreach side by side": r"max_parallel: ",
    "stop": r"stop: \{",
    "set": r"\bset: ?(?:\n|\{)",
    "if with then": r"^\s+then:",
}


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_construct_stands_in_three_right_flows(construct: str) -> None:
    pattern = re.compile(CONSTRUCTS[construct], re.MULTILINE)
    assert len([name for name, text in right().items() if pattern.search(text)]) >= 3
