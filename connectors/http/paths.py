"""Paths below the base URL. Owns their form and their percent-encoding.

What stands in a path is taken as it is meant: characters that cannot stand in a URL are percent-encoded as UTF-8, and what is
percent-encoded already stays so. ``/`` separates segments; a text from outside goes through the filter ``urlencode`` first.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, unquote

from pydantic import AfterValidator

# RFC 3986, section 3.3: what may stand in a path as it is, beside letters, digits and -._~
_PLAIN = "/:@!$&'()*+,;="
_ENCODED = re.compile(r"(%[0-9A-Fa-f]{2})")
_LONGEST = 4_000


def encoded_path(text: str) -> str:
    """The path as it is sent. Raises ValueError for what is no path below the base URL."""
    if not text.startswith("/"):
        raise ValueError("must begin with / and is joined to the connection's base_url; a whole URL is not taken here")
    if "?" in text:
        raise ValueError("must not hold ?: give the query as query; a text from outside goes through | urlencode")
    if "#" in text or "\\" in text:
        raise ValueError("must not hold # or \\: a text from outside goes through | urlencode")
    if len(text) > _LONGEST:
        raise ValueError(f"must have at most {_LONGEST} characters")
    path = "".join(part if _ENCODED.fullmatch(part) else quote(part, safe=_PLAIN) for part in _ENCODED.split(text))
    if {".", ".."} & set(unquote(path).split("/")):
        raise ValueError("must not hold the segments . and .., which lead out of the base_url")
    return path


Path = Annotated[str, AfterValidator(encoded_path)]
