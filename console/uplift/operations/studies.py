"""When all past sales are measured, by whom, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from console.audit.operations import operation
from console.runbook import bell
from console.uplift.measuring import Measured
from console.uplift.models import PastSale, Study
from console.uplift.queries.demand import Covered
from console.uplift.rules import Source

TASK = "uplift.measure"
LEASE = timedelta(minutes=15)
_MILL, _CENT = Decimal("0.001"), Decimal("0.01")


def ring() -> None:
    """Call a worker; where nobody hears it, the next look finds what is wanted."""
    bell.ring(TASK, expires=None)


def lock() -> None:
    """Let one at a time change what is measured; held to the end of the transaction.

    Whoever holds the row of a file may take it; nobody takes them the other way round.
    """
    Study.objects.get_or_create(pk=1)
    Study.objects.select_for_update().get(pk=1)


def want(*, now: datetime) -> None:
    """Have every past sale looked for and measured again."""
    Study.objects.update_or_create(pk=1, defaults={"wanted_at": now})
    transaction.on_commit(ring)


def wanted(*, now: datetime) -> bool:
    """True if somebody should measure, and nobody does."""
    return Study.objects.filter(_due(now)).exists()


def claim(*, now: datetime) -> Study | None:
    """Take the measuring for a while; None if it is done, or another worker has it."""
    if not Study.objects.filter(_due(now)).update(lease_until=now + LEASE):
        return None
    return Study.objects.get()


def _due(now: datetime) -> Q:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    asked = Q(wanted_at__isnull=False)
    return free & asked & (Q(done_at=None) | Q(done_at__lt=F("wanted_at")))


@operation()
def keep(
    study: Study, found: Sequence[Measured], *, within: Covered, now: datetime
) -> None:
    """Write down what was measured; sales that are not found any more go.

    now: when measuring began, so that what was wanted since is measured again. A worker
    that lost its lease changes nothing.
    """
    ours = Study.objects.select_for_update().filter(lease_until=study.lease_until)
    held = ours.first()
    if held is None:
        return
    keys = [one.sale.key for one in found]
    PastSale.objects.exclude(source=Source.HAND).exclude(key__in=keys).delete()
    for one in found:
        values = _values(one, within) | {"measured_at": now}
        if one.sale.source is Source.HAND:
            told = {"offers", "opens_at", "closes_at", "name", "skus", "depth"}
            values = {k: v for k, v in values.items() if k not in told}
            PastSale.objects.filter(key=one.sale.key).update(**values)
            continue
        PastSale.objects.update_or_create(key=one.sale.key, defaults=values)
    held.done_at, held.lease_until = now, None
    held.save()


def _values(one: Measured, within: Covered) -> dict[str, Any]:
    sale = one.sale
    offers = [
        [offer.sku, offer.opens.isoformat(), offer.closes.isoformat(), offer.depth]
        for offer in sale.offers
    ]
    return {
        "source": sale.source,
        "name": sale.name,
        "opens_at": within.instant(sale.opens),
        "closes_at": within.instant(sale.closes),
        "audience_id": sale.audience,
        "offers": offers,
        "skus": len({offer.sku for offer in sale.offers}),
        "depth": _exact(sale.depth, _MILL),
        "days_since": _exact(one.days_since, _CENT),
        "uplift": one.measure.uplift.value,
        "result": one.measure.values(),
    }


def _exact(value: float | None, step: Decimal) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(step)
