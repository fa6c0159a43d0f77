"""Says in an author's words why YAML cannot read a text. Owns the novice's mistakes and their cures; changes nothing, reads no file.

PyYAML's own words ("did not find expected key") tell where the parser gave up, not what was meant, and differ between its two parsers. So
each rule here looks at the lines around the place; the first that recognises a mistake speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from engine.flow import codes
from engine.flow.document import short

# Quoted texts and comments are consumed first, so that only braces outside of them are found.
_UNQUOTED = re.compile(
    r"""\"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?<=\s)\#.*|(?:^\s*|[:,-]\s+|[\[{]\s*)(\{\{)""",
)
_LONG = 2_000
"""Characters of a line that the rules look at: some of their patterns take the square of a line's length."""
_NO_SPACE = re.compile(r"^\s*(?:- +)*([A-Za-z_][\w-]*):([^\s/:].*)$")
_ALIAS_AND_MORE = re.compile(r"(?:^\s*|[:,-]\s+|[\[{]\s*)(\*[\w-]+)\s+$")
_KEY_VALUE = re.compile(r"^(\s*(?:- +)*)([A-Za-z_][\w.-]*): +(\S.*)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong, with its 1-based place."""

    line: int
    column: int
    message: str
    code: str = codes.SYNTAX


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted:
    """Where a text in quotes begins and ends (after its closing quote): 0-based lines and columns."""

    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scene:
    """What the rules look at. Lines and columns are 0-based here; ``problem`` and ``context`` are PyYAML's words."""

    lines: list[str]
    line: int
    column: int
    problem: str
    context: str
    start: tuple[int, int]
    """Where the thing that was being read begins, or the place itself."""
    last: Quoted | None

    def text(self, line: int) -> str:
        return self.lines[line][:_LONG] if 0 <= line < len(self.lines) else ""

    def before(self) -> int:
        """The last line above the problem that is neither empty nor a comment, or -1."""
        line = min(self.line, len(self.lines)) - 1
        while line >= 0 and (not self.lines[line].strip() or self.lines[line].lstrip().startswith("#")):
            line -= 1
        return line


def explain(text: str, error: yaml.MarkedYAMLError, last: Quoted | None) -> Problem:
    """What the author should change. ``last`` is the last text that could be read before the problem, if it stands in quotes."""
    lines = text.splitlines()
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    start = (context.line, context.column) if context else (line, column)
    scene = _Scene(
        lines=lines,
        line=line,
        column=column,
        problem=error.problem or "",
        context=error.context or "",
        start=start,
        last=last,
    )
    for rule in _RULES:
        problem = rule(scene)
        if problem is not None:
            return problem
    return _at(
        scene,
        line,
        column,
        f"YAML cannot read this: {scene.problem or 'unexpected text'}. Check the indentation and the quotes of this line and the one above",
    )


def quoted_form(line: str, column: int) -> str:
    """The finding's words for an expression without quotes: the author's line, and the same line with quotes."""
    line = line[:_LONG]
    head, value = line[:column], line[column:].rstrip()
    comment = re.search(r"\}\}.*?(\s#.*)$", value)
    if comment:
        value = value[: comment.start(1)].rstrip()
    inside = head.count("{") + head.count("[") > head.count("}") + head.count("]")
    if inside and "}}" in value:
        value, _, tail = value.partition("}}")
        return _needs_quotes(line, f"{head}{_quoted(value + '}}')}{tail}")
    return _needs_quotes(line, f"{head}{_quoted(value)}")


def _needs_quotes(wrong: str, right: str) -> str:
    return f"{{{{ … }}}} needs quotes around the whole value. Instead of   {short(wrong.strip(), 120)}   write   {short(right.strip(), 120)}"


def _quoted(value: str) -> str:
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def _at(scene: _Scene, line: int, column: int, message: str, code: str = codes.SYNTAX) -> Problem:
    if line >= len(scene.lines):
        line = max(len(scene.lines) - 1, 0)
        column = len(scene.text(line))
    return Problem(line=line + 1, column=column + 1, message=message, code=code)


def _unquoted_expression(scene: _Scene) -> Problem | None:
    for number in (scene.line, scene.start[0], scene.before()):
        line = scene.text(number)
        column = next((found.start(1) for found in _UNQUOTED.finditer(line) if found[1]), None)
        if column is not None and (number, column) <= (scene.line, scene.column):
            return _at(scene, number, column, quoted_form(line, column), codes.UNQUOTED)
    return None


def _tab(scene: _Scene) -> Problem | None:
    for number in (scene.line, scene.start[0]):
        text = scene.text(number)
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            return _at(scene, number, indent.index("\t"), "a tab; YAML is indented with spaces only (two per level)")
    return None


def _open_quote(scene: _Scene) -> Problem | None:
    if "quoted scalar" in scene.context and "unexpected end of stream" in scene.problem:
        return _at(scene, *scene.start, "the text that begins with this quote is never closed; add the closing quote")
    last = scene.last
    if last is not None and last.start[0] < last.end[0] == scene.line:
        ends = last.end[0] + 1
        message = (
            f"the text that begins with this quote ends only on line {ends}; close it, or check the quotes in between"
        )
        return _at(scene, *last.start, message)
    return None


def _text_after_quote(scene: _Scene) -> Problem | None:
    last = scene.last
    if last is None or not last.start[0] == last.end[0] == scene.line:
        return None
    line, begin, end = scene.text(scene.line), last.start[1], last.end[1]
    if not line[end:].strip() or line[end:].lstrip()[0] in ",]}:#":
        return None
    form = f"{line[:begin]}{_whole(line[begin:].rstrip())}".strip()
    return _at(
        scene,
        scene.line,
        end,
        f"text goes on after the closing quote; put the whole value in quotes:   {short(form, 120)}",
    )


def _whole(value: str) -> str:
    return f'"{value}"' if '"' not in value and "\\" not in value else "'" + value.replace("'", "''") + "'"


def _missing_space(scene: _Scene) -> Problem | None:
    if not any(words in scene.problem for words in ("mapping values", "expected ':'", "expected key", "<block end>")):
        return None
    for number in dict.fromkeys((scene.line, scene.before(), scene.start[0])):
        found = _NO_SPACE.match(scene.text(number))
        if found:
            column = found.start(2)
            return _at(
                scene,
                number,
                column,
                f"a space is missing after the colon; write   {short(f'{found[1]}: {found[2].strip()}', 120)}",
            )
    return None


def _second_colon(scene: _Scene) -> Problem | None:
    found = _KEY_VALUE.match(scene.text(scene.line))
    if "mapping values" not in scene.problem or not found or scene.column < found.start(3):
        return None
    form = f"{found[2]}: {_whole(found[3].rstrip())}"
    return _at(
        scene, scene.line, scene.column, f"a second ': ' in one value; put the value in quotes:   {short(form, 120)}"
    )


def _too_deep(scene: _Scene) -> Problem | None:
    above = _KEY_VALUE.match(scene.text(scene.before()))
    text = scene.text(scene.line)
    indent = len(text) - len(text.lstrip())
    if "mapping values" not in scene.problem or not above or indent <= len(above[1]):
        return None
    message = f"this line is indented deeper than {short(above[2])!r} above, which has a value already; align it with {short(above[2])!r}"
    return _at(scene, scene.line, indent, message)


def _no_colon(scene: _Scene) -> Problem | None:
    if "expected ':'" not in scene.problem and "mapping values" not in scene.problem:
        return None
    number = scene.start[0] if "expected ':'" in scene.problem else scene.before()
    text = scene.text(number)
    if number < 0 or ":" in text:
        return None
    return _at(scene, number, len(text) - len(text.lstrip()), "a key without a colon; write   key: value")


def _special_character(scene: _Scene) -> Problem | None:
    character = scene.text(scene.line)[scene.column : scene.column + 1]
    if "cannot start any token" not in scene.problem or not character:
        return None
    return _at(
        scene,
        scene.line,
        scene.column,
        f"a value cannot begin with {character} without quotes; put the whole value in quotes",
    )


def _open_bracket(scene: _Scene) -> Problem | None:
    for kind, sign, close in (("mapping", "{", "}"), ("sequence", "[", "]")):
        if f"flow {kind}" in scene.context:
            message = f"the {sign} of line {scene.start[0] + 1} is not closed by {close}, a comma is missing before this, or a value with [ ] {{ }} or a comma in it needs quotes"
            return _at(scene, scene.line, scene.column, message)
    return None


def _indentation(scene: _Scene) -> Problem | None:
    if "block" not in scene.context:
        return None
    text = scene.text(scene.line)
    if text.lstrip()[:1] in ("]", "}") or text[scene.column : scene.column + 1] in ("]", "}"):
        return _at(
            scene,
            scene.line,
            scene.column,
            "a closing bracket without its opening one; quote the text if it is meant as text",
        )
    begins = scene.start[0] + 1
    if "collection" in scene.context or "'-'" in scene.problem:
        message = f"this line has the indentation of the list that begins on line {begins}, but is no item; begin it with '- ', or indent it as the item's other keys"
    else:
        message = f"the indentation of this line fits neither the block that begins on line {begins} nor what stands above; align it with the keys it belongs to"
    return _at(scene, scene.line, scene.column, message)


def _escape(scene: _Scene) -> Problem | None:
    if "escape" not in scene.problem:
        return None
    message = "a backslash in double quotes begins an escape, and this is none; write \\\\ for a backslash, or use single quotes"
    return _at(scene, scene.line, scene.column, message)


def _directive(scene: _Scene) -> Problem | None:
    if "directive" not in scene.context and "document start" not in scene.problem:
        return None
    return _at(
        scene,
        min(scene.start[0], len(scene.lines) - 1),
        0,
        "one flow is expected, beginning with id:; a line that begins with % or follows '...' is not part of it",
    )


def _tag_or_anchor(scene: _Scene) -> Problem | None:
    for word, sign in (("tag", "!"), ("anchor", "&"), ("alias", "*")):
        if word in scene.context or f"{word} handle" in scene.problem:
            return _at(
                scene, *scene.start, f"a value cannot begin with {sign} without quotes; put the whole value in quotes"
            )
    return None


def _text_after_alias(scene: _Scene) -> Problem | None:
    found = _ALIAS_AND_MORE.search(scene.text(scene.line)[: scene.column])
    if found is None:
        return None
    message = f"text goes on after {short(found[1])}, which YAML takes for an alias; put the whole value in quotes"
    return _at(scene, scene.line, found.start(1), message)


_RULES: tuple[Callable[[_Scene], Problem | None], ...] = (
    _unquoted_expression,
    _tab,
    _text_after_quote,
    _open_quote,
    _special_character,
    _text_after_alias,
    _second_colon,
    _missing_space,
    _too_deep,
    _no_colon,
    _escape,
    _tag_or_anchor,
    _open_bracket,
    _directive,
    _indentation,
)
