"""Finding codes of test files. Owns what each means, what causes it and what to do; the authors' guide lists them.

``E260``-``E269`` belong to test files. Keys, types and YAML itself are judged with the loader's codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.flow.codes import CodeDoc

NO_FLOW = "E260"
NO_STEP = "E261"
WRONG_MOCK = "E262"
NO_SAMPLE = "E263"
WRONG_EVENT = "E264"
WRONG_INPUT = "E265"
NO_OUTPUT = "E266"
SAME_NAME = "E267"
NO_CHILD = "E268"

CODES: Mapping[str, CodeDoc] = MappingProxyType(
    {
        NO_FLOW: CodeDoc(
            title="The test file's flow is not there",
            cause="No flow file in the folder of the test file has the id that stands under flow.",
            cure="Correct the id, or put the test file beside its flow.",
        ),
        NO_STEP: CodeDoc(
            title="A test names a step that cannot be meant",
            cause="The flow has no such step, or it calls no action and no flow and so cannot be mocked, or it stands in a loop and each iteration has its own.",
            cure="Use the id or path that the message suggests; of a step in a loop, for instance each[0].read.",
        ),
        WRONG_MOCK: CodeDoc(
            title="An answer that the action cannot give",
            cause="What stands under returns does not fit the action's output or the called flow's outputs, or a mock is none of returns, error and uncertain.",
            cure="Write the answer as the message describes; required fields that the test does not care about may be left out.",
        ),
        NO_SAMPLE: CodeDoc(
            title="There is no such sample",
            cause="sample names a connector that is not installed, or a sample that it does not have.",
            cure="Use a sample that the message names, as <connector>/<sample>.",
        ),
        WRONG_EVENT: CodeDoc(
            title="An event that the service cannot deliver",
            cause="set names a field that deliveries do not have, a value has the wrong type, or an event comes for which no step waits.",
            cure="Correct the path or the value at the place shown; under events give what a wait of the flow waits for.",
        ),
        WRONG_INPUT: CodeDoc(
            title="An input of a test is not accepted",
            cause="The flow has no such input, it has another type, or a required one is missing.",
            cure="Give the inputs as the flow declares them.",
        ),
        NO_OUTPUT: CodeDoc(
            title="The flow has no such output",
            cause="outputs under expect names something that does not stand under outputs of the flow.",
            cure="Correct the name.",
        ),
        SAME_NAME: CodeDoc(
            title="Two tests of a file have the same name",
            cause="Reports name a test by its file and its name.",
            cure="Rename one of them.",
        ),
        NO_CHILD: CodeDoc(
            title="A called flow cannot be executed in the test",
            cause="The test says flows: real, but no file in its folder holds a flow that is called.",
            cure="Put the flow's file beside the test, or leave flows out and give the call a mock.",
        ),
    }
)
