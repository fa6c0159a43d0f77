"""An expression tells which paths it reads, where each part stands, and whether their absence is dealt with."""

from __future__ import annotations

import pytest

from engine.expressions import compile_expression
from tests.unit.expressions.support import PLACE


def paths(text: str) -> list[str]:
    """Each path as an author writes it; with ? behind it when it is guarded."""
    return [f"{each}{'?' if each.guarded else ''}" for each in compile_expression(text, PLACE).references()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trigger.payload.email", ["trigger.payload.email"]),
        ("trigger['payload'].answers[0]['a b']", ["trigger.payload.answers[0]['a b']"]),
        ("trigger.payload.email.split('@') | last", ["trigger.payload.email"]),
        ("vars.list[vars.i].name", ["vars.list[…].name", "vars.i"]),
        ("vars.list[0:vars.n]", ["vars.list", "vars.n"]),
        ("[a.b, {'k': c.d}] + (e.f | where('x', g.h))", ["a.b", "c.d", "e.f", "g.h"]),
        ("a.b ~ c.d", ["a.b", "c.d"]),
        ("(a.b | first).c", ["a.b"]),
        ("1 + 1", []),
        ("a.b | default(c.d)", ["a.b?", "c.d"]),
        ("(a.b | upper) | default('')", ["a.b"]),
        ("a.b is defined", ["a.b?"]),
        ("a.b is not defined", ["a.b?"]),
        ("a.b is none", ["a.b"]),
        ("a.b is defined and a.b.c == a.x", ["a.b?", "a.b.c?", "a.x"]),
        ("a.b is undefined or a.b.c", ["a.b?", "a.b.c?"]),
        ("a.b is defined or a.b", ["a.b?", "a.b"]),
        ("a.b if a.b is defined else a.c", ["a.b?", "a.b?", "a.c"]),
        ("a.c if not a.b is defined else a.b", ["a.c", "a.b?", "a.b?"]),
        ("'b' in a and a.b", ["a", "a.b?"]),
        ("'b' not in a or a.b", ["a", "a.b"]),
        ("a.get('b', 1)", ["a"]),
    ],
)
def test_every_path_is_found_once_and_in_order(text: str, expected: list[str]) -> None:
    assert paths(text) == expected


def test_every_part_has_its_own_place() -> None:
    (found,) = compile_expression("{{ trigger . payload['email'][0] }}", PLACE).references()
    assert found.path == ("trigger", "payload", "email", 0)
    assert [place.column for place in found.places] == [13, 23, 32, 40]
    assert found.place == found.places[0]
