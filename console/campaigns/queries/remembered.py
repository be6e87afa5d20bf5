"""What the lines of a campaign say, remembered for a minute. Only to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from django.core.cache import caches
from django.db import connection
from redis.exceptions import RedisError

from console.campaigns.models import Campaign

REMEMBERED_S = 60
"""A shelf may be given other SKUs, of which no campaign hears."""
Found = TypeVar("Found")


def remembered(
    kind: str,
    campaigns: Sequence[Campaign],
    read: Callable[[list[Campaign]], Mapping[int, Found]],
) -> dict[int, Found]:
    """What `read` says of each campaign by key, from the cache where it is known.

    Every change of a campaign, its lines among it, moves the instant of its last, which
    is part of the name. Without Redis all are read.
    """
    if not campaigns:
        return {}
    names = {one.pk: _name(kind, one) for one in campaigns}
    found = _from_cache(names.values())
    unknown = [one for one in campaigns if names[one.pk] not in found]
    fresh = read(unknown) if unknown else {}
    _to_cache({names[pk]: value for pk, value in fresh.items()})
    known = {pk: found[name] for pk, name in names.items() if name in found}
    return known | dict(fresh)


def _name(kind: str, one: Campaign) -> str:
    place = f"{connection.settings_dict['NAME']}:{one.pk}:{one.version}"
    return f"{kind}:{place}:{one.updated_at.timestamp()}"


def _from_cache(names: Iterable[str]) -> dict[str, Any]:
    """Nothing while Redis is away."""
    try:
        return caches["shared"].get_many(names)
    except RedisError:
        return {}


def _to_cache(found: dict[str, Any]) -> None:
    if found:
        with suppress(RedisError):
            caches["shared"].set_many(found, REMEMBERED_S)
