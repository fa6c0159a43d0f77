"""The error tree: stable codes, texts that say what to do, and a drawing that matches the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import engine.sdk.errors as sdk_errors
from engine import errors
from engine.errors import (
    BusyError,
    Finding,
    FlowFileError,
    HooklineError,
    Place,
    SettingsError,
    UnavailableError,
    UsageError,
)

PLACE = Place(file="flows/late.yaml", line=7, column=12)


def tree(kind: type[HooklineError] = HooklineError) -> Iterator[type[HooklineError]]:
    """The errors of the two files that own them; other files derive none of their own."""
    for child in kind.__subclasses__():
        if child.__module__ in (errors.__name__, sdk_errors.__name__):
            yield child
            yield from tree(child)


EVERY = sorted(set(tree()), key=lambda kind: kind.__name__)


def test_the_drawing_names_every_error_and_no_other() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in EVERY}


def test_the_drawing_gives_every_error_its_parent() -> None:
    parents: list[tuple[int, str]] = [(0, "HooklineError")]
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"( +[│ ]*)[├└]── (\w+)", line):
            depth, name = len(found[1]), found[2]
            parents = [parent for parent in parents if parent[0] < depth]
            (kind,) = [kind for kind in EVERY if kind.__name__ == name]
            assert kind.__bases__[0].__name__ == parents[-1][1]
            parents.append((depth, name))


def test_no_code_is_used_twice() -> None:
    codes = [kind.code for kind in EVERY if "code" in vars(kind)]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"E\d{3}", code) for code in codes)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_error_says_what_it_means_and_carries_a_code_of_its_group(kind: type[HooklineError]) -> None:
    assert (kind.__doc__ or "").strip().endswith(".") or "\n" in (kind.__doc__ or "")
    (group,) = [parent for parent in EVERY if HooklineError in parent.__bases__ and issubclass(kind, parent)]
    assert kind.code[:2] == group.code[:2]


def test_an_error_shows_its_place_its_message_and_its_remedy() -> None:
    error = HooklineError("it is wrong", remedy="make it right", place=PLACE)
    assert str(error) == "flows/late.yaml:7:12: it is wrong\n  make it right"
    assert str(HooklineError("it is wrong")) == "it is wrong"


def test_callers_can_tell_their_own_mistake_from_a_part_that_is_down() -> None:
    assert issubclass(SettingsError, UsageError)
    assert issubclass(BusyError, UsageError)
    assert not issubclass(UsageError, UnavailableError)


def test_findings_are_errors_or_warnings_and_sort_by_place() -> None:
    late = Finding(place=Place(file="a.yaml", line=10, column=1), code="E203", message="unknown step")
    early = Finding(place=Place(file="a.yaml", line=9, column=5), code="W301", message="never used")
    assert late.is_error
    assert not early.is_error
    assert sorted([late.place, early.place]) == [early.place, late.place]
    assert str(late) == "a.yaml:10:1: error E203 unknown step"
    assert str(FlowFileError([early, late])) == f"{early}\n{late}"
