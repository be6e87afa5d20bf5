"""Reductions are found where a steady price fell for everybody and came back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from console.uplift.rules import episodes
from console.uplift.rules.episodes import Offer

DAYS = 60
BUSY = np.full(DAYS, 4)


def price(**changes: float) -> NDArray[np.float64]:
    """10.00 on every day but those named, as `d40`; or a span, as `d40_43`."""
    days = np.full(DAYS, 10.0)
    for name, value in changes.items():
        first, _, end = name[1:].partition("_")
        days[int(first) : int(end or int(first) + 1)] = value
    return days


def found(
    prices: NDArray[np.float64],
    orders: NDArray[np.int_] = BUSY,
    lowest: NDArray[np.float64] | None = None,
) -> list[Offer]:
    least = prices if lowest is None else lowest
    return list(episodes.offers(0, prices, least, orders))


def test_three_days_at_seven_are_a_sale_of_thirty_per_cent() -> None:
    (offer,) = found(price(d40_43=7.0))
    assert (offer.opens, offer.closes) == (40, 43)
    assert offer.depth == pytest.approx(0.3)


def test_less_than_ten_per_cent_is_none() -> None:
    assert found(price(d40_43=9.1)) == []
    assert len(found(price(d40_43=9.0))) == 1


def test_days_without_a_price_are_bridged_up_to_three() -> None:
    (offer,) = found(price(d40=7, d41_44=np.nan, d44=7))
    assert (offer.opens, offer.closes) == (40, 45)
    assert len(found(price(d40=7, d41_45=np.nan, d45=7))) == 2


def test_a_price_that_stays_down_is_a_new_price() -> None:
    assert len(found(price(d30_58=7))) == 1
    assert found(price(d30_59=7)) == []
    assert found(price(d50_60=7)) == []


def test_what_hardly_sells_is_not_looked_at() -> None:
    assert found(price(d40_43=7), np.full(DAYS, 2)) == []


def test_how_much_sold_on_the_day_itself_does_not_matter() -> None:
    orders = BUSY.copy()
    orders[40:43] = 1
    assert len(found(price(d40_43=7), orders)) == 1


def test_where_two_price_lists_take_turns_every_reduction_is_doubtful() -> None:
    two = np.where(np.arange(DAYS) % 3 == 0, 5.0, 10.0)
    assert {offer.clear for offer in found(two)} == {False}
    assert [offer.clear for offer in found(price(d40_43=7))] == [True]


def test_a_price_that_somebody_always_paid_makes_a_doubtful_reduction() -> None:
    sale = price(d40_43=7)
    (one,) = found(sale, lowest=np.where(np.arange(DAYS) % 4 == 0, 7.0, sale))
    assert not one.clear
    (other,) = found(sale, lowest=price(d20_22=7, d40_43=7))
    assert other.clear


def test_history_before_the_first_weeks_says_nothing() -> None:
    assert found(price(d3_6=7)) == []


def test_five_that_begin_on_a_day_are_one_sale_and_others_are_pooled_by_week() -> None:
    together = [Offer(n, 42, 44 + n, 0.2) for n in range(5)]
    alone = [Offer(7, 42 + 1, 45), Offer(8, 42 + 2, 46), Offer(9, 50, 51)]
    groups = episodes.groups([*alone, *together])
    assert [(g.together, len(g.offers), g.opens, g.closes) for g in groups] == [
        (True, 5, 42, 48),
        (False, 2, 43, 46),
        (False, 1, 50, 51),
    ]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([7.0, 10.0, 9.5, float("nan")]), min_size=1, max_size=90)
)
def test_offers_never_overlap_and_lie_below_the_usual_price(days: list[float]) -> None:
    prices = np.array(days)
    offers = list(episodes.offers(0, prices, prices, np.full(len(days), 5)))
    end = 0
    for offer in offers:
        assert end <= offer.opens < offer.closes < len(days)
        assert offer.closes - offer.opens <= episodes.MOST_DAYS
        assert offer.depth is not None and offer.depth >= 0.09
        end = offer.closes
