"""Who of an audience may be told: by the masks in memory, or exactly so by SQL."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from console.fatigue.contacts import masks
from console.fatigue.models import ContactBook, Sending
from console.fatigue.rules import Channel
from console.fatigue.rules.contacts import (
    DAYS,
    Ask,
    count,
    first_day,
    remembered,
    window,
)

SMALL = 200_000
"""Customers that SQL counts while a page is made."""
COUNT = """
select count(*) filter (where
    (%(most)s = 0 or bit_count((email | %(sent_email)s::bigint::bit(64))
            & %(counts)s::bigint::bit(64))
        + bit_count((push | %(sent_push)s::bigint::bit(64))
            & %(counts)s::bigint::bit(64)) < %(most)s)
    and ((case when %(own)s then email | %(sent_email)s::bigint::bit(64)
            else push | %(sent_push)s::bigint::bit(64) end)
        & %(near)s::bigint::bit(64)) = 0::bit(64))
from (select EMAIL as email, PUSH as push
    from fatigue_contact where audience_id = %(audience)s) aligned
""".replace("EMAIL", masks.EMAIL).replace("PUSH", masks.PUSH)


@dataclass(frozen=True)
class History:
    """What is known of an audience: its customers, and what all of them were sent.

    at: when its last file was merged. sent: days since 1970, by channel, of messages to
    everybody.
    """

    book: ContactBook
    sent: tuple[tuple[int, Channel], ...]

    @property
    def last(self) -> int:
        """The latest day of any contact."""
        return max([self.book.last, *(day for day, _ in self.sent)])

    def common(self, anchor: int) -> tuple[int, int]:
        """The masks, as of the anchor, of what everybody was sent."""
        both = {Channel.EMAIL: 0, Channel.PUSH: 0}
        for day, channel in self.sent:
            if 0 <= anchor - day < DAYS:
                both[channel] |= 1 << (anchor - day)
        return both[Channel.EMAIL], both[Channel.PUSH]


@dataclass(frozen=True)
class Eligible:
    """How many of the known customers may be told, as of when the history was told."""

    count: int
    known: int
    as_of: datetime

    @property
    def share(self) -> float:
        """Of the known customers, 0 to 1."""
        return self.count / self.known if self.known else 0.0


def history(slug: str) -> History | None:
    """What is known of an audience; None if nothing is, which is neither all nor none.

    In two queries.
    """
    book = ContactBook.objects.filter(audience__slug=slug).first()
    if book is None or not book.customers:
        return None
    rows = Sending.objects.filter(audience_id=book.pk, share=1)
    days = rows.values_list("day", "channel").order_by("day", "channel").distinct()
    return History(book, tuple((day, Channel(channel)) for day, channel in days))


def eligible(known: History, one: Ask, *, slow: bool = False) -> Eligible | None:
    """How many may be told; None if that is not known, or takes too long to count.

    slow: count a large audience by SQL where there are no masks.
    """
    counting = counter(known, slow=slow)
    if counting is None or not remembered(one, known.last):
        return None
    book = known.book
    return Eligible(counting(one), book.customers, book.updated_at)


def counter(known: History, *, slow: bool = False) -> Callable[[Ask], int] | None:
    """Whatever counts: the masks of this generation, or SQL; None if neither can."""
    found = masks.read(known.book)
    if found is not None:
        return lambda one: _fast(known, found, one)
    if slow or known.book.customers <= SMALL:
        return lambda one: by_sql(known, one)
    return None


def first(known: History, one: Ask, *, share: float, slow: bool = False) -> int | None:
    """The first day on which at least this share may be told; None if none is known."""
    counting = counter(known, slow=slow)
    if counting is None or not remembered(one, known.last):
        return None
    need = math.ceil(share * known.book.customers)
    return first_day(counting, one, need=need, quiet_from=known.last)


def _fast(known: History, found: masks.Columns, one: Ask) -> int:
    """By the masks; what everybody was sent after their anchor is in none of them."""
    later = [told for told in known.sent if found.anchor < told[0] <= one.day]
    if any(d > one.day - one.gap and c is one.channel for d, c in later):
        return 0
    if one.most:
        one = replace(
            one, most=one.most - sum(d > one.day - one.days for d, _ in later)
        )
        if one.most <= 0:
            return 0
    common = known.common(found.anchor)
    return count(found.email, found.push, one, anchor=found.anchor, common=common)


def by_sql(known: History, one: Ask) -> int:
    """The same number by SQL, without masks: every customer's row is read."""
    anchor = known.last
    email, push = known.common(anchor)
    said = {
        "audience": known.book.audience_id,
        "anchor": anchor,
        "most": one.most,
        "counts": _signed(window(one.day, one.days, anchor)),
        "near": _signed(window(one.day, one.gap, anchor)),
        "own": one.channel is Channel.EMAIL,
        "sent_email": _signed(email),
        "sent_push": _signed(push),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, said)
        return int(cursor.fetchone()[0])


def _signed(mask: int) -> int:
    """64 bits as PostgreSQL's bigint holds them."""
    return mask - (1 << 64) if mask >> 63 else mask
