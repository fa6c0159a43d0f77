"""What is asked of models. Owns walking them and the rules that inputs and outputs of actions and triggers share."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator

from pydantic import BaseModel

# The design's names: they stand in flows, URLs and file names.
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def models_in(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model that its fields hold, each once."""
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [model]
    while waiting:
        found = waiting.pop()
        if found in seen:
            continue
        seen.add(found)
        yield found
        for info in found.model_fields.values():
            waiting += _models(info.annotation)


def check_input(model: type[BaseModel]) -> None:
    """Every field described, unknown fields refused, a schema that JSON can hold."""
    _check_described(model)
    for found in models_in(model):
        assert found.model_config.get("extra") == "forbid", (
            f"{found.__name__} must refuse unknown fields: derive it from Input"
        )


def check_output(model: type[BaseModel]) -> None:
    """Every field described, unknown fields kept, a schema that JSON can hold."""
    _check_described(model)
    for found in models_in(model):
        assert found.model_config.get("extra") == "allow", (
            f"{found.__name__} must keep unknown fields: derive it from Output"
        )


def check_name(name: str) -> None:
    assert NAME.fullmatch(name), (
        f"the name {name!r} must be lower-case letters, digits and _, at most 64, a letter first"
    )


def check_sentence(what: str, text: str) -> None:
    is_sentence = text == text.strip() and "\n" not in text and text.endswith(".")
    assert is_sentence, f"{what} must be one sentence that ends with a full stop, not {text!r}"
    assert len(text) <= 200, f"{what} has {len(text)} characters; 200 are enough for one sentence"


def _check_described(model: type[BaseModel]) -> None:
    json.dumps(model.model_json_schema())
    for found in models_in(model):
        for name, info in found.model_fields.items():
            description = info.description or ""
            assert description, f"{found.__name__}.{name} has no description: it is what the docs and the editor show"
            check_sentence(f"the description of {found.__name__}.{name}", description)


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models(part)]
