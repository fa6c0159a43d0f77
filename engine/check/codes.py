"""The checker's finding codes. Owns what each means, what causes it and what to do; the docs and ``hookline check`` read this table.

``E200``-``E229`` and ``W3xx`` belong to the checker, ``E230``-``E259`` to the loader of flow files.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.flow.codes import CodeDoc

CONNECTOR = "E200"
FIELD = "E201"
TRIGGER = "E202"
ACTION = "E203"
NAME = "E204"
MAY_BE_ABSENT = "E205"
NO_STEP = "E206"
STEP_OUT_OF_REACH = "E207"
STEP_PART = "E208"
INPUT = "E209"
NOT_A_LIST = "E210"
VARIABLE = "E211"
UNKNOWN_GIVEN = "E212"
MISSING_GIVEN = "E213"
WRONG_GIVEN = "E214"
NO_CONNECTION = "E215"
WRONG_CONNECTION = "E217"
NEVER_STARTS = "E218"
MAY_BE_NULL = "E219"
EXPRESSION = "E220"
WRONG_TYPE = "E221"
NO_FLOW = "E222"
CALLS_ITSELF = "E223"
UNKNOWN_FALLBACK = "W301"
UNUSED_CONNECTION = "W302"
NEVER_READ = "W303"
NEVER_RUNS = "W304"
NEVER_TRUE = "W305"
MAY_REPEAT = "W310"
STARTS_ITSELF = "W311"
UNENCODED = "W312"
SECRET = "W313"
TOO_LONG = "W314"
CALLED_WITHOUT = "W315"
SAME_KEY = "W316"

CODES: Mapping[str, CodeDoc] = MappingProxyType(
    {
        CONNECTOR: CodeDoc(
            title="The connector is not installed",
            cause="uses names a connector that this installation does not have.",
            cure="Correct the name, or install the package that brings the connector.",
        ),
        FIELD: CodeDoc(
            title="There is no such field",
            cause="An expression reads a field that the trigger's delivery or the step's output does not have.",
            cure="Use the field that the message suggests. For a field that the service sends but the connector does not know, add | default(…).",
        ),
        TRIGGER: CodeDoc(
            title="The connector has no such trigger",
            cause="uses of a trigger names something that the connector does not offer as a trigger.",
            cure="Use one of the triggers that the message names.",
        ),
        ACTION: CodeDoc(
            title="The connector has no such action",
            cause="uses of a step names something that the connector does not offer as an action.",
            cure="Use one of the actions that the message names.",
        ),
        NAME: CodeDoc(
            title="Nothing of that name is known here",
            cause="An expression begins with a word that means nothing at this place, for instance error outside of a handler, or a loop's variable outside of its loop.",
            cure="Begin with trigger, inputs, vars, steps, run or flow; in a foreach also with its variable or loop; in a handler and in finally also with error; in the if of an awaited event with event.",
        ),
        MAY_BE_ABSENT: CodeDoc(
            title="The field may be missing",
            cause="The connector does not promise the field, or not on every event that starts the flow, and nothing here has tested it.",
            cure="Ask is defined before (in the trigger's if, a step's if or the expression), choose the events that carry it, or write | default(…).",
        ),
        NO_STEP: CodeDoc(
            title="There is no such step",
            cause="An expression reads steps.<id>, but no step of the flow has that id.",
            cure="Correct the id.",
        ),
        STEP_OUT_OF_REACH: CodeDoc(
            title="The step's result is not known here",
            cause="The step comes later, stands inside of a loop, in another case or branch, in a branch of a parallel that runs side by side with this one, in finally, or is this step itself.",
            cure="Move the steps; of a loop read its own output; of the branches of a parallel read the steps after it.",
        ),
        STEP_PART: CodeDoc(
            title="A step has output, status and error only",
            cause="An expression reads a field of the output directly, as in steps.type.resource.",
            cure="Write steps.<id>.output.<field>.",
        ),
        INPUT: CodeDoc(
            title="The input is not declared",
            cause="An expression reads inputs.<name>, but the name does not stand under inputs.",
            cure="Declare it under inputs, or correct the name.",
        ),
        NOT_A_LIST: CodeDoc(
            title="foreach and split_on need a list",
            cause="The expression under foreach or split_on reads a field that is text, a number, true or false, or an object.",
            cure="Name a list; of an object take | items, | keys or | values, of a text | split(',').",
        ),
        VARIABLE: CodeDoc(
            title="The variable is not set",
            cause="An expression reads vars.<name>, but it is neither under variables nor set by a step before.",
            cure="Declare it under variables, set it in an earlier step, or correct the name.",
        ),
        UNKNOWN_GIVEN: CodeDoc(
            title="An unknown input under with",
            cause="The action, the trigger or the called flow takes nothing of that name.",
            cure="Use the name that the message suggests, or remove the line.",
        ),
        MISSING_GIVEN: CodeDoc(
            title="A required input is missing under with",
            cause="The action, the trigger or the called flow cannot do without it.",
            cure="Add it under with.",
        ),
        WRONG_GIVEN: CodeDoc(
            title="A value under with is not accepted",
            cause="A value has the wrong type, or is none of those that the action, the trigger or the called flow takes there.",
            cure="Write a value as the message describes.",
        ),
        NO_CONNECTION: CodeDoc(
            title="A connection is not declared",
            cause="The step or trigger names no connection, and no alias under connections equals the connector's name.",
            cure="Declare it, for instance connections: {calendly: calendly}, or name an alias with connection.",
        ),
        WRONG_CONNECTION: CodeDoc(
            title="The connection belongs to another connector",
            cause="The alias is the name of another connector, or is used for steps of another connector too, or the action takes no connection at all.",
            cure="Declare an alias of its own for each connector; leave out connection where none is taken.",
        ),
        NEVER_STARTS: CodeDoc(
            title="No event can start this flow",
            cause="An input has no default, and an event gives no inputs, so that every delivery is refused.",
            cure="Give the input a default, or remove the triggers and start the flow by hand.",
        ),
        MAY_BE_NULL: CodeDoc(
            title="The value may be null",
            cause="A field of it is read, or it goes into a filter, an operator or an input that cannot take null, and nothing here has tested it. The output of a step that was skipped, or failed with on_error: continue, is null too.",
            cure="Ask is not none before, ask steps.<id>.status == 'succeeded' for a step's output, or write | default(…, true).",
        ),
        EXPRESSION: CodeDoc(
            title="An expression cannot be read",
            cause="Its syntax is wrong, or it uses a filter, a test or a method that does not exist.",
            cure="Correct the place shown; the guide lists all filters, tests and methods.",
        ),
        WRONG_TYPE: CodeDoc(
            title="A value has the wrong type",
            cause="A filter, a method or an operator cannot work on a value of that type, for instance lower on a list, or + between text and a number.",
            cure="Use a filter that the type has, convert the value (| int, | string, | json), or correct the path.",
        ),
        NO_FLOW: CodeDoc(
            title="There is no such flow",
            cause="flow names a flow that is neither among the checked files nor in their folders.",
            cure="Correct the name, or check the folder that holds the called flow as well.",
        ),
        CALLS_ITSELF: CodeDoc(
            title="Flows that call each other in a circle",
            cause="A flow calls another one that, directly or by way of others, calls the first one again.",
            cure="Break the circle: move what both need into a flow of its own.",
        ),
        UNKNOWN_FALLBACK: CodeDoc(
            title="A fallback for a field that is not known",
            cause="An expression deals with a field's absence, but the connector knows no such field: as far as it knows, the fallback is taken every time.",
            cure="Correct the name; if the service sends the field although the connector does not know it, leave it as it is.",
        ),
        UNUSED_CONNECTION: CodeDoc(
            title="A connection is not used",
            cause="An alias stands under connections, but no step and no trigger uses it.",
            cure="Remove it. A flow that is deployed needs every connection that it declares.",
        ),
        NEVER_READ: CodeDoc(
            title="A variable is never read",
            cause="A name stands under variables or set, but no expression reads vars.<name>, and none reads the step's output.",
            cure="Correct the name, or remove it.",
        ),
        NEVER_RUNS: CodeDoc(
            title="A step that can never run",
            cause="Its if cannot hold on any event that starts the flow, every value has a case of its own already, or a stop before it always ends the run.",
            cure="Correct the condition or the events that the trigger chooses, or remove the step.",
        ),
        NEVER_TRUE: CodeDoc(
            title="A comparison or a case that is never true",
            cause="Two values are compared that can never be equal: a word that the connector does not know, or values of different types. A case of a switch compares too.",
            cure="Use the word that the message suggests, or compare what is alike.",
        ),
        MAY_REPEAT: CodeDoc(
            title="A write may repeat on a retry",
            cause="The action is neither idempotent nor can the service be asked whether it happened, and retry repeats it after errors that may come late.",
            cure="Say with retry.if which errors are safe to repeat after, say at the step that it may repeat (on_uncertain: retry), or leave retry out.",
        ),
        STARTS_ITSELF: CodeDoc(
            title="The flow starts itself again",
            cause="A step makes the service send an event that a trigger of this flow listens to, and nothing stops the circle.",
            cure="Do not choose that event, or stop the circle with an if on the trigger or the step.",
        ),
        UNENCODED: CodeDoc(
            title="What a stranger typed goes into an address",
            cause="A text that anybody can type, such as a name, an e-mail address or an answer, becomes part of a URL path, a header or a recipient as it is: with a slash, a comma or a line break in it the call goes elsewhere.",
            cure="Encode it with | urlencode, or give it in the body or the query, where the client encodes it.",
        ),
        SECRET: CodeDoc(
            title="A secret may be seen",
            cause="The output of a step with secure: [outputs] goes where it is recorded and shown: the input of another step, a variable, a log, a message or the flow's outputs.",
            cure="Write secure: [inputs] at the step that takes it (secure: [outputs] at a step that sets it), or leave it out.",
        ),
        TOO_LONG: CodeDoc(
            title="A wait that is longer than the time there is",
            cause="The wait, or all rounds of the until together, take longer than the timeout of the flow, the group or the until around it.",
            cure="Shorten the wait, or give the flow or the group more time.",
        ),
        CALLED_WITHOUT: CodeDoc(
            title="A called flow reads the trigger's payload",
            cause="Another flow calls this one, and a run that is started so has an empty payload.",
            cure="Take the value as an input, ask trigger.event != 'flow' before, or write | default(…).",
        ),
        SAME_KEY: CodeDoc(
            title="All runs share one idempotency key",
            cause="idempotency_key is the same text in every run, so that a service that goes by it does what the first run asks for, and nothing for all others.",
            cure="Name in it what the call is about, as in order-{{ trigger.payload.uri | uuid }}, or leave it out: the engine's own key differs by run and step.",
        ),
    }
)
