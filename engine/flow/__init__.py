"""The flow language: from a YAML file to a ``Flow``. The public face of this package; whether connectors exist is the checker's business.

load_flow     text -> Flow, or FlowFileError with all findings
read_flows    files and folders -> FlowFile (a flow, or its findings)
FlowCache     versions that were built already, by digest
CODES         what each finding code means
"""

from engine.flow.codes import CODES, CodeDoc
from engine.flow.load import FlowCache, FlowFile, load_flow, read_flows
from engine.flow.model import Flow

__all__ = ["CODES", "CodeDoc", "Flow", "FlowCache", "FlowFile", "load_flow", "read_flows"]
