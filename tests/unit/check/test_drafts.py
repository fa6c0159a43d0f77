"""A file that does not load is checked as far as it could be built, and one mistake is told once."""

from __future__ import annotations

import pytest

from engine.check.tree import findings_of
from engine.flow.load import read_flow
from tests.unit.check.support import CATALOGUE, flow


def codes_of(*lines: str) -> list[str]:
    found = findings_of(read_flow(flow(*lines), "a.yaml"), CATALOGUE)
    return [f"{each.code}:{each.place.line}" for each in sorted(found, key=lambda each: each.place)]


def test_mistakes_of_both_kinds_are_found_in_one_run() -> None:
    assert codes_of("secure: [x]", "steps: [{id: s, set: {v: '{{ trigger.payload.idd }}'}}]") == ["E241:5", "E201:6"]


@pytest.mark.parametrize(
    "lines",
    [
        ("steps:", "  - {id: a, uses: shop.write_note, wiht: {text: a}}"),
        ("steps:", "  - {id: a, switch: trigger.event}", "  - {id: b, set: {v: '{{ steps.a.output }}'}}"),
        ("steps:", "  - {id: a, set: {v: '{{ 1 + }}'}}", "  - {id: b, if: vars.v, stop: {status: failed}}"),
        ("inputs: {n: {type: int}}", "steps: [{id: s, set: {v: '{{ inputs.n }}'}}]"),
        ("steps: [{id: s, if: trigger.payload.buyer is nul, set: {v: '{{ trigger.payload.buyer.email }}'}}]",),
        ("steps:", "  - {id: a, foreach: trigger.payload.lines, az: l, steps: [{id: b, set: {v: '{{ l.sku }}'}}]}"),
    ],
)
def test_what_follows_from_a_mistake_is_not_told(lines: tuple[str, ...]) -> None:
    assert len(codes_of(*lines)) == 1


def test_what_cannot_be_read_at_all_has_its_one_finding() -> None:
    (found,) = findings_of(read_flow("id: [", "a.yaml"), CATALOGUE)
    assert found.code == "E232"
