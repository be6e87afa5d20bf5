"""A template keeps what its sale says of units that are gone, and says so."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Template
from console.stock import operations as stock
from console.stock.models import Sku, SoldOutPolicy
from console.stock.rules.soldout import SoldOutWay
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
BADGE, LINE = SoldOutWay.BADGE, SoldOutWay.WAITING_LIST


@pytest.fixture
def sale() -> Campaign:
    """Of A and B: the whole says sold out, B and a SKU beside it offer a line."""
    made = make.campaign(
        lines=0,
        zone="Europe/Berlin",
        opens_local=datetime.fromisoformat("2026-12-01T20:00"),
        closes_local=datetime.fromisoformat("2026-12-01T22:00"),
    )
    for code in ("A", "B"):
        make.line(made, author=made.author, code=code)
    who = {"actor": made.author, "now": NOW}
    stock.set_sold_out(made.code, BADGE, **who)
    some = [Sku.objects.get(code="B").pk, make.sku("BESIDE").pk]
    stock.set_sold_out(made.code, LINE, skus=some, **who)
    return made


def kept(sale: Campaign, *, with_lines: bool = True) -> Template:
    return campaigns.save_template(
        sale.code, name="Night", with_lines=with_lines, actor=sale.author, now=NOW
    )


def begun(made: Template) -> Campaign:
    day = date(2026, 12, 5)
    return campaigns.use_template(made.pk, day=day, actor=made.made_by, now=NOW)


def sold_out(sale: Campaign) -> list[tuple[str | None, str]]:
    """What is said of a sale, by SKU; of the whole sale first."""
    found = SoldOutPolicy.objects.filter(campaign=sale.code)
    ordered = found.order_by(F("sku__code").asc(nulls_first=True))
    return list(ordered.values_list("sku__code", "way"))


def test_a_sale_from_a_template_starts_with_what_its_sale_said(sale: Campaign) -> None:
    made = kept(sale)
    draft = begun(made)
    assert sold_out(draft) == [(None, "badge"), ("B", "waiting_list")]
    told = Entry.objects.filter(
        verb="stock.set_sold_out", reason="from the template Night"
    )
    assert told.count() == 2


def test_what_the_sale_says_later_is_not_in_the_template(sale: Campaign) -> None:
    made = kept(sale)
    stock.set_sold_out(sale.code, None, actor=sale.author, now=NOW)
    draft = begun(made)
    assert sold_out(draft)[0] == (None, "badge")
    stock.set_sold_out(draft.code, LINE, actor=sale.author, now=NOW)
    assert sold_out(begun(made))[0] == (None, "badge")


def test_without_products_only_what_is_said_of_the_whole_sale_is_kept(
    sale: Campaign,
) -> None:
    made = kept(sale, with_lines=False)
    assert sold_out(begun(made)) == [(None, "badge")]
    assert made.sold_out == "Say “Sold out”"


def test_what_is_said_of_products_that_are_gone_is_never_said_of_the_whole_sale(
    sale: Campaign,
) -> None:
    stock.set_sold_out(sale.code, None, actor=sale.author, now=NOW)
    made = kept(sale)
    made.lines = [one for one in made.lines if one["sku"] != "B"]
    made.save(update_fields=["lines"])
    assert sold_out(begun(made)) == []


def test_a_redirect_that_may_lead_there_no_more_is_left_out_and_the_trail_says_so(
    sale: Campaign,
) -> None:
    make.connection("shop", "sandbox_shop", base_url="https://shop.example")
    away, who = "https://shop.example/sale", {"actor": sale.author, "now": NOW}
    stock.set_sold_out(sale.code, SoldOutWay.REDIRECT, away, **who)
    made = kept(sale)
    type(make.connection("other")).objects.all().delete()
    draft = begun(made)
    assert sold_out(draft) == [("B", "waiting_list")]
    told = Entry.objects.get(verb="stock.carry_sold_out")
    assert (told.object_id, told.after["left_out"]) == (draft.code, away)


def test_a_template_of_before_starts_a_sale_with_nothing(sale: Campaign) -> None:
    made = kept(sale)
    del made.terms["sold_out"]
    made.save(update_fields=["terms"])
    assert (sold_out(begun(made)), made.sold_out) == ([], "")


def test_the_pages_say_what_a_template_keeps(client: Client, sale: Campaign) -> None:
    client.force_login(sale.author)
    words = "Say “Sold out”; Offer the waiting list (1 product)"
    saving = client.get(reverse("campaigns:save_template", args=[sale.code])).text
    assert f"what shops do once units are gone: {words}." in saving
    made = kept(sale)
    assert f">{words}</td>" in client.get(reverse("campaigns:templates")).text
    using = client.get(reverse("campaigns:use_template", args=[made.pk])).text
    assert f"Once sold out: {words}." in using
