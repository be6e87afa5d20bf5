"""The sales to come that a fatigue policy concerns, for its preview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from console.campaigns.models import Campaign
from console.campaigns.queries import sales
from console.campaigns.queries.footprints import Touch, touches
from console.campaigns.rules import State
from console.fatigue import queries as fatigue
from console.fatigue import saturating
from console.fatigue.calendar import Plan
from console.fatigue.rules import Book, Incidence, Kind, Sale, Scope, strained

TO_COME = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.ARMED)
SHOWN = 50


def planned(scope: Scope, now: datetime) -> list[Plan]:
    """The next campaigns that a policy of this scope concerns.

    Each comes with the counted sales that open before it, so that of two that are too
    close the later one is named.
    """
    rows = _campaigns(now)
    touched = touches(rows)
    pairs = [(one, _concerned(scope, touched[one.pk])) for one in rows]
    concerned = [(one, scopes) for one, scopes in pairs if scopes][:SHOWN]
    all_ = {s for _, scopes in concerned for s in scopes}
    books, strains = sales.books(all_), saturating.strains(all_, now)
    return [
        Plan(
            sale := _sale(one, touched[one.pk]),
            [
                (strained(case, strains.get(of)), others)
                for of, case, others in _cases(sale, scopes, touched[one.pk], books)
            ],
            one.state in (State.APPROVED, State.ARMED),
        )
        for one, scopes in concerned
    ]


def _campaigns(now: datetime) -> Sequence[Campaign]:
    found = Campaign.objects.filter(state__in=TO_COME, opens_at__gt=now)
    found = found.select_related("audience", "occasion")
    return list(found.order_by("opens_at", "pk")[: 4 * SHOWN])


def _concerned(scope: Scope, touch: Touch) -> list[Scope]:
    """The scopes of a campaign that this policy would judge."""
    if not scope.each:
        return [scope] if scope in touch.reach else _one_sku(scope, touch)
    if scope.kind is Kind.SKU:
        return [scope] if len(touch.skus) else []
    own = {one.value for one in fatigue.scopes()}
    return [s for s in touch.reach if s.kind is scope.kind and s.name and s not in own]


def _one_sku(scope: Scope, touch: Touch) -> list[Scope]:
    if scope.kind is not Kind.SKU:
        return []
    return [scope] if sales.place_of(scope.name, touch) is not None else []


def _cases(
    sale: Sale, scopes: Sequence[Scope], touch: Touch, books: dict[Scope, Book]
) -> Iterator[tuple[Scope, Sale, Book | Incidence]]:
    for scope in scopes:
        if scope.kind is not Kind.SKU:
            before = books[scope].before(sale.opens_at)
            yield scope, replace(sale, reach=touch.reach[scope]), before
            continue
        skus = sales.incidence(touch, besides=sale.code).before(sale.opens_at)
        if not scope.each:
            place = sales.place_of(scope.name, touch)
            skus = skus.only(np.arange(len(touch.skus)) == place)
        yield scope, replace(sale, reach=1), skus


def _sale(one: Campaign, touch: Touch) -> Sale:
    assert one.opens_at and one.closes_at
    occasion = one.occasion.name if one.occasion else ""
    told = touch.messages(one.opens_at, one.closes_at)
    return Sale(one.code, one.name, one.opens_at, one.closes_at, touch.depth,
                occasion=occasion, messages=told)  # fmt: skip
