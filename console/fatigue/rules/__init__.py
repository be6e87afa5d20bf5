"""Decisions of fatigue in plain Python."""

from __future__ import annotations

from console.fatigue.rules.curve import score
from console.fatigue.rules.limits import (
    BadPolicy,
    Counts,
    Enforcement,
    Limits,
    check_limits,
)
from console.fatigue.rules.reasons import Reason, Rule, Tone
from console.fatigue.rules.score import Sale, load, load_of
from console.fatigue.rules.verdict import (
    HINT,
    Judge,
    Level,
    Verdict,
    bucket,
    heat,
    level,
    verdict,
)
from console.fatigue.rules.weights import points

__all__ = [
    "HINT",
    "BadPolicy",
    "Counts",
    "Enforcement",
    "Judge",
    "Level",
    "Limits",
    "Reason",
    "Rule",
    "Sale",
    "Tone",
    "Verdict",
    "bucket",
    "check_limits",
    "heat",
    "level",
    "load",
    "load_of",
    "points",
    "score",
    "verdict",
]
