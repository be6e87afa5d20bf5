"""The sales of an audience as sorted numbers: read once, asked often."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from console.fatigue.rules.score import HOUR, Sale, load, micro

NANO = 1e-9


class Book:
    """Sales by opening, with their instants and loads as whole numbers.

    Instants are microseconds since 1970, loads billionths of a point: comparing them is
    exact, and their sums do not depend on the order of the sales.
    """

    def __init__(self, sales: Iterable[Sale]) -> None:
        """Sort once. Sales at one instant are in order of close and code."""
        rows = sorted(
            (micro(s.opens_at), micro(s.closes_at), s.code, i, s)
            for i, s in enumerate(sales)
        )
        self.sales = [row[4] for row in rows]
        self.opens = [row[0] for row in rows]
        self.closes = [row[1] for row in rows]
        self.loads = [
            round(load(s.depth, (closes - opens) / HOUR, s.reach) / NANO)
            for opens, closes, _, _, s in rows
        ]

    def first_at(self, at: int) -> Sale:
        """The first sale that opens at this instant."""
        return self.sales[bisect_right(self.opens, at - 1)]
