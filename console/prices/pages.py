"""Reads shaped for the pages of prices: the list, and the evidence of one SKU."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Q, When

from console.audit.models import Entry
from console.prices import queries, rules
from console.prices.models import Conflict, PricePoint
from console.prices.queries import Prior
from console.prices.rules.evidence import Sealed

PER_PAGE = 50
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Row:
    """One SKU in one channel and currency: what it costs, and its 30-day low."""

    point: PricePoint
    low: Prior | None
    rows: int


def listing(find: str, *, page: str | int, now: datetime) -> Page[Row]:
    """The SKUs with a history, by code; `find` is part of a code or a campaign's."""
    found = PricePoint.objects.filter(from_at__lte=now)
    if find:
        found = found.filter(Q(sku__icontains=find) | Q(campaign__iexact=find))
    keys = found.values_list("sku", "channel", "currency").annotate(rows=Count("pk"))
    pages: Paginator[Any] = Paginator(
        keys.order_by("sku", "channel", "currency"), PER_PAGE
    )
    chosen = pages.get_page(page)
    return Page(_rows(list(chosen), now), chosen.number, pages)


def _rows(keys: Sequence[tuple[str, str, str, int]], now: datetime) -> list[Row]:
    if not keys:
        return []
    points = _in_force([key[:3] for key in keys], now)
    lows: dict[Key, Prior] = {}
    for channel, currency in {(key[1], key[2]) for key in keys}:
        codes = [key[0] for key in keys if key[1:3] == (channel, currency)]
        priors = queries.prior(codes, now, channel=channel, currency=currency)
        lows |= {(code, channel, currency): low for code, low in priors.items()}
    return [Row(points[key[:3]], lows.get(key[:3]), key[3]) for key in keys]


def _in_force(keys: Sequence[Key], now: datetime) -> dict[Key, PricePoint]:
    each = (Q(sku=sku, channel=way, currency=coin) for sku, way, coin in keys)
    rows = PricePoint.objects.filter(reduce(or_, each), from_at__lte=now)
    order = ("sku", "channel", "currency")
    latest = rows.order_by(*order, "-from_at", "-pk").distinct(*order)
    return {(p.sku, p.channel, p.currency): p for p in latest}


@dataclass(frozen=True)
class Span:
    """One row of a history, and until when it was in force.

    void: a later written row took its place at the same instant.
    counts: it was in force in the 30 days that are looked at; lowest: it set the low.
    """

    point: PricePoint
    until: datetime | None
    void: bool
    counts: bool
    lowest: bool


@dataclass(frozen=True)
class Evidence:
    """Why a reduction that starts at `at` may claim what it may.

    spans: the history, newest first. prior: None without history.
    best: the highest price that may be announced as 20% off.
    """

    sku: str
    channel: str
    currency: str
    at: datetime
    window_from: datetime
    prior: Prior | None
    spans: Sequence[Span]
    usual: Decimal | None
    sale: Decimal | None = None

    @property
    def claim(self) -> int | None:
        """Percent that may be announced for the sale price, if one is asked about."""
        if self.sale is None:
            return None
        return rules.claimable(self.prior.amount if self.prior else None, self.sale)

    @property
    def best(self) -> Decimal | None:
        """The highest price for a reduction of 20%."""
        if self.prior is None:
            return None
        return rules.cut(rules.highest_for(self.prior.amount, 20), self.currency)


def evidence(
    sku: str,
    at: datetime,
    *,
    channel: str,
    currency: str,
    sale: Decimal | None = None,
) -> Evidence:
    """The history of one SKU and what it means for a reduction at an instant."""
    rows = queries.history(sku, channel=channel, currency=currency)
    prior = queries.prior([sku], at, channel=channel, currency=currency).get(sku)
    start = rules.window_start(at, settings.SHOP_ZONE)
    points = [row.point() for row in rows]
    usual = rules.usual_price(points, at, settings.SHOP_ZONE)
    spans = _spans(rows, start, at, prior)
    return Evidence(sku, channel, currency, at, start, prior, spans, usual, sale)


def _spans(
    rows: Sequence[PricePoint], start: datetime, at: datetime, prior: Prior | None
) -> list[Span]:
    spans = []
    for row, following in zip(rows, [*rows[1:], None], strict=False):
        until = following.from_at if following else None
        void = until is not None and until - row.from_at <= timedelta()
        counts = not void and row.from_at < at and (until is None or until > start)
        low = prior is not None and (row.amount, row.from_at) == (
            prior.amount,
            prior.from_at,
        )
        spans.append(Span(row, until, void, counts, counts and low))
    return spans[::-1]


def scopes(sku: str) -> list[tuple[str, str]]:
    """The channels and currencies this SKU has a history in."""
    rows = PricePoint.objects.filter(sku=sku).values_list("channel", "currency")
    return list(rows.distinct().order_by("channel", "currency"))


@dataclass(frozen=True)
class Undecided:
    """The prices after sales that a person decides about, and those decided lately."""

    page: Page[Conflict]
    open: int
    campaign: str


def conflicts(*, campaign: str = "", page: str | int = 1) -> Undecided:
    """Those of one sale, or of all; the undecided first, then the latest."""
    found = Conflict.objects.select_related("decided_by")
    if campaign:
        found = found.of(campaign)
    undecided = Case(When(choice="", then=0), default=1)
    pages = Paginator(found.order_by(undecided, "-found_at", "sku", "pk"), PER_PAGE)
    return Undecided(pages.get_page(page), found.open().count(), campaign)


@dataclass(frozen=True)
class Proof:
    """The evidence of a sale as its page shows it. page: its lines, by SKU.

    Of each line `said` is what shops were given to say about its last units.
    sealed_at: when the trail took this very seal; None if it has not.
    """

    sale: dict[str, Any]
    packs: list[dict[str, Any]]
    approvals: list[dict[str, Any]]
    seal: str
    sealed_at: datetime | None
    page: Page[dict[str, Any]]


def _instant(text: str) -> datetime:
    """As sealed: an instant, in UTC where it names no zone."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def proof(sealed: Sealed, *, page: str | int) -> Proof:
    """The parts of sealed evidence; instants are read back from their text."""
    parts = sealed.parts
    sale = parts["sale"] | {
        name: datetime.fromisoformat(parts["sale"][name])
        for name in ("opens_at", "closes_at")
    }
    lines = [content for name, content in parts.items() if name.startswith("line ")]
    said = _said(parts.get("scarcity", []))
    told = [_dated(one) | {"said": said.get(one["offer"]["sku"], [])} for one in lines]
    pages = Paginator(told, PER_PAGE)
    kept = Entry.objects.filter(
        verb="prices.seal_evidence", object_id=sale["code"], after={"seal": sealed.seal}
    )
    return Proof(
        sale,
        _once(_begun(one) for one in parts["packs"]),
        _named(parts["approvals"]),
        sealed.seal,
        kept.values_list("at", flat=True).first(),
        pages.get_page(page),
    )


def _begun(pack: dict[str, Any]) -> dict[str, Any]:
    """A pack with the instant it begins at, where that is not the sale's."""
    at = pack.get("opens_at")
    return pack | {"opens_at": _instant(at)} if at else pack


def _said(texts: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What shops said about the last units, by SKU."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in texts:
        times = {name: _instant(one[name]) for name in ("from_at", "until_at")}
        found.setdefault(one["sku"], []).append(one | times)
    return found


def _dated(line: dict[str, Any]) -> dict[str, Any]:
    rows = [
        row | {"from_at": datetime.fromisoformat(row["from_at"])}
        for row in line["history"]
    ]
    start, end = (datetime.fromisoformat(line[n]) for n in ("window_from", "window_to"))
    return line | {
        "history": _counting(rows, start, end),
        "window_from": start,
        "rulings": _once(r for one in line["judgements"] for r in one["rulings"]),
    }


def _counting(
    rows: list[dict[str, Any]], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The prices of the 30 days, and those in force in each channel as they began."""
    past = [row for row in rows if row["from_at"] <= start]
    before = {row.get("channel", ""): row for row in past}
    return [*before.values()] + [row for row in rows if start < row["from_at"] < end]


def _once(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each once, in its order: two markets with one law say the same."""
    told: list[dict[str, Any]] = []
    for one in found:
        if one not in told:
            told.append(one)
    return told


def _named(approvals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Approvals with the full names of those who gave them; the seal has logins."""
    people = User.objects.filter(username__in={one["by"] for one in approvals})
    names = {who.get_username(): who.get_full_name() for who in people}
    return [
        one | {"at": _instant(one["at"]), "by": names.get(one["by"]) or one["by"]}
        for one in approvals
    ]
