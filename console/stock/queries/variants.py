"""Products and their variants: SKUs of one name that differ in what is added to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.db.models.expressions import RawSQL

from console.shell.arrays import array
from console.stock.models import Sku


@dataclass(frozen=True)
class Variants:
    """One product: how many variants there are, and how many were chosen of them."""

    name: str
    chosen: int
    variants: int


def variants(sku_ids: Iterable[int]) -> list[Variants]:
    """The products of these SKUs that are not chosen as a whole, by name; one query.

    A SKU that names no variant is a product by itself.
    """
    chosen = RawSQL("select unnest(%s::bigint[])", [array(set(sku_ids))])
    known = Sku.objects.exclude(variant="").exclude(name="")
    rows = (
        known.filter(name__in=known.filter(pk__in=chosen).values("name"))
        .values("name")
        .annotate(chosen=Count("pk", filter=Q(pk__in=chosen)), variants=Count("pk"))
        .filter(chosen__lt=F("variants"))
        .order_by("name")
    )
    return [Variants(**row) for row in rows]
