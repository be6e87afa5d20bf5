"""What a buffer policy, or its removal, would do to what can be promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from console.stock.models import Level
from console.stock.queries.buffers import Policies, on_shelves, policy_skus
from console.stock.rules.buffers import BufferScope, Policy, available

MOST_LOOKED = 20_000
"""SKUs whose shelves are looked at for the effect of a policy that is being written."""


@dataclass(frozen=True)
class PolicyEffect:
    """What a policy would do, or its removal, in units that can be promised.

    units: what would be free without it and is not with it, of so many skus; units
    that are promised already are none. emptied: SKUs of which nothing is free any more.
    free_now, free_then: what is free of all that were looked at, before and after.
    looked: SKUs it was worked out for, of skus_in_all.
    """

    units: int = 0
    skus: int = 0
    emptied: int = 0
    free_now: int = 0
    free_then: int = 0
    looked: int = 0
    skus_in_all: int = 0


@dataclass(frozen=True)
class _OfSku:
    """What is free of one SKU: as it stands, and without and with the policy."""

    now: int
    without: int
    with_it: int


def policy_effect(one: Policy, *, instead_of: int | None = None) -> PolicyEffect:
    """What a policy would hold back, beside all others; nothing is written.

    instead_of: the policy it takes the place of.
    """
    return _effect(one, instead_of, stays=True)


def removal_effect(one: Policy) -> PolicyEffect:
    """What can be promised once a policy is removed; nothing is written."""
    return _effect(one, one.pk, stays=False)


def _effect(one: Policy, instead_of: int | None, *, stays: bool) -> PolicyEffect:
    policies = Policies()
    if instead_of is not None:
        policies.drop(instead_of)
    found = policy_skus(one.scope, one.target)
    ids = list(found.values_list("pk", flat=True)[:MOST_LOOKED])
    units = skus = emptied = now = then = 0
    for levels in _shelves(ids):
        sku = _of_sku(levels, policies, one)
        after = sku.with_it if stays else sku.without
        kept = sku.without - sku.with_it
        units, skus = units + kept, skus + bool(kept)
        emptied += bool(sku.now) and not after
        now, then = now + sku.now, then + after
    everyone = len(ids) if len(ids) < MOST_LOOKED else found.count()
    return PolicyEffect(units, skus, emptied, now, then, len(ids), everyone)


def _of_sku(levels: Sequence[Level], others: Policies, one: Policy) -> _OfSku:
    sku = levels[0].sku
    beside = others.of(sku.code, sku.category)
    mine = [] if one.scope is BufferScope.CHANNEL else [one]
    return _OfSku(
        sum(level.free for level in levels),
        _free(levels, on_shelves(levels, beside).units),
        _free(levels, on_shelves(levels, [*beside, *mine]).units),
    )


def _free(levels: Sequence[Level], held: Sequence[int]) -> int:
    """What can be promised of a SKU while policies hold so much on its shelves."""
    return sum(
        available(
            level.on_hand,
            allocated=level.allocated,
            reserved=level.committed,
            held=[level.buffer, units],
        )
        for level, units in zip(levels, held, strict=True)
    )


def _shelves(ids: Sequence[int]) -> Iterator[list[Level]]:
    """The levels of each SKU, the nearest first."""
    levels = Level.objects.filter(sku__in=ids).select_related("sku", "location")
    found = levels.order_by("sku_id", "location__position", "location_id")
    for _, own in groupby(found.iterator(2000), key=lambda x: x.sku_id):
        yield list(own)
