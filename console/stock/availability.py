"""What is left to sell, for shop pages: a moment old, and it says how old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from console.stock import messages
from console.stock.kept import Kept, named
from console.stock.links import Reader
from console.stock.rules import UnknownCampaign

_SQL = """
SELECT g.state, now(), k.code,
       CASE WHEN a.returned_at IS NULL AND a.state = 'open' THEN
                greatest(a.sellable + coalesce(e.units, 0)
                         - CASE WHEN b.id IS NULL THEN 0
                           ELSE least(a.waiting, greatest(
                               a.sellable + coalesce(e.units, 0) - a.backorder, 0))
                           END, 0)
            ELSE 0 END,
       CASE WHEN a.state <> 'open' THEN a.state
            WHEN a.returned_at IS NULL AND a.buffer > 0 THEN 'low' ELSE 'sold_out' END
FROM stock_salegate g
LEFT JOIN stock_allocation a ON a.campaign = g.campaign
LEFT JOIN stock_sku k ON k.id = a.sku_id
LEFT JOIN LATERAL (
    SELECT sum(l.units)::int AS units FROM stock_reservationline l
    WHERE l.allocation_id = a.id AND l.held AND l.expires_at <= now()
) e ON true
LEFT JOIN stock_offerbell b ON b.at > now() - interval '10 s'
WHERE g.campaign = %s ORDER BY k.code
"""


class Availability:
    """Answers of the last moment, one a campaign."""

    def __init__(self, reader: Reader) -> None:
        """Nothing is known yet."""
        self._reader = reader
        self._kept = Kept(self._read)

    async def told(self, query: bytes) -> bytes:
        """The answer for `?campaign=…`.

        Raises:
            BadRequest: no campaign was named.
            UnknownCampaign: it has no gate.
        """
        return await self._kept.answer(named(query, campaign=20))

    async def _read(self, campaign: str) -> bytes:
        rows = await self._reader.rows(_SQL, [campaign])
        if not rows:
            raise UnknownCampaign(f"No sale {campaign}.", field="campaign")
        state, at, *_ = rows[0]
        return _body(campaign, state, at, [x[2:] for x in rows if x[2]])


Left = tuple[str, int, str]
"""A SKU, units left to sell, and why none is, should there be none."""


def _body(campaign: str, state: str, at: datetime, left: Sequence[Left]) -> bytes:
    return messages.encoded(
        {
            "campaign": campaign,
            "state": state,
            "as_of": messages.spoken(at),
            "fresh_for_s": settings.AVAILABILITY_FRESH_S,
            "skus": [_sku(*one) for one in left],
        }
    )


def _sku(code: str, left: int, why: str) -> dict[str, object]:
    """unavailable: `stopped`, `low` while what there is is held back, or `sold_out`."""
    return {"sku": code, "left": left, "unavailable": None if left > 0 else why}
