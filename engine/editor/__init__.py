"""What an editor needs to know of flows: a JSON Schema of the language with the installed connectors. Owns nothing of the language itself:
keys come from engine.flow.words, inputs from the connectors' models. It knows no types of expressions; that is the checker's.
"""

from engine.editor.flows import flow_schema
from engine.editor.tests import tests_schema

__all__ = ["flow_schema", "tests_schema"]
