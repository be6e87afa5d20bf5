"""The sales of a scope as sorted columns of numbers: read once, asked often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from console.fatigue.rules.score import HOUR, Message, Sale, instant, micro

NANO = 1e-9
Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """Sales as columns, in order of opening, close and code.

    opens, closes: microseconds since 1970. depth: 0 to 1. reach: the share of the scope
    each touches, 0 to 1. names: code and name of each. told: what people hear of
    the sale at a place, when; None where nobody asks.
    """

    opens: Whole
    closes: Whole
    depth: Numbers
    reach: Numbers
    names: Sequence[tuple[str, str]]
    told: Callable[[int], Sequence[Message]] | None = None


class Book:
    """Sales by opening, with their instants and loads as whole numbers.

    Instants are microseconds since 1970, loads billionths of a point: comparing them is
    exact, and their sums do not depend on the order of the sales.
    """

    def __init__(self, columns: Columns) -> None:
        """Weigh every sale once."""
        self._columns = columns
        self.opens, self.closes = columns.opens, columns.closes
        stretch = np.sqrt(np.maximum(self.closes - self.opens, 0) / (24 * HOUR))
        points = 40 * (columns.depth / 0.30) * np.minimum(2.0, stretch) * columns.reach
        self.loads: Whole = np.rint(points / NANO).astype(np.int64)

    @classmethod
    def of(cls, sales: Iterable[Sale]) -> Book:
        """A book of sales in any order."""
        rows = sorted(sales, key=lambda s: (s.opens_at, s.closes_at, s.code))
        return cls(
            Columns(
                np.array([micro(s.opens_at) for s in rows], dtype=np.int64),
                np.array([micro(s.closes_at) for s in rows], dtype=np.int64),
                np.array([float(s.depth) for s in rows], dtype=np.float64),
                np.array([float(s.reach) * s.strain for s in rows], dtype=np.float64),
                [(sale.code, sale.name) for sale in rows],
                lambda place: rows[place].messages,
            )
        )

    def __len__(self) -> int:
        """How many sales."""
        return len(self.opens)

    def messages(self) -> list[tuple[Message, str]]:
        """Every announcement, with the code of its sale."""
        told, names = self._columns.told, self._columns.names
        if told is None:
            return []
        return [(one, names[n][0]) for n in range(len(self)) for one in told(n)]

    def sales(self, places: Iterable[int]) -> list[Sale]:
        """The sales at these places, with their names."""
        columns = self._columns
        return [
            Sale(
                *columns.names[place],
                instant(int(self.opens[place])),
                instant(int(self.closes[place])),
                float(columns.depth[place]),
                float(columns.reach[place]),
            )
            for place in map(int, places)
        ]

    def codes(self, places: Iterable[int]) -> tuple[str, ...]:
        """The codes of the sales at these places."""
        return tuple(self._columns.names[place][0] for place in places)

    def before(self, at: datetime) -> Book:
        """Only the sales that open before an instant."""
        end = int(np.searchsorted(self.opens, micro(at)))
        of = self._columns
        return Book(
            Columns(
                of.opens[:end],
                of.closes[:end],
                of.depth[:end],
                of.reach[:end],
                of.names[:end],
                of.told,
            )
        )

    def first_at(self, at: int) -> Sale:
        """The first sale that opens at this instant."""
        return self.sales([int(np.searchsorted(self.opens, at))])[0]
