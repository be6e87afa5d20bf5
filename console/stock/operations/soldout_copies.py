"""Letting a copied sale do what its source does once units are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import OutsideFailure
from console.providers.operations import UnknownConnection
from console.stock.models import SoldOutPolicy
from console.stock.operations.soldout_policy import set_sold_out
from console.stock.rules.soldout import BadTarget, SoldOutWay

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def carry_sold_out(
    source: str,
    copy: str,
    *,
    skus: Collection[int],
    actor: User | None,
    now: datetime,
) -> None:
    """Say of a copy what its source says: of the whole sale, and of these SKUs.

    source, copy: codes of campaigns. skus: ids, those of the copy. A redirect that may
    not lead there any more (`leads_to`), or of which no shop can tell now, is left out,
    and the trail says so.

    Raises:
        As `set_sold_out`, but no BadTarget.
    """
    reason = f"copied from {source}"
    for (way, to, _), ids in _said(source, skus).items():
        try:
            set_sold_out(copy, way, to, skus=ids, actor=actor, now=now, reason=reason)
        except (BadTarget, UnknownConnection, OutsideFailure) as refused:
            left_out = {"left_out": to, "because": refused.message}
            record(
                actor,
                "stock.carry_sold_out",
                copy,
                now=now,
                after=left_out,
                reason=reason,
            )


def _said(
    source: str, skus: Collection[int]
) -> dict[tuple[SoldOutWay, str, bool], list[int]]:
    """SKUs by what is said of them; of the whole sale, apart, none."""
    said: dict[tuple[SoldOutWay, str, bool], list[int]] = defaultdict(list)
    for one in SoldOutPolicy.objects.filter(campaign=source).order_by("pk"):
        if one.sku_id is None:
            said[SoldOutWay(one.way), one.to, False] = []
        elif one.sku_id in skus:
            said[SoldOutWay(one.way), one.to, True].append(one.sku_id)
    return said
