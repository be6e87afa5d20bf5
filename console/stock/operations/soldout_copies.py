"""Letting a sale made from another do what that one does once units are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from console.audit.operations import operation, record
from console.errors import OutsideFailure
from console.providers.operations import UnknownConnection
from console.stock import queries
from console.stock.models import Sku
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

    source, copy: codes of campaigns. skus: ids, those of the copy.

    Raises:
        As `begin_sold_out`.
    """
    said, reason = queries.sold_out_said(source, skus), f"copied from {source}"
    begin_sold_out(copy, said, skus=skus, actor=actor, now=now, reason=reason)


@operation()
def begin_sold_out(
    campaign: str,
    said: Sequence[Mapping[str, Any]],
    *,
    skus: Collection[int],
    actor: User | None,
    now: datetime,
    reason: str,
) -> None:
    """Say of a sale what was kept of another, of these SKUs of it and of the whole.

    said: as `queries.sold_out_said` tells it; SKUs that are gone since, or not among
    these, are left out. A redirect that may not lead there any more (`leads_to`), or of
    which no shop can tell now, is left out as well, and the trail says so.

    Raises:
        As `set_sold_out`, but no BadTarget.
    """
    named = {code for one in said for code in one["skus"] or ()}
    found = Sku.objects.filter(code__in=named, pk__in=skus)
    ids = dict(found.values_list("code", "pk"))
    for one in said:
        ours = [ids[code] for code in one["skus"] or () if code in ids]
        if one["skus"] is not None and not ours:
            continue
        way, to = SoldOutWay(one["way"]), one["to"]
        try:
            set_sold_out(
                campaign, way, to, skus=ours, actor=actor, now=now, reason=reason
            )
        except (BadTarget, UnknownConnection, OutsideFailure) as refused:
            left_out = {"left_out": to, "because": refused.message}
            record(
                actor,
                "stock.carry_sold_out",
                campaign,
                now=now,
                after=left_out,
                reason=reason,
            )
