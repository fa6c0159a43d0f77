"""How a Redis server is, for `hookline doctor`. Owns asking it about version, persistence and eviction; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from engine.errors import RedisUnavailable, SettingsError

OLDEST = (6, 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisFacts:
    """``append_only`` and ``eviction`` (the maxmemory-policy) are None when the server does not tell, as some services do not."""

    version: str
    append_only: bool | None
    eviction: str | None

    @property
    def is_too_old(self) -> bool:
        numbers = [int(part) for part in self.version.split(".")[:2] if part.isdecimal()]
        return tuple(numbers) < OLDEST


def inspect_redis(url: str, *, timeout: float = 2.0) -> RedisFacts:
    """Raises RedisUnavailable, SettingsError."""
    try:
        client = redis.Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
    except ValueError:
        raise SettingsError("HOOKLINE_REDIS_URL cannot be used") from None
    try:
        info = cast("Mapping[str, object]", client.info())
        return RedisFacts(
            version=str(info.get("valkey_version") or info.get("redis_version") or "0"),
            append_only=info["aof_enabled"] == 1 if "aof_enabled" in info else None,
            eviction=_eviction(client, info),
        )
    except RedisError as error:
        raise RedisUnavailable(f"Redis does not answer: {str(error)[:200] or type(error).__name__}") from None
    finally:
        client.close()


def _eviction(client: redis.Redis, info: Mapping[str, object]) -> str | None:
    if info.get("maxmemory_policy"):
        return str(info["maxmemory_policy"])
    with suppress(ResponseError):  # CONFIG is forbidden on many hosted servers
        found = cast("Mapping[str, str]", client.config_get("maxmemory-policy"))
        return found.get("maxmemory-policy")
    return None
