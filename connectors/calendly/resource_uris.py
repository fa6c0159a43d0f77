"""Calendly's resource URIs. Owns taking ids out of them and refusing the wrong kind of URI; knows no HTTP.

A resource is named by its URI in bodies and queries, and by its bare id in paths. Ids come in two forms (16 upper-case letters and
digits, or an RFC 4122 uuid), so that no form is enforced here beyond characters that are safe in a path.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_INVITEE_PATH = re.compile(r"/scheduled_events/([A-Za-z0-9_-]{1,64})/invitees/([A-Za-z0-9_-]{1,64})")


def resource_id(text: str, collection: str) -> str:
    """The bare id of a resource of ``collection`` (``event_types``), from its id or its URI. Raises ValueError for anything else."""
    if _ID.fullmatch(text):
        return text
    segments = _path(text).split("/")
    if len(segments) == 3 and segments[1] == collection and _ID.fullmatch(segments[2]):
        return segments[2]
    raise ValueError(f"expected the uuid or the URI (https://api.calendly.com/{collection}/…), got {text[:120]!r}")


def invitee_path(text: str) -> str:
    """The path of an invitee's URI. Raises ValueError for anything but ``…/scheduled_events/<id>/invitees/<id>``."""
    path = _path(text)
    if _INVITEE_PATH.fullmatch(path):
        return path
    raise ValueError(
        "expected an invitee's URI (https://api.calendly.com/scheduled_events/…/invitees/…, in deliveries it is payload.uri), "
        f"got {text[:120]!r}"
    )


def is_invitee(text: str) -> bool:
    """Whether the text is an invitee's URI."""
    return bool(_INVITEE_PATH.fullmatch(_path(text)))


def _path(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment
    return parts.path if plain else ""
