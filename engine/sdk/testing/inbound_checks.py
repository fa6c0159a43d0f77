"""What is asked of a trigger with an address of its own: above all that it believes nobody without the secret. Owns these checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pydantic import ValidationError

from engine.sdk.connector import Connector, LocalAction
from engine.sdk.errors import SignatureError
from engine.sdk.inbound import DeliveryRefused, InboundTrigger
from engine.sdk.webhook import Delivery
from engine.strictjson import JsonObject

_KEY, _OTHER_KEY = "conformance-key", "conformance-other-key"
_NOW = 1_800_000_000
_DAY = 86_400
_BODY = b"{}"

Sign = Callable[[bytes, str, int], Mapping[str, str]]


def parameters_fit_their_model(connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign) -> None:
    try:
        trigger.given.model_validate(given)
    except ValidationError as error:
        raise AssertionError(
            f"call conformance(connector, given={{{trigger.name!r}: [...]}}) with parameters that will do: {error}"
        ) from None


def whoever_has_a_key_is_believed(connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign) -> None:
    for keys in ([_KEY], [_OTHER_KEY, _KEY]):
        assert _refusal(trigger, given, _signed(sign), keys) is None, "verify refused a genuine delivery"


def nobody_is_believed_without_one(
    connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign
) -> None:
    _refused(trigger, given, _signed(sign), [])
    _refused(trigger, given, _signed(sign, key=""), [""])
    _refused(trigger, given, replace(_signed(sign), headers={}), [_KEY])
    _refused(trigger, given, _signed(sign, key=_OTHER_KEY), [_KEY])


def odd_proofs_are_refused(connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign) -> None:
    for name, value in _signed(sign).headers.items():
        for odd in ("", " ", "=", ",", "é☃\udcff", "0" * 100_000, value[:-1], value[1:], value.swapcase()):
            if odd != value:
                _refused(trigger, given, replace(_signed(sign), headers={name: odd}), [_KEY])


def a_signature_covers_the_body_and_the_time(
    connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign
) -> None:
    if not trigger.signed(given):
        return
    _refused(trigger, given, replace(_signed(sign), body=b'{"more": 1}'), [_KEY])
    for at in (_NOW - _DAY, _NOW + _DAY):
        _refused(trigger, given, _signed(sign, at=at), [_KEY])


def odd_bodies_are_read_or_refused_in_words(
    connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign
) -> None:
    for body in (b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"a=b&c", b"[" * 5_000):
        event, refused = _read(trigger, given, replace(_signed(sign), body=body))
        if event is not None:
            _check_shape(trigger, event)
        else:
            assert refused is not None
            assert 400 <= refused.status < 500, f"the sender is to blame: {refused.status} must be 400 to 499"
            assert refused.message, "a refusal has to say what is wrong"


def the_schema_can_be_held(connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign) -> None:
    assert trigger.delivery_schema(given).get("type") == "object", "what arrives is an object"


def the_action_that_answers_is_there(
    connector: Connector, trigger: InboundTrigger, given: JsonObject, sign: Sign
) -> None:
    if trigger.responds is not None:
        action = connector.actions.get(trigger.responds)
        assert isinstance(action, LocalAction), f"{trigger.responds} must be a local action of the connector"
        assert trigger.reply is not None, "reply makes the answer of that action's output"
    elif trigger.respond_within(given) is not None:
        raise AssertionError("who waits for an answer has to say which action gives it: responds")


def _read(
    trigger: InboundTrigger, given: JsonObject, delivery: Delivery
) -> tuple[JsonObject | None, DeliveryRefused | None]:
    try:
        return trigger.read(given, delivery), None
    except DeliveryRefused as refused:
        return None, refused


def _check_shape(trigger: InboundTrigger, event: JsonObject) -> None:
    try:
        trigger.delivery.model_validate(event)
    except ValidationError as error:
        raise AssertionError(f"the event is not in the shape of the delivery model: {error}") from None


def _signed(sign: Sign, *, key: str = _KEY, at: int = _NOW) -> Delivery:
    headers = {name.lower(): value for name, value in sign(_BODY, key, at).items()}
    return Delivery(headers=headers, body=_BODY, received_at=_NOW)


def _refused(trigger: InboundTrigger, given: JsonObject, delivery: Delivery, keys: Sequence[str]) -> None:
    said = _refusal(trigger, given, delivery, keys)
    assert said is not None, "verify accepted a delivery that it must refuse"
    assert not any(key and key in said for key in keys), "the refusal must not tell the key"


def _refusal(trigger: InboundTrigger, given: JsonObject, delivery: Delivery, keys: Sequence[str]) -> str | None:
    try:
        trigger.verify(given, delivery, keys)
    except SignatureError as error:
        return error.message
    return None


CHECKS: Sequence[Callable[[Connector, InboundTrigger, JsonObject, Sign], None]] = (
    parameters_fit_their_model,
    whoever_has_a_key_is_believed,
    nobody_is_believed_without_one,
    odd_proofs_are_refused,
    a_signature_covers_the_body_and_the_time,
    odd_bodies_are_read_or_refused_in_words,
    the_schema_can_be_held,
    the_action_that_answers_is_there,
)
