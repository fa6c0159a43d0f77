"""The checker finds mistakes and invents none: on flows that are right it is silent, and of 300 planted mistakes it finds nearly all."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.flows.corpus.planted import WANTED, check, is_found, planted, right

RIGHT = right()


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_flow_has_no_findings(name: str) -> None:
    assert [str(finding) for finding in check(RIGHT[name], f"{name}.yaml")] == []


def test_there_are_enough_right_flows_besides_the_examples() -> None:
    assert len(RIGHT) >= 38 + 30


def test_at_least_97_percent_of_the_planted_mistakes_are_found_at_the_exact_word() -> None:
    cases = planted()
    missed = [str(case) for case in cases if not is_found(case)]
    assert len(cases) == WANTED
    assert len(missed) <= 0.03 * WANTED, missed


def test_the_planted_mistakes_are_of_many_kinds_and_all_different() -> None:
    cases = planted()
    assert len({case.text for case in cases}) == len(cases)
    assert len(Counter(case.kind for case in cases)) >= 20
    assert len({case.flow for case in cases}) >= 25
    assert all(case.text != RIGHT[case.flow] for case in cases)
