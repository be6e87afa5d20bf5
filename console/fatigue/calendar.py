"""The sales of an audience, told by the room that plans them.

Fatigue may not import the rooms above it. A room that knows sales registers a function
in its AppConfig.ready:

    from console.fatigue import calendar
    calendar.register(queries.sales_of_audience)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from console.fatigue.rules import Sale

Source = Callable[[int], Sequence[Sale]]
"""From an audience's id to every sale it meets, past and planned, in any order.

Leave out what will not run: drafts, rejected, aborted before opening. Include sales to
wider audiences that hold this one, with the share they reach.
"""

_sources: list[Source] = []


def register(source: Source) -> Source:
    """Ask this function too, from now on."""
    if source not in _sources:
        _sources.append(source)
    return source


def sales(audience_id: int) -> list[Sale]:
    """Every sale this audience meets, by opening."""
    found = [sale for source in _sources for sale in source(audience_id)]
    return sorted(found, key=lambda sale: (sale.opens_at, sale.code))
