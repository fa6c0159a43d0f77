"""Reads mocked answers. Owns their form and the check that the action could give them; plays nothing.

``{returns: {…}}``, ``{error: {kind, message, status}}``, or a list of these, one for each attempt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import ValidationError

from engine.check.hints import or_one_of
from engine.errors import Place
from engine.flow.model import ActionStep, Flow, Step, all_steps
from engine.flow.node import Node, shown
from engine.runtime.rehearsal import codes
from engine.runtime.rehearsal.answers import Answer, Filling, completed, unlike_any_field
from engine.runtime.rehearsal.cases import Mock, Mocks, Refusal
from engine.runtime.rehearsal.paths import step_at
from engine.sdk.connector import Action, Connector
from engine.sdk.errors import Kind
from engine.strictjson import Json

FORM = "mock: {step_id: {returns: {…}}}"
KINDS: Mapping[str, Kind] = MappingProxyType({kind.value: kind for kind in Kind})


def mocks_of(node: Node | None, flow: Flow, catalogue: Mapping[str, Connector]) -> Mocks:
    """The mocks by path or id; those with findings are left out."""
    if node is None or not node.is_mapping(FORM):
        return {}
    found = ((name, _mock(child, name, flow, catalogue)) for name, child in node.children())
    return {name: mock for name, mock in found if mock is not None}


def _mock(node: Node, name: str, flow: Flow, catalogue: Mapping[str, Connector]) -> Mock | None:
    step = step_at(flow, name)
    if not isinstance(step, ActionStep):
        node.refuse(codes.NO_STEP, _no_action_step(name, step, flow), node.key_place)
        return None
    actions = catalogue[step.connector].actions if step.connector in catalogue else {}
    if step.action not in actions:
        return None  # a finding about the flow, told there
    action, by_attempt = actions[step.action], isinstance(node.data, list)
    items = node.items(f"{name}: a list of answers, one for each attempt") if by_attempt else (node,)
    replies = tuple(_reply(item, step, action) for item in items)
    right = tuple(reply for reply in replies if reply is not None)
    return Mock(replies=right, by_attempt=by_attempt) if right and len(right) == len(replies) else None


def _no_action_step(name: str, step: Step | None, flow: Flow) -> str:
    if step is not None:
        return f"the step {name} calls no action, so that there is nothing to mock"
    known = [each.id for each in all_steps(flow) if isinstance(each, ActionStep)]
    return f"{flow.id} has no step {name!r} that calls an action{or_one_of(name, known)}"


def _reply(node: Node, step: ActionStep, action: Action) -> Answer | Refusal | None:
    if not node.is_mapping("{returns: {…}} or {error: {kind: not_found}}"):
        return None
    node.keys_are("a mock", ("returns", "error"))
    returns, error = node.child("returns"), node.child("error")
    if (returns is None) == (error is None):
        node.refuse(codes.WRONG_MOCK, "a mock is either   returns: {…}   or   error: {kind: not_found}")
        return None
    return _answer(returns, step, action) if returns is not None else _refusal(error, action)


def _refusal(node: Node | None, action: Action) -> Refusal | None:
    if node is None or not node.is_mapping("error: {kind: not_found}"):
        return None
    node.keys_are("a mocked error", ("kind", "message", "status"))
    given, words, number = node.required("kind", "kind: not_found"), node.child("message"), node.child("status")
    kind = given.choice(tuple(KINDS)) if given is not None else None
    message = words.text("message: some words") if words is not None else None
    status = number.whole_number(100, 599) if number is not None else None
    if given is None or kind is None:
        return None
    if KINDS[kind] is Kind.UNKNOWN_OUTCOME and action.effect == "read":
        given.refuse(codes.WRONG_MOCK, f"{action.name} only reads, so that its outcome is never unknown")
        return None
    return Refusal(kind=kind, message=message or KINDS[kind].meaning, status=status)


def _answer(node: Node, step: ActionStep, action: Action) -> Answer | None:
    data = node.data
    if node.broken or not isinstance(data, Mapping):
        if not node.broken:
            node.refuse(codes.WRONG_MOCK, f"{step.uses} returns an object, not {shown(data)}")
        return None
    wrong = list(unlike_any_field(action.output, data))
    for path, message in wrong:
        node.refuse(codes.WRONG_MOCK, f"{step.uses}: {message}", _nearest(node, path, key=True))
    answer = completed(action.output, data)
    try:
        both = [action.output.model_validate(answer.value(filling)).to_json() for filling in Filling]
    except ValidationError as error:
        for place, message in _problems(node, error):
            node.refuse(codes.WRONG_MOCK, f"{step.uses}: {message}", place)
        return None
    return None if wrong else Answer(one=both[0], other=both[1], filled=answer.filled)


def _problems(node: Node, error: ValidationError) -> Iterator[tuple[Place, str]]:
    for detail in error.errors(include_url=False, include_context=False):
        words = detail["msg"].removeprefix("Value error, ")
        name = ".".join(map(str, detail["loc"]))
        yield (
            _nearest(node, detail["loc"]),
            f"{name}: {words[:1].lower()}{words[1:]}, not {shown(_json(detail['input']))}",
        )


def _json(value: object) -> Json:
    return value if isinstance(value, bool | int | float | str | Mapping | list) or value is None else str(value)


def _nearest(node: Node, location: tuple[str | int, ...], *, key: bool = False) -> Place:
    """Where the value (or its key) at ``location`` inside of ``node`` stands, or the nearest thing around it."""
    at, place = node.path, node.place
    for part in location:
        if (*at, part) not in node.document.values:
            continue
        at = (*at, part)
        place = node.document.keys.get(at, node.document.values[at]) if key else node.document.values[at]
    return place
