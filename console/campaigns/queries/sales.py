"""The sales that tire people and shelves, as fatigue wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.campaigns.queries.footprints import Touch, key
from console.campaigns.queries.history import EVER, History, Numbers, Whole, history
from console.campaigns.rules import Told, messages
from console.fatigue.rules import (
    Book,
    Columns,
    Incidence,
    Kind,
    Message,
    Sale,
    Scope,
    instant,
)
from console.stock.models import Sku


@dataclass(frozen=True)
class Counted:
    """Counted sales: of each scope, and with the SKUs they share with a plan."""

    books: Mapping[Scope, Book]
    skus: Incidence


def books(
    scopes: Iterable[Scope], *, besides: str = "", since: datetime | None = None
) -> dict[Scope, Book]:
    """Every counted sale of each scope, in one query.

    besides: the code of a campaign to pass over: it is being moved. since: only sales
    that close later.
    """
    wanted = {key(scope): scope for scope in scopes}
    found = history(list(wanted), besides=besides, since=since or EVER)
    return _books(wanted, found)


def counted(
    touch: Touch,
    scopes: Iterable[Scope],
    *,
    besides: str,
    since: datetime,
    recent: datetime,
) -> Counted:
    """The same, and which SKUs of a plan they share, in one query.

    recent: only of sales that close later the SKUs are looked at.
    """
    wanted = {key(scope): scope for scope in scopes}
    shelves = [key(scope) for scope in touch.reach if scope.kind is Kind.CATEGORY]
    asked = [*wanted, *(shelf for shelf in shelves if shelf not in wanted)]
    found = history(
        asked, besides=besides, since=min(since, recent), shelves=shelves, recent=recent
    )
    return Counted(_books(wanted, found), _incidence(touch, found))


def incidence(touch: Touch, *, besides: str = "") -> Incidence:
    """Which SKUs of a plan are in which other counted sales.

    Only sales of the same shelves are looked at: a SKU stands on one.
    """
    return counted(touch, [], besides=besides, since=EVER, recent=EVER).skus


def _books(wanted: Mapping[str, Scope], found: History) -> dict[Scope, Book]:
    """The sales of each scope, cut out of the columns of all of them."""
    sale, scope, share = _pairs(found, {text: n for n, text in enumerate(wanted)})
    bounds = np.searchsorted(scope, np.arange(len(wanted) + 1))
    cut = {}
    for n, one in enumerate(wanted.values()):
        mine = slice(bounds[n], bounds[n + 1])
        places, reach = sale[mine], share[mine]
        weighed = reach * found.strain[places] if one.kind is Kind.AUDIENCE else reach
        cut[one] = Book(_columns(found, places, weighed))
    return cut


def _pairs(found: History, wanted: Mapping[str, int]) -> tuple[Whole, Whole, Numbers]:
    """Which sale touches which wanted scope, and how much; by scope, then sale."""
    number = wanted.get
    numbers = [number(text, -1) for text in found.scopes]
    scope = np.array(numbers, dtype=np.int64)
    order = np.argsort(scope, kind="stable")
    order = order[np.searchsorted(scope[order], 0) :]
    return found.touching[order], scope[order], found.shares[order]


def _columns(found: History, places: Whole, reach: Numbers) -> Columns:
    """The sales at these places. reach: how much of a scope each touches."""
    return Columns(
        found.opens[places],
        found.over[places],
        found.depth[places],
        reach,
        found.names[places],
        lambda n: _sent(found, places[n]),
    )


def _sent(found: History, place: int) -> tuple[Message, ...]:
    """What people were or will be told of a sale, up to its end."""
    told = found.told[place]
    if not told:
        return ()
    opens, closes = instant(int(found.opens[place])), instant(int(found.closes[place]))
    over = instant(int(found.over[place]))
    return messages(map(Told.read, told), opens, closes, over_at=over)


def _incidence(touch: Touch, found: History) -> Incidence:
    """Which of the plan's SKUs, as places among them, other sales sell too."""
    place = np.full(int(touch.skus.max(initial=0)) + 1, -1, dtype=np.int64)
    place[touch.skus] = np.arange(len(touch.skus))
    inside = found.skus < len(place)
    sku, sale = place[found.skus[inside]], found.selling[inside]
    sku, sale = sku[sku >= 0], sale[sku >= 0]
    places, sale = np.unique(sale, return_inverse=True)
    order = np.argsort(sku, kind="stable")
    columns = replace(_columns(found, places, np.ones(len(places))), told=None)
    codes = _codes(touch.skus)
    return Incidence(Book(columns), sku[order], sale[order], len(touch.skus), codes)


def _codes(skus: NDArray[np.int32]) -> Any:
    def codes(places: Sequence[int]) -> list[str]:
        keys = [int(skus[at]) for at in places]
        found = dict(Sku.objects.filter(pk__in=keys).values_list("pk", "code"))
        return [found[pk] for pk in keys]

    return codes


def place_of(code: str, touch: Touch) -> int | None:
    """Where a SKU stands among those of a plan; None if it is not one of them."""
    pk = Sku.objects.filter(code=code).values_list("pk", flat=True).first()
    places = np.flatnonzero(touch.skus == pk).tolist() if pk is not None else []
    return places[0] if places else None


def sales_of(scope: Scope, *, since: datetime | None = None) -> list[Sale]:
    """Every counted sale of one scope, by opening."""
    return sales_by_scope([scope], since=since)[scope]


def sales_by_scope(
    scopes: Iterable[Scope], *, since: datetime | None = None
) -> Mapping[Scope, list[Sale]]:
    """The same for many scopes, in two queries and names on top."""
    found = books(scopes, since=since)
    return {scope: book.sales(range(len(book))) for scope, book in found.items()}


def faded(half_life_days: float, at: datetime) -> datetime:
    """Sales that closed before this weigh nothing any more at an instant.

    After 40 half-lives the heaviest sale weighs less than a billionth of a point.
    """
    try:
        return at - timedelta(days=40 * half_life_days)
    except OverflowError:
        return EVER
