"""What is asked of every trigger (models, samples), and of those that a service delivers: dedupe keys, and above all that no delivery is
believed unsigned. Owns these checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from engine import strictjson
from engine.sdk.connector import AnyTrigger, Connector
from engine.sdk.errors import SignatureError
from engine.sdk.testing.model_checks import check_input, check_output, check_sentence
from engine.sdk.webhook import Delivery, Verdict, WebhookTrigger
from engine.strictjson import JsonObject

_KEY, _OTHER_KEY = "conformance-key", "conformance-other-key"
_NOW = 1_800_000_000
_DAY = 86_400

Sign = Callable[[bytes, str, int], Mapping[str, str]]


def summary_is_a_sentence(connector: Connector, trigger: AnyTrigger) -> None:
    check_sentence("the summary", trigger.summary)


def parameters_are_described_and_strict(connector: Connector, trigger: AnyTrigger) -> None:
    check_input(trigger.given)


def delivery_is_described_and_keeps_what_it_does_not_know(connector: Connector, trigger: AnyTrigger) -> None:
    check_output(trigger.delivery)


def samples_come_out_as_they_went_in(connector: Connector, trigger: AnyTrigger) -> None:
    for sample in samples_of(connector, trigger):
        assert trigger.delivery.model_validate(sample).to_json() == sample, "the delivery model changes a sample"


def an_event_has_one_key(connector: Connector, trigger: WebhookTrigger) -> None:
    for event in _events(connector, trigger):
        again = strictjson.parse(json.dumps(_backwards(event)))
        assert isinstance(again, Mapping)
        key = trigger.dedupe_key(event)
        assert key, "a dedupe key must not be empty"
        assert trigger.dedupe_key(again) == key, "an event with its keys in another order must have the same dedupe key"


def different_events_have_different_keys(connector: Connector, trigger: WebhookTrigger) -> None:
    events = list(_events(connector, trigger))
    keys = [trigger.dedupe_key(event) for event in events]
    assert len(set(keys)) == len(events), f"two samples have the same dedupe key: {sorted(keys)}"


def odd_events_have_keys_too(connector: Connector, trigger: WebhookTrigger) -> None:
    odd: list[JsonObject] = [{}, {"payload": None}, {"payload": []}, {"payload": {"uri": 7}}, {"event": ["x"]}]
    assert len({trigger.dedupe_key(event) for event in odd}) == len(odd), (
        "events without the usual fields must differ too"
    )


def what_missed_cannot_give_is_a_list_of_texts(trigger: WebhookTrigger, given: JsonObject) -> None:
    told = trigger.unrecoverable(given)
    assert not isinstance(told, str), (
        "unrecoverable gives a list of texts; one text alone would be shown letter by letter"
    )
    for words in told:
        assert len(words.splitlines()) == 1, f"what missed cannot give must be words on one line, not {words!r}"


def a_signed_delivery_is_accepted(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    for body in _bodies(connector, trigger):
        assert not _verify(trigger, _signed(sign, body), [_KEY]).stale


def any_of_several_keys_will_do(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    _verify(trigger, _signed(sign, _body(connector, trigger)), [_OTHER_KEY, _KEY])


def nothing_is_accepted_without_keys(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    body = _body(connector, trigger)
    _refused(trigger, _signed(sign, body), [])
    _refused(trigger, _signed(sign, body, key=""), [""])


def an_unsigned_delivery_is_refused(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    body = _body(connector, trigger)
    _refused(trigger, Delivery(headers={}, body=body, received_at=_NOW), [_KEY])


def a_forged_delivery_is_refused(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    body = _body(connector, trigger)
    _refused(trigger, _signed(sign, body, key=_OTHER_KEY), [_KEY])


def a_changed_body_is_refused(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    body = _body(connector, trigger)
    headers = _signed(sign, body).headers
    for changed in (body[:-1], b"", body + b" ", b"x" + body[1:], body[: len(body) // 2]):
        _refused(trigger, Delivery(headers=headers, body=changed, received_at=_NOW), [_KEY])


def odd_signatures_are_refused(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    body = _body(connector, trigger)
    for name, value in _signed(sign, body).headers.items():
        for odd in ("", " ", "=", ",", "é☃\udcff", "0" * 100_000, value[:-1], value[1:], value.swapcase()):
            if odd != value:
                _refused(trigger, Delivery(headers={name: odd}, body=body, received_at=_NOW), [_KEY])


def an_old_signature_is_refused_or_flagged(connector: Connector, trigger: WebhookTrigger, sign: Sign | None) -> None:
    body = _body(connector, trigger)
    for at in (_NOW - _DAY, _NOW + _DAY):
        try:
            verdict = trigger.verify(_signed(sign, body, at=at), [_KEY])
        except SignatureError:
            continue
        assert verdict.stale, "a signature that is a day off must be refused or flagged as stale"


def samples_of(connector: Connector, trigger: AnyTrigger) -> Iterator[JsonObject]:
    found = 0
    for sample in connector.samples.values():
        try:
            trigger.delivery.model_validate(sample)
        except ValidationError:
            continue
        found += 1
        yield sample
    assert found, f"no sample fits the trigger {trigger.name}"


def _events(connector: Connector, trigger: WebhookTrigger) -> Iterator[JsonObject]:
    for sample in samples_of(connector, trigger):
        yield from trigger.events(sample)


def _bodies(connector: Connector, trigger: WebhookTrigger) -> Iterator[bytes]:
    return (strictjson.dump(sample).encode() for sample in samples_of(connector, trigger))


def _body(connector: Connector, trigger: WebhookTrigger) -> bytes:
    return next(_bodies(connector, trigger))


def _signed(sign: Sign | None, body: bytes, *, key: str = _KEY, at: int = _NOW) -> Delivery:
    assert sign is not None, "call conformance(connector, sign=…) with what makes a genuine delivery's headers"
    headers = {name.lower(): value for name, value in sign(body, key, at).items()}
    return Delivery(headers=headers, body=body, received_at=_NOW)


def _verify(trigger: WebhookTrigger, delivery: Delivery, keys: Sequence[str]) -> Verdict:
    try:
        return trigger.verify(delivery, keys)
    except SignatureError as error:
        raise AssertionError(f"verify refused a genuine delivery: {error.message}") from None


def _refused(trigger: WebhookTrigger, delivery: Delivery, keys: Sequence[str]) -> None:
    said = _refusal(trigger, delivery, keys)
    assert said is not None, "verify accepted a delivery that it must refuse"
    assert not any(key and key in said for key in keys), "the refusal must not tell the key"


def _refusal(trigger: WebhookTrigger, delivery: Delivery, keys: Sequence[str]) -> str | None:
    try:
        trigger.verify(delivery, keys)
    except SignatureError as error:
        return error.message
    return None


def _backwards(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _backwards(value[key]) for key in reversed(list(value))}
    return [_backwards(item) for item in value] if isinstance(value, list) else value


CHECKS: Sequence[Callable[[Connector, AnyTrigger], None]] = (
    summary_is_a_sentence,
    parameters_are_described_and_strict,
    delivery_is_described_and_keeps_what_it_does_not_know,
    samples_come_out_as_they_went_in,
)
WEBHOOK_CHECKS: Sequence[Callable[[Connector, WebhookTrigger], None]] = (
    an_event_has_one_key,
    different_events_have_different_keys,
    odd_events_have_keys_too,
)
SIGNED_CHECKS: Sequence[Callable[[Connector, WebhookTrigger, Sign | None], None]] = (
    a_signed_delivery_is_accepted,
    any_of_several_keys_will_do,
    nothing_is_accepted_without_keys,
    an_unsigned_delivery_is_refused,
    a_forged_delivery_is_refused,
    a_changed_body_is_refused,
    odd_signatures_are_refused,
    an_old_signature_is_refused_or_flagged,
)
