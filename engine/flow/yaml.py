"""Reads YAML text into plain data with places. Owns the rules of YAML here (1.2 core scalars, caps, what is refused); knows no flow.

PyYAML only delivers the events (libyaml where it is built in: about ten times faster); composing them here, with caps as they come, means
that no input can exhaust the stack or the memory, and that everything refused has its exact place. Never raises for any text or bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import yaml

from engine.errors import Place
from engine.flow import codes
from engine.flow.aliases import Anchored, Anchors, Marks, Spend
from engine.flow.document import Document, Findings, Path, short
from engine.flow.encoding import MAX_BYTES as MAX_BYTES
from engine.flow.encoding import plain_text
from engine.flow.layout import Span
from engine.flow.scalars import NotANumber, resolve
from engine.flow.syntax import Quoted, explain, quoted_form
from engine.strictjson import Json

MAX_NODES = 20_000
MAX_DEPTH = 60

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_SURROGATE = re.compile("[\ud800-\udfff]")
_MERGE = "\0<<"
"""The merge key as part of a path: a key that is the text "<<" is another."""
_Node: TypeAlias = "yaml.ScalarEvent | yaml.CollectionStartEvent | yaml.AliasEvent"
_Mark: TypeAlias = tuple[int, int]


def _nowhere(_: Path) -> bool:
    return False


def read_yaml(
    source: str | bytes, file: str, findings: Findings, any_key: Callable[[Path], bool] = _nowhere
) -> Document | None:
    """The one document in ``source``, or None when it cannot be read at all; everything wrong is added to ``findings``.

    ``any_key(path)``: whether the mapping there takes numbers, true, false and null as keys, as the text that they are written as.
    """
    text = plain_text(source, file, findings)
    if text is None:
        return None
    composer = _Composer(text, file, findings, any_key)
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


class _Stop(Exception):
    """The file was refused as a whole; the finding is recorded."""


class _Composer:
    """Turns the events of one file into data, keeping places."""

    def __init__(self, text: str, file: str, findings: Findings, any_key: Callable[[Path], bool]) -> None:
        self._last: yaml.ScalarEvent | None = None
        self._text = text
        self._lines = text.splitlines()
        self._file = file
        self._findings = findings
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._any_key = any_key
        self._count = 0
        self._repeated = 0
        self._marks = Marks()
        self._anchors = Anchors()
        self._aliases: dict[Path, Place] = {}

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
            keys=self._marks.keys,
            values=self._marks.values,
            broken=frozenset(self._marks.broken),
            spans=self._marks.spans,
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
        self._count_at(_start(event))
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

    def _count_at(self, mark: _Mark) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            self._add(mark, codes.TOO_LARGE, f"a flow may have at most {MAX_NODES:,} values; split the flow")
            raise _Stop

    def _spending(self, event: _Node) -> Spend:
        """Counts what an alias or a merge at this event adds."""
        mark = _start(event)

        def spend(path: Path, characters: int) -> None:
            self._count_at(mark)
            self._check_depth(len(path) + 1, mark)
            self._repeated += characters
            if self._repeated > MAX_BYTES:
                most = MAX_BYTES // 1024
                self._add(mark, codes.TOO_LARGE, f"aliases may repeat at most {most} Ki characters of text")
                raise _Stop

        return spend

    def _check_depth(self, depth: int, mark: _Mark) -> None:
        if depth > MAX_DEPTH:
            self._add(mark, codes.TOO_LARGE, f"nested more than {MAX_DEPTH} levels deep")
            raise _Stop

    def _value(self, event: _Node, path: Path, depth: int) -> Json:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        self._marks.values[path] = self._value_place(event)
        self._check_depth(depth, _start(event))
        if event.tag is not None:
            self._refuse_tag(event)
            self._marks.broken.add(path)
        if event.anchor is None:
            return self._content(event, path, depth)
        self._anchors.begin(event.anchor)
        data = self._content(event, path, depth)
        self._anchors.end(event.anchor, path, data)
        return data

    def _content(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, path: Path, depth: int) -> Json:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(event, path, depth)

    def _alias(self, event: yaml.AliasEvent, path: Path) -> Json:
        self._marks.values[path] = self._aliases[path] = self._place(_start(event))
        found = self._anchored(event)
        if found is None:
            self._marks.broken.add(path)
            return None
        self._marks.repeat(found.path, path, found.data, self._spending(event))
        return found.data

    def _anchored(self, event: yaml.AliasEvent) -> Anchored | None:
        found = self._anchors.find(str(event.anchor))
        if isinstance(found, str):
            self._add(_start(event), codes.ALIAS, found)
            return None
        return found

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        said = f"the tag {short(str(event.tag))!r} has no meaning here; remove it, quote the text, or write not in an expression"
        self._add(_start(event), codes.TAG, said)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Json:
        self._remember_span(event, path)
        if event.style:
            return str(event.value)
        try:
            return resolve(event.value)
        except NotANumber as error:
            self._add(_start(event), codes.NUMBER, str(error))
            self._marks.broken.add(path)
            return None

    def _remember_span(self, event: yaml.ScalarEvent, path: Path) -> None:
        """Only texts that are not written as they read need one: it is the rare case."""
        (line, column), end = _start(event), event.end_mark
        assert end is not None
        quotes = 2 if event.style in ('"', "'") else 0
        if event.style in ("|", ">"):
            self._marks.spans[path] = Span(line + 1, 0, event.style)
        elif end.line != line or end.column - column - quotes != len(event.value):
            self._marks.spans[path] = Span(line, column + quotes // 2, event.style or "")

    def _sequence(self, path: Path, depth: int) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := self._event(), yaml.CollectionEndEvent):
            items.append(self._value(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, start: yaml.CollectionStartEvent, path: Path, depth: int) -> Json:
        entries: dict[str, Json] = {}
        merge: _Node | None = None
        sources: tuple[Anchored, ...] = ()
        while not isinstance(event := self._event(), yaml.CollectionEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._complex_key(event, start, path, depth)
                continue
            merges = _is_merge(event)
            key = _MERGE if merges else self._key(event, path)
            where = (*path, key)
            twice = where in self._marks.keys
            if twice:
                self._refuse_twice(event, key, self._marks.keys[where])
                where = (*where, "\0again")
            self._marks.keys[where] = self._place(_start(event))
            if merges and not twice:
                merge = self._node()
                sources = self._sources(merge, where, depth + 1)
                continue
            value = self._value(self._node(), where, depth + 1)
            if not twice:
                entries[key] = value
        if merge is not None:
            entries = self._marks.merge(sources, path, entries, self._spending(merge))
        return None if path in self._marks.broken else entries

    def _refuse_twice(self, event: yaml.ScalarEvent, key: str, first: Place) -> None:
        shown, hint = ("<<", "; to merge several, write   <<: [*one, *two]") if key == _MERGE else (short(key), "")
        said = f"the key {shown!r} stands here again (first on line {first.line}){hint}"
        self._add(_start(event), codes.DUPLICATE_KEY, said)

    def _sources(self, event: _Node, path: Path, depth: int) -> tuple[Anchored, ...]:
        """The mappings under a merge key."""
        if isinstance(event, yaml.AliasEvent):
            self._aliases[path] = self._place(_start(event))
            found = self._anchored(event)
        else:
            found = Anchored(path=path, data=self._value(event, path, depth))
        if found is None or found.path in self._marks.broken:
            return ()
        if isinstance(found.data, list):
            items = (Anchored(path=(*found.path, at), data=item) for at, item in enumerate(found.data))
            return tuple(item for item in items if self._merges(item, (*path, item.path[-1])))
        return (found,) if self._merges(found, path) else ()

    def _merges(self, source: Anchored, path: Path) -> bool:
        if source.path in self._marks.broken or isinstance(source.data, Mapping):
            return isinstance(source.data, Mapping)
        place = self._aliases.get(path) or self._marks.values[source.path]
        said = "<< merges keys and values only, and this is none; write   <<: *name   where &name marks keys and values"
        self._findings.add(place, codes.MERGE, said)
        return False

    def _key(self, event: yaml.ScalarEvent, path: Path) -> str:
        text = str(event.value)
        if event.tag is not None:
            self._refuse_tag(event)
        elif event.anchor is not None:
            said = f"a key cannot be marked with &{short(str(event.anchor))}; mark the value behind the colon"
            self._add(_start(event), codes.ALIAS, said)
        elif not event.style and not self._is_text(text) and not (text and self._any_key(path)):
            shown = short(text) or "(nothing)"
            said = f'the key {shown} is not text; write it in quotes: "{short(text)}":'
            self._add(_start(event), codes.KEY_NOT_TEXT, said)
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
            self._add(_start(event), codes.KEY_NOT_TEXT, "a key cannot be an alias; write the key out")
        else:
            self._add(_start(event), codes.KEY_NOT_TEXT, "a key must be text, not a list or a mapping")
        muted, self._findings = self._findings, Findings()
        self._value(event, (*path, "\0key"), depth + 1)
        self._value(self._node(), (*path, "\0value"), depth + 1)
        self._findings = muted
        self._marks.broken.add(path)

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


def _is_merge(event: yaml.ScalarEvent) -> bool:
    return not event.style and event.value == "<<" and event.tag is None and event.anchor is None
