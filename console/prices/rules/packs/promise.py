"""What a pack asks of "up to X%": how many of the items must reach it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from console.prices.rules.claims import UP_TO_SHARE, UpTo, up_to
from console.prices.rules.packs.judge import Judgement
from console.prices.rules.packs.pack import Pack


def share(law: Pack) -> Decimal:
    """The share of items a pack asks for; our default where it names none."""
    rule = law.rule("up_to")
    return Decimal(rule.parameters["share_percent"]) / 100 if rule else UP_TO_SHARE


def reached(
    law: Pack,
    percent: int,
    judged: Mapping[str, Judgement],
    otherwise: Mapping[str, int],
) -> UpTo:
    """How many items reach "up to `percent`%" by what the pack lets each claim.

    judged: the lines by SKU. otherwise: the percentage of those it does not measure.
    """
    claims = {
        sku: one.claim.percent if one.claim else otherwise.get(sku, 0)
        for sku, one in judged.items()
    }
    return up_to(claims, percent, share(law))
