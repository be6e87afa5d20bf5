"""Templates and clones: wall clock times stay, what moved is judged anew."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Template
from console.campaigns.rules import TimeDoesNotExist, TimeIsAmbiguous
from console.campaigns.rules.shape import BadTemplate, Shape, offset
from console.stock import operations as stock
from console.stock.models import Sku, SoldOutPolicy
from console.stock.rules.soldout import SoldOutWay
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def berlin(
    opens: str = "2026-12-01T20:00", closes: str = "2026-12-02T20:00"
) -> Campaign:
    """A day's sale on the clocks of Berlin."""
    made = make.campaign(
        lines=0,
        zone="Europe/Berlin",
        opens_local=datetime.fromisoformat(opens),
        closes_local=datetime.fromisoformat(closes),
    )
    make.line(made, author=made.author, code="A")
    return made


def clone(sale: Campaign, day: date, **said: object) -> Campaign:
    return campaigns.clone(sale.code, day=day, actor=sale.author, now=NOW, **said)


@pytest.mark.parametrize(
    "day,hours",
    [(date(2026, 12, 5), 24), (date(2027, 3, 27), 23), (date(2027, 10, 30), 25)],
)
def test_a_clone_keeps_its_wall_clock_across_a_change_of_the_clocks(
    day: date, hours: int
) -> None:
    copy = clone(berlin(), day)
    assert copy.opens_local == datetime.combine(day, time(20))
    assert copy.closes_local == datetime.combine(day + timedelta(days=1), time(20))
    assert copy.closes_at - copy.opens_at == timedelta(hours=hours)
    assert (copy.state, copy.lines.count()) == ("draft", 1)


def test_a_time_in_the_gap_is_refused_and_one_in_the_fold_is_asked() -> None:
    sale = berlin("2026-12-01T02:30", "2026-12-01T06:00")
    with pytest.raises(TimeDoesNotExist):
        clone(sale, date(2027, 3, 28))
    with pytest.raises(TimeIsAmbiguous):
        clone(sale, date(2027, 10, 31))
    second = clone(sale, date(2027, 10, 31), fold=1)
    assert second.opens_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_an_end_in_the_gap_is_refused_too() -> None:
    with pytest.raises(TimeDoesNotExist):
        clone(berlin("2026-12-01T20:00", "2026-12-02T02:30"), date(2027, 3, 27))


def test_a_template_is_saved_and_used() -> None:
    sale = berlin()
    made = campaigns.save_template(
        sale.code, name="Day door", with_lines=True, actor=sale.author, now=NOW
    )
    assert (made.opens, made.ends) == (time(20), "T+24h")
    other = make.user("merchandiser")
    draft = campaigns.use_template(
        made.pk, day=date(2027, 3, 27), actor=other, now=NOW, name="Spring"
    )
    assert (draft.name, draft.author, draft.state) == ("Spring", other, "draft")
    assert draft.audience == sale.audience
    line = draft.lines.get()
    assert (line.sku.code, line.sale_price, line.units) == ("A", Decimal(70), 10)


def test_a_list_price_that_moved_keeps_the_depth() -> None:
    sale = berlin()
    made = campaigns.save_template(
        sale.code, name="Day door", with_lines=True, actor=sale.author, now=NOW
    )
    Sku.objects.filter(code="A").update(regular_price=Decimal("80.00"))
    draft = campaigns.use_template(
        made.pk, day=date(2027, 3, 1), actor=sale.author, now=NOW
    )
    line = draft.lines.get()
    assert (line.regular_price, line.sale_price) == (Decimal(80), Decimal(56))


def test_one_name_is_one_template_and_deleting_leaves_sales() -> None:
    sale = berlin()
    for lines in (True, False):
        made = campaigns.save_template(
            sale.code, name="Day door", with_lines=lines, actor=sale.author, now=NOW
        )
    assert Template.objects.get().lines == []
    campaigns.use_template(made.pk, day=date(2027, 3, 1), actor=sale.author, now=NOW)
    campaigns.drop_template(made.pk, actor=sale.author, now=NOW)
    assert (Template.objects.count(), Campaign.objects.count()) == (0, 2)


def test_a_sale_without_a_date_has_no_shape() -> None:
    dateless = make.campaign(opens_local=None, closes_local=None)
    with pytest.raises(BadTemplate):
        campaigns.save_template(
            dateless.code, name="X", with_lines=False, actor=dateless.author, now=NOW
        )


def test_offsets_read_from_the_opening() -> None:
    said = [offset(timedelta(seconds=s)) for s in (7200, 5400, 30)]
    assert said == ["T+2h", "T+90m", "T+30s"]
    shape = Shape(time(23), timedelta(hours=2))
    assert shape.on(date(2027, 1, 31))[1] == datetime.combine(date(2027, 2, 1), time(1))


def test_pages_save_use_and_say_what_the_clock_forbids(client: Client) -> None:
    sale = berlin("2026-12-01T02:30", "2026-12-01T06:00")
    client.force_login(sale.author)
    client.post(reverse("campaigns:save_template", args=[sale.code]), {"name": "Night"})
    made = Template.objects.get()
    assert "Night" in client.get(reverse("campaigns:templates")).content.decode()
    use = reverse("campaigns:use_template", args=[made.pk])
    reply = client.post(use, {"day": "2027-03-28", "opens": "02:30"})
    assert reply.status_code == 422
    assert "does not exist" in reply.content.decode()
    reply = client.post(use, {"day": "2027-03-27", "opens": "02:30"})
    draft = Campaign.objects.order_by("-pk")[0]
    assert reply.url == reverse("campaigns:plan", args=[draft.code])
    assert "No-go" in client.get(reply.url).content.decode()


@pytest.mark.usefixtures("still_clock")
def test_a_clone_says_where_it_is_now(client: Client) -> None:
    sale = berlin("2026-12-01T02:30", "2026-12-01T06:00")
    client.force_login(sale.author)
    there = reverse("campaigns:clone", args=[sale.code])
    reply = client.post(there, {"day": "2027-03-27", "opens": "02:30"}, follow=True)
    made = Campaign.objects.order_by("-pk")[0]
    assert f"Cloned as {made.code}." in reply.text
    assert '<a href="/calendar/?at=2027-03-27">Show in March 2027</a>' in reply.text


def plan_sold_out(sale: Campaign, way: str, *skus: int) -> None:
    """Say what shops do once units are gone, as the author of the sale."""
    who = {"actor": sale.author, "now": NOW}
    stock.set_sold_out(sale.code, SoldOutWay(way), skus=skus, **who)


def sold_out(sale: Campaign) -> list[tuple[str | None, str]]:
    """What is said of a sale, by SKU; of the whole sale first."""
    found = SoldOutPolicy.objects.filter(campaign=sale.code)
    ordered = found.order_by(F("sku__code").asc(nulls_first=True))
    return list(ordered.values_list("sku__code", "way"))


@pytest.mark.parametrize("copied", ["clone", "duplicate"])
def test_a_copy_says_what_its_source_says_when_it_is_sold_out(copied: str) -> None:
    sale = berlin()
    plan_sold_out(sale, "badge")
    sold, gone = Sku.objects.get(code="A"), make.sku("GONE")
    plan_sold_out(sale, "waiting_list", sold.pk, gone.pk)
    day = {"day": date(2026, 12, 5)} if copied == "clone" else {}
    copy = getattr(campaigns, copied)(sale.code, actor=sale.author, now=NOW, **day)
    assert sold_out(copy) == [(None, "badge"), ("A", "waiting_list")]


def test_editing_what_a_clone_says_leaves_its_source_alone() -> None:
    sale = berlin()
    plan_sold_out(sale, "badge")
    copy = clone(sale, date(2026, 12, 5))
    plan_sold_out(copy, "revert_price")
    assert (sold_out(sale), sold_out(copy)) == (
        [(None, "badge")],
        [(None, "revert_price")],
    )
    plan_sold_out(sale, "waiting_list")
    assert sold_out(copy) == [(None, "revert_price")]


def test_a_clone_of_a_running_sale_is_its_authors_to_change() -> None:
    sale = make.armed(of=make.audience())
    who = {"actor": make.user("operator"), "now": NOW}
    stock.set_sold_out(sale.code, SoldOutWay.BADGE, **who)
    copy = clone(sale, date(2026, 12, 5))
    plan_sold_out(copy, "waiting_list")
    assert (sold_out(sale), sold_out(copy)) == (
        [(None, "badge")],
        [(None, "waiting_list")],
    )
