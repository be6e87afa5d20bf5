"""The evidence of a sale, packed from its facts and the histories in the database.

What was planned and approved is known further up: the room that knows it registers one
function, and this room never imports it.
"""

from __future__ import annotations

from collections.abc import Callable

from console.errors import Refusal
from console.prices.models import PricePoint
from console.prices.rules.evidence import Row, SaleFacts, Sealed, parts, seal

Source = Callable[[str], SaleFacts | None]
_sources: list[Source] = []


class NoEvidence(Refusal):
    """There is no such sale, or nobody who knows it."""

    code = "no_evidence"
    status = 404


def told_by(source: Source) -> Source:
    """Register who knows the facts of a sale by its code; a decorator.

    The function answers None for a code it does not know.
    """
    _sources.append(source)
    return source


def facts(code: str) -> SaleFacts:
    """The facts of a sale, as the room that plans it tells them.

    Raises:
        NoEvidence: nobody knows a sale of this code that has an opening.
    """
    for source in _sources:
        if (found := source(code)) is not None:
            return found
    raise NoEvidence(f"There is no sale {code} with an opening to give evidence of.")


def pack(sale: SaleFacts) -> Sealed:
    """Seal the evidence of a sale: each line's history up to the opening, in one query.

    Up to the last opening, where markets open one after the other: before it, rows may
    still come in, and another seal with them. The same facts and history give the same
    bytes.
    """
    histories: dict[str, list[Row]] = {line.sku: [] for line in sale.lines}
    rows = PricePoint.objects.filter(
        sku__in=histories,
        channel__in=sale.channels or [sale.channel],
        currency=sale.currency,
        from_at__lt=max(one.at for one in sale.windows),
    )
    for row in rows.order_by("sku", "from_at", "pk"):
        histories[row.sku].append(_row(row, sale))
    return seal(parts(sale, histories))


def _row(row: PricePoint, sale: SaleFacts) -> Row:
    return Row(
        row.pk,
        row.from_at,
        row.amount,
        row.reason,
        row.campaign,
        row.recorded_at,
        row.net,
        "" if row.channel == sale.channel else row.channel,
    )
