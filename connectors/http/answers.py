"""Reading an answer. Owns when a body is JSON, when it is text, and in which encoding."""

from __future__ import annotations

from engine.sdk import Response

_TEXTUAL = ("application/xml", "application/javascript", "application/x-www-form-urlencoded", "application/graphql")
# Every byte is a character in these, or is replaced; stranger encodings have ways to yield what is no text.
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}


def says_json(response: Response) -> bool:
    """Whether the answer calls itself JSON (``application/json`` or ``…+json``)."""
    kind = _media_type(response)
    return kind == "application/json" or kind.endswith("+json")


def text_of(response: Response, *, first: int | None = None) -> str | None:
    """The body (or its ``first`` bytes) as text; None when it is not text. Bytes that are none in its encoding become U+FFFD."""
    kind = _media_type(response)
    is_text = not kind or kind.startswith("text/") or kind in _TEXTUAL or kind.endswith(("+xml", "json"))
    if not is_text:
        return None
    return response.body[:first].decode(_encoding(response), errors="replace")


def _media_type(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _encoding(response: Response) -> str:
    parameters = response.headers.get("content-type", "").lower().split(";")[1:]
    named = [
        value.strip(' "')
        for name, _, value in (each.partition("=") for each in parameters)
        if name.strip() == "charset"
    ]
    return _ENCODINGS.get(named[0] if named else "", "utf-8")
