"""Amendments as their page shows them: before and after, totals, newly broken rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from console import words
from console.campaigns.models import Amendment, Approval, Campaign
from console.campaigns.queries import impact
from console.campaigns.queries.readiness import Candidate, Check
from console.campaigns.queries.readiness.claims import priced, unlawful
from console.campaigns.queries.readiness.prices import Judged
from console.campaigns.rules import AmendmentState, LineChange
from console.stock import queries as stock
from console.stock.models import Sku
from console.stock.rules import Want

SHOWN = 500
"""Changed SKUs that are listed one by one."""
NAMED = 3


@dataclass(frozen=True)
class Totals:
    """Sums over the changed SKUs, before and after.

    potential: revenue if all but the buffer sells.
    """

    units: tuple[int, int]
    buffer: tuple[int, int]
    potential: tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Shown:
    """One amendment with all its page says.

    stale: the sale says something else since it was proposed.
    """

    amendment: Amendment
    rows: Sequence[tuple[LineChange, str]]
    more: int
    totals: Totals
    stale: bool
    may_decide: bool

    @property
    def end(self) -> tuple[datetime, datetime] | None:
        """When the sale ends, and when it would."""
        if not (end := self.amendment.end):
            return None
        before, after = end["before"], end["after"]
        return datetime.fromisoformat(before), datetime.fromisoformat(after)

    @property
    def open(self) -> bool:
        """True while it can be decided."""
        return self.amendment.state == AmendmentState.PROPOSED and not self.stale


def shown(amendment: Amendment, *, by: int) -> Shown:
    """An amendment as somebody reads it; `may_decide` if it is not their own."""
    changes = amendment.changes
    listed = changes[:SHOWN]
    names = {
        sku.code: str(sku)
        for sku in Sku.objects.filter(code__in=[one.sku for one in listed])
    }
    waits = amendment.state == AmendmentState.PROPOSED
    return Shown(
        amendment=amendment,
        rows=[(one, names.get(one.sku, one.sku)) for one in listed],
        more=len(changes) - len(listed),
        totals=_totals(changes),
        stale=waits and amendment.base_hash != amendment.campaign.content_hash,
        may_decide=amendment.proposed_by_id != by,
    )


def _totals(changes: Sequence[LineChange]) -> Totals:
    sides = [[one.before for one in changes], [one.after for one in changes]]
    lines = [[line for line in side if line] for side in sides]
    units, buffer, potential = (
        [sum(line.units for line in side) for side in lines],
        [sum(line.buffer for line in side) for side in lines],
        [
            sum((x.sale_price * (x.units - x.buffer) for x in side), Decimal(0))
            for side in lines
        ],
    )
    return Totals(
        (units[0], units[1]), (buffer[0], buffer[1]), (potential[0], potential[1])
    )


def of(campaign: Campaign) -> list[Amendment]:
    """Every amendment of a campaign, the newest first."""
    found = campaign.amendments.select_related("proposed_by", "decided_by")
    return list(found.order_by("-number"))


@dataclass(frozen=True)
class Moved:
    """An end that was moved at once, by whom, when and why.

    ends: before and after; None of moves that were noted without.
    """

    who: str
    at: datetime
    reason: str
    ends: tuple[datetime, datetime] | None


def moved(campaign: Campaign, amendments: Sequence[Amendment]) -> list[Moved]:
    """Every move of the end that was no amendment, the newest first."""
    amended = [one.decided_at for one in amendments if one.end and one.decided_at]
    rows = campaign.approvals.filter(kind=Approval.Kind.AMEND).exclude(at__in=amended)
    return [_moved(row) for row in rows.select_related("by").order_by("-at", "-pk")]


def _moved(row: Approval) -> Moved:
    end, ends = row.verdict.get("end"), None
    if end:
        before, after = (datetime.fromisoformat(end[k]) for k in ("before", "after"))
        ends = before, after
    name = row.by.get_full_name() or row.by.get_username()
    return Moved(name, row.at, row.reason, ends)


def newly_broken(
    before: Candidate,
    after: Candidate,
    changes: Sequence[LineChange],
    skus: Mapping[str, int],
    *,
    now: datetime,
) -> list[Check]:
    """What the amended sale breaks and the sale as it is does not.

    skus: the key of each changed SKU.
    """
    return [
        *impact.found(before, after, now=now),
        *_priced(_only(before, skus), _only(after, skus), now),
        *_short(changes, skus),
    ]


def _only(plan: Candidate, skus: Mapping[str, int]) -> Candidate:
    """The plan with nothing but the changed SKUs."""
    some = [product for product in plan.products if product.sku in skus]
    return replace(plan, products=some)


def _priced(before: Candidate, after: Candidate, now: datetime) -> Iterator[Check]:
    """What the price guards, and the law of each market, newly object to."""
    if not after.products:
        return
    was, will = priced(before, now=now), priced(after, now=now)
    known = set(_findings(was))
    for key, check in _findings(will).items():
        if key not in known:
            yield check
    already = unlawful(before, was)
    for law, skus in unlawful(after, will).items():
        if more := skus - already.get(law, set()):
            listed = ", ".join(sorted(more)[:NAMED])
            text = f"{law}: {len(more):,} changed reductions may not be announced"
            yield Check("warn", f"{text}: {listed}")


def _findings(found: Sequence[Judged]) -> dict[tuple[str, str], Check]:
    """What the price guards find, by SKU and guard."""
    return {
        (one.product.sku, finding.guard): Check(
            "bad" if finding.blocks else "warn",
            f"{one.product.title}: {finding.text}",
        )
        for one in found
        for finding in one.findings
    }


def _short(changes: Sequence[LineChange], skus: Mapping[str, int]) -> Iterator[Check]:
    """SKUs of which the shelves have less than the amendment adds."""
    more = {skus[one.sku]: one for one in changes if one.more_units > 0}
    wants = [Want(pk, one.more_units, 0) for pk, one in sorted(more.items())]
    for row in stock.coverage(wants):
        if row.short:
            lack = words.count(row.short, "unit")
            text = f"{more[row.sku_id].sku} is {lack} short"
            yield Check("bad", text, f"{row.wanted:,}", f"{row.free:,}")
