"""``log.write`` conforms, needs no connection, and passes on what it is given."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from pydantic import ValidationError

from connectors.log import log
from connectors.log.actions import Write, write
from engine.sdk import JsonObject, LogLevel
from engine.sdk.testing import Check, conformance


@dataclass
class Listed:
    """Implements ``Local``: keeps what is written."""

    records: list[tuple[str, str, JsonObject]] = field(default_factory=list)

    def log(self, level: LogLevel, message: str, fields: JsonObject) -> None:
        self.records.append((level, message, fields))


@pytest.mark.parametrize("check", conformance(log), ids=str)
def test_it_conforms(check: Check) -> None:
    check()


def test_it_needs_no_connection_and_a_repeated_line_does_no_harm() -> None:
    assert not log.needs_connection
    assert log.actions["write"].safe_to_repeat


def test_a_record_has_a_level_a_message_and_fields() -> None:
    local = Listed()
    write(local, Write(message="booked"))
    output = write(local, Write(level="warning", message="late", fields={"hours": 2, "who": {"email": "a@b.example"}}))
    assert local.records == [
        ("info", "booked", {}),
        ("warning", "late", {"hours": 2, "who": {"email": "a@b.example"}}),
    ]
    assert output.to_json() == {"level": "warning", "message": "late"}


@pytest.mark.parametrize(
    "given", [{}, {"message": ""}, {"message": "x", "level": "fatal"}, {"message": "x", "fields": 1}]
)
def test_what_is_no_record_is_refused(given: JsonObject) -> None:
    with pytest.raises(ValidationError):
        Write.model_validate(given)
