"""The prior price in SQL and in plain Python, against a brute-force oracle."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.prices import operations, queries, rules
from console.prices.models import PricePoint
from console.prices.operations import Note
from console.prices.rules import Point, Reason

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
START = datetime(2026, 9, 1, tzinfo=UTC)
ASKED = datetime(2026, 11, 10, 9, tzinfo=UTC)


def _lowest_by_looking(points: list[Point], at: datetime) -> Decimal | None:
    """Look at the price at every hour of the window; all points lie on hours."""
    low = _low_by_looking(points, at)
    return low.amount if low else None


def _low_by_looking(points: list[Point], at: datetime) -> Point | None:
    """The point of the lowest price; of equal ones the latest, as the law is silent."""
    wall = at.astimezone(BERLIN).replace(tzinfo=None) - timedelta(days=30)
    look = wall.replace(tzinfo=BERLIN).astimezone(UTC)
    lowest: Point | None = None
    while look < at:
        current: Point | None = None
        for point in points:
            if point.from_at <= look and (
                current is None or point.from_at >= current.from_at
            ):
                current = point
        if current and (lowest is None or current.amount <= lowest.amount):
            lowest = current
        look += HOUR
    return lowest


def _random_history(rng: random.Random) -> list[Point]:
    spots = [rng.randrange(0, 24 * 80) for _ in range(rng.randrange(0, 6))]
    return [_random_point(rng, START + spot * HOUR) for spot in spots]


def _random_point(rng: random.Random, at: datetime) -> Point:
    """Few amounts, so that lows tie; net prices that follow no one rate, or none."""
    amount = Decimal(rng.randrange(50, 100))
    net = amount - rng.randrange(1, 40) if rng.random() < 0.7 else None
    return Point(at, amount, net=net)


def _rows(histories: dict[str, list[Point]]) -> list[PricePoint]:
    return [
        PricePoint(
            sku=sku,
            currency="EUR",
            amount=point.amount,
            net=point.net,
            from_at=point.from_at,
            reason=Reason.REGULAR,
        )
        for sku, points in histories.items()
        for point in points
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_random_histories_agree_with_brute_force(
    count: int, django_assert_num_queries: Any
) -> None:
    rng = random.Random(20261127)
    histories = {f"S{n}": _random_history(rng) for n in range(count)}
    PricePoint.objects.bulk_create(_rows(histories))
    with django_assert_num_queries(1):
        found = queries.prior(histories, ASKED)
    for sku, points in histories.items():
        low = _low_by_looking(points, ASKED)
        told = rules.lowest(points, ASKED, "Europe/Berlin")
        expected = (low.amount, low.net) if low else None
        assert ((told.amount, told.net) if told else None) == expected, points
        row = found.get(sku)
        assert ((row.amount, row.net) if row else None) == expected, points
        amount = low.amount if low else None
        assert rules.prior_price(points, ASKED, "Europe/Berlin") == amount


@pytest.mark.django_db
def test_net_and_gross_are_of_one_row_also_where_another_net_is_lower() -> None:
    """A tax that was lower for a while: 100 at 7% had the higher net price."""
    note("A", "100", START, net=Decimal("93.46"))
    note("A", "105", START + 24 * HOUR * 50, net=Decimal("88.24"))
    prior = queries.prior(["A"], ASKED)["A"]
    assert (prior.amount, prior.net) == (100, Decimal("93.460"))


@pytest.mark.django_db
def test_the_net_price_is_unknown_where_its_row_does_not_say() -> None:
    note("A", "100", START, net=Decimal("84.03"))
    note("A", "79", datetime(2026, 11, 2, tzinfo=UTC))
    assert queries.prior(["A"], ASKED)["A"].net is None


@pytest.mark.django_db
def test_another_tax_is_a_row_though_the_price_stays() -> None:
    day = datetime(2026, 10, 20, tzinfo=UTC)
    note("A", "100", START, net=Decimal("84.03"))
    note("A", "100", day)
    note("A", "100", day, net=Decimal("84.03"))
    assert PricePoint.objects.count() == 1
    note("A", "100", day, net=Decimal("93.46"))
    prior = queries.prior(["A"], ASKED)["A"]
    assert (prior.amount, prior.net, prior.from_at) == (100, Decimal("93.460"), day)


@pytest.mark.django_db
@pytest.mark.parametrize("net", ["0", "-1", "100.01"])
def test_a_net_price_above_the_gross_one_is_refused(net: str) -> None:
    with pytest.raises(rules.BadPrice) as refused:
        note("A", "100", START, net=Decimal(net))
    assert refused.value.field == "net"


def note(sku: str, amount: str, at: datetime, **more: Any) -> None:
    operations.note_all([Note(sku, Decimal(amount), at, **more)])


@pytest.mark.django_db
def test_prior_names_the_row_that_set_it() -> None:
    low = datetime(2026, 11, 2, tzinfo=UTC)
    note("A", "100", START)
    note("A", "79", low, reason=Reason.SALE, campaign="FS-9")
    note("A", "100", low + 2 * HOUR, reason=Reason.REVERT, campaign="FS-9")
    prior = queries.prior(["A"], ASKED)["A"]
    assert (prior.amount, prior.from_at, prior.campaign) == (79, low, "FS-9")
    assert prior.complete
    assert prior.window_from == datetime(2026, 10, 11, 8, tzinfo=UTC)


@pytest.mark.django_db
def test_prior_keeps_channels_and_currencies_apart() -> None:
    note("A", "100", START)
    note("A", "10", START, channel="app")
    note("A", "20", START, currency="USD")
    assert queries.prior(["A"], ASKED)["A"].amount == 100
    assert queries.prior(["A"], ASKED, channel="app")["A"].amount == 10
    assert queries.prior(["A"], ASKED, currency="USD")["A"].amount == 20
    assert queries.prior(["A"], ASKED, currency="SEK") == {}


@pytest.mark.django_db
def test_a_product_newer_than_the_window_says_so() -> None:
    note("NEW", "50", ASKED - timedelta(days=5))
    assert not queries.prior(["NEW"], ASKED)["NEW"].complete


@pytest.mark.django_db
def test_the_price_of_the_reduction_itself_does_not_count() -> None:
    note("A", "100", START)
    note("A", "60", ASKED, reason=Reason.SALE)
    assert queries.prior(["A"], ASKED)["A"].amount == 100


@pytest.mark.django_db
def test_what_is_in_force_and_what_is_usual() -> None:
    note("A", "100", START)
    note("A", "80", ASKED - timedelta(days=3))
    assert queries.in_force(["A", "B"], ASKED)["A"].amount == 80
    assert queries.in_force(["A"], ASKED - timedelta(days=4))["A"].amount == 100
    assert queries.usual(["A", "B"], ASKED) == {"A": 100}


@pytest.mark.django_db
def test_the_usual_price_is_that_of_ninety_days_in_one_channel() -> None:
    note("A", "50", ASKED - timedelta(days=400))
    note("A", "60", ASKED - timedelta(days=80))
    note("A", "10", ASKED - timedelta(days=300), channel="app")
    note("B", "70", ASKED - timedelta(days=300))
    assert queries.usual(["A", "B"], ASKED) == {"A": 60, "B": 70}
    assert queries.usual(["A"], ASKED, channel="app") == {"A": 10}


@pytest.mark.django_db
def test_what_a_sku_costs_is_known_by_currency(django_assert_num_queries: Any) -> None:
    note("A", "100", START)
    note("A", "90", ASKED - HOUR)
    note("A", "12800", START, currency="JPY")
    note("A", "1", START, channel="app", currency="SEK")
    with django_assert_num_queries(1):
        found = queries.by_currency(["A", "B"], ASKED)
    assert found == {"A": {"EUR": Decimal(90), "JPY": Decimal(12800)}}
    offer = rules.Offer("A", Decimal(90), Decimal(9900))
    mixed = rules.check_currency(offer, found["A"])
    assert mixed and mixed.guard is rules.Guard.CURRENCY_MIXUP
