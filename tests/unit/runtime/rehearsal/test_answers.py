"""Made-up answers: always ones that the action could give, and in two fillings that differ in every field."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field

from connectors.calendly import calendly
from engine.runtime.rehearsal.answers import Filling, completed, made_up, placeholder, unlike_any_field
from engine.sdk import Output
from engine.sdk.connector import Action

ACTIONS = list(calendly.actions.values())


class Node(Output):
    id: str
    parent: Node | None
    kind: Literal["leaf", "branch"]
    size: int = Field(ge=1, le=9)
    weight: float
    open: bool
    tags: list[str]
    seen_at: str
    extra: dict[str, object]
    note: str = ""


@pytest.mark.parametrize("action", ACTIONS, ids=[action.name for action in ACTIONS])
@pytest.mark.parametrize("filling", Filling)
def test_a_made_up_answer_of_every_action_fits_its_model(action: Action, filling: Filling) -> None:
    answer = placeholder(action.output)
    assert action.output.model_validate(answer.value(filling)).to_json() == answer.value(filling)
    assert answer.filled


def test_the_two_fillings_differ_in_every_field_but_those_without_a_choice() -> None:
    answer = placeholder(Node)
    assert isinstance(answer.one, dict)
    assert isinstance(answer.other, dict)
    assert {name for name in answer.one if answer.one[name] == answer.other[name]} == {"extra"}
    assert "note" not in answer.one, "what a service may leave out is left out"
    assert (answer.one["kind"], answer.other["kind"], answer.other["size"], answer.other["parent"]) == (
        "leaf",
        "branch",
        9,
        None,
    )
    for filling in Filling:
        Node.model_validate(answer.value(filling))


def test_what_is_given_stays_and_the_rest_is_named() -> None:
    answer = completed(Node, {"id": "n", "parent": {"id": "p"}, "tags": ["a"]})
    assert isinstance(answer.one, dict)
    assert (answer.one["id"], answer.one["tags"]) == ("n", ["a"])
    assert "id" not in answer.filled
    assert "parent.weight" in answer.filled


def test_a_made_up_text_is_recognised_wherever_it_stands() -> None:
    assert made_up({"a": [{"b": placeholder(Node).one}]})
    assert not made_up({"a": ["b"]})


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"wieght": 1}, [(("wieght",), "the answer has no field 'wieght'; did you mean 'weight'?")]),
        ({"parent": {"tgas": []}}, [(("parent", "tgas"), "the answer has no field 'tgas'; did you mean 'tags'?")]),
        ({"wieght": 1, "weight": 2}, []),
        ({"brand_new": 1}, []),
        ({"extra": {"wieght": 1}}, []),
    ],
)
def test_a_field_that_looks_misspelt_is_found_and_a_new_one_is_let_through(
    given: dict[str, object], found: object
) -> None:
    assert list(unlike_any_field(Node, given)) == found  # type: ignore[arg-type]
