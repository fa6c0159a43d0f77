"""The loader's finding codes. Owns what each means, what causes it and what to do; the docs and ``hookline check`` read this table.

``E230``-``E259`` belong to the loader. The checker has its own table of the same shape; a compiled expression brings ``E220`` with it.
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
NOT_YET = "E240"
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

CODES: Mapping[str, CodeDoc] = MappingProxyType(
    {
        NOT_TEXT: CodeDoc(
            title="The file is not plain UTF-8 text",
            cause="The file has another encoding (often UTF-16 or Latin-1), or holds an invisible control character.",
            cure="Save the file as UTF-8 and delete the character at the place shown; inside double quotes write it as an escape such as \\u0007.",
        ),
        TOO_LARGE: CodeDoc(
            title="The file is too large",
            cause="The file has more than 256 KiB, more than 20,000 values, or nests more than 60 levels deep.",
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
            cause="A key is a number, true, false, null, a list or a mapping.",
            cure="Put the key in quotes, or use a name.",
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
        NOT_YET: CodeDoc(
            title="Not supported yet",
            cause="The word belongs to the flow language, but this release does not execute it.",
            cure="Leave it out; the guide lists what this release supports.",
        ),
        UNKNOWN_KEY: CodeDoc(
            title="An unknown key",
            cause="The key is not a word of the flow language at this place: often a typo or wrong indentation.",
            cure="Use the key that the message suggests, or indent the line so that it belongs where you meant.",
        ),
        MISSING_KEY: CodeDoc(
            title="A required key is missing",
            cause="The flow, trigger, step, input or stop lacks a key that it cannot do without.",
            cure="Add the key that the message names.",
        ),
        WRONG_TYPE: CodeDoc(
            title="A value of the wrong type or shape",
            cause="For instance a text where a list is expected, or a number where a text is expected.",
            cure="Write the value in the form that the message shows.",
        ),
        BAD_ID: CodeDoc(
            title="A name that cannot be used",
            cause="Ids of steps, inputs, variables and triggers are named in expressions; flow ids and connections become part of addresses.",
            cure="Use lower-case letters, digits and _ (beginning with a letter); in flow ids and connection names - is allowed as well.",
        ),
        TAKEN_ID: CodeDoc(
            title="An id is used twice",
            cause="Two steps (anywhere in the flow, branches and loops included) or two triggers have the same id.",
            cure="Rename one of them.",
        ),
        RESERVED_ID: CodeDoc(
            title="A reserved name",
            cause="The name already means something in a flow: on_error as a step id, or trigger, steps, loop … as a loop variable.",
            cure="Choose another name.",
        ),
        ONE_KIND: CodeDoc(
            title="A step must be exactly one thing",
            cause="The step has none, or more than one, of uses, if with then, foreach, set and stop.",
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
    }
)
