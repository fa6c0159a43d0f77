"""A delivery is believed only if it was signed with one of our keys over exactly these bytes."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.calendly.signatures import HEADER, signature, verify
from engine.sdk import Delivery, SignatureError

KEY = "a key of ours"
BODY = b'{"event":"invitee.created","payload":{"name":"\xc3\x85sa"}}'
AT = 1_795_359_131


def delivery(header: str | None, body: bytes = BODY, *, received_at: float = AT) -> Delivery:
    return Delivery(headers={} if header is None else {HEADER: header}, body=body, received_at=received_at)


def by_hand(body: bytes = BODY, key: str = KEY, at: int = AT) -> str:
    return hmac.new(key.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()


def test_the_header_is_what_calendly_documents() -> None:
    assert signature(BODY, KEY, AT) == f"t={AT},v1={by_hand()}"


def test_a_genuine_delivery_is_fresh() -> None:
    assert not verify(delivery(f"t={AT},v1={by_hand()}"), [KEY]).stale


@pytest.mark.parametrize("drift", [180, -180])
def test_three_minutes_either_way_are_fresh(drift: int) -> None:
    assert not verify(delivery(signature(BODY, KEY, AT), received_at=AT + drift), [KEY]).stale


@pytest.mark.parametrize("drift", [180.5, -181, 86_400])
def test_a_late_delivery_is_flagged_not_refused(drift: float) -> None:
    assert verify(delivery(signature(BODY, KEY, AT), received_at=AT + drift), [KEY]).stale


def test_any_of_several_signatures_and_keys_will_do() -> None:
    header = f"t={AT},v0=old,v1={'0' * 64},v1={by_hand()},v2=new"
    assert not verify(delivery(header), ["another", KEY]).stale


@pytest.mark.parametrize("keys", [[], [""], ["", ""]])
def test_without_a_key_nothing_is_believed(keys: list[str]) -> None:
    with pytest.raises(SignatureError, match="no signing key"):
        verify(delivery(signature(BODY, "", AT)), keys)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=",
        "v1=abc",
        f"t={AT}",
        f"t={AT},v1=",
        f"t=now,v1={by_hand()}",
        f"t=-{AT},v1={by_hand()}",
        f"t={AT}.0,v1={by_hand()}",
        f"t={AT},t={AT},v1={by_hand()}",
        f"t={'9' * 400},v1={by_hand()}",
        f"t=١٢٣,v1={by_hand()}",
        f"t={AT},v1={by_hand().upper()}",
        f"t={AT};v1={by_hand()}",
        f"t={AT},v1=\udc80\U0001f600",
        f"t={AT},v1={by_hand()}," + "x=y," * 2_000,
    ],
)
def test_a_malformed_header_is_a_signature_error(header: str | None) -> None:
    with pytest.raises(SignatureError):
        verify(delivery(header), [KEY])


def test_another_key_is_refused_without_telling_the_signature() -> None:
    with pytest.raises(SignatureError) as refused:
        verify(delivery(signature(BODY, "theirs", AT)), [KEY])
    assert by_hand() not in str(refused.value)


@given(place=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
@settings(max_examples=200)
def test_one_changed_bit_of_the_body_is_refused(place: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= 1 << bit
    with pytest.raises(SignatureError):
        verify(delivery(signature(BODY, KEY, AT), bytes(changed)), [KEY])


def test_any_changed_sign_of_the_header_is_refused() -> None:
    header = signature(BODY, KEY, AT)
    for place, sign in enumerate(header):
        for other in "0a,= t1":
            if other != sign:
                changed = header[:place] + other + header[place + 1 :]
                with pytest.raises(SignatureError):
                    verify(delivery(changed), [KEY])


@given(header=st.text(max_size=120), body=st.binary(max_size=60))
def test_no_header_raises_anything_else(header: str, body: bytes) -> None:
    with pytest.raises(SignatureError):
        verify(delivery(header, body), [KEY])
