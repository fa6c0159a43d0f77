"""Checking flows before they run. The public face of this package; reading flow files is engine.flow's business.

check_flow    Flow and installed connectors -> every finding, sorted by place
CODES         what each finding code of the checker means; expressions that do not compile are E220
"""

from engine.check.codes import CODES
from engine.check.rules import check_flow

__all__ = ["CODES", "check_flow"]
