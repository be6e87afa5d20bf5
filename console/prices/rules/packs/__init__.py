"""What the law of a market says of a reduction: packs of rules, versioned data."""

from __future__ import annotations

from console.prices.rules.packs.facts import Facts
from console.prices.rules.packs.judge import (
    Judgement,
    Outcome,
    Ruling,
    judge,
    of_sale,
    strictest,
)
from console.prices.rules.packs.pack import (
    OPTIONS,
    Law,
    OptionNotLeft,
    Pack,
    Rule,
    Strictness,
    UnknownPack,
    pack,
    packs,
)
from console.prices.rules.packs.promise import reached, share

__all__ = [
    "OPTIONS",
    "Facts",
    "Judgement",
    "Law",
    "OptionNotLeft",
    "Outcome",
    "Pack",
    "Rule",
    "Ruling",
    "Strictness",
    "UnknownPack",
    "judge",
    "of_sale",
    "pack",
    "packs",
    "reached",
    "share",
    "strictest",
]
