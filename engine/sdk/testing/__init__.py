"""What authors of connectors use in their tests. Owns the public names; it needs no pytest, and nothing of ``engine.sdk`` imports it.

from engine.sdk.testing import Check, FakeHttp, conformance

@pytest.mark.parametrize("check", conformance(weather), ids=str)
def test_it_conforms(check: Check) -> None:
    check()
"""

from engine.sdk.testing.conformance import Check, conformance
from engine.sdk.testing.fake_http import FakeHttp, RecordedCall

__all__ = ["Check", "FakeHttp", "RecordedCall", "conformance"]
