"""What people decided about a campaign's stock, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from console import words
from console.audit.models import Entry
from console.stock.models import Allocation
from console.stock.queries.released import SAID

CHANGES = 20


@dataclass(frozen=True)
class Change:
    """One decision about the lock; before and after where a number changed.

    place: where it is in the trail.
    """

    place: int
    at: datetime
    icon: str
    tone: str
    text: str
    before: int | None
    after: int | None
    who: str
    reason: str


def changes(campaign: str, *, before: int | None = None) -> list[Change]:
    """What was decided, newest first; one more than a page shows.

    before: only what stands before this place of the trail.
    """
    codes = dict(
        Allocation.objects.filter(campaign=campaign).values_list("pk", "sku__code")
    )
    about = Q(object_type="", object_id=campaign) | Q(
        object_type="stock.allocation", object_id__in=[str(pk) for pk in codes]
    )
    found = Entry.objects.filter(about, verb__startswith="stock.")
    if before is not None:
        found = found.filter(position__lt=before)
    return [_change(one, codes) for one in found.order_by("-position")[: CHANGES + 1]]


def _change(entry: Entry, codes: dict[int, str]) -> Change:
    before, after = entry.before or {}, entry.after or {}
    icon, tone, text, number = _said(entry, before, after, codes)
    return Change(
        place=entry.position,
        at=entry.at,
        icon=icon,
        tone=tone,
        text=text,
        before=before.get(number),
        after=after.get(number) if number in before else None,
        who=entry.actor_name or "System",
        reason=entry.reason,
    )


ALTERED = ("grown", "new", "dropped")
Said = tuple[str, str, str]
"""Icon, tone and words."""


def _locked(after: dict[str, int]) -> Said:
    units, skus = after.get("units", 0), after.get("skus", 0)
    told = f"Allocation locked, {words.count(units, 'unit')} "
    return "lock", "ok", f"{told}in {words.count(skus, 'SKU')}"


def _returned(after: dict[str, int]) -> Said:
    told = f"{words.count(after.get('unsold', 0), 'unsold unit')} given back"
    return "undo-2", "", f"{told}, {after.get('sold', 0):,} sold"


def _certified(after: dict[str, int]) -> Said:
    told = f"{words.count(after.get('skus', 0), 'SKU')} certified"
    return "receipt-text", "ok", f"{told}, {after.get('oversold', 0):,} oversold"


def _reclaimed(after: dict[str, int]) -> Said:
    told = f"{words.count(after.get('units', 0), 'stuck unit')} reclaimed"
    return "rotate-cw", "info", told


def _altered(after: dict[str, int]) -> Said:
    parts = [f"{after[key]:,} {key}" for key in ALTERED if after.get(key)]
    return "pencil", "info", f"Lock amended: {', '.join(parts) or 'no SKU'}"


WHOLE: dict[str, Callable[[Any], Said]] = {
    "stock.lock": _locked,
    "stock.return_units": _returned,
    "stock.certify": _certified,
    "stock.reclaim": _reclaimed,
    "stock.alter": _altered,
    **SAID,
}
"""Acts on a lock as a whole."""
OF_SKU = {
    "stock.stop_sku": ("pause", "warn", "Sale of {} stopped", ""),
    "stock.start_sku": ("play", "ok", "Sale of {} started again", ""),
    "stock.set_backorder": (
        *("timer", "warn", "Units of {} to sell before they are there"),
        "backorder",
    ),
}
"""Acts on one SKU of it: icon, tone, words, and the number that changes."""


def _said(
    entry: Entry, before: dict[str, int], after: dict[str, int], codes: dict[int, str]
) -> tuple[str, str, str, str]:
    """Icon, tone and words of an entry, and the number that changed."""
    if entry.verb in WHOLE:
        return (*WHOLE[entry.verb](after), "")
    if not entry.object_type:
        return "history", "", entry.verb.removeprefix("stock.").replace("_", " "), ""
    code = codes.get(int(entry.object_id), entry.object_label)
    if entry.verb == "stock.unlock":
        back = words.count(after.get("back", 0), "unit")
        told = f"{code} unlocked, {back} given back, allocation"
        return "lock-open", "warn", told, "quantity"
    if entry.verb in OF_SKU:
        icon, tone, told, number = OF_SKU[entry.verb]
        return icon, tone, told.format(code), number
    return _resized(code, before, after)


def _resized(
    code: str, before: dict[str, int], after: dict[str, int]
) -> tuple[str, str, str, str]:
    grown = after.get("quantity", 0) - before.get("quantity", 0)
    if grown > 0:
        return "plus", "info", f"{code} topped up by {grown:,}, allocation", "quantity"
    if grown < 0:
        told = f"{code} cut by {-grown:,}, allocation"
        return "trending-down", "info", told, "quantity"
    return "shield-check", "info", f"Buffer of {code}", "buffer"
