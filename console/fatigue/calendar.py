"""The sales that are planned, told by the room that plans them.

Fatigue may not import the rooms above it. A room that knows sales registers itself in
its AppConfig.ready:

    from console.fatigue import calendar
    calendar.register(calendar.Source(planned=queries.planned, sales=queries.sales_of))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.fatigue.rules import Book, Incidence, Sale, Scope

Case = tuple[Sale, Book | Incidence]
"""A sale as one scope meets it, and the sales of that scope that open before it."""


@dataclass(frozen=True)
class Plan:
    """A sale to come, with each scope of the asked policy that it touches.

    settled: approved already, so it keeps the policy it was approved under.
    """

    sale: Sale
    cases: Sequence[Case]
    settled: bool


@dataclass(frozen=True)
class Source:
    """A room that knows sales.

    planned: sales to come that a policy of this scope concerns, by opening; of a scope
        for each thing of a kind, those without a policy of their own.
    sales: every approved, running or past sale of one scope.
    """

    planned: Callable[[Scope, datetime], Sequence[Plan]]
    sales: Callable[[Scope], Sequence[Sale]]


_sources: list[Source] = []


def register(source: Source) -> Source:
    """Ask this room too, from now on."""
    if source not in _sources:
        _sources.append(source)
    return source


def planned(scope: Scope, now: datetime) -> list[Plan]:
    """The sales to come that a policy of this scope concerns, by opening."""
    found = [plan for source in _sources for plan in source.planned(scope, now)]
    return sorted(found, key=lambda plan: (plan.sale.opens_at, plan.sale.code))


def sales(scope: Scope) -> list[Sale]:
    """Every approved, running or past sale of one scope, by opening."""
    found = [sale for source in _sources for sale in source.sales(scope)]
    return sorted(found, key=lambda sale: (sale.opens_at, sale.code))
