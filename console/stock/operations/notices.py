"""The rows of pages that do something once sold out: what is sent, shown, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q

from console.stock.models import Shown
from console.stock.operations.publishing import Round, Row, mine, ours
from console.stock.rules.publishing import Publishing

OPEN = ~Q(notice=F("notice_shown")) | ~Q(notice_sent=F("notice_shown"))
NOTICED = ~Q(notice_last="") | ~Q(notice_kept="")
NOTE = """
update stock_shown t set
    notice_shown = case when w.kept then '' else w.seen end,
    notice_sent = case when w.kept then '' when w.there then w.seen
        else t.notice_sent end,
    notice_kept = case when w.kept then w.seen else '' end
from unnest(%(ids)s::bigint[], %(seen)s::text[], %(kept)s::bool[], %(there)s::bool[])
    as w (id, seen, kept, there)
where t.id = w.id
"""
INTEND = """
update stock_shown t set notice_sent = w.wanted,
    notice_last = case when w.wanted = '' then t.notice_last else w.wanted end,
    notice_told = case when w.wanted = '' or w.wanted = any (t.notice_told)
        then t.notice_told else t.notice_told || w.wanted end
from unnest(%(ids)s::bigint[], %(wanted)s::text[]) as w (id, wanted)
where t.id = w.id
"""
FORGET = """
update stock_shown set notice_told = '{}'
where id = any (%(ids)s) and notice_told <> '{}' and notice_kept = ''
    and notice = '' and notice_sent = '' and notice_shown = ''
"""
"""Of pages that do nothing and were told so minutes ago: no call lives that long."""
AGAIN = """
update stock_shown t set state = 'waiting', changed_at = %(now)s, moved_at = %(now)s,
    ready_at = %(now)s, tries = 0, notice_sent = t.notice_shown
where t.id = any (%(ids)s) and t.state = 'shown'
    and t.notice <> t.notice_shown and t.notice_kept = ''
"""


@dataclass(frozen=True)
class Page:
    """What one page should do, and what is known of it (see `Shown`)."""

    pk: int
    sku: str
    wanted: str
    sent: str
    shown: str
    last: str
    kept: str
    all_told: Sequence[str] = ()

    @property
    def told(self) -> set[str]:
        """What may be there by our doing: a call may have died before it was noted, or
        arrive late, also behind newer ones.
        """
        return {"", self.sent, self.shown, self.last, *self.all_told}


@dataclass(frozen=True)
class Noted:
    """What a page was seen to do.

    kept: somebody else made it do so. there: it does as it should.
    """

    pk: int
    seen: str
    kept: bool
    there: bool


def unsettled(rows: Sequence[Row]) -> list[Page]:
    """Those of these pages that may not do what they should, and are to be told."""
    found = Shown.objects.filter(OPEN | ~Q(notice_kept=""), state=Publishing.WAITING)
    return _pages(found.filter(pk__in=[row.pk for row in rows]))


def noticed(rows: Sequence[Row]) -> list[Page]:
    """Those of these pages that do, or should do, something."""
    found = Shown.objects.filter(NOTICED, state__in=[Publishing.SHOWN])
    return _pages(found.filter(pk__in=[row.pk for row in rows]))


def _pages(found: Iterable[Shown]) -> list[Page]:
    named = found.select_related("sku").order_by("pk")  # type: ignore[attr-defined]
    return [
        Page(
            one.pk,
            one.sku.code,
            one.notice,
            one.notice_sent,
            one.notice_shown,
            one.notice_last,
            one.notice_kept,
            tuple(one.notice_told),
        )
        for one in named
    ]


@transaction.atomic
def intend(round_: Round, pages: Sequence[Page]) -> list[Page]:
    """Write down what these pages are told, before they are; those that still may be.

    Who dies in between leaves behind what may be found at the shop as ours.
    """
    if not ours(round_):
        return []
    wanted = [page.wanted for page in pages]
    with database.cursor() as cursor:
        cursor.execute(INTEND, {"ids": [page.pk for page in pages], "wanted": wanted})
    return list(pages)


def note(round_: Round, seen: Sequence[Noted]) -> None:
    """Note what these pages do, as they were read back."""
    with transaction.atomic(), database.cursor() as cursor:
        if seen and ours(round_):
            cursor.execute(
                NOTE,
                {
                    "ids": [one.pk for one in seen],
                    "seen": [one.seen for one in seen],
                    "kept": [one.kept for one in seen],
                    "there": [one.there for one in seen],
                },
            )


def forget(round_: Round, pages: Sequence[Page]) -> None:
    """Forget what pages were told that were read some minutes after they were told to
    do nothing, and do nothing.
    """
    with transaction.atomic(), database.cursor() as cursor:
        if pages and ours(round_):
            cursor.execute(FORGET, {"ids": [page.pk for page in pages]})


def send_again(round_: Round, pages: Sequence[Page], *, now: datetime) -> int:
    """Have pages sent again that lost what they did; how many."""
    with transaction.atomic(), database.cursor() as cursor:
        if not ours(round_):
            return 0
        ids = [page.pk for page in pages]
        cursor.execute(AGAIN, {"ids": ids, "now": now})
        lost = int(cursor.rowcount)
        if lost:
            mine(round_).update(repaired=F("repaired") + lost)
    return lost
