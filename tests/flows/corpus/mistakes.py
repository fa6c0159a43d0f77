"""Mistakes as data. Owns what is planted where; planting is planted.py's.

A rule is a pattern and what to write instead; a spot is one text of one flow and what to write instead. ``^`` stands before the word at
which the mistake has to be found, ``\\1`` … are groups of the pattern.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of going wrong, planted wherever its pattern is found, ``most`` times."""

    kind: str
    pattern: str
    instead: str
    most: int = 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A mistake at one place of one flow."""

    kind: str
    flow: str
    text: str
    instead: str


_END = r"(?=\W)"
RULES: tuple[Rule, ...] = (
    Rule("misspelt root", r"\btrigger(?=\.payload)", "^triger"),
    Rule("misspelt root", r"\binputs\.(?=\w)", "^input."),
    Rule("misspelt field, depth 1", r"\btrigger\.payload\b", "trigger.^paylod"),
    Rule("misspelt field, depth 1", r"\btrigger\.event(?= ==)", "trigger.^evnt"),
    Rule("misspelt field, depth 2", r"\btrigger\.payload\.email\b", "trigger.payload.^emial", 5),
    Rule("misspelt field, depth 2", r"\btrigger\.payload\.scheduled_event\b", "trigger.payload.^sheduled_event", 5),
    Rule("misspelt field, depth 2", r"\btrigger\.payload\.name\b", "trigger.payload.^nme", 3),
    Rule(
        "misspelt field, depth 2",
        r"\btrigger\.payload\.questions_and_answers\b",
        "trigger.payload.^questions_and_answer",
        3,
    ),
    Rule("misspelt field, depth 3", r"\bscheduled_event\.start_time\b", "scheduled_event.^startTime", 3),
    Rule(
        "misspelt field, depth 3",
        r"\bpayload\.cancellation\.canceler_type\b",
        "payload.cancellation.^canceller_type",
        3,
    ),
    Rule("misspelt field, depth 3", r"\bpagination\.(next_page_token|count)\b", r"pagination.^\1s", 3),
    Rule("misspelt field, depth 3", r"\bresult\.type\b", "result.^typ", 3),
    Rule("misspelt field, depth 4", r"\boutput\.resource\.(kind|slug|color|duration)\b", r"output.resource.^x\1", 4),
    Rule("misspelt field, depth 4", r"\binvitees_counter\.(limit|active)\b", r"invitees_counter.^the_\1", 2),
    Rule("misspelt field, depth 4", r"\bresource\.profile\.(owner|type)\b", r"resource.profile.^\1s", 2),
    Rule(
        "misspelt field of an item",
        r"\b(qa|guest|host|kind|item|q|type)\.(question|email|user|uri|name)\b",
        r"\1.^\2x",
        5,
    ),
    Rule("misspelt field of an item", r"attribute='(answer|position|name|duration|color)'", r"attribute='^\1s'", 4),
    Rule("misspelt part of a step", r"\b(steps\.\w+)\.output\.resource", r"\1.^outptu.resource", 3),
    Rule("misspelt filter", r"\| (upper|lower|uuid|parse_time|format_time|title|length|join)\b", r"| ^\1d", 4),
    Rule("misspelt method", r"\.(split|startswith|endswith|replace)\(", r".^\1s(", 3),
    Rule("misspelt test", r"\bis not (none)\b", r"is not ^nul", 2),
    Rule("missing step", r"\bsteps\.(\w+)\.(?=status|output)", r"steps.^other_\1.", 5),
    Rule("missing variable", r"\bvars\.(\w+)(?! \| default|\w)", r"vars.^un_\1", 4),
    Rule("missing input", r"\binputs\.(\w+)", r"inputs.^\1_x", 4),
    Rule("wrong type", r"foreach: trigger\.payload\.(\w+)$", "foreach: ^trigger.payload.email", 2),
    Rule("wrong type", r"(trigger\.payload\.questions_and_answers) \| length", r"\1 | ^lower", 1),
    Rule("wrong type", r"(trigger\.payload\.(?:email|name|uri)) \| (?:upper|lower|uuid|urlencode)", r"\1 | ^round", 2),
    Rule("wrong type", r"trigger\.payload\.email\.split\('@'\)", "trigger.payload.rescheduled.^split('@')", 2),
    Rule("wrong input", r"\bwith: \{(uuid|invitee|active|count|page_token):", r"with: {^x_\1:", 5),
    Rule(
        "wrong input",
        r"(uses: )(calendly\.(?:get_event_type|create_invitee_no_show|delete_invitee_no_show))\n +with: \{.*\}$",
        r"\1^\2",
        4,
    ),
    Rule("wrong input", r"count: (20|50|10)\b", "count: ^many", 2),
    Rule("wrong input", r"active: true", "active: ^maybe", 2),
    Rule(
        "wrong input",
        r"(with:\s+\{?invitee: )\"\{\{ trigger\.payload\.uri \}\}\"",
        r'\1"{{ ^trigger.payload.rescheduled }}"',
        2,
    ),
    Rule("wrong event", r"\[(invitee\.c)(reated|anceled)\]", r"[^\1\2x]", 3),
    Rule("wrong word", r"event == '(invitee\.\w+)'", r"event == '^\1ed'", 2),
    Rule("wrong word", r"status == 'succeeded'", "status == '^success'", 3),
    Rule("wrong word", r"stop: \{status: (succeeded|failed)", r"stop: {status: ^\1x", 2),
    Rule("wrong connector", r"uses: calendly\.(get_event_type|create_invitee_no_show)" + _END, r"uses: ^calendy.\1", 2),
    Rule("wrong connector", r"uses: calendly\.(invitee|routing_form_submission)$", r"uses: calendly.^\1s", 3),
    Rule("wrong connector", r"uses: calendly\.get_event_types$", "uses: calendly.^list_event_types", 2),
    Rule("wrong nesting", r"\n( +)retry: \{", r"\n\1  ^retry: {", 2),
    Rule("wrong nesting", r"\n( +)on_error: continue", r"\n\1^on-error: continue", 2),
    Rule("wrong nesting", r"\n    then:\n", "\n    ^than:\n", 2),
    Rule("wrong nesting", r"\noutputs:\n", "\n^output:\n", 2),
    Rule("wrong nesting", r"\n    as: (\w+)\n", r"\n    ^item: \1\n", 2),
    Rule("wrong YAML", r"(: )\"(\{\{ [\w. |]+ \}\})\"$", r"\1^\2", 4),
    Rule("wrong YAML", r"\n( +)(foreach|uses|if): (?=\w)", r"\n\1\2:^", 3),
    Rule("wrong YAML", r"\nsteps:\n( +)(- id: \w+)\n( +)(\w+)", r"\nsteps:\n\1\2\n\3^id: twice\n\3\4", 3),
    Rule("wrong YAML", r"\ntriggers:\n  - uses", "\ntriggers:\n^\t- uses", 2),
    Rule("wrong default", r"type: integer, default: (\d+)", r"type: integer, default: '^\1'", 2),
    Rule("wrong duration", r"(timeout|interval|max_interval): (\d+)[sm]\b", r"\1: ^\2", 2),
)

SPOTS: tuple[Spot, ...] = (
    Spot("may be absent", "both-events-tested", "trigger.payload.cancellation is defined and trigger.payload.cancellation is not none", "trigger.payload.^cancellation.canceler_type == 'host'"),
    Spot("may be absent", "both-events-tested", "{{ trigger.payload.name }}", "{{ trigger.payload.^cancellation.canceled_by }}"),
    Spot("may be absent", "narrowed-by-event", "if: trigger.event == 'invitee.canceled'\n    then:\n      - id: late\n        if: trigger.payload.cancellation", "if: trigger.event == 'invitee.created'\n    then:\n      - id: late\n        if: trigger.payload.^cancellation"),
    Spot("may be absent", "cancellation-reason", "events: [invitee.canceled]}\nvariables:\n  reason: \"{{ trigger.payload.cancellation.reason | default('no reason', true) }}\"", "events: [invitee.canceled, invitee.created]}\nvariables:\n  reason: \"{{ trigger.payload.^cancellation.reason }}\""),
    Spot("may be absent", "early-stop", "if: trigger.payload.no_show is undefined or trigger.payload.no_show is none\n    stop: {status: succeeded, message: \"{{ trigger.payload.email }} is not marked\"}\n  - id: since\n    set:\n      at: \"{{ trigger.payload.no_show", "if: trigger.payload.status == 'canceled'\n    stop: {status: succeeded, message: \"{{ trigger.payload.email }} is not marked\"}\n  - id: since\n    set:\n      at: \"{{ trigger.payload.^no_show"),
    Spot("may be absent", "no-show-twice", "if: trigger.event == 'invitee_no_show.deleted'\n    stop: {status: succeeded, message: \"{{ trigger.payload.email }} is not marked any more\"}\n  - id: when\n    set: {since: \"{{ trigger.payload.no_show", "if: trigger.event == 'invitee_no_show.created'\n    stop: {status: succeeded, message: \"{{ trigger.payload.email }} is not marked any more\"}\n  - id: when\n    set: {since: \"{{ trigger.payload.^no_show"),
    Spot("may be absent", "payment", "if: trigger.payload.payment | default(none) is not none\n    then:\n      - id: large\n        if: trigger.payload.payment", "if: trigger.payload.status == 'active'\n    then:\n      - id: large\n        if: trigger.payload.^payment"),
    Spot("may be absent", "location", "if: trigger.payload.scheduled_event.location.join_url is defined and trigger.payload", "if: trigger.payload.scheduled_event.location.^join_url and trigger.payload"),
    Spot("may be absent", "partial-knowledge", "calendar_event.kind | default('unknown')", "^calendar_event.kind"),
    Spot("may be null", "payment", "if: trigger.payload.payment | default(none) is not none\n    then:\n      - id: large\n        if: trigger.payload.payment", "if: trigger.payload.payment is defined\n    then:\n      - id: large\n        if: trigger.payload.^payment"),
    Spot("may be null", "guard-repeated", "{{ steps.type.output.resource.color if inputs.read else '#ffffff' }}", "{{ steps.type.^output.resource.color }}"),
    Spot("may be null", "guard-repeated", "    if: trigger.payload.scheduled_event.event_type is not none\ninputs:\n  read: {type: boolean, default: true}\nsteps:\n  - id: type\n    if: inputs.read\n    uses: calendly.get_event_type\n    with: {uuid: \"{{ trigger.payload.scheduled_event.", "inputs:\n  read: {type: boolean, default: true}\nsteps:\n  - id: type\n    if: inputs.read\n    uses: calendly.get_event_type\n    with: {uuid: \"{{ trigger.payload.scheduled_event.^"),
    Spot("may be null", "continue-on-error", "if: steps.type.status == 'succeeded'\n    then:\n      - {id: named, set: {name: \"{{ steps.type.output.resource.name | default('unnamed', true) | title", "if: trigger.payload.status == 'active'\n    then:\n      - {id: named, set: {name: \"{{ steps.type.^output.resource.kind"),
    Spot("may be null", "continue-on-error", "{{ steps.type.output.resource.name | default('unnamed', true) | title }}", "{{ steps.type.output.resource.^name | title }}"),
    Spot("may be null", "handler-goes-on", "{{ steps.mark.output.resource.uri if steps.mark.status == 'succeeded' else '' }}", "{{ steps.mark.^output.resource.uri }}"),
    Spot("may be null", "flow-handler", "error.kind == 'not_found' and steps.type.status == 'failed'", "error.kind == 'not_found' and steps.type.^output.resource.slug"),
    Spot("may be null", "answers", "if: qa.answer is not none and qa.answer != ''\n        then:\n          - {id: add, set: {lines: \"{{ vars.lines + [(loop.index + 1) ~ '. ' ~ qa.question ~ ': ' ~ qa.answer | trim]", "if: loop.index < 9\n        then:\n          - {id: add, set: {lines: \"{{ vars.lines + [(loop.index + 1) ~ '. ' ~ qa.question ~ ': ' ~ qa.^answer | trim]"),
    Spot("may be null", "nested-branches", "if: q.answer_choices is not none and q.answer_choices | length > 1", "if: q.^answer_choices | length > 1"),
    Spot("may be null", "nested-branches", "if: steps.type.output.resource.profile is none\n    then:\n      - {id: nobody, set: {owner: nobody}}\n    else:\n      - id: team\n        if: steps.type.output.resource.profile", "if: steps.type.output.resource.active\n    then:\n      - {id: nobody, set: {owner: nobody}}\n    else:\n      - id: team\n        if: steps.type.output.resource.^profile"),
    Spot("may be null", "reschedule", "if: trigger.payload.new_invitee\n    set: {to: \"{{ trigger.payload.new_invitee", "if: trigger.payload.rescheduled\n    set: {to: \"{{ trigger.payload.^new_invitee"),
    Spot("may be null", "texts", "{{ (trigger.payload.first_name or trigger.payload.name) | capitalize }}", "{{ trigger.payload.^first_name | capitalize }}"),
    Spot("may be null", "next-page", "(steps.more.output.collection | length if steps.more.status == 'succeeded' else 0)", "steps.more.^output.collection | length"),
    Spot("may be null", "loop-stop", "{{ steps.delete_mark.output.deleted if steps.delete_mark.output is not none else false }}", "{{ steps.delete_mark.^output.deleted }}"),
    Spot("may be null", "times", "trigger.payload.timezone | default('UTC', true)", "trigger.payload.^timezone"),
    Spot("wrong type", "numbers", "inputs.price * inputs.pieces", "inputs.price * ^inputs.text"),
    Spot("wrong type", "numbers", "vars.total + inputs.text | int(0)", "vars.total + ^inputs.text"),
    Spot("wrong type", "routing-by-type", "if: trigger.payload.result.type == 'custom_message'\n    set: {said: \"{{ trigger.payload.result.value.headline", "if: trigger.payload.result.type == 'external_url'\n    set: {said: \"{{ trigger.payload.result.value.^headline"),
    Spot("wrong type", "answers", "foreach: trigger.payload.questions_and_answers", "foreach: ^trigger.payload.tracking"),
    Spot("wrong type", "set-chain", "vars.count + 1", "^vars.who + 1"),
    Spot("wrong type", "times", "minus(inputs.hours ~ 'h')", "minus(^inputs.hours)"),
    Spot("wrong type", "hosts", "invitees_counter.limit - trigger", "invitees_counter.limit - ^trigger.payload.email ~ trigger"),
    Spot("wrong type", "payment", "trigger.payload.payment.amount >= inputs.large", "^trigger.payload.payment.currency >= inputs.large"),
    Spot("wrong reach", "both-events-tested", "who: \"{{ vars.who | lower }}\"", "who: \"{{ ^qa.answer }}\""),
    Spot("wrong reach", "answers", "number: \"{{ steps.each.output | length }}\"", "number: \"{{ steps.^add.output }}\""),
    Spot("wrong reach", "handler-stops", "at: \"{{ vars.at }}\"", "at: \"{{ ^error.kind }}\""),
    Spot("wrong reach", "nested-branches", "{owner: nobody}", "{owner: \"{{ steps.^team.status }}\"}"),
    Spot("folded", "folded", "and trigger.payload.email | lower != inputs.own", "and trigger.payload.^emial | lower != inputs.own"),
    Spot("folded", "folded", "{{ trigger.payload.name }} ({{ trigger.payload.email }})", "{{ trigger.payload.^nmae }} ({{ trigger.payload.email }})"),
    Spot("folded", "folded", "cancelled: {{ trigger.payload.cancellation.reason", "cancelled: {{ trigger.payload.cancellation.^raison"),
    Spot("quoted", "folded", "\\\"{{ trigger.payload.name }}\\\"", "\\\"{{ trigger.payload.^nam }}\\\""),
    Spot("quoted", "folded", "{{ trigger.payload.scheduled_event.status }}\"", "{{ trigger.payload.scheduled_event.^state }}\""),
    Spot("quoted", "folded", "{{ trigger.payload.status }}, isn''t", "{{ trigger.payload.^state }}, isn''t"),
    Spot("literal", "folded", "  {{ vars.single }}", "  {{ vars.^singel }}"),
    Spot("literal", "folded", "{{ vars.text | trim }}", "{{ vars.text | ^trmi }}"),
)  # fmt: skip
