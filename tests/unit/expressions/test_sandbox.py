"""Nothing of Python can be reached, by any of the ways out that are known, through the syntax or behind it."""

from __future__ import annotations

import pytest

from engine.errors import ExpressionError, SettingsError
from engine.expressions.sandbox import refuse_old_jinja, sandbox
from tests.unit.expressions.support import CONTEXT, evaluate, refusal, render

ESCAPES = [
    "self",
    "self._TemplateReference__context",
    "trigger.__class__",
    "trigger['__class__']",
    "trigger.__class__.__mro__[1].__subclasses__()",
    "''.__class__",
    "''['__class__']",
    "''.__class__.__base__.__subclasses__()",
    "().__class__",
    "(1).__class__",
    "true.__init__",
    "none.__class__",
    "trigger.payload.email.format",
    "trigger.payload.email.format(1)",
    "'{0.__class__}'.format(1)",
    "'{0.__class__}'.format_map({})",
    "'%s' % 1",
    "'{:>100000000}'.format(1)",
    "trigger | attr('__class__')",
    "[trigger] | map(attribute='__class__')",
    "[trigger] | map(attribute='__class__.__mro__') | list",
    "[''] | map('attr', '__class__')",
    "[''] | selectattr('__class__')",
    "[''] | sort(attribute='__class__')",
    "[''] | sum(attribute='__len__')",
    "[''] | join('', attribute='__doc__')",
    "[''] | pluck('__class__')",
    "[''] | where('__class__', 1)",
    "[''] | unique_by('__class__')",
    "cycler('a')",
    "cycler.__init__.__globals__.os",
    "joiner()",
    "namespace(a=1)",
    "lipsum(n=100000)",
    "lipsum.__globals__",
    "dict(a=1)",
    "range(10)",
    "url_for.__globals__",
    "request.application",
    "config.items()",
    "environment",
    "context",
    "__import__('os')",
    "_",
    "loop.__class__",
    "caller()",
    "super()",
    "varargs",
    "trigger.payload.email.split.__self__",
    "(trigger.payload.email.split)",
    "trigger.payload.email.split()[0].__class__",
    "trigger.pop('payload')",
    "trigger.update({})",
    "trigger.clear()",
    "trigger.payload.answers.append(1)",
    "trigger.payload.email.encode()",
    "trigger.payload.email.mro()",
    "trigger.payload.email.upper(*[1])",
    "trigger.get(**trigger)",
    "_('x')",
    "undefined.__class__.__init__.__globals__",
    "trigger.payload.email | xmlattr",
    "trigger | pprint",
    "trigger.payload.email | center(100000000)",
    "trigger.payload.email | indent(100000000)",
    "trigger.payload.email | format(1)",
    "trigger.payload.email | wordwrap",
    "[1] | random",
    "[1] | batch(2)",
    "trigger is sameas(trigger)",
    "'upper' is filter",
    "trigger is callable",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_way_out_leads_anywhere(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text)


def test_the_context_is_what_it_was_after_every_attempt() -> None:
    before = repr(CONTEXT)
    for text in ESCAPES:
        refusal(text)
    assert repr(CONTEXT) == before


@pytest.mark.parametrize("name", ["__class__", "__globals__", "_secret", "self"])
def test_a_key_that_looks_like_an_attribute_is_just_a_key(name: str) -> None:
    assert evaluate(f"x['{name}']", {"x": {name: "data"}}) == "data"


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ [].append(1) }}",
        "{{ lipsum() }}",
        "{{ range(9) | join }}",
        "{{ self.__init__ }}",
        "{{ 'a' * 1000000 }}",
        "{{ 2 ** 100000 }}",
        "{{ ''.split('a') }}",
        "{% for x in cycler.__init__.__globals__ %}{{ x }}{% endfor %}",
    ],
)
def test_the_second_wall_holds_without_the_first(source: str) -> None:
    with pytest.raises(Exception, match=r".") as caught:
        sandbox().from_string(source).render()
    assert type(caught.value).__module__.startswith(("jinja2", "engine"))


def test_the_environment_has_no_globals_and_only_the_listed_filters_and_tests() -> None:
    environment = sandbox()
    assert environment.globals == {}
    assert {"attr", "format", "map_attr", "tojson", "random"}.isdisjoint(environment.filters)
    assert {"callable", "sameas", "filter"}.isdisjoint(environment.tests)


def test_what_data_say_is_never_rendered() -> None:
    hostile = {"x": "{{ trigger }} {% raw %} {# #} {{ ''.__class__ }}"}
    assert render("said: {{ x }}", hostile) == f"said: {hostile['x']}"
    assert render(["{{ x }}", {"a": "{{ x | upper }}"}], hostile) == [hostile["x"], {"a": hostile["x"].upper()}]


@pytest.mark.parametrize("version", ["2.11.3", "3.1.5", "3.1.4", "3.0"])
def test_a_jinja_with_a_known_way_out_is_refused(version: str) -> None:
    with pytest.raises(SettingsError, match=r"safe from 3\.1\.6 on"):
        refuse_old_jinja(version)


@pytest.mark.parametrize("version", ["3.1.6", "3.1.10", "3.2.0", "4.0", "3.2.0rc1", "3.1.6.post1"])
def test_a_newer_jinja_is_taken(version: str) -> None:
    refuse_old_jinja(version)
