"""Past sales are looked for and measured from what is in the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from console.campaigns.models import Campaign, Line
from console.campaigns.rules import Window
from console.orders.models import Order, OrderLine
from console.stock.models import Sku
from console.uplift import tasks
from console.uplift.models import PastSale, Study
from console.uplift.operations import sales, studies
from console.uplift.queries.candidates import overdue
from tests import make
from tests.make import NOW
from tests.uplift.kit import imported, row, sheet

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1)  # noqa: DTZ001
SALE = 56
"""The day of the sale, counted from that Monday."""


def history(
    *, skus: int = 6, days: int = 84, lines: int = 4, lift: int = 2, price: str = "7.00"
) -> bytes:
    """Every SKU sold so often a day; in three days of sale more, and cheaper."""
    rows = []
    for day in range(days):
        on = SALE <= day < SALE + 3
        at = f"{MONDAY + timedelta(days=day):%Y-%m-%d} 10:00:00"
        for sku in range(skus):
            sold = lines * (1 + lift) if on else lines
            paid = price if on else "10.00"
            rows += [
                row(f"{day}-{sku}-{n}", sku=f"S{sku}", units=1, at=at, price=paid)
                for n in range(sold)
            ]
        rows += [row(f"{day}-r{n}", sku="REST", units=1, at=at) for n in range(30)]
    return sheet(*rows)


def measured() -> list[PastSale]:
    """All past sales, measured as of NOW."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: NOW)
        studies.want(now=NOW)
        Study.objects.update(done_at=None)
        tasks.measure()
    return list(PastSale.objects.order_by("opens_at", "pk"))


def at(day: int, hour: int = 0) -> datetime:
    """The instant on London's summer clock."""
    local = MONDAY + timedelta(days=day, hours=hour - 1)
    return local.replace(tzinfo=UTC)


def test_a_sale_in_the_history_is_found_and_its_lift_is_recovered() -> None:
    imported(history())
    (sale,) = measured()
    assert (sale.source, sale.skus, sale.depth) == ("found", 6, Decimal("0.300"))
    assert (sale.opens_at, sale.closes_at) == (at(SALE), at(SALE + 3))
    assert sale.uplift == pytest.approx(2)
    assert sale.result["baseline"]["value"] == 6 * 4 * 3
    assert sale.result["dip"]["value"] == 0
    assert sale.days_since is None
    assert Study.objects.get().pending is False


def test_measured_again_it_is_the_same_sale() -> None:
    imported(history())
    first, again = measured(), measured()
    assert [sale.pk for sale in first] == [sale.pk for sale in again]


def test_a_sale_that_is_not_found_any_more_goes_and_one_by_hand_stays() -> None:
    imported(history())
    measured()
    by_hand()
    told = measured()
    assert [sale.source for sale in told] == ["hand"]


def by_hand(**changes: object) -> PastSale:
    said = {"skus": [f"S{n}" for n in range(6)], "depth": Decimal("0.3")} | changes
    return sales.add(
        "Spring sale",
        said["skus"],  # type: ignore[arg-type]
        window=Window(at(SALE), at(SALE + 3)),
        depth=said["depth"],  # type: ignore[arg-type]
        actor=make.user("merchandiser"),
        now=NOW,
    )


def test_a_sale_by_hand_explains_the_reduction_it_made() -> None:
    imported(history())
    by_hand()
    (sale,) = measured()
    assert sale.source == "hand"
    assert sale.uplift == pytest.approx(2)
    assert sale.depth == Decimal("0.300")


def test_a_sale_by_hand_must_be_over_and_of_goods_we_know() -> None:
    imported(history(days=7))
    with pytest.raises(sales.UnknownGoods, match="Unknown SKU: X1, X2, X3 and 2 more"):
        by_hand(skus=["S1", *(f"X{n}" for n in range(1, 6))])
    with pytest.raises(sales.NotPast):
        sales.add(
            "Not over",
            ["S1"],
            window=Window(NOW, NOW + timedelta(hours=1)),
            depth=None,
            actor=make.user("merchandiser"),
            now=NOW,
        )


def test_only_a_sale_by_hand_can_be_taken_out() -> None:
    imported(history())
    (found,) = measured()
    admin = make.user("admin")
    with pytest.raises(sales.NotByHand):
        sales.remove(found.pk, actor=admin, now=NOW)
    told = by_hand()
    sales.remove(told.pk, actor=admin, now=NOW)
    assert not PastSale.objects.filter(pk=told.pk).exists()


def ran(code: str, *skus: str, opens: datetime, hours: int = 2) -> Campaign:
    """A campaign of ours that closed."""
    made = make.campaign(code=code, lines=0)
    ends = opens + timedelta(hours=hours)
    Campaign.objects.filter(pk=made.pk).update(
        state="closed", opens_at=opens, closes_at=ends, opened_at=opens, ended_at=ends
    )
    for sku in skus:
        kept = Sku.objects.filter(code=sku).first() or make.sku(sku, category="Lamps")
        Line.objects.create(
            campaign=made, sku=kept, regular_price=100, sale_price=70, units=5
        )
    return made


def test_a_campaign_of_two_hours_is_measured_by_the_hour() -> None:
    imported(history(lift=2, price="10.00"))
    made = ran("FS-1", *(f"S{n}" for n in range(6)), opens=at(SALE, 10))
    (sale,) = measured()
    assert (sale.key, sale.audience) == ("campaign:FS-1", made.audience)
    assert sale.result["baseline"]["value"] == 6 * 4
    assert sale.uplift == pytest.approx(2)


def test_goods_of_its_category_that_were_not_on_sale_are_held_beside_it() -> None:
    imported(history(price="10.00"))
    ran("FS-1", *(f"S{n}" for n in range(5)), opens=at(SALE), hours=100)
    make.sku("S5", category="Lamps")
    (sale,) = measured()
    assert sale.result["cannibalised"]["value"] == 0
    assert sale.result["net_at_most"] is False


def test_days_since_are_those_from_the_close_of_the_previous_one() -> None:
    imported(history())
    ran("FS-1", "S0", opens=at(30), hours=24)
    ran("FS-2", "S0", opens=at(41), hours=24)
    told = {sale.key: sale for sale in measured()}
    assert told["campaign:FS-1"].days_since is None
    assert told["campaign:FS-2"].days_since == 10


def test_a_campaign_after_the_history_is_held_against_it() -> None:
    imported(history(days=80, lines=12, skus=1, lift=0, price="10.00"))
    ran("FS-1", "S0", opens=at(80, 10))
    for n in range(30):
        order(f"o{n}", at(80, 10), campaign="FS-1")
    sale = campaign_of_ours()
    assert sale.result["baseline"]["value"] == 12
    assert sale.uplift == pytest.approx(1.5)
    assert sale.result["trend"] is None


def test_where_only_orders_of_campaigns_come_to_us_there_is_no_dip_to_see() -> None:
    imported(history(days=80, lines=12, skus=1, lift=0, price="10.00"))
    ran("FS-1", "S0", opens=at(80, 10))
    for n in range(30):
        order(f"o{n}", at(80, 10), campaign="FS-1")
    assert campaign_of_ours().result["dip"]["value"] is None
    for day in range(80, 100):
        for n in range(12):
            order(f"ordinary {day} {n}", at(day, 10))
    sale = campaign_of_ours()
    assert sale.result["actual"] == 42
    assert sale.result["dip"]["value"] == 0


def campaign_of_ours() -> PastSale:
    return next(sale for sale in measured() if sale.source == "campaign")


def order(ref: str, accepted_at: datetime, *, campaign: str = "") -> None:
    made = Order.objects.create(
        source="shop",
        event_id=ref,
        ref=ref,
        campaign=campaign,
        units=1,
        total=7,
        currency="EUR",
        placed_at=accepted_at,
        accepted_at=accepted_at,
    )
    OrderLine.objects.create(order=made, position=0, sku="S0", units=1, price=7)


def test_without_any_history_a_campaign_is_unknown_and_nothing_breaks() -> None:
    ran("FS-1", "S0", opens=NOW - timedelta(days=60))
    (sale,) = measured()
    assert sale.uplift is None
    assert "Too few orders" in sale.result["uplift"]["why"]


def test_a_closed_campaign_is_measured_by_itself_and_again_after_its_dip() -> None:
    opens = NOW - timedelta(days=1)
    ran("FS-1", "S0", opens=opens)
    assert overdue(now=NOW)
    measured()
    PastSale.objects.update(measured_at=NOW)
    assert not overdue(now=NOW)
    assert overdue(now=NOW + timedelta(days=16))


def test_only_one_worker_measures_and_what_was_wanted_since_is_done_again() -> None:
    studies.want(now=NOW)
    first = studies.claim(now=NOW)
    assert first
    assert studies.claim(now=NOW) is None
    studies.want(now=NOW + timedelta(seconds=5))
    later = NOW + timedelta(hours=1)
    second = studies.claim(now=later)
    assert second
    within = tasks.measured(now=NOW)[0]
    studies.keep(first, [], within=within, now=NOW)
    assert Study.objects.get().done_at is None
    studies.keep(second, [], within=within, now=NOW)
    assert Study.objects.get().pending


def test_the_database_refuses_a_second_study_and_a_window_without_length() -> None:
    with pytest.raises(IntegrityError, match="study_is_one"), transaction.atomic():
        Study.objects.create(pk=2)
    imported(history())
    (sale,) = measured()
    with (
        pytest.raises(IntegrityError, match="past_sale_ends_after_it_starts"),
        transaction.atomic(),
    ):
        PastSale.objects.filter(pk=sale.pk).update(closes_at=sale.opens_at)
