"""Keeping the law of a sale: markets and goods may change after it was opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.campaigns.models import Campaign, KeptLaw
from console.campaigns.queries import kept
from console.campaigns.rules import LineChange


def keep_law(campaign: Campaign, *, now: datetime) -> None:
    """Keep what the law and the goods of a locked campaign are now."""
    found = kept.today(campaign)
    said = {"packs": kept.packs(found), "goods": kept.spelled(found.goods), "at": now}
    KeptLaw.objects.update_or_create(campaign=campaign, defaults=said)


def keep_added(campaign: Campaign, changes: Sequence[LineChange]) -> None:
    """Keep the facts of goods an amendment adds, beside those of before."""
    added = [one.sku for one in changes if one.verb == "add"]
    row = KeptLaw.objects.filter(campaign=campaign).first() if added else None
    if row is None:
        return
    row.goods |= kept.spelled(kept.goods(added))
    row.save(update_fields=["goods"])


def drop_law(campaign: Campaign) -> None:
    """Forget it of a locked campaign that is armed no more."""
    KeptLaw.objects.filter(campaign=campaign).delete()
