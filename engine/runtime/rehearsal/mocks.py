"""Reads mocked answers. Owns their form and the check that the action, or the flow that is called, could give them; plays nothing.

``{returns: {…}}``, ``{error: {kind, message, status}}`` or ``{uncertain: true}``, each with ``took: 45s`` if time matters, or a list of
these, one for each attempt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import ValidationError

from engine.check.hints import or_one_of
from engine.core.commands import OWN_KINDS
from engine.errors import Place
from engine.flow.model import ActionStep, Flow, FlowStep, all_steps
from engine.flow.node import Node, shown
from engine.runtime.rehearsal import codes
from engine.runtime.rehearsal.answers import Answer, Filling, completed, made_up_text, unlike_any_field
from engine.runtime.rehearsal.cases import Mock, Mocks, Refusal, Reply
from engine.runtime.rehearsal.paths import Located, located
from engine.sdk.connector import Action, Connector
from engine.sdk.errors import Kind
from engine.strictjson import Json

FORM = "mock: {step_id: {returns: {…}}}"
KINDS: Mapping[str, Kind] = MappingProxyType({kind.value: kind for kind in Kind})
LOST = "the answer was lost"


def span_of(node: Node) -> int | None:
    """Milliseconds of a duration that may be 0s; a finding for anything else."""
    return 0 if isinstance(node.data, str) and re.fullmatch(r"0(ms|s|m|h|d)", node.data) else node.duration()


class MockReader:
    """``called``: the flows that stand beside this one, by id; ``real``: those of them that are executed."""

    def __init__(
        self, flow: Flow, catalogue: Mapping[str, Connector], called: Mapping[str, Flow], real: Mapping[str, Flow]
    ) -> None:
        self._flow = flow
        self._catalogue = catalogue
        self._called = called
        self._real = real
        self.remarks: list[str] = []

    def mocks(self, node: Node | None) -> Mocks:
        """The mocks by path or id; those with findings are left out."""
        if node is None or not node.is_mapping(FORM):
            return {}
        found = ((name, self._mock(child, name)) for name, child in node.children())
        return {name: mock for name, mock in found if mock is not None}

    def _mock(self, node: Node, name: str) -> Mock | None:
        found = located(self._flow, name, self._real)
        step = found.step if found is not None else None
        if not isinstance(step, ActionStep | FlowStep):
            node.refuse(codes.NO_STEP, self._nothing_to_mock(name, found), node.key_place)
            return None
        by_attempt = isinstance(node.data, list)
        items = node.items(f"{name}: a list of answers, one for each attempt") if by_attempt else (node,)
        if isinstance(step, FlowStep):
            replies = tuple(self._of_flow(item, step) for item in items)
        else:
            actions = self._catalogue[step.connector].actions if step.connector in self._catalogue else {}
            if step.action not in actions:
                return None  # a finding about the flow, told there
            replies = tuple(_reply(item, step, actions[step.action]) for item in items)
        right = tuple(reply for reply in replies if reply is not None)
        return Mock(replies=right, by_attempt=by_attempt) if right and len(right) == len(replies) else None

    def _nothing_to_mock(self, name: str, found: Located | None) -> str:
        if found is not None:
            return f"the step {name} calls nothing, so that there is nothing to mock"
        known = [each.id for each in all_steps(self._flow) if isinstance(each, ActionStep | FlowStep)]
        return f"{self._flow.id} has no step {name!r} that calls an action or a flow{or_one_of(name, known)}"

    def _of_flow(self, node: Node, step: FlowStep) -> Reply | None:
        if not node.is_mapping("{returns: {…}} or {error: {kind: not_found}}"):
            return None
        node.keys_are("a mock of a flow", ("returns", "error", "took"))
        returns, error = node.child("returns"), node.child("error")
        took = _took(node)
        if (returns is None) == (error is None):
            node.refuse(codes.WRONG_MOCK, "a mock is either   returns: {…}   or   error: {kind: not_found}")
            return None
        answer = self._outputs(returns, step) if returns is not None else _refusal(error, step=step)
        return None if answer is None else Reply(answer=answer, took_ms=took)

    def _outputs(self, node: Node, step: FlowStep) -> Answer | None:
        """Outputs of the other flow, against what its file declares when that stands beside."""
        if not isinstance(node.data, Mapping):
            node.refuse(codes.WRONG_MOCK, f"{step.flow} returns its outputs by name, not {shown(node.data)}")
            return None
        child = self._called.get(step.flow)
        if not step.wait:
            node.keys_are("what a flow that is not waited for gives back", ("run",))
            return Answer(one=node.data, other=node.data)
        if child is None:
            remark = f"{step.id}: what {step.flow} returns is not checked, because its file does not stand beside"
            self.remarks.extend([remark] if remark not in self.remarks else [])
            return Answer(one=node.data, other=node.data)
        for name, output in node.children():
            if name not in child.outputs:
                said = f"{step.flow} has no output {name!r}{or_one_of(name, child.outputs)}"
                output.refuse(codes.WRONG_MOCK, said, output.key_place)
        missing = tuple(name for name in child.outputs if name not in node.data)
        one = {**node.data, **{name: made_up_text(name) for name in missing}}
        return Answer(one=one, other={**node.data, **dict.fromkeys(missing)}, filled=missing)


def _reply(node: Node, step: ActionStep, action: Action) -> Reply | None:
    if not node.is_mapping("{returns: {…}} or {error: {kind: not_found}}"):
        return None
    node.keys_are("a mock", ("returns", "error", "uncertain", "took"))
    returns, error, uncertain = node.child("returns"), node.child("error"), node.child("uncertain")
    took = _took(node)
    if sum(part is not None for part in (returns, error, uncertain)) != 1:
        node.refuse(codes.WRONG_MOCK, "a mock is one of   returns: {…}   error: {kind: not_found}   uncertain: true")
        return None
    if returns is not None:
        answer: Answer | Refusal | None = _answer(returns, step, action)
    elif error is not None:
        answer = _refusal(error, action=action)
    else:
        answer = _uncertain(uncertain, action)
    return None if answer is None else Reply(answer=answer, took_ms=took)


def _took(node: Node) -> int:
    took = node.child("took")
    return (span_of(took) or 0) if took is not None else 0


def _uncertain(node: Node | None, action: Action) -> Refusal | None:
    if node is None or node.truth() is None:
        return None
    if node.data is not True:
        node.refuse(codes.WRONG_MOCK, "uncertain is true, or left out")
        return None
    return Refusal(kind=Kind.UNKNOWN_OUTCOME.value, message=LOST) if _can_be_lost(node, action) else None


def _can_be_lost(node: Node, action: Action) -> bool:
    """A call that is repeated with its key is settled by the repetition."""
    if action.effect_class == "read":
        node.refuse(codes.WRONG_MOCK, f"{action.name} only reads, so that its outcome is never unknown")
    if action.effect_class == "keyed":
        words = f"{action.name} is known again by its key, so that its outcome is never unknown; take   error: {{kind: timeout}}"
        node.refuse(codes.WRONG_MOCK, words)
    return action.effect_class not in ("read", "keyed")


def _refusal(node: Node | None, *, action: Action | None = None, step: FlowStep | None = None) -> Refusal | None:
    """A failure of an action, or of the flow that ``step`` calls."""
    if node is None or not node.is_mapping("error: {kind: not_found}"):
        return None
    node.keys_are("a mocked error", ("kind", "message", "status") if step is None else ("kind", "message", "step"))
    given, words, number = node.required("kind", "kind: not_found"), node.child("message"), node.child("status")
    inside = node.child("step")
    kind = given.choice(tuple(KINDS) if step is None else (*KINDS, *OWN_KINDS)) if given is not None else None
    message = words.text("message: some words") if words is not None else None
    status = number.whole_number(100, 599) if number is not None else None
    at = inside.text("step: the step of the other flow that failed") if inside is not None else None
    if given is None or kind is None:
        return None
    if action is not None and kind == Kind.UNKNOWN_OUTCOME.value and not _can_be_lost(given, action):
        return None
    meaning = KINDS[kind].meaning if kind in KINDS else OWN_KINDS[kind]
    return Refusal(kind=kind, message=message or meaning, status=status, step=at)


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
