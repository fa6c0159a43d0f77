"""How the simulated account and service behave now. Owns the current mode and its checks: token, scopes, role, plan."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import compare_digest

from connectors.calendly.simulator.orders import ModeOrder
from connectors.calendly.simulator.problems import NO_RIGHT, UPGRADE, Problem

_REFUSALS: Mapping[str, str] = {"invalid": "is invalid", "expired": "expired", "revoked": "was revoked"}


class Mode:
    """``now`` is what holds; ``change`` lays the given fields over it."""

    def __init__(self, token: str) -> None:
        self.now = ModeOrder()
        self._authorization = f"Bearer {token}".encode()

    def change(self, order: ModeOrder) -> None:
        self.now = self.now.model_copy(update={name: getattr(order, name) for name in order.model_fields_set})

    def authenticate(self, authorization: bytes) -> None:
        """Raises Problem 401 unless the token is the simulator's and the mode has not spoilt it."""
        if not compare_digest(authorization, self._authorization):
            raise Problem.unauthenticated()
        if self.now.token in _REFUSALS:
            raise Problem.unauthenticated(_REFUSALS[self.now.token])

    def need_scopes(self, *scopes: str) -> None:
        """Raises Problem 403 that names the scopes which the token lacks; ``x:write`` implies ``x:read``."""
        if self.now.scopes is None:
            return
        held = {*self.now.scopes, *(scope.replace(":write", ":read") for scope in self.now.scopes)}
        missing = [scope for scope in scopes if scope not in held]
        if missing:
            raise Problem.scope(*missing)

    def need_admin(self) -> None:
        """Raises Problem 403 unless the user is an owner or admin of the organization."""
        if self.now.role == "user":
            raise Problem.denied(NO_RIGHT)

    def need_paid_plan(self) -> None:
        """Raises Problem 403 on the free plan."""
        if self.now.plan == "free":
            raise Problem.denied(UPGRADE)
