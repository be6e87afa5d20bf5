"""Telling pages what to do once a SKU is sold out, and reading what they do.

A page is changed only while it does nothing, or what we told it: what somebody else
made it do stays, and is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from console.errors import OutsideFailure
from console.providers.ports import Notice, SoldOutDisplay
from console.stock.operations import notices as rows
from console.stock.operations.notices import Noted, Page
from console.stock.operations.publishing import Round, Row
from console.stock.rules import soldout as rules

Found = Mapping[str, Notice | None]
UNABLE = (
    "This driver cannot undo what the page does once sold out. Use a driver that can, "
    "or disconnect this shop and undo it there."
)


def due(part: Sequence[Row]) -> list[Row]:
    """Those of these SKUs whose page may not do what it should."""
    open_ = {page.pk for page in rows.unsettled(part)}
    return [row for row in part if row.pk in open_]


def show(
    shop: object, round_: Round, part: Sequence[Row], key: Callable[[], str]
) -> None:
    """Bring these pages to do what they should, as far as they are ours, and note it.

    key: names each call anew.

    Raises:
        OutsideFailure: the shop failed, or cannot do it, or somebody changed a page
            since it was read.
    """
    pages = rows.unsettled(part)
    if not pages:
        return
    if not isinstance(shop, SoldOutDisplay):
        raise OutsideFailure(UNABLE, transient=False, kind="unsupported")
    found = shop.notices([page.sku for page in pages])
    pages = [page for page in pages if page.sku in found]
    change = [page for page in pages if _may_change(page, found)]
    change = rows.intend(round_, change) if change else []
    if change:
        told = {page.sku: _notice(page.wanted) for page in change}
        seen = {sku: found[sku] for sku in told}
        shop.set_notices(told, found=seen, key=key())
        found = {**found, **shop.notices(list(told))}
    rows.note(round_, [_noted(page, found) for page in pages])


def look(shop: object, round_: Round, part: Sequence[Row], *, now: datetime) -> int:
    """Read again what these pages do; how many lost it and are told once more.

    Raises:
        OutsideFailure: they could not be read.
    """
    pages = rows.noticed(part) if isinstance(shop, SoldOutDisplay) else []
    if not pages or not isinstance(shop, SoldOutDisplay):
        return 0
    found = shop.notices([page.sku for page in pages])
    pages = [page for page in pages if page.sku in found]
    rows.note(round_, [_noted(page, found) for page in pages])
    rows.forget(round_, pages)
    return rows.send_again(round_, pages, now=now)


def _may_change(page: Page, found: Found) -> bool:
    there = _spelled(found[page.sku])
    return there != page.wanted and there in page.told


def _noted(page: Page, found: Found) -> Noted:
    there = _spelled(found[page.sku])
    foreign = there not in page.told | {page.wanted}
    return Noted(page.pk, there, foreign, there == page.wanted)


def _spelled(notice: Notice | None) -> str:
    if notice is None:
        return ""
    return rules.spelled(notice.way, notice.campaign, notice.to)


def _notice(kept: str) -> Notice | None:
    found = rules.read(kept)
    return None if found is None else Notice(found[0], found[1], found[2])
