"""Decisions of fatigue in plain Python."""

from __future__ import annotations

from console.fatigue.rules.book import Book, Columns
from console.fatigue.rules.contacts import Ask
from console.fatigue.rules.curve import Curve, score
from console.fatigue.rules.heat import buckets, curve_of, heat
from console.fatigue.rules.limits import (
    FREE,
    BadPolicy,
    Counts,
    Enforcement,
    Limits,
    Quiet,
    check_limits,
    of_each_sku,
    of_everything,
)
from console.fatigue.rules.reasons import Reason, Rule, Tone
from console.fatigue.rules.saturation import Measured, Strain, strain, strained
from console.fatigue.rules.scopes import (
    EACH,
    EACH_SKU,
    EVERYTHING,
    Kind,
    Scope,
    UnknownScope,
    check_scope,
    scope_of,
)
from console.fatigue.rules.score import (
    LAST,
    Channel,
    Message,
    Sale,
    instant,
    load,
    load_of,
)
from console.fatigue.rules.skus import Incidence
from console.fatigue.rules.verdict import (
    HINT,
    Judge,
    Level,
    Panel,
    Verdict,
    level,
    verdict,
)
from console.fatigue.rules.weights import points

__all__ = [
    "EACH",
    "EACH_SKU",
    "EVERYTHING",
    "FREE",
    "HINT",
    "LAST",
    "Ask",
    "BadPolicy",
    "Book",
    "Channel",
    "Columns",
    "Counts",
    "Curve",
    "Enforcement",
    "Incidence",
    "Judge",
    "Kind",
    "Level",
    "Limits",
    "Measured",
    "Message",
    "Panel",
    "Quiet",
    "Reason",
    "Rule",
    "Sale",
    "Scope",
    "Strain",
    "Tone",
    "UnknownScope",
    "Verdict",
    "buckets",
    "check_limits",
    "check_scope",
    "curve_of",
    "heat",
    "instant",
    "level",
    "load",
    "load_of",
    "of_each_sku",
    "of_everything",
    "points",
    "scope_of",
    "score",
    "strain",
    "strained",
    "verdict",
]
