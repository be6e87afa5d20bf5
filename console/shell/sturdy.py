"""A cache that goes on in this process alone while Redis or Valkey is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

ONE = ("add", "get", "set", "touch", "delete", "incr", "has_key", "clear")
MANY = ("get_many", "set_many", "delete_many")


def _sturdy(verb: str) -> Callable[..., Any]:
    shared = getattr(RedisCache, verb)

    def act(self: SturdyCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return shared(self, *args, **kwargs)
        except RedisError:
            return getattr(self.spare, verb)(*args, **kwargs)

    return act


class SturdyCache(RedisCache):
    """Limits of sign-in live here: without Redis they hold for each process alone.

    Whoever must know that Redis is away asks the cache `shared` instead.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Keep a spare in memory; LocMem bounds itself at 300 entries."""
        super().__init__(server, params)
        self.spare = LocMemCache("sturdy", {})

    add, get, set, touch, delete, incr, has_key, clear = map(_sturdy, ONE)
    get_many, set_many, delete_many = map(_sturdy, MANY)
