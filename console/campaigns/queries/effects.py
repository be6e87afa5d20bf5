"""What a changed sale does to claims and stock, its own and those of other sales."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from math import inf

from django.db.models.expressions import RawSQL

from console import words
from console.campaigns.models import Line
from console.campaigns.queries import later, runs
from console.campaigns.queries.readiness.claims import follow_ons
from console.campaigns.queries.readiness.parts import Candidate, Check
from console.campaigns.queries.readiness.past import run_of
from console.campaigns.rules import State
from console.prices.models import WEB
from console.shell.arrays import array
from console.stock import queries as stock
from console.stock.queries import SkuCount
from console.stock.rules import pace

WAITING = (State.DRAFT, State.IN_REVIEW, State.APPROVED)
"""States in which a sale has not locked its units yet."""
MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]
"""The end there is, and the later one."""


def warnings(before: Candidate, after: Candidate, *, now: datetime) -> list[Check]:
    """What can be accepted, with the numbers to decide by."""
    found = [*_claims(before, after, now), *_follow_ons(before, after)]
    was, ends = before.closes_at, after.closes_at
    if before.holds_stock and was and ends and ends > was:
        counts = stock.counters(before.code, now=now)
        found += _sold_out(counts, before.opens_at or now, (was, ends), now)
        found += _kept(before, counts, (was, ends))
    return found


def _claims(before: Candidate, after: Candidate, now: datetime) -> Iterator[Check]:
    """Later sales that may claim less."""
    for fall in later.fallen(before, after, now=now):
        yield Check("warn", fall.text, f"{fall.skus:,}", f"{fall.of:,}")


def _follow_ons(before: Candidate, after: Candidate) -> Iterator[Check]:
    """Ends, its own and those of others, that would not be real any more."""
    was, run = run_of(before), run_of(after)
    if was is None or run is None or was == run:
        return
    near = runs.near(
        after.code,
        [product.sku_id for product in after.products],
        currency=after.currency,
        channels=after.channels or [WEB],
        opens_at=run.opens_at,
        closes_at=max(was.closes_at, run.closes_at),
    )
    known = follow_ons(was, near)
    for pair, text in follow_ons(run, near).items():
        if pair not in known:
            yield Check("warn", text)


def _sold_out(
    counts: Sequence[SkuCount], opens_at: datetime, more: Span, now: datetime
) -> Iterator[Check]:
    """SKUs that last until the end there is, and not until the one it would have."""
    minutes = (now - opens_at) / MINUTE
    if minutes <= 0:
        return
    was, ends = ((at - now) / MINUTE for at in more)
    short = sum(was <= _lasts(one, minutes) < ends for one in counts)
    if short:
        some = f"{short:,} of {len(counts):,} SKUs"
        text = f"At the pace so far, {some} would be sold out before the new end"
        yield Check("warn", text)


def _lasts(one: SkuCount, minutes: float) -> float:
    """Minutes until its last unit is taken, from now on; inf where nobody can say.

    Nobody can of a SKU that is stopped, or sold too few.
    """
    if one.stopped:
        return inf
    if one.left <= 0:
        return 0
    eta = pace.sellout(one.left, sold=one.sold + one.reserved, minutes=minutes)
    return inf if eta.middle is None else eta.middle


def _kept(plan: Candidate, counts: Sequence[SkuCount], more: Span) -> Iterator[Check]:
    """Sales that open before the new end and lack units it keeps until then."""
    keys = {product.sku: product.sku_id for product in plan.products}
    keeps = {keys[one.sku_code]: max(0, one.quantity - one.sold) for one in counts
             if one.sku_code in keys}  # fmt: skip
    free = stock.ats(keeps)
    lacking: dict[tuple[str, str], list[int]] = {}
    for code, name, sku, units in _waiting(plan.code, list(keeps), more):
        lacks = min(units - free[sku], keeps[sku])
        if lacks > 0:
            lacking.setdefault((code, name), []).append(lacks)
    for (_, name), each in lacking.items():
        yield Check(
            "warn",
            f"{name} opens before the new end and lacks "
            f"{words.count(sum(each), 'unit')} of {words.count(len(each), 'SKU')} "
            f"that this sale keeps until then",
        )


def _waiting(
    code: str, skus: Sequence[int], more: Span
) -> Iterable[tuple[str, str, int, int]]:
    """What sales that open in the time that is new want: code, name, SKU and units."""
    named = RawSQL("select unnest(%s::bigint[])", [array(skus)])
    lines = Line.objects.filter(
        sku__in=named,
        campaign__state__in=WAITING,
        campaign__opens_at__gte=more[0],
        campaign__opens_at__lt=more[1],
    ).exclude(campaign__code=code)
    ordered = lines.order_by("campaign__opens_at", "campaign_id", "sku_id")
    return ordered.values_list("campaign__code", "campaign__name", "sku_id", "units")
