"""What a unit of another currency counts for, as a person writes it down."""

from __future__ import annotations

import re
from decimal import Decimal

from console.errors import Refusal

CURRENCY = re.compile(r"[A-Z]{3}")
COMMA = re.compile(r"(\d{1,9}),(\d{1,9})")
ONE = re.compile(rf"({CURRENCY.pattern})\s+(\d{{1,9}}(?:\.\d{{1,9}})?)")


class BadRates(Refusal):
    """Rates that cannot be read."""

    code = "bad_rates"
    status = 422


def rates_of(said: str) -> dict[str, Decimal]:
    """What a unit of each currency counts for; nothing said is none.

    >>> rates_of("JPY 0.0062, KWD 3")
    {'JPY': Decimal('0.0062'), 'KWD': Decimal('3')}

    Raises:
        BadRates: naming what cannot be read.
    """
    if comma := COMMA.search(said):
        whole, part = comma.groups()
        raise BadRates(
            f"A comma parts two rates: write {whole}.{part} with a point.",
            field="rates",
        )
    found: dict[str, Decimal] = {}
    for part in filter(None, (part.strip() for part in said.split(","))):
        match = ONE.fullmatch(part)
        if match is None or Decimal(match[2]) <= 0 or match[1] in found:
            raise BadRates(
                f"“{part[:40]}” is no rate. Write each currency once, like "
                "JPY 0.0062, KWD 3.01.",
                field="rates",
            )
        found[match[1]] = Decimal(match[2])
    return found
