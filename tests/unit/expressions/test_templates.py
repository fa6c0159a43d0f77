"""Statements in texts: what they write, where their mistakes are, and that they burn fuel."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError
from engine.expressions import compile_value
from engine.strictjson import Json
from tests.unit.expressions.support import PLACE, render


def refused(text: str, context: dict[str, Json] | None = None) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        compile_value(text, lambda path: PLACE).render(context or {})
    return caught.value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{% for n in ns %}{{ n }},{% endfor %}", "1,2,"),
        ("{% for n in ns %}{{ loop.index }}:{{ n }} {% endfor %}.", "0:1 1:2 ."),
        ("a{% for n in [] %}x{% else %}none{% endfor %}b", "anoneb"),
        ("{% if ns %}some{% else %}none{% endif %}", "some"),
        ("{% if not ns %}a{% elif ns | length == 2 %}b{% else %}c{% endif %}", "b"),
        ("{% if false %}a{% elif false %}b{% else %}c{% endif %}", "c"),
        ("{% if false %}{{ gone.field }}{% endif %}", ""),
        ("{% for a in ns %}{% for b in ns %}{% if a == b %}{{ a }}{% endif %}{% endfor %}{% endfor %}", "12"),
        ("{% for n in ns %}{% for m in ns %}{{ loop.index }}{% endfor %}{{ loop.index }}|{% endfor %}", "010|011|"),
        ("{{ '{%' }} {{ '%}' }}", "{% %}"),
        ("{% for t in texts %}{{ t }}{% endfor %}", "{{ 1 }}{% if %}"),
    ],
)
def test_statements_write_text(text: str, written: str) -> None:
    assert render(text, {"ns": [1, 2], "texts": ["{{ 1 }}", "{% if %}"]}) == written


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("a {% for n in ns %}", 2, "has no {% endfor %}"),
        ("{% if x %}{% endfor %}", 10, "{% endif %} is expected, not {% endfor %}"),
        ("x{% endif %}", 1, "has nothing to end"),
        ("{% else %}", 0, "has nothing to end"),
        ("{% set x = 1 %}", 0, "there is no statement 'set'"),
        ("{% include 'x' %}", 0, "there is no statement 'include'"),
        ("{%- if x %}{% endif %}", 0, "{%- and -%} are not supported"),
        ("{% if %}{% endif %}", 0, "{% if %} needs an expression"),
        ("{% for x of ns %}{% endfor %}", 0, "a loop reads {% for item in list %}"),
        ("{% for trigger in ns %}{% endfor %}", 7, "trigger has a meaning of its own"),
        ("{% for x in ns | nope %}{% endfor %}", 17, "there is no filter called 'nope'"),
        ("{% if x", 0, "has no closing %}"),
        ("{% if x %}" * 60, 500, "nested too deeply"),
    ],
)
def test_a_mistake_is_refused_where_it_stands(text: str, offset: int, message: str) -> None:
    error = refused(text)
    assert message in error.message
    assert error.place is not None
    assert error.place.column == PLACE.column + offset


def test_a_loop_needs_a_list() -> None:
    error = refused("{% for n in x %}{% endfor %}", {"x": "text"})
    assert error.message == "a loop needs a list, not text"
    assert error.place is not None
    assert error.place.column == PLACE.column + len("{% for n in ")


def test_what_a_loop_names_ends_with_it() -> None:
    assert "nothing called n" in refused("{% for n in [1] %}{% endfor %}{{ n }}").message


def test_loops_burn_fuel_and_their_text_is_bounded() -> None:
    many: dict[str, Json] = {"x": [0] * 9_000, "long": "y" * 1_000}
    assert (
        "more work than an expression may do"
        in refused("{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}", many).message
    )
    assert "longer than 256 KiB" in refused("{% for a in x %}" + "z" * 1_000 + "{% endfor %}", many).message
    assert "larger than 256 KiB" in refused("{% for a in x %}{{ long }}{% endfor %}", many).message
