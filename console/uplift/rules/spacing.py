"""How long ago the goods of a sale, or its audience, were last on sale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

Window = tuple[datetime, datetime]
DAY = timedelta(days=1)


def days_since(
    offers: Iterable[tuple[str, datetime]],
    windows: Mapping[str, Sequence[Window]],
    *,
    audience: Sequence[Window] = (),
) -> float | None:
    """Days from the close of the previous sale to the opening of this one.

    offers: SKUs and when each opens. windows: of each SKU, in any sale. The median over
    the SKUs; where fewer than half were on sale before, that of the audience. None if
    nothing came before: that is not a long rest, it is where the history begins.
    """
    wanted = list(offers)
    gaps = [
        gap for sku, at in wanted if (gap := _gap(at, windows.get(sku, ()))) is not None
    ]
    if gaps and len(gaps) * 2 >= len(wanted):
        return median(gaps)
    first = min((at for _, at in wanted), default=None)
    return None if first is None else _gap(first, audience)


def _gap(opens: datetime, windows: Sequence[Window]) -> float | None:
    ends = [closes for _, closes in windows if closes <= opens]
    return (opens - max(ends)) / DAY if ends else None
