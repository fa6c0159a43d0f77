"""Keeps the generated parts of the documentation in step with the code. Owns which generator fills which mark; writes nothing else.

A markdown file holds `<!-- generated: NAME -->`, then what the generator NAME gives, then `<!-- end -->`. Two kinds of names take words:
`keys KIND` gives the keys of a construct of the language, `part FILE ID…` the steps or keys of an example in flows/.

    python .ci/docs.py            fill all marks
    python .ci/docs.py --check    change nothing; exit status 1 when a mark is out of step
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine.check.codes import CODES as CHECKER_CODES
from engine.cli import COMMANDS
from engine.core.commands import OWN_KINDS
from engine.core.statuses import RunStatus, StepStatus
from engine.editor import keys
from engine.expressions import limits
from engine.expressions.filters import FILTERS
from engine.flow.codes import CODES as LOADER_CODES
from engine.metrics import ALL as METRICS
from engine.runtime.rehearsal.codes import CODES as TEST_CODES
from engine.sdk.connector import Action, EffectClass
from engine.sdk.errors import Kind
from engine.sdk.trigger import TriggerType
from engine.settings import settings_table
from engine.strictjson import Json, JsonObject

ROOT = Path(__file__).parents[1]
CONNECTORS = {connector.name: connector for connector in (calendly, http, log, schedule)}


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


def own_kinds_table() -> str:
    """Every kind of error that no service reports."""
    rows = [f"| `{kind}` | {cell(meaning)} |" for kind, meaning in OWN_KINDS.items()]
    return "\n".join(["| kind | meaning |", "|---|---|", *rows])


def statuses_table(statuses: Iterable[RunStatus | StepStatus]) -> str:
    """What a status means, in the words of the code."""
    rows = [f"| `{status}` | {cell(status.meaning)} |" for status in statuses]
    return "\n".join(["| status | meaning |", "|---|---|", *rows])


def metrics_table() -> str:
    """Every metric that /metrics serves."""
    rows = [
        f"| `{item.name}` | {item.kind} | {f'`{item.label}`' if item.label else ''} | {cell(item.summary)} |"
        for item in METRICS
    ]
    return "\n".join(["| metric | kind | label | what it tells |", "|---|---|---|---|", *rows])


def commands_table() -> str:
    """Every command; its own --help says more."""
    rows = [f"| `hookline {name}` | {cell(summary)} |" for name, (_, summary) in sorted(COMMANDS.items())]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


KEYS: Mapping[str, tuple[Mapping[str, JsonObject], tuple[str, ...]]] = {
    "file": (keys.FLOW, ("id", "steps")),
    "trigger": (keys.TRIGGER, ("uses",)),
    "input": (keys.INPUT, ("type",)),
    "concurrency": (keys.CONCURRENCY, ()),
    "defaults": (keys.DEFAULTS, ()),
    "retry": (keys.RETRY, ()),
    "step": (keys.STEP, ("id",)),
    "wait": (keys.WAIT, ()),
    "event": (keys.EVENT, ("uses",)),
    "stop": (keys.STOP, ("status",)),
    **{
        kind: (keys.KINDS[kind], keys.REQUIRED.get(kind, (kind,)))
        for kind in keys.KINDS
        if kind not in ("set", "wait", "stop")
    },
}
"""Every construct that has keys of its own, with those that it cannot do without."""


def keys_table(construct: str) -> str:
    """The keys of a construct: what may stand there, and what it does, in the words that an editor shows too."""
    found, required = KEYS[construct]
    rows = [
        f"| `{key}` | {COMPLETED.get(key) or form(schema)}{', required' if key in required else ''} | {cell(sentence(schema))} |"
        for key, schema in found.items()
    ]
    return "\n".join(["| key | value | what it is |", "|---|---|---|", *rows])


def sentence(schema: JsonObject) -> str:
    said = str(schema.get("description") or keys_of(schema).get("description", ""))
    default = schema.get("default")
    return said if default is None else f"{said} Default {json.dumps(default).strip(chr(34))}."


def keys_of(schema: JsonObject) -> JsonObject:
    """The first of the forms that a value may have."""
    options = schema.get("anyOf") or schema.get("allOf") or ()
    first = options[0] if isinstance(options, Sequence) and options else {}
    return first if isinstance(first, Mapping) else {}


FORMS: Mapping[str, str] = {
    "text": "text",
    "name": "a name",
    "file_name": "a name",
    "duration": "a duration",
    "expression": "an expression",
    "steps": "steps",
    "steps_or_none": "steps",
    "on_error": "`fail`, `continue` or steps",
}
"""By the definition that a schema refers to."""
COMPLETED: Mapping[str, str] = {"uses": "`connector.name`", "with": "keys and values"}
"""By key, where an editor completes what is installed."""


def form(schema: JsonObject) -> str:
    """What a value looks like, in a word or two."""
    reference, choices, kind = schema.get("$ref"), schema.get("enum"), schema.get("type")
    if isinstance(reference, str):
        return FORMS.get(reference.rpartition("/")[2], "keys and values")
    if isinstance(choices, Sequence):
        return listed(choices)
    if kind == "integer":
        return f"{schema['minimum']:,} to {schema['maximum']:,}"
    if kind == "array":
        items = schema["items"]
        return f"a list of {form(items)}" if isinstance(items, Mapping) else "a list"
    if isinstance(kind, str):
        return {"object": "keys and values", "boolean": "`true` or `false`", "string": "text"}[kind]
    inner = keys_of(schema)
    return form(inner) if inner else "any value"


def listed(choices: Sequence[Json]) -> str:
    return " or ".join(", ".join(f"`{choice}`" for choice in choices).rsplit(", ", 1))


def uses_table() -> str:
    """What the connectors of this package offer, and where it is described."""
    rows = [
        f"| `{name}.{offer.name}` | {kind} | {cell(summary(offer))} | {effect(offer)} |"
        for name, connector in CONNECTORS.items()
        for kind, offers in (("trigger", connector.triggers), ("action", connector.actions))
        for offer in offers.values()
    ]
    return "\n".join(["| `uses` | kind | what it does | when its answer is lost |", "|---|---|---|---|", *rows])


EFFECTS: Mapping[EffectClass, str] = {
    "read": "*read*: may be called again",
    "idempotent": "*idempotent*: may be called again",
    "keyed": "*keyed*: may be called again, with its key",
    "confirm": "*confirm*: the service is asked",
    "uncertain": "*uncertain*",
}


def effect(offer: TriggerType | Action) -> str:
    """The class of an action's effect, and what it means."""
    if not isinstance(offer, Action):
        return ""
    return "as its input says" if offer.repeatable is not None else EFFECTS[offer.effect_class]


def summary(offer: TriggerType | Action) -> str:
    return offer.summary.splitlines()[0]


def part(file: str, *names: str) -> str:
    """The steps (by id) and keys at the top of an example, as they stand in its file; steps stand under ``steps`` when keys come before them."""
    lines = (ROOT / "flows" / file).read_text(encoding="utf-8").splitlines()
    blocks = [block(lines, name, file) for name in names]
    keys_of_flow = [found for found in blocks if not found[0].startswith("- ")]
    steps = [found for found in blocks if found[0].startswith("- ")]
    if keys_of_flow and steps:
        steps = [["steps:", "  # …"], *([f"  {line}" if line else "" for line in found] for found in steps)]
    return "\n".join(["```yaml", *(line for found in (*keys_of_flow, *steps) for line in found), "```"])


def block(lines: Sequence[str], name: str, file: str) -> list[str]:
    """The lines of one step or key without their common indentation. Raises KeyError when it is not there."""
    begins = re.compile(rf"( *)(- id: {re.escape(name)}|- \{{id: {re.escape(name)},.*|(?<! ){re.escape(name)}:.*)")
    start = next((number for number, line in enumerate(lines) if begins.fullmatch(line)), None)
    if start is None:
        raise KeyError(f"{file} has no step and no key {name}")
    depth = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > depth):
        end += 1
    found = [line[depth:] for line in lines[start:end]]
    while not found[-1].strip():
        found.pop()
    return found


def cell(text: str) -> str:
    """Text that stands in a table: its bars and braces are meant as they are, a bare < too."""
    return text.replace("|", "\\|").replace("<", "&lt;")


GENERATORS: Mapping[str, Callable[[], str]] = {
    "codes": codes_table,
    "commands": commands_table,
    "filters": filters_table,
    "kinds": kinds_table,
    "limits": limits_table,
    "metrics": metrics_table,
    "own-kinds": own_kinds_table,
    "run-statuses": lambda: statuses_table(RunStatus),
    "settings": settings_table,
    "uses": uses_table,
    "step-statuses": lambda: statuses_table(StepStatus),
}
WITH_WORDS: Mapping[str, Callable[..., str]] = {"keys": keys_table, "part": part}
MARK = re.compile(
    r"(<!-- generated: (?P<name>[\w-]+)(?P<words>(?: [\w./-]+)*) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


def filled(text: str) -> str:
    """The text with every mark filled. Raises KeyError for a mark that no generator fills."""
    return MARK.sub(lambda mark: f"{mark[1]}{generated(mark['name'], mark['words'].split())}\n{mark['end']}", text)


def generated(name: str, words: Sequence[str]) -> str:
    return WITH_WORDS[name](*words) if words else GENERATORS[name]()


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
