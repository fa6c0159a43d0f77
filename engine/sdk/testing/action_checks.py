"""What is asked of an action. Owns these checks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

from engine.sdk.connector import Action, ServiceAction
from engine.sdk.keyed import check_key_header
from engine.sdk.testing.model_checks import check_input, check_output, check_sentence


def summary_is_a_sentence(action: Action) -> None:
    check_sentence("the summary (the input's docstring)", action.summary)


def input_is_described_and_strict(action: Action) -> None:
    check_input(action.given)


def output_is_described_and_keeps_what_it_does_not_know(action: Action) -> None:
    check_output(action.output)


def effect_is_declared(action: Action) -> None:
    assert action.effect in ("read", "write"), f"effect must be read or write, not {action.effect!r}"
    says_more = action.idempotent or action.repeatable is not None
    assert not (action.effect == "read" and says_more), (
        "a read may always be repeated: leave out idempotent and repeatable"
    )
    assert not (action.idempotent and action.repeatable), (
        "idempotent says that it may always be repeated: leave out repeatable"
    )


def only_a_write_is_confirmed(action: Action) -> None:
    if not isinstance(action, ServiceAction) or action.confirm is None:
        return
    assert action.effect == "write", "confirm asks whether a write has happened; a read is simply repeated"
    assert len(inspect.signature(action.confirm).parameters) == 2, "confirm takes (http, given)"


def key_header_can_carry_the_key(action: Action) -> None:
    if not isinstance(action, ServiceAction) or action.key_header is None:
        return
    try:
        check_key_header(action.key_header)
    except ValueError as error:
        raise AssertionError(str(error)) from None
    assert action.effect == "write", "a read may always be repeated: leave out key_header"
    says_more = action.idempotent or action.repeatable is not None or action.confirm is not None
    assert not says_more, (
        "key_header says that a repetition is known by its key: leave out idempotent, repeatable and confirm"
    )


CHECKS: Sequence[Callable[[Action], None]] = (
    summary_is_a_sentence,
    input_is_described_and_strict,
    output_is_described_and_keeps_what_it_does_not_know,
    effect_is_declared,
    only_a_write_is_confirmed,
    key_header_can_carry_the_key,
)
