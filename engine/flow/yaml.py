"""Reads YAML text into plain data with places. Owns the rules of YAML here (1.2 core scalars, caps, what is refused); knows no flow.

PyYAML only delivers the events (libyaml where it is built in: about ten times faster); composing them here, with caps as they come, means
that no input can exhaust the stack or the memory, and that everything refused has its exact place. Never raises for any text or bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import yaml

from engine.errors import Place
from engine.flow import codes
from engine.flow.document import Document, Findings, Path, short
from engine.flow.layout import Span
from engine.flow.scalars import NotANumber, resolve
from engine.flow.syntax import Quoted, explain, quoted_form
from engine.strictjson import Json

MAX_BYTES = 256 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 60

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
# NEL and the Unicode line separators are line breaks for PyYAML but not for YAML 1.2 or an editor: places would be wrong.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_Node: TypeAlias = "yaml.ScalarEvent | yaml.CollectionStartEvent | yaml.AliasEvent"
_Mark: TypeAlias = tuple[int, int]


def read_yaml(source: str | bytes, file: str, findings: Findings) -> Document | None:
    """The one document in ``source``, or None when it cannot be read at all; everything wrong is added to ``findings``."""
    text = _decoded(source, file, findings)
    if text is None:
        return None
    composer = _Composer(text, file, findings)
    try:
        return composer.document()
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        problem = explain(text, error, composer.quoted())
        findings.add(Place(file=file, line=problem.line, column=problem.column), problem.code, problem.message)
        return None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML's own parser, where libyaml is not built in, lets Python's errors about absurd escapes and versions through.
        findings.add(
            composer.here(),
            codes.SYNTAX,
            "an escape or a number after this that YAML cannot read; check the backslashes",
        )
        return None


def _decoded(source: str | bytes, file: str, findings: Findings) -> str | None:
    start = Place(file=file, line=1, column=1)
    if len(source) > MAX_BYTES or (isinstance(source, str) and len(source.encode(errors="replace")) > MAX_BYTES):
        findings.add(start, codes.TOO_LARGE, f"a flow file may have at most {MAX_BYTES // 1024} KiB; split the flow")
        return None
    try:
        text = source.decode() if isinstance(source, bytes) else source
    except UnicodeDecodeError as error:
        place = _place_at(error.object[: error.start].decode(errors="replace"), error.start, file)
        findings.add(place, codes.NOT_TEXT, f"{_encoding_of(error.object)}; save the file as UTF-8")
        return None
    text = text.removeprefix("\ufeff")
    odd = _UNPRINTABLE.search(text)
    if odd is None:
        return text
    message = (
        f"an invisible control character (U+{ord(odd[0]):04X}); delete it, or write it as an escape in double quotes"
    )
    findings.add(_place_at(text, odd.start(), file), codes.NOT_TEXT, message)
    return None


def _encoding_of(source: bytes) -> str:
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the file is UTF-16"
    return "the file is not UTF-8 text from here on"


def _place_at(text: str, index: int, file: str) -> Place:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return Place(file=file, line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


class _Stop(Exception):
    """The file was refused as a whole; the finding is recorded."""


class _Composer:
    """Turns the events of one file into data, keeping places."""

    def __init__(self, text: str, file: str, findings: Findings) -> None:
        self._last: yaml.ScalarEvent | None = None
        self._text = text
        self._lines = text.splitlines()
        self._file = file
        self._findings = findings
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._count = 0
        self._keys: dict[Path, Place] = {}
        self._values: dict[Path, Place] = {}
        self._broken: set[Path] = set()
        self._spans: dict[Path, Span] = {}

    def document(self) -> Document | None:
        next(self._events)  # the stream begins; then a document does, or the stream ends
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._findings.add(
                Place(file=self._file, line=1, column=1),
                codes.ONE_DOCUMENT,
                "the file is empty; a flow begins with id:",
            )
            return None
        data = self._value(self._node(), (), 1)
        next(self._events)
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            self._add(_start(after), codes.ONE_DOCUMENT, "a second YAML document begins here; write one flow per file")
        return Document(
            file=self._file,
            source=self._text,
            data=data,
            keys=self._keys,
            values=self._values,
            broken=frozenset(self._broken),
            spans=self._spans,
        )

    def here(self) -> Place:
        """Where the scalar that was read last begins."""
        return self._place(_start(self._last) if self._last is not None else (0, 0))

    def quoted(self) -> Quoted | None:
        """The scalar that was read last, if it stands in quotes."""
        event = self._last
        if event is None or event.style not in ("'", '"') or event.end_mark is None:
            return None
        return Quoted(start=_start(event), end=(event.end_mark.line, event.end_mark.column))

    def _event(self) -> _Node | yaml.CollectionEndEvent:
        event = next(self._events)
        if isinstance(event, yaml.CollectionEndEvent):
            return event
        self._count += 1
        if self._count > MAX_NODES:
            self._add(_start(event), codes.TOO_LARGE, f"a flow may have at most {MAX_NODES:,} values; split the flow")
            raise _Stop
        if isinstance(event, yaml.ScalarEvent):
            self._last = event
            if event.style == '"' and _SURROGATE.search(event.value):
                self._add(
                    _start(event),
                    codes.NOT_TEXT,
                    "an escape for half of a character (\\ud800 to \\udfff); write the character itself",
                )
                raise _Stop
        assert isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent, yaml.AliasEvent))
        return event

    def _node(self) -> _Node:
        event = self._event()
        assert not isinstance(event, yaml.CollectionEndEvent)
        return event

    def _value(self, event: _Node, path: Path, depth: int) -> Json:
        self._values[path] = self._value_place(event)
        if depth > MAX_DEPTH:
            self._add(_start(event), codes.TOO_LARGE, f"nested more than {MAX_DEPTH} levels deep")
            raise _Stop
        refused = self._refusal(event)
        if refused:
            self._add(_start(event), *refused)
            self._broken.add(path)
        if isinstance(event, yaml.AliasEvent):
            return None
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(event, path, depth)

    def _refusal(self, event: _Node) -> tuple[str, str] | None:
        if isinstance(event, yaml.AliasEvent):
            return (
                codes.NOT_YET,
                f"YAML aliases (*{short(str(event.anchor))}) are not supported yet; write the value out",
            )
        if event.anchor is not None:
            return (
                codes.NOT_YET,
                f"YAML anchors (&{short(str(event.anchor))}) are not supported yet; write the value out where it is used",
            )
        if event.tag is not None:
            return (
                codes.TAG,
                f"the tag {short(event.tag)!r} has no meaning here; remove it, quote the text, or write not in an expression",
            )
        return None

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Json:
        self._remember_span(event, path)
        if event.style:
            return str(event.value)
        try:
            return resolve(event.value)
        except NotANumber as error:
            self._add(_start(event), codes.NUMBER, str(error))
            self._broken.add(path)
            return None

    def _remember_span(self, event: yaml.ScalarEvent, path: Path) -> None:
        """Only texts that are not written as they read need one: it is the rare case."""
        (line, column), end = _start(event), event.end_mark
        assert end is not None
        quotes = 2 if event.style in ('"', "'") else 0
        if event.style in ("|", ">"):
            self._spans[path] = Span(line + 1, 0, event.style)
        elif end.line != line or end.column - column - quotes != len(event.value):
            self._spans[path] = Span(line, column + quotes // 2, event.style or "")

    def _sequence(self, path: Path, depth: int) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := self._event(), yaml.CollectionEndEvent):
            items.append(self._value(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, start: yaml.CollectionStartEvent, path: Path, depth: int) -> Json:
        entries: dict[str, Json] = {}
        while not isinstance(event := self._event(), yaml.CollectionEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._complex_key(event, start, path, depth)
                continue
            key = self._key(event)
            where = (*path, key)
            twice = key in entries
            if twice:
                self._add(
                    _start(event),
                    codes.DUPLICATE_KEY,
                    f"the key {short(key)!r} stands here again (first on line {self._keys[where].line})",
                )
                where = (*where, "\0again")
            self._keys[where] = self._place(_start(event))
            value = self._value(self._node(), where, depth + 1)
            if not twice:
                entries[key] = value
        return None if path in self._broken else entries

    def _key(self, event: yaml.ScalarEvent) -> str:
        text = str(event.value)
        refused = self._refusal(event)
        if refused:
            self._add(_start(event), *refused)
        elif not event.style and text == "<<":
            self._add(_start(event), codes.NOT_YET, "YAML merge keys (<<) are not supported yet; write the keys out")
        elif not event.style and not self._is_text(text):
            shown = short(text) or "(nothing)"
            self._add(
                _start(event), codes.KEY_NOT_TEXT, f'the key {shown} is not text; write it in quotes: "{short(text)}":'
            )
        return text

    @staticmethod
    def _is_text(text: str) -> bool:
        try:
            return isinstance(resolve(text), str)
        except NotANumber:
            return False

    def _complex_key(self, event: _Node, start: yaml.CollectionStartEvent, path: Path, depth: int) -> None:
        mark = _start(start)
        line = self._lines[mark[0]] if mark[0] < len(self._lines) else ""
        if line[mark[1] :].startswith("{{"):
            self._add(mark, codes.UNQUOTED, quoted_form(line, mark[1]))
        elif isinstance(event, yaml.AliasEvent):
            self._add(_start(event), codes.NOT_YET, "YAML aliases are not supported yet; write the key out")
        else:
            self._add(_start(event), codes.KEY_NOT_TEXT, "a key must be text, not a list or a mapping")
        muted, self._findings = self._findings, Findings()
        self._value(event, (*path, "\0key"), depth + 1)
        self._value(self._node(), (*path, "\0value"), depth + 1)
        self._findings = muted
        self._broken.add(path)

    def _value_place(self, event: _Node) -> Place:
        style = event.style if isinstance(event, yaml.ScalarEvent) else None
        mark = _start(event)
        if style in ('"', "'"):
            return Place(file=self._file, line=mark[0] + 1, column=mark[1] + 2)
        return self._block_place(mark[0]) if style in ("|", ">") else self._place(mark)

    def _block_place(self, header: int) -> Place:
        # Empty lines at the start belong to the text, so that offsets into it count from the line below the header.
        rest = (self._lines[number] for number in range(header + 1, len(self._lines)))
        first = next((line for line in rest if line.strip()), "")
        return Place(file=self._file, line=header + 2, column=len(first) - len(first.lstrip()) + 1)

    def _place(self, mark: _Mark) -> Place:
        return Place(file=self._file, line=mark[0] + 1, column=mark[1] + 1)

    def _add(self, mark: _Mark, code: str, message: str) -> None:
        self._findings.add(self._place(mark), code, message)


def _start(event: yaml.Event) -> _Mark:
    assert event.start_mark is not None
    return event.start_mark.line, event.start_mark.column
