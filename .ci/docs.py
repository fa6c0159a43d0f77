"""Keeps the generated parts of the documentation in step with the code. Owns which generator fills which mark; writes nothing else.

A markdown file holds `<!-- generated: NAME -->`, then what the generator NAME gives, then `<!-- end -->`.

    python .ci/docs.py            fill all marks
    python .ci/docs.py --check    change nothing; exit status 1 when a mark is out of step
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from engine.check.codes import CODES as CHECKER_CODES
from engine.cli import COMMANDS
from engine.core.statuses import RunStatus, StepStatus
from engine.expressions import limits
from engine.expressions.filters import FILTERS
from engine.flow.codes import CODES as LOADER_CODES
from engine.runtime.rehearsal.codes import CODES as TEST_CODES
from engine.sdk.errors import Kind
from engine.settings import settings_table

ROOT = Path(__file__).parents[1]


def filters_table() -> str:
    """Every filter of the expressions."""
    rows = [
        f"| `{name}` | {cell(FILTERS[name].signature)} | {cell(FILTERS[name].summary)} |" for name in sorted(FILTERS)
    ]
    return "\n".join(["| filter | from and to | what it does |", "|---|---|---|", *rows])


def codes_table() -> str:
    """Every finding of the loader, the checker and the reader of tests."""
    codes = {**LOADER_CODES, **CHECKER_CODES, **TEST_CODES}
    rows = [
        f"| `{code}` | {cell(doc.title)} | {cell(doc.cause)} | {cell(doc.cure)} |"
        for code, doc in sorted(codes.items())
    ]
    return "\n".join(["| code | finding | cause | what to do |", "|---|---|---|---|", *rows])


def limits_table() -> str:
    """How much an expression may say, build, return and do, in the words of the module that holds the limits."""
    body = ast.parse(inspect.getsource(limits)).body
    rows = []
    for named, said in pairwise(body):
        if isinstance(named, ast.AnnAssign) and isinstance(named.target, ast.Name) and isinstance(said, ast.Expr):
            most = getattr(limits, named.target.id)
            shown = f"{most:,}" if most < 10**9 else f"10^{len(str(most)) - 1}"
            rows.append(f"| {shown} | {cell(' '.join(ast.literal_eval(said.value).split()))} |")
    return "\n".join(["| at most | of what |", "|---|---|", *rows])


def kinds_table() -> str:
    """Every kind of error that a call to a service can end in."""
    rows = [f"| `{kind}` | {cell(kind.meaning)} | {cell(kind.recovery)} |" for kind in Kind]
    return "\n".join(["| kind | meaning | what the engine does |", "|---|---|---|", *rows])


def statuses_table(statuses: Iterable[RunStatus | StepStatus]) -> str:
    """What a status means, in the words of the code."""
    rows = [f"| `{status}` | {cell(status.meaning)} |" for status in statuses]
    return "\n".join(["| status | meaning |", "|---|---|", *rows])


def commands_table() -> str:
    """Every command; its own --help says more."""
    rows = [f"| `hookline {name}` | {cell(summary)} |" for name, (_, summary) in sorted(COMMANDS.items())]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def cell(text: str) -> str:
    """Text that stands in a table: its bars and braces are meant as they are, a bare < too."""
    return text.replace("|", "\\|").replace("<", "&lt;")


GENERATORS: Mapping[str, Callable[[], str]] = {
    "codes": codes_table,
    "commands": commands_table,
    "filters": filters_table,
    "kinds": kinds_table,
    "limits": limits_table,
    "run-statuses": lambda: statuses_table(RunStatus),
    "settings": settings_table,
    "step-statuses": lambda: statuses_table(StepStatus),
}
MARK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """The text with every mark filled. Raises KeyError for a mark that no generator fills."""
    return MARK.sub(lambda mark: f"{mark[1]}{GENERATORS[mark['name']]()}\n{mark['end']}", text)


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def main(*, check: bool) -> int:
    status = 0
    for document in documents():
        text = document.read_text()
        if (new := filled(text)) == text:
            continue
        if check:
            status = 1
            print(f"{document.relative_to(ROOT)}: a generated part is out of step with the code; run: make docs")
        else:
            document.write_text(new)
            print(f"{document.relative_to(ROOT)}: filled")
    return status


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
