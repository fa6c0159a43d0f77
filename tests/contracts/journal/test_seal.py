"""Sealed secrets open with the right key in the right place only."""

from __future__ import annotations

import base64

import pytest

from engine.errors import SecretError, SettingsError
from engine.journal.seal import KeyRing, open_json, seal_json
from engine.strictjson import Json

SECRET = "pat-Grüße-123"
OLD, NEW = "11" * 32, "22" * 32


def seal(ring: KeyRing, secret: str = SECRET) -> str:
    return ring.seal(secret, owner="local", of="c1", field="token")


def open_(ring: KeyRing, sealed: str, *, owner: str = "local", of: str = "c1", field: str = "token") -> str:
    return ring.open(sealed, owner=owner, of=of, field=field)


def test_what_is_sealed_opens_again() -> None:
    ring = KeyRing.parse(KeyRing.generate())

    assert open_(ring, seal(ring)) == SECRET
    assert open_(ring, seal(ring, "")) == ""


def test_the_sealed_text_names_its_form_and_key_and_never_repeats() -> None:
    ring = KeyRing.parse(NEW)

    first, second = seal(ring), seal(ring)

    form, key_id, content = first.split(".")
    assert (form, key_id) == ("v1", ring.key_ids[0])
    assert len(base64.urlsafe_b64decode(content)) == 12 + len(SECRET.encode()) + 16
    assert first != second


@pytest.mark.parametrize("moved", [{"owner": "ana"}, {"of": "c2"}, {"field": "signing_key"}])
def test_a_sealed_text_opens_nowhere_else(moved: dict[str, str]) -> None:
    ring = KeyRing.parse(NEW)

    with pytest.raises(SecretError, match="belongs to something else"):
        open_(ring, seal(ring), **moved)


def test_names_that_run_together_do_not_open_for_each_other() -> None:
    ring = KeyRing.parse(NEW)
    sealed = ring.seal(SECRET, owner="a", of="bc", field="d")

    with pytest.raises(SecretError):
        ring.open(sealed, owner="ab", of="c", field="d")


def test_a_changed_text_does_not_open() -> None:
    ring = KeyRing.parse(NEW)
    form, key_id, content = seal(ring).split(".")
    other = "A" if content[20] != "A" else "B"

    with pytest.raises(SecretError, match="changed"):
        open_(ring, f"{form}.{key_id}.{content[:20]}{other}{content[21:]}")


@pytest.mark.parametrize("text", ["", "plain token", "v2.0.AAAA", "v1..AAAA", "v1.11111111.x", "v1.11111111.%%%%"])
def test_what_was_never_sealed_is_refused(text: str) -> None:
    with pytest.raises(SecretError):
        open_(KeyRing.parse(NEW), text)


def test_after_a_rotation_the_new_key_seals_and_the_old_one_still_opens() -> None:
    before = seal(KeyRing.parse(OLD))
    rotated = KeyRing.parse(f"{NEW}, {OLD}")

    assert open_(rotated, before) == SECRET
    assert seal(rotated).split(".")[1] == KeyRing.parse(NEW).key_ids[0]


def test_a_key_that_is_missing_is_named_and_no_key_is_shown() -> None:
    sealed = seal(KeyRing.parse(OLD))

    with pytest.raises(SecretError) as caught:
        open_(KeyRing.parse(NEW), sealed)

    assert KeyRing.parse(OLD).key_ids[0] in str(caught.value)
    assert "HOOKLINE_SECRET_KEY" in str(caught.value)
    assert OLD not in str(caught.value)
    assert NEW not in str(caught.value)


@pytest.mark.parametrize(
    "encode",
    [
        bytes.hex,
        lambda key: base64.b64encode(key).decode(),
        lambda key: base64.urlsafe_b64encode(key).decode().rstrip("="),
    ],
)
def test_one_key_may_be_written_in_hex_or_base64(encode: object) -> None:
    assert callable(encode)
    key = bytes(range(224, 256))

    assert KeyRing.parse(f" {encode(key)}\n").key_ids == KeyRing.parse(key.hex()).key_ids


@pytest.mark.parametrize("text", ["", " , ", "short", "zz" * 32, "11" * 31, "é" * 32, f"{NEW},short"])
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SettingsError, match="HOOKLINE_SECRET_KEY") as caught:
        KeyRing.parse(text)

    assert "short" not in str(caught.value)
    assert NEW not in str(caught.value)


def test_a_key_ring_shows_no_key() -> None:
    ring = KeyRing.parse(NEW)

    assert NEW not in repr(vars(ring))
    assert repr(bytes.fromhex(NEW)) not in repr(vars(ring))


@pytest.mark.parametrize("value", [{"deep": [1, "Grüße", None]}, "text", "", 0.5, False, []])
def test_any_json_of_a_step_is_sealed_as_text_and_opens_again(value: Json) -> None:
    ring = KeyRing.parse(NEW)

    sealed = seal_json(ring, value, owner="local", of="run", field="step inputs")

    assert sealed.startswith("sealed:v1.")
    assert open_json(ring, sealed, owner="local", of="run", field="step inputs") == value
    with pytest.raises(SecretError, match="belongs to something else"):
        open_json(ring, sealed, owner="local", of="run", field="step outputs")


def test_what_was_never_kept_opens_as_none_and_what_was_kept_in_the_clear_does_not_open() -> None:
    ring = KeyRing.parse(NEW)

    assert open_json(ring, None, owner="local", of="run", field="step inputs") is None
    for plain in ("plain", {"a": 1}, 7):
        with pytest.raises(SecretError, match="should be sealed"):
            open_json(ring, plain, owner="local", of="run", field="step inputs")
