"""Writing the history: one more row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.prices import rules
from console.prices.models import WEB, PricePoint
from console.prices.rules import BadPrice, Reason

_LOCK = 0x0D00_9B1C
_SHELVES = 64


@dataclass(frozen=True, slots=True)
class Note:
    """A price that came into force.

    net: the same price without tax, where it is known.
    """

    sku_code: str
    amount: Decimal
    from_at: datetime
    reason: Reason = Reason.REGULAR
    currency: str = "EUR"
    channel: str = WEB
    campaign: str = ""
    net: Decimal | None = None
    remark: str = ""


def note(
    sku_code: str,
    amount: Decimal,
    *,
    from_at: datetime,
    reason: Reason = Reason.REGULAR,
    currency: str = "EUR",
    campaign: str = "",
) -> PricePoint | None:
    """Write that this price is in force from an instant on, on the web.

    Nothing is written, and None returned, if the history says so already.
    """
    point = Note(sku_code, amount, from_at, reason, currency, campaign=campaign)
    written = note_all([point])
    return written[0] if written else None


@operation()
def note_all(notes: Iterable[Note]) -> list[PricePoint]:
    """Write many prices, skipping what the history says already; in time order.

    Another net price is another row: a tax may change while the price stays.

    Raises:
        BadPrice: a price that is not above 0, or finer than its currency's coin, or a
            net price above it.
    """
    told = list(notes)
    for one in told:
        check_note(one)
    hold(sorted({one.sku_code for one in told}))
    return PricePoint.objects.bulk_create(unsaid(told), batch_size=1_000)


def unsaid(notes: Iterable[Note]) -> list[PricePoint]:
    """What the histories do not say yet, in time order: rows that are not saved."""
    ordered = sorted(notes, key=lambda n: (n.sku_code, n.from_at))
    known = _amounts(ordered)
    rows = []
    for one in ordered:
        key = (one.sku_code, one.channel, one.currency)
        if not _said(_in_force(known.setdefault(key, []), one.from_at), one):
            known[key].append((one.from_at, one.amount, one.net))
            rows.append(_row(one))
    return rows


@operation()
def backfill(one: Note, *, actor: User, now: datetime) -> PricePoint:
    """Add a price of the past by hand, with who and why.

    Raises:
        BadPrice: it lies in the future, has no remark, or the history says so already.
        OutOfScope: the person is limited to other categories.
    """
    check_within(actor, Kind.SKU, [one.sku_code])
    if one.from_at > now:
        raise BadPrice("A backfilled price lies in the past.", field="from_at")
    if not one.remark:
        raise BadPrice("Say where the price comes from.", field="remark")
    written = note_all([one])
    if not written:
        raise BadPrice("The history says so already.", field="amount")
    after = {
        "amount": one.amount,
        "net": one.net,
        "currency": one.currency,
        "from_at": one.from_at,
    }
    record(
        actor, "prices.backfill", one.sku_code, now=now, after=after, reason=one.remark
    )
    return written[0]


def check_note(one: Note) -> None:
    """Refuse a price that no history can hold.

    Raises:
        BadPrice: it is not above 0, or finer than its currency's coin, or its net price
            is above it.
    """
    if one.amount <= 0:
        raise BadPrice(f"The price of {one.sku_code} is not above 0.", field="amount")
    if not rules.fits(one.amount, one.currency):
        digits = rules.exponent(one.currency)
        raise BadPrice(
            f"{one.currency} has {digits} decimals; the price of {one.sku_code}, "
            f"{one.amount}, has more.",
            field="amount",
        )
    if one.net is not None and not 0 < one.net <= one.amount:
        raise BadPrice(
            f"The net price of {one.sku_code}, {one.net}, is not between 0 and the "
            "price with tax. Correct it, or leave it out.",
            field="net",
        )


def hold(sku_codes: Sequence[str]) -> None:
    """Let two writers of one SKU's history take turns, in one order.

    Until the transaction ends nobody else adds to these histories: what was read of
    them still holds when it is written.

    SKUs share a few locks: PostgreSQL holds some thousand in all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, shelf) from (select distinct"
            " abs(hashtext(sku) %% %s) as shelf from unnest(%s::text[]) as s(sku)"
            " order by 1) shelves",
            [_LOCK, _SHELVES, list(sku_codes)],
        )


_Key = tuple[str, str, str]


_Known = tuple[datetime, Decimal, Decimal | None]


def _amounts(notes: Sequence[Note]) -> dict[_Key, list[_Known]]:
    """The histories concerned, in the order they were written."""
    codes = {one.sku_code for one in notes}
    rows = PricePoint.objects.filter(sku__in=codes).order_by("from_at", "pk")
    known: dict[_Key, list[_Known]] = {}
    for sku, channel, currency, at, amount, net in rows.values_list(
        "sku", "channel", "currency", "from_at", "amount", "net"
    ):
        known.setdefault((sku, channel, currency), []).append((at, amount, net))
    return known


def _in_force(known: list[_Known], at: datetime) -> _Known | None:
    """The later written of the latest rows at or before an instant."""
    latest: _Known | None = None
    for row in known:
        if row[0] <= at and (latest is None or row[0] >= latest[0]):
            latest = row
    return latest


def _said(row: _Known | None, one: Note) -> bool:
    """True if a row says as much as a note: one without a net price adds none."""
    return row is not None and row[1] == one.amount and one.net in (None, row[2])


def _row(one: Note) -> PricePoint:
    return PricePoint(
        sku=one.sku_code,
        channel=one.channel,
        currency=one.currency,
        amount=one.amount,
        net=one.net,
        from_at=one.from_at,
        reason=one.reason,
        campaign=one.campaign,
        note=one.remark,
    )
