"""The authors' guide is true: every YAML block loads and checks, and every word of the language stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine.check import check_flow, codes
from engine.errors import Place
from engine.expressions import compile_expression
from engine.expressions.methods import OBJECT_METHODS, TEXT_METHODS
from engine.expressions.predicates import TESTS
from engine.flow import load_flow, words
from engine.flow.durations import milliseconds

FOLDER = Path(__file__).parents[2] / "flows"
GUIDE = (FOLDER / "README.md").read_text()
WRITTEN = re.sub(r"<!-- generated: .*?<!-- end -->", "", GUIDE, flags=re.DOTALL)
"""Without what is made from the code and the examples, which have tests of their own."""
TEST_FILES = re.findall(r"^```yaml\n(flow: .*?)^```", WRITTEN, re.MULTILINE | re.DOTALL)
BLOCKS = [
    block for block in re.findall(r"^```yaml\n(.*?)^```", WRITTEN, re.MULTILINE | re.DOTALL) if block not in TEST_FILES
]
CATALOGUE = {"calendly": calendly, "http": http, "log": log, "schedule": schedule}
FRAME = {
    "connections": "connections: {calendly: calendly}\n",
    "triggers": "triggers: [{uses: calendly.invitee, with: {events: [invitee.created, invitee.canceled, invitee_no_show.created, invitee_no_show.deleted]}}]\n",
    "steps": "steps: [{id: end, stop: {status: succeeded}}]\n",
}


def whole(block: str) -> str:
    """A block as a flow of its own: steps and single keys get the rest of a flow around them."""
    if block.startswith("id:"):
        return block
    body = f"steps:\n{block}" if block.startswith("- ") else block
    rest = "".join(text for key, text in FRAME.items() if not re.search(rf"^{key}:", body, re.MULTILINE))
    return f"id: snippet\n{body}{rest}"


@pytest.mark.parametrize("block", BLOCKS, ids=[block.split("\n", 1)[0][:40] for block in BLOCKS])
def test_a_snippet_loads_and_checks_without_a_finding(block: str) -> None:
    flow = load_flow(whole(block), "flows/README.md")
    found = check_flow(flow, CATALOGUE)
    # Part of a flow may well set what only another part reads.
    assert [str(finding) for finding in found if block.startswith("id:") or finding.code != codes.NEVER_READ] == []


def test_the_guide_has_snippets() -> None:
    assert len(BLOCKS) >= 12


LANGUAGE = {
    *(*words.FLOW_KEYS, *words.TRIGGER_KEYS, *words.INPUT_KEYS, *words.INPUT_TYPES, *words.STEP_KEYS, *words.RETRY_KEYS),
    *(*words.STOP_KEYS, *words.STOP_STATUSES, *words.BACKOFFS, *(key for keys in words.KIND_KEYS.values() for key in keys)),
    *(*words.DEFAULTS_KEYS, *words.CONCURRENCY_KEYS, *words.ON_LIMIT, *words.ON_UNCERTAIN, *words.SECRETS, *words.JOINS),
    *(*words.WAIT_KEYS, *words.EVENT_KEYS, words.MANUAL),
}  # fmt: skip


@pytest.mark.parametrize("word", sorted(LANGUAGE))
def test_every_word_of_the_language_stands_in_the_guide(word: str) -> None:
    assert f"`{word}`" in GUIDE


def test_every_context_stands_in_the_guide() -> None:
    assert all(f"`{context}" in GUIDE for context in words.CONTEXTS - {"loop"})
    assert "`loop.index`" in GUIDE


@pytest.mark.parametrize("word", sorted({*TEXT_METHODS, *OBJECT_METHODS, *TESTS}))
def test_every_method_and_test_of_expressions_stands_in_the_guide(word: str) -> None:
    section = GUIDE.partition("**Methods**")[2].partition("**Operators**")[0]
    assert f"`{word}`" in section


@pytest.mark.parametrize(
    "expression",
    [
        "2 + 1 - 1 * 4 / 2 // 1 % 5",
        "'a' ~ 1",
        "1 if true else 2",
        "1 != 2 and not 1 > 2 or 1 <= 2",
        "'a' in ['a']",
        "'A' | lower == 'a'",
    ],
)
def test_the_operators_of_the_guide_are_operators(expression: str) -> None:
    place = Place(file="a.yaml", line=1, column=1)
    assert compile_expression(expression, place).evaluate({})


def test_the_durations_of_the_guide_are_durations() -> None:
    section = GUIDE.partition("## Durations")[2].partition("\n## ")[0]
    shown = re.findall(r"`([^`]+)`", section)
    assert len(shown) >= 6
    assert all(milliseconds(text) for text in shown)


EXAMPLES = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.yaml") if not path.name.endswith(".test.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_every_example_is_listed(path: Path) -> None:
    assert f"| [{path.stem}]({path})" in GUIDE


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.parent.name], ids=str)
def test_every_how_to_has_a_section_that_says_what_to_change_and_to_mind(path: Path) -> None:
    row = next(line for line in GUIDE.splitlines() if line.startswith(f"| [{path.stem}]({path})"))
    (title,) = (name for name in HEADINGS if f"(#{anchor(name)})" in row)
    section = GUIDE.partition(f"### {title}\n")[2].partition("\n### ")[0]
    assert f"[{path.name}]({path})" in section
    assert f"<!-- generated: part {path} " in section
    assert "*Mind*" in section


HEADINGS = re.findall(r"^##+ (.+)$", WRITTEN, re.MULTILINE)


def anchor(heading: str) -> str:
    """As the forges make it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_inside_of_the_page_leads_somewhere() -> None:
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= {anchor(heading) for heading in HEADINGS}


def test_every_link_to_a_file_leads_to_one() -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", WRITTEN):
        assert (FOLDER / target).is_file(), target


@pytest.mark.parametrize("name", ["filters", "codes"])
def test_the_generated_tables_have_their_markers(name: str) -> None:
    assert re.search(rf"<!-- generated: {name} -->\n(.*\n)*?<!-- end -->", GUIDE)
