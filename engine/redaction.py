"""Redaction. Owns what must not be seen in anything that is shown, and hides it; writes nothing itself.

Three nets, since each misses something: values that were registered as secrets, in plain, percent-encoded and JSON spelling; values whose
key names a secret; and texts that look like a credential (``Bearer …``, ``token=…``, a password in a URL). Hide first, cut afterwards:
a secret that a cut has halved is no longer found.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Mapping
from urllib.parse import quote

from engine.strictjson import Json

HIDDEN = "***"
# Shorter values occur in honest text too often: hiding them would ruin the logs and protect nothing.
_SHORTEST = 6
_DEEPEST = 20
_NAMES = r"authorization|token|secret|passwd|password|signing[_-]?key|api[_-]?key|private[_-]?key|cookie|credentials?"
_KEY = re.compile(_NAMES, re.IGNORECASE)
# Bounded repetitions: these run over texts that others send, and must not take more than linear time.
_LOOKS = (
    (re.compile(r"\b(bearer|basic)\s{1,3}[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (
        re.compile(
            rf"((?:{_NAMES})[\w-]{{0,40}}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?)(?!bearer |basic )[^\s\"',;&}}\])]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(://[^\s:@/?#]{0,200}):[^\s@]{0,200}@"), rf"\1:{HIDDEN}@"),
)


class Redactor:
    """Knows the secrets of this process. Shared by all threads; secrets are added, never taken out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *secrets: str) -> None:
        """Hide these values from now on. Values of fewer than 6 characters are left alone."""
        added = {spelling for secret in secrets if len(secret) >= _SHORTEST for spelling in spellings(secret)}
        with self._lock:
            if added <= self._secrets:
                return
            self._secrets |= added
            # Longest first, so that a secret that begins like another is hidden whole.
            ordered = sorted(self._secrets, key=len, reverse=True)
            self._pattern = re.compile("|".join(re.escape(secret) for secret in ordered))

    def text(self, text: str) -> str:
        """``text`` with everything hidden that must not be seen."""
        if pattern := self._pattern:
            text = pattern.sub(HIDDEN, text)
        for look, replacement in _LOOKS:
            text = look.sub(replacement, text)
        return text

    def value(self, value: object, *, depth: int = 0) -> Json:
        """``value`` as JSON with everything hidden that must not be seen. What JSON does not know becomes its ``repr``; never raises."""
        if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if isinstance(value, str):
            return self.text(value)
        if depth >= _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {self.text(shown(key)): self.entry(shown(key), item, depth=depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item, depth=depth + 1) for item in value]
        return self.text(shown(value))

    def entry(self, key: str, value: object, *, depth: int = 0) -> Json:
        """The value that stands under ``key``: hidden whole when the key names a secret."""
        if not (value is None or isinstance(value, bool)) and _KEY.search(key):
            return HIDDEN
        return self.value(value, depth=depth)


def shown(value: object) -> str:
    """``value`` as text, even when its own ``str`` fails."""
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be shown>"


def spellings(secret: str) -> set[str]:
    """How a secret may stand in a text: plain, percent-encoded, in JSON (also with the slashes escaped, as some services do)."""
    in_json = json.dumps(secret)[1:-1]
    return {secret, quote(secret, safe=""), quote(secret), in_json, in_json.replace("/", "\\/")}
