"""The evidence of a sale's claims: computed, sealed, and checked from the file."""

from __future__ import annotations

from console.prices.rules.evidence.check import Report, Void, check
from console.prices.rules.evidence.facts import LineFacts, Row, SaleFacts, Shown
from console.prices.rules.evidence.parts import line_part, parts
from console.prices.rules.evidence.seal import FORMAT, Sealed, seal

__all__ = [
    "FORMAT",
    "LineFacts",
    "Report",
    "Row",
    "SaleFacts",
    "Sealed",
    "Shown",
    "Void",
    "check",
    "line_part",
    "parts",
    "seal",
]
