"""The rules of the house that no linter knows: sizes, headers, names, what may lie where, and who reads the environment."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
TOP_LEVEL = {
    ".ci", ".dockerignore", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
    "bench", "connectors", "docker", "engine", "flows", "pyproject.toml", "requirements.lock", "tests",
}  # fmt: skip
DRAWERS = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "shared", "tools", "util", "utils"}
# Spelt so that this file does not hold what it looks for.
FORBIDDEN_TEXT = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"(?:root|work|Users)/\w",
            r"/home/" + r"(?!hookline)\w+/",
            r"pypi\." + r"org",
            r"files\.pythonhosted\." + r"org",
            r"registry\.npmjs\." + r"org",
            r"artifact" + r"ory",
        ]
    )
)


def tracked() -> Sequence[Path]:
    """Every file of the repository that is there, tracked or about to be, as git sees it."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


FILES = tracked()
PYTHON = [path for path in FILES if path.suffix == ".py" and path.read_text().strip()]
OURS = [path for path in PYTHON if path.is_relative_to(ROOT / "engine") or path.is_relative_to(ROOT / "connectors")]


def test_there_is_something_to_look_at() -> None:
    assert len(OURS) > 30
    assert len(FILES) > len(PYTHON) > len(OURS)


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_a_file_opens_with_what_it_owns_and_is_no_longer_than_it_may_be(path: Path) -> None:
    source = path.read_text()
    header = ast.get_docstring(ast.parse(source))
    assert header, "opens without a docstring"
    assert len(header) >= 20, "its docstring says nothing"
    assert len(source.splitlines()) <= LONGEST_FILE


# A migration is a record of one day: it is written once, in order, and never read as code again.
@pytest.mark.parametrize("path", [path for path in PYTHON if "versions" not in path.parts], ids=shown)
def test_no_function_is_longer_than_it_may_be(path: Path) -> None:
    too_long = [
        f"{function.name} has {_length(function)} lines"
        for function in _functions(path)
        if _length(function) > LONGEST_FUNCTION
    ]
    assert too_long == []


@pytest.mark.parametrize("path", OURS, ids=shown)
def test_nothing_is_a_drawer(path: Path) -> None:
    assert not DRAWERS & {part.lower().removesuffix(".py") for part in path.relative_to(ROOT).parts}


@pytest.mark.parametrize("path", OURS, ids=shown)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    readers = [ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if _reads_environment(node)]
    assert path == ROOT / "engine" / "settings.py" or readers == []


@pytest.mark.parametrize(
    "code",
    ["import os\nos.environ['X']", "import os\nos.getenv('X')", "from os import environ", "from os import getenv as g", "import os\nos.environb"],
)  # fmt: skip
def test_a_reader_of_the_environment_would_be_found(code: str) -> None:
    assert any(_reads_environment(node) for node in ast.walk(ast.parse(code)))


def test_the_settings_do_read_the_environment() -> None:
    source = (ROOT / "engine" / "settings.py").read_text()
    assert any(_reads_environment(node) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_no_file_names_a_machine_or_a_registry(path: Path) -> None:
    found = FORBIDDEN_TEXT.search(path.read_text(encoding="utf-8", errors="replace"))
    assert found is None, f"{found}"


@pytest.mark.parametrize(
    "text", ["see /wo" + "rk/main", "in /ro" + "ot/x", "https://py" + "pi.org/simple", "/home/" + "ada/x"]
)
def test_a_machine_or_a_registry_would_be_found(text: str) -> None:
    assert FORBIDDEN_TEXT.search(text)


def test_the_top_level_holds_only_what_belongs_there() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} <= TOP_LEVEL


def test_the_changelog_tells_what_comes_next_or_what_was_released() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings
    assert all(re.fullmatch(r"\[(?:Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d)\]?", heading) for heading in headings)


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _reads_environment(node: ast.AST) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    if isinstance(node, ast.Attribute):
        return node.attr in names and isinstance(node.value, ast.Name) and node.value.id == "os"
    return isinstance(node, ast.ImportFrom) and node.module == "os" and any(alias.name in names for alias in node.names)
