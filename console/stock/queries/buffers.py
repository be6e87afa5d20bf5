"""Buffer policies as they stand: what they hold back, of what, and what that does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Least

from console import words
from console.stock.models import BufferDue, BufferPolicy, Level, Sku
from console.stock.rules.buffers import (
    ORDER,
    BufferScope,
    Policy,
    Shelf,
    held_back,
)

CHANNEL_BUFFERS = """
SELECT p.target AS connection, l.sku_id,
       (coalesce(p.units, ceil(p.percent * l.on_hand / 100)) + p.low_at)::integer
           AS units
FROM stock_bufferpolicy p
CROSS JOIN (SELECT sku_id, sum(on_hand) AS on_hand FROM stock_level GROUP BY 1) l
WHERE p.level = 'channel' AND p.removed_at IS NULL
"""
"""Units to publish less to each channel: percent are of what is on hand everywhere."""


def live() -> QuerySet[BufferPolicy]:
    """The policies that hold."""
    return BufferPolicy.objects.filter(removed_at=None)


def rule_of(one: BufferPolicy) -> Policy:
    """A policy as the rules take it."""
    scope = BufferScope(one.level)
    return Policy(one.pk, scope, one.target, one.units, one.percent, one.low_at)


class Policies:
    """All that hold back on shelves, found by the SKU they concern: one query."""

    def __init__(self) -> None:
        """Read them."""
        rows = live().exclude(level=BufferScope.CHANNEL)
        self._by: defaultdict[tuple[str, str], list[Policy]] = defaultdict(list)
        for one in rows.order_by("pk"):
            self.add(rule_of(one))

    def add(self, one: Policy) -> None:
        """Count this one too."""
        target = "" if one.scope is BufferScope.LOCATION else one.target
        self._by[one.scope, target].append(one)

    def drop(self, pk: int) -> None:
        """Do as if there was no such policy."""
        for key, kept in self._by.items():
            self._by[key] = [one for one in kept if one.pk != pk]

    @property
    def any(self) -> bool:
        """True if there is one at all."""
        return any(self._by.values())

    def of(self, code: str, category: str) -> list[Policy]:
        """Those that concern a SKU, in the order they apply."""
        keys = {
            BufferScope.SKU: code,
            BufferScope.CATEGORY: category,
            BufferScope.LOCATION: "",
            BufferScope.MASTER: "",
        }
        return [
            one for scope, key in keys.items() for one in self._by.get((scope, key), [])
        ]


@dataclass(frozen=True)
class Held:
    """What policies hold back of a SKU on each of its shelves, and which they are."""

    units: list[int]
    policies: list[int]


def on_shelves(levels: Sequence[Level], policies: Iterable[Policy]) -> Held:
    """What these policies hold back on the levels of one SKU, the nearest first."""
    shelves = [Shelf(x.location.name, x.on_hand, x.buffer) for x in levels]
    by = held_back(shelves, policies)
    units = [sum(column) for column in zip(*by.values(), strict=True)]
    at_work = [pk for pk, column in by.items() if any(column)]
    return Held(units or [0] * len(levels), at_work)


def policy_skus(scope: BufferScope, target: str) -> QuerySet[Sku]:
    """The SKUs a policy holds back of on shelves; none of a channel's."""
    which = {
        BufferScope.SKU: Q(code=target),
        BufferScope.CATEGORY: Q(category=target),
        BufferScope.LOCATION: Q(
            pk__in=Level.objects.filter(location__name=target).values("sku")
        ),
        BufferScope.MASTER: Q(pk__in=Level.objects.values("sku")),
    }.get(scope)
    skus = Sku.objects.order_by("pk")
    return skus.none() if which is None else skus.filter(which)


@dataclass(frozen=True)
class PolicyRow:
    """One policy as the page lists it; skus: how many it concerns, None of channels."""

    of: BufferPolicy
    label: str
    amount: str
    skus: int | None


def policy_amount(one: BufferPolicy) -> str:
    """What a policy holds back, in words."""
    if one.units is not None:
        told = f"{words.count(one.units, 'unit')} of each SKU"
        return words.count(one.units, "unit") if one.level == BufferScope.SKU else told
    percent = (one.percent or Decimal(0)).normalize()
    return f"{percent:f}% of what is on hand"


def policies() -> list[PolicyRow]:
    """Every policy in the order they apply; the same queries for any number."""
    rows = sorted(
        live().select_related("author"),
        key=lambda one: (ORDER.index(BufferScope(one.level)), one.target),
    )
    counts = _counts(rows)
    return [
        PolicyRow(
            one,
            BufferScope(one.level).label,
            policy_amount(one),
            counts.get((one.level, one.target)),
        )
        for one in rows
    ]


def _counts(rows: Sequence[BufferPolicy]) -> dict[tuple[str, str], int]:
    """How many SKUs each policy concerns."""
    named = defaultdict(list)
    for one in rows:
        named[one.level].append(one.target)
    kinds = Sku.objects.filter(category__in=named[BufferScope.CATEGORY])
    places = Level.objects.filter(location__name__in=named[BufferScope.LOCATION])
    every = Level.objects.aggregate(n=Count("sku", distinct=True))["n"]
    told = {(BufferScope.SKU.value, code): 1 for code in named[BufferScope.SKU]}
    told[BufferScope.MASTER.value, ""] = every
    for name, n in kinds.values_list("category").annotate(Count("pk")).order_by():
        told[BufferScope.CATEGORY.value, name] = n
    for name, n in (
        places.values_list("location__name").annotate(Count("pk")).order_by()
    ):
        told[BufferScope.LOCATION.value, name] = n
    return told


def policies_due() -> int:
    """SKUs whose policies are still to be applied."""
    return int(BufferDue.objects.aggregate(n=Count("sku", distinct=True))["n"])


def held_in_all() -> tuple[int, int]:
    """Units that would be free without policies, and of how many SKUs.

    What a policy asks for beyond that is promised already, and so not told as held.
    """
    promised = F("committed") + F("allocated") + F("buffer")
    kept = Least(F("policy_buffer"), F("on_hand") - promised)
    told = (
        Level.objects.annotate(kept=kept)
        .filter(kept__gt=0)
        .aggregate(units=Sum("kept"), skus=Count("sku", distinct=True))
    )
    return told["units"] or 0, told["skus"]
