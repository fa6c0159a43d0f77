"""Writes that the service knows again by a key: the checker lets them be retried, and no test of a flow makes their outcome unknown."""

from __future__ import annotations

import pytest

from tests.unit.check.support import brief, flow
from tests.unit.runtime.rehearsal.support import findings, whole

BILL = "id: a\nconnections: {shop: shop}\nsteps:\n  - {id: look, uses: shop.bill, with: {text: a}}\n"


@pytest.mark.parametrize("more", ["retry: {max_attempts: 3}", "defaults: {}", "on_uncertain: retry"])
def test_a_keyed_write_may_be_retried(more: str) -> None:
    steps: tuple[str, ...] = ("steps:", f"  - {{id: s, uses: shop.bill, {more}, with: {{text: a}}}}")
    if more.startswith("defaults"):
        steps = ("defaults: {retry: {max_attempts: 3}}", "steps:", "  - {id: s, uses: shop.bill, with: {text: a}}")
    assert brief(flow(*steps)) == []


@pytest.mark.parametrize("lost", ["{uncertain: true}", "{error: {kind: unknown_outcome}}"])
def test_the_outcome_of_a_keyed_write_is_never_unknown_in_a_test(lost: str) -> None:
    [found] = findings(whole(f"mock: {{look: {lost}}}"), of=BILL)
    assert found.message == (
        "bill is known again by its key, so that its outcome is never unknown; take   error: {kind: timeout}"
    )
