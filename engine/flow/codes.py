"""The loader's finding codes. Owns what each means, what causes it and what to do; the docs and ``hookline check`` read this table.

``E230``-``E259`` belong to the loader (E240 meant what a release did not know yet; it is not given again). The checker has its own table of the same shape; a compiled expression brings ``E220`` with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeDoc:
    """A finding code in words: ``title`` (what it is), ``cause`` (what the author wrote), ``cure`` (what to write)."""

    title: str
    cause: str
    cure: str


NOT_TEXT = "E230"
TOO_LARGE = "E231"
SYNTAX = "E232"
UNQUOTED = "E233"
DUPLICATE_KEY = "E234"
KEY_NOT_TEXT = "E235"
TAG = "E236"
NUMBER = "E237"
ONE_DOCUMENT = "E238"
UNKNOWN_KEY = "E241"
MISSING_KEY = "E242"
WRONG_TYPE = "E243"
BAD_ID = "E244"
TAKEN_ID = "E245"
RESERVED_ID = "E246"
ONE_KIND = "E247"
DURATION = "E248"
BAD_CHOICE = "E249"
BAD_DEFAULT = "E250"
NOT_CONSTANT = "E251"
UNDECLARED = "E252"
SAME_FLOW = "E253"
BAD_USES = "E254"
ALIAS = "E255"
MERGE = "E256"
INSTANT = "E257"
NO_EFFECT = "E258"
PARALLEL_SET = "E259"

CODES: Mapping[str, CodeDoc] = MappingProxyType(
    {
        NOT_TEXT: CodeDoc(
            title="The file is not plain UTF-8 text",
            cause="The file has another encoding (often UTF-16 or Latin-1), or holds an invisible control character.",
            cure="Save the file as UTF-8 and delete the character at the place shown; inside double quotes write it as an escape such as \\u0007.",
        ),
        TOO_LARGE: CodeDoc(
            title="The file is too large",
            cause="The file has more than 256 KiB, more than 20,000 values, or nests more than 60 levels deep; what aliases repeat is counted each time.",
            cure="Split the flow into smaller ones, or move large data out of the file.",
        ),
        SYNTAX: CodeDoc(
            title="YAML cannot read the file",
            cause="Indentation, a tab, a missing space after a colon, an open quote or an open bracket.",
            cure="Mend the place shown. A text that contains ': ', ' #' or begins with one of { [ & * ! | > % @ or a backtick needs quotes around the whole of it.",
        ),
        UNQUOTED: CodeDoc(
            title="An expression stands without quotes",
            cause="A value begins with {{, which YAML takes for a nested mapping.",
            cure="Put the whole value in quotes: key: \"{{ … }}\". Under if and foreach the braces can go: if: trigger.event == 'invitee.created'.",
        ),
        DUPLICATE_KEY: CodeDoc(
            title="A key stands twice",
            cause="The same key occurs twice in one mapping; YAML would silently keep only one of them.",
            cure="Remove one, or rename it.",
        ),
        KEY_NOT_TEXT: CodeDoc(
            title="A key is not text",
            cause="A key is a number, true, false, null, a list, a mapping, or an alias.",
            cure="Put the key in quotes, or use a name. Under cases of a switch, numbers, true, false and null need no quotes.",
        ),
        TAG: CodeDoc(
            title="A YAML tag",
            cause="A value begins with ! (for instance !secret or !!python/object), which has no meaning in a flow.",
            cure="Remove the tag; quote the text if it should begin with an exclamation mark. In an expression write not.",
        ),
        NUMBER: CodeDoc(
            title="A number that cannot be used",
            cause=".nan, .inf, a number beyond the range of a double, or an integer of more than 300 digits.",
            cure="Write an ordinary number, or put it in quotes if it is text.",
        ),
        ONE_DOCUMENT: CodeDoc(
            title="The file does not hold exactly one flow",
            cause="The file is empty, holds several YAML documents (---), or is a list or a text instead of a mapping.",
            cure="Write one flow per file, beginning with id:.",
        ),
        UNKNOWN_KEY: CodeDoc(
            title="An unknown key",
            cause="The key is not a word of the flow language at this place: often a typo or wrong indentation.",
            cure="Use the key that the message suggests, or indent the line so that it belongs where you meant.",
        ),
        MISSING_KEY: CodeDoc(
            title="A required key is missing",
            cause="The flow, or something in it, lacks a key that it cannot do without; until, for instance, needs max_iterations and timeout, so that it ends.",
            cure="Add the key that the message names.",
        ),
        WRONG_TYPE: CodeDoc(
            title="A value of the wrong type or shape",
            cause="For instance a text where a list is expected, or a number where a text is expected.",
            cure="Write the value in the form that the message shows.",
        ),
        BAD_ID: CodeDoc(
            title="A name that cannot be used",
            cause="Ids of steps, branches, inputs, variables and triggers are named in expressions; flow ids and connections become part of addresses.",
            cure="Use lower-case letters, digits and _ (beginning with a letter); in flow ids and connection names - is allowed as well.",
        ),
        TAKEN_ID: CodeDoc(
            title="An id is used twice",
            cause="Two steps (anywhere in the flow, branches and loops included) or two triggers have the same id.",
            cure="Rename one of them.",
        ),
        RESERVED_ID: CodeDoc(
            title="A reserved name",
            cause="The name already means something in a flow: on_error, finally or flow as the name of a step or a branch, or trigger, steps, loop … as a loop variable.",
            cure="Choose another name.",
        ),
        ONE_KIND: CodeDoc(
            title="A step must be exactly one thing",
            cause="The step has none, or more than one, of uses, if with then, switch, foreach, until, parallel, steps, wait, flow, set and stop; or wait has none, or more than one, of for, until and event.",
            cure="Give it one of them; write two steps for two things.",
        ),
        DURATION: CodeDoc(
            title="Not a duration",
            cause="A duration is a bare number, has an unknown unit, is zero or longer than a year.",
            cure="Write a number with its unit: 30s, 5m, 1h30m, 2d, or ISO 8601 such as PT5M.",
        ),
        BAD_CHOICE: CodeDoc(
            title="A value that is not allowed here",
            cause="The value is not one of the words that are possible here, or outside of the range.",
            cure="Use one of those that the message names.",
        ),
        BAD_DEFAULT: CodeDoc(
            title="A default of another type than its input",
            cause="For instance type: integer with default: '15'.",
            cure="Change the default or the type.",
        ),
        NOT_CONSTANT: CodeDoc(
            title="An expression where only a constant can stand",
            cause="What a trigger is given (with:) and an input's default are fixed when the flow is deployed: there is no run yet to take data from.",
            cure="Write the value itself; put conditions on the data into the trigger's if.",
        ),
        UNDECLARED: CodeDoc(
            title="A connection alias that is not declared",
            cause="connection: names an alias that does not stand under connections: at the top of the flow.",
            cure="Declare it, for instance connections: {calendly: calendly}, or correct the alias.",
        ),
        SAME_FLOW: CodeDoc(
            title="Two files hold a flow of the same id",
            cause="A flow id is unique over all files that are checked or deployed together; often a file was copied.",
            cure="Change the id in one of the files.",
        ),
        BAD_USES: CodeDoc(
            title="uses does not name a connector and what it offers",
            cause="uses has to be <connector>.<action> in a step, and <connector>.<trigger> in a trigger.",
            cure="Write for instance uses: calendly.get_event_type.",
        ),
        ALIAS: CodeDoc(
            title="An alias without its anchor",
            cause="*name stands for what &name marks, but no anchor of that name stands above it, or the alias stands inside of what it names.",
            cure="Mark the value with &name before its first *name, or correct the name; quote the text if it should begin with an asterisk.",
        ),
        MERGE: CodeDoc(
            title="A merge key that cannot be merged",
            cause="What stands under << is not keys and values, or a list of such.",
            cure="Write <<: *name, where &name marks keys and values, or <<: [*one, *two].",
        ),
        INSTANT: CodeDoc(
            title="Not an instant",
            cause="The text under until of a wait looks like a date, but is none, or lacks the offset that says in which time zone it is meant.",
            cure="Write date, time and offset, for instance 2026-12-24T18:00:00+01:00, or with Z for UTC.",
        ),
        NO_EFFECT: CodeDoc(
            title="A key that has no effect here",
            cause="The key belongs to the language, but what it works on is missing or excluded by another key beside it.",
            cure="Remove it, or change the other key, as the message says.",
        ),
        PARALLEL_SET: CodeDoc(
            title="set where steps run side by side",
            cause="Iterations of a parallel foreach, and branches of parallel, would overwrite each other's variable: who ends last would decide.",
            cure="Remove max_parallel, or read the outputs after the loop or the parallel instead of a variable.",
        ),
    }
)
