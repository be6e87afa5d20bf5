"""What a shop may say about the last units: from the ledger, and written down first."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from console.stock import messages, sqlcalls
from console.stock.kept import Kept, named
from console.stock.links import Reader
from console.stock.rules import UnknownCampaign, UnknownSku
from console.stock.rules.scarcity import FRESH_S, silence, text, texts


class Scarcity:
    """Answers of the last moment, one a campaign and SKU."""

    def __init__(self, reader: Reader) -> None:
        """Nothing is known yet."""
        self._reader = reader
        self._kept = Kept(self._read)

    async def told(self, query: bytes) -> bytes:
        """The answer for `?campaign=…&sku=…`.

        Raises:
            BadRequest: not one campaign and one SKU were named.
            UnknownCampaign: it has no gate.
            UnknownSku: it is not part of the sale.
        """
        asked = named(query, campaign=20, sku=64)
        return await self._kept.answer(asked)

    async def _read(self, campaign: str, sku: str) -> bytes:
        values = [campaign, sku, texts(settings.SCARCITY_BELOW), FRESH_S, None]
        rows = await self._reader.rows(sqlcalls.SCARCITY, values)
        if not rows:
            raise UnknownCampaign(f"No sale {campaign}.", field="campaign")
        state, allocation, units, at, until = rows[0]
        if allocation is None:
            raise UnknownSku(f"{sku} is not part of this sale.", field="sku")
        return _body(campaign, sku, state, units, at, until)


def _body(
    campaign: str, sku: str, state: str, units: int, at: datetime, until: datetime
) -> bytes:
    why = silence(state, units, settings.SCARCITY_BELOW)
    return messages.encoded(
        {
            "campaign": campaign,
            "sku": sku,
            "left": units,
            "text": text(units) if why is None else None,
            "why": why,
            "as_of": messages.spoken(at),
            "valid_until": None if why else messages.spoken(until),
        }
    )
