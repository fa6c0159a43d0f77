"""The route table. Owns which routes exist and who may use each; a route that is not here does not exist.

``public`` routes prove the caller by a signature or a token, or show nothing that is secret. ``private`` ones are served on the health
port only, which is not to be reached from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Access = Literal["public", "private", "signed"]

ROUTES: Mapping[tuple[str, str], Access] = {
    ("POST", "/hooks/{subscription_id}"): "signed",
    ("PUT", "/hooks/{subscription_id}"): "signed",
    ("GET", "/hooks/{subscription_id}"): "signed",
    ("GET", "/healthz"): "public",
    ("GET", "/readyz"): "public",
    ("GET", "/metrics"): "private",
}
