"""Whether the products of a plan are fit for a sale: only warnings, each of a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.conf import settings

from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Product,
    Section,
    counted,
)
from console.campaigns.rules import eligible
from console.campaigns.rules.eligible import Cover
from console.stock import queries as stock

SHOWN = 5
"""Products named of each rule; the rest are counted."""


def section(plan: Candidate) -> Section | None:
    """The section on eligibility; None where nothing is to be said."""
    checks = (*_shown(_thin(plan.products)), *_shown(_scarce(plan.products)))
    if not checks:
        return None
    return Section("eligible", "Eligibility", counted(checks, ""), checks)


def _thin(products: Sequence[Product]) -> Iterator[Check]:
    """Products of which too few variants are in the sale, by name."""
    percent = settings.ELIGIBLE_VARIANTS_PERCENT
    for row in stock.variants(product.sku_id for product in products):
        cover = Cover(row.name, row.chosen, row.variants)
        if said := eligible.thin(cover, percent=percent):
            yield Check("warn", said)


def _scarce(products: Sequence[Product]) -> Iterator[Check]:
    """Lines that can sell too few units, in the order of the plan."""
    least = settings.ELIGIBLE_UNITS
    for one in products:
        if one.units - one.buffer < least:
            said = eligible.scarce(one.title, one.units - one.buffer, least=least)
            yield Check("warn", said, show=f"row-{one.line_id}")


def _shown(found: Iterator[Check]) -> list[Check]:
    """The first few, then how many more there are."""
    checks = list(found)
    if len(checks) <= SHOWN:
        return checks
    more = Check("warn", f"{len(checks) - SHOWN:,} more like these")
    return [*checks[:SHOWN], more]
