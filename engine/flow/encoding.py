"""Makes text of a file's bytes. Owns the encoding, the size of a file, and which characters a file may hold; knows no YAML."""

from __future__ import annotations

import re

from engine.errors import Place
from engine.flow import codes
from engine.flow.document import Findings

MAX_BYTES = 256 * 1024
# NEL and the Unicode line separators are line breaks for PyYAML but not for YAML 1.2 or an editor: places would be wrong.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def plain_text(source: str | bytes, file: str, findings: Findings) -> str | None:
    """The text of a file, without a byte order mark; None after a finding."""
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
