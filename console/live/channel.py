"""Where snapshots travel: their names in Valkey, and how a writer reaches it."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

PREFIX = "live:"
TTL_S = 30
_WAIT_S = 0.25


def topic(campaign: str) -> str:
    """The channel, and the key of the last snapshot."""
    return f"{PREFIX}{campaign}"


@cache
def writer() -> Redis:
    """A client that gives up at once: a dead server must not delay a sampler."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_WAIT_S,
        socket_connect_timeout=_WAIT_S,
        retry=Retry(NoBackoff(), 0),
    )


def publish(campaign: str, frame: bytes) -> None:
    """Send a snapshot to every stream, and keep it for those that open next.

    Raises:
        RedisError: the server is not there.
    """
    pipe = writer().pipeline(transaction=False)
    pipe.set(topic(campaign), frame, ex=TTL_S)
    pipe.publish(topic(campaign), frame)
    pipe.execute()
