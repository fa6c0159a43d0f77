"""Sealing secrets. Owns the sealed text's form and the keys; stores nothing and logs nothing.

A sealed text is ``v1.<key id>.<base64url(nonce + ciphertext)>``: AES-256-GCM, a random nonce of 12 bytes, and as associated data the owner,
the id of the connection, subscription or run, and the field's name. So a sealed text that is moved to another row does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine import strictjson
from engine.errors import SecretError, SettingsError
from engine.strictjson import Json, JsonObject

SETTING = "HOOKLINE_SECRET_KEY"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_FORM = "v1"
_SEALED = "sealed:"


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    material: bytes = field(repr=False)


class KeyRing:
    """The keys of this installation, newest first: the first one seals, any one opens."""

    def __init__(self, keys: Sequence[_Key]) -> None:
        self._keys = tuple(keys)

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """One key or several, comma-separated, newest first; each is 32 bytes in base64 or hex. Raises SettingsError."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not parts:
            raise SettingsError(f"{SETTING} is empty", remedy=_REMEDY)
        return cls([_key(part, number) for number, part in enumerate(parts, start=1)])

    @staticmethod
    def generate() -> str:
        """A new key, as ``parse`` takes it."""
        return secrets.token_urlsafe(_KEY_BYTES)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Names of the keys, newest first; they give nothing away."""
        return tuple(key.id for key in self._keys)

    def seal(self, secret: str, *, owner: str, of: str, field: str) -> str:
        """``of``: the id of the connection or subscription; ``field``: the name of its secret."""
        key, nonce = self._keys[0], secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key.material).encrypt(nonce, secret.encode(), _place(owner, of, field))
        return f"{_FORM}.{key.id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, owner: str, of: str, field: str) -> str:
        """The secret. Raises SecretError when no key fits, or when the text was changed or belongs elsewhere."""
        key_id, content = _split(sealed)
        key = next((key for key in self._keys if key.id == key_id), None)
        if key is None:
            raise SecretError(
                f"the secret {field!r} of {of} was sealed with key {key_id}, and this installation's is {', '.join(self.key_ids)}",
                remedy=f"Put that key beside it in {SETTING}, its file, or secret.key in the home (newest first, comma-separated), or store the secret anew.",
            )
        try:
            opened = AESGCM(key.material).decrypt(
                content[:_NONCE_BYTES], content[_NONCE_BYTES:], _place(owner, of, field)
            )
        except (InvalidTag, ValueError):
            raise SecretError(
                f"the secret {field!r} of {of} was changed in the database, or belongs to something else",
                remedy="Store the secret anew.",
            ) from None
        return opened.decode()


def seal_json(ring: KeyRing, value: Json, *, owner: str, of: str, field: str) -> str:
    """A value of a step as its row keeps it when the step says ``secure``: ``sealed:`` and the sealed JSON text.

    ``of``: the run's id; ``field``: the step's path and which of its values it is, ``answers[3].note inputs``. Raises NotJson.
    """
    return _SEALED + ring.seal(strictjson.dump(value), owner=owner, of=of, field=field)


def open_json(ring: KeyRing, sealed: Json, *, owner: str, of: str, field: str) -> Json:
    """The value again. None, which a row has where nothing was kept, is None. Raises SecretError."""
    if sealed is None:
        return None
    if not isinstance(sealed, str) or not sealed.startswith(_SEALED):
        raise SecretError(
            f"the value {field!r} of run {of} should be sealed and is not", remedy="It was changed in the database."
        )
    opened: Json = json.loads(ring.open(sealed.removeprefix(_SEALED), owner=owner, of=of, field=field))
    return opened


def seal_object(ring: KeyRing, value: JsonObject, *, owner: str, of: str, side: str) -> JsonObject:
    """Inputs or outputs of a run (``side``) as its row keeps them when the step that started it says ``secure``. No name can be like that key."""
    return {_SEALED: seal_json(ring, value, owner=owner, of=of, field=f" {side}")}


def open_object(ring: KeyRing, value: JsonObject, *, owner: str, of: str, side: str) -> JsonObject:
    """What was sealed, or ``value`` as it is when nothing sealed it. Raises SecretError."""
    if not is_sealed(value):
        return value
    opened = open_json(ring, sealed_text(value), owner=owner, of=of, field=f" {side}")
    return opened if isinstance(opened, dict) else {}


def sealed_text(value: JsonObject | None) -> Json:
    """The text in what ``seal_object`` made, for ``open_json`` with the field `` inputs`` or `` outputs``."""
    return (value or {}).get(_SEALED)


def is_sealed(value: JsonObject | None) -> bool:
    """Whether it is what ``seal_object`` makes."""
    return value is not None and _SEALED in value


_REMEDY = (
    "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'; keep a copy apart from the database."
)


def _place(owner: str, of: str, field: str) -> bytes:
    return strictjson.canonical([owner, of, field]).encode()


def _key(text: str, number: int) -> _Key:
    material = _material(text)
    if material is None or len(material) != _KEY_BYTES:
        raise SettingsError(f"key {number} in {SETTING} is not {_KEY_BYTES} bytes in base64 or hex", remedy=_REMEDY)
    # A digest of the key names it, so that no one has to number keys; eight hex digits tell a handful of keys apart.
    return _Key(hashlib.sha256(b"hookline key id" + material).hexdigest()[:8], material)


def _material(text: str) -> bytes | None:
    try:
        if len(text) == 2 * _KEY_BYTES:
            return bytes.fromhex(text)
        return base64.b64decode(text.translate({ord("-"): "+", ord("_"): "/"}) + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None


def _split(sealed: str) -> tuple[str, bytes]:
    form, _, rest = sealed.partition(".")
    key_id, _, content = rest.partition(".")
    try:
        if form != _FORM or not key_id:
            raise ValueError(form)
        return key_id, base64.urlsafe_b64decode(content)
    except ValueError:
        raise SecretError(
            f"what is stored is not a sealed secret of the form {_FORM}.<key id>.<text>",
            remedy="Store the secret anew.",
        ) from None
