"""The list price is one of the campaign's currency, wherever a plan takes it from."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign
from console.campaigns.operations import Change, LineTerms, Wish, import_work
from console.campaigns.queries import drift as drifting
from console.campaigns.queries import list_prices, obstacles, suggestions
from console.campaigns.queries.drift import drift
from console.campaigns.rules import BadLine
from console.campaigns.rules.sources import SourceKind
from console.prices.operations import Note, note_all
from console.prices.rules import Reason
from console.prices.rules.charms import Charm, Pricing
from console.prices.rules.money import Method
from console.stock.models import Sku
from tests import make
from tests.campaigns.sheetkit import applied, sheet, tried
from tests.campaigns.test_amendment_views import rows as posted
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

YEN = {"A": "12800", "B": "2480"}


def noted(code: str, amount: str, currency: str = "JPY", **said: Any) -> None:
    values = {"from_at": NOW - timedelta(days=60)} | said
    note_all([Note(code, D(amount), currency=currency, **values)])


@pytest.fixture
def plan() -> Campaign:
    """A draft in yen; of A and B the list price in yen is known, of C it is not."""
    for code in "ABC":
        make.level(make.sku(code, category="Boots"))
        noted(code, "100", "EUR")
    for code, amount in YEN.items():
        noted(code, amount)
    return make.campaign(lines=0, currency="JPY")


def add(plan: Campaign, code: str, price: str, **said: Any) -> None:
    values = LineTerms(sale_price=D(price), units=3, **said)
    campaigns.add_line(
        plan.code, sku_code=code, values=values, actor=plan.author, now=NOW
    )


def lines(plan: Campaign) -> dict[str, tuple[D, D]]:
    rows = plan.lines.values_list("sku__code", "regular_price", "sale_price")
    return {code: (regular, sale) for code, regular, sale in rows}


def asked(plan: Campaign) -> dict[str, D]:
    skus = Sku.objects.order_by("code")
    return list_prices.known(plan, skus, now=NOW)


def test_it_is_the_regular_price_in_force_below_any_sale(plan: Campaign) -> None:
    noted("A", "9900", from_at=NOW - timedelta(days=1), reason=Reason.SALE)
    noted("A", "15000", from_at=NOW + timedelta(days=1))
    noted("B", "2600", from_at=NOW - timedelta(days=2), channel="app")
    noted("C", "9900", from_at=NOW - timedelta(days=1), reason=Reason.SALE)
    make.sku("OF-YEN", price="700", currency="JPY")
    assert asked(plan) == {"A": 12800, "B": 2480, "OF-YEN": 700}
    plan.channels = ["app"]
    assert asked(plan) == {"B": 2600, "OF-YEN": 700}


def test_the_catalogue_is_read_without_histories_where_it_says_it(
    plan: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan.currency = "EUR"
    with django_assert_num_queries(1):
        assert asked(plan) == {"A": 100, "B": 100, "C": 100}
    plan.currency = "JPY"
    with django_assert_num_queries(2):
        asked(plan)


def test_a_column_of_lines_says_the_same(plan: Campaign) -> None:
    for code in "ABC":
        add(plan, code, "50", regular_price=D(60))
    make.sku("OF-YEN", price="700", currency="JPY")
    add(plan, "OF-YEN", "50")
    listed = plan.lines.annotate(listed=list_prices.column(plan, now=NOW))
    rows = dict(listed.values_list("sku__code", "listed"))
    assert {code: price for code, price in rows.items() if price} == asked(plan)


def test_a_line_takes_it_or_asks_for_it(plan: Campaign) -> None:
    add(plan, "A", "8900")
    with pytest.raises(BadLine, match=r"Say the list price of C in JPY\.") as refused:
        add(plan, "C", "70")
    assert refused.value.field == "regular_price"
    add(plan, "C", "8900", regular_price=D(9900))
    assert lines(plan) == {"A": (12800, 8900), "C": (9900, 8900)}


def fill(plan: Campaign, percent: int, charm: Charm | None = None) -> Any:
    pricing = Pricing(Method.PERCENT_OFF_REGULAR, D(percent), charm or Charm.NONE)
    kind, by = SourceKind.CATEGORY, {"actor": plan.author, "now": NOW}
    return campaigns.fill(plan.code, kind, "Boots", pricing=pricing, units=5, **by)


def test_a_fill_leaves_out_what_has_none_and_ends_prices_in_coins_there_are(
    plan: Campaign,
) -> None:
    done = fill(plan, 20, Charm.NINES)
    assert lines(plan) == {"A": (12800, 10199), "B": (2480, 1899)}
    assert done.left_out == {"C": "Say the list price of C in JPY."}
    add(plan, "C", "8900", regular_price=D(9900))
    assert fill(plan, 20).left_out == {}, "its line says it by now"


@pytest.mark.usefixtures("no_broker")
@pytest.mark.parametrize("small", [2000, 0], ids=["small", "large"])
def test_a_sheet_without_list_prices_has_those_of_its_currency(
    plan: Campaign, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "SMALL", small)
    make.sku("OF-YEN", price="700", currency="JPY")
    rows = sheet("A,8900,3,0", "OF-YEN,500,3,0", "C,70,3,0", "B,2480,3,0")
    job = tried(plan, rows)
    bad = {row.sku: row.errors for row in job.rows.filter(outcome="failed")}
    assert bad.pop("C") == {"regular_price": "Say the list price of C in JPY."}
    assert list(bad) == ["B"], "its sale price is the list price"
    assert applied(plan, rows, mode="valid").state == "done"
    assert lines(plan) == {"A": (12800, 8900), "OF-YEN": (700, 500)}


def test_a_clone_keeps_a_depth_of_its_currency_and_what_was_said(
    plan: Campaign,
) -> None:
    add(plan, "A", "6400")
    add(plan, "C", "8900", regular_price=D(9900))
    noted("A", "9999", from_at=NOW - timedelta(hours=1))
    copy = campaigns.clone(plan.code, day=date(2027, 3, 1), actor=plan.author, now=NOW)
    assert lines(copy) == {"A": (9999, 4999), "C": (9900, 8900)}
    kept = campaigns.save_template(
        plan.code, name="Yen", with_lines=True, actor=plan.author, now=NOW
    )
    made = campaigns.use_template(
        kept.pk, day=date(2027, 4, 1), actor=plan.author, now=NOW
    )
    assert lines(made) == lines(copy)


def armed(plan: Campaign) -> Campaign:
    campaigns.submit(plan.code, actor=plan.author, now=NOW)
    plan.refresh_from_db()
    boss = make.user("approver")
    return campaigns.approve(
        plan.code, content_hash=plan.content_hash, actor=boss, now=NOW
    )


@pytest.mark.parametrize(
    "currency,regular,sale",
    [("JPY", "12800", "8900"), ("KWD", "12.345", "8.645"), ("EUR", "100", "70")],
)
def test_a_sale_is_armed_and_looked_at_again_in_any_currency(
    currency: str, regular: str, sale: str
) -> None:
    sku = make.sku("A")
    make.level(sku)
    noted("A", "100", "EUR")
    noted("A", regular, currency)
    plan = make.campaign(lines=0, currency=currency)
    add(plan, "A", sale)
    plan = armed(plan)
    accepted = Approval.objects.get(kind="approve").verdict["accepted"]
    assert (plan.state, accepted) == ("armed", [])
    assert campaigns.recheck(plan.code, now=NOW).suspended_at is None
    assert not drift(plan, now=NOW).any


def test_only_a_price_of_its_currency_moves_below_an_armed_sale(
    plan: Campaign,
) -> None:
    add(plan, "A", "8900")
    plan = armed(plan)
    Sku.objects.filter(code="A").update(regular_price=60)
    noted("A", "60", "EUR", from_at=NOW)
    assert (drift(plan, now=NOW).any, obstacles.found(plan, now=NOW)) == (False, [])
    noted("A", "8900", from_at=NOW, channel="app")
    noted("A", "8800", from_at=NOW)
    moved = drift(plan, now=NOW).repriced
    assert [(one.approved, one.now) for one in moved] == [(12800, 8800)]
    said = "A: the list price is 8800.00, not above the sale price of 8900.00"
    assert said in obstacles.found(plan, now=NOW)


@pytest.mark.parametrize("shown,first", [(1, ["B"]), (9, ["B", "C"])])
def test_what_moved_is_counted_in_the_one_look_at_the_histories(
    plan: Campaign, shown: int, first: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drifting, "SHOWN", shown)
    for code in "ABC":
        add(plan, code, "50", regular_price=D(60))
        noted(code, "60", from_at=NOW - timedelta(days=2))
    plan = armed(plan)
    noted("B", "70", from_at=NOW), noted("C", "80", from_at=NOW)
    with CaptureQueriesContext(connection) as ran:
        found = drift(plan, now=NOW)
    assert (found.prices, [one.sku for one in found.repriced]) == (2, first)
    assert sum("prices_pricepoint" in one["sql"] for one in ran) == 1


def test_a_catalogue_that_says_0_stands_against_nothing(plan: Campaign) -> None:
    make.sku("FREE", price="0", currency="JPY")
    add(plan, "FREE", "50", regular_price=D(60))
    assert obstacles.of_list_prices(plan, now=NOW) == []
    Sku.objects.filter(code="FREE").update(regular_price=40)
    (said,) = obstacles.of_list_prices(plan, now=NOW)
    assert said.text.startswith("FREE: the list price is 40")


def test_an_amendment_adds_a_product_at_it_or_asks_for_it(plan: Campaign) -> None:
    add(plan, "A", "8900")
    plan = armed(plan)
    one, two = suggestions.lines(plan, ["B", "C"], now=NOW)
    assert (one["sale_price"], two["sale_price"]) == ("1724.00", None)

    def proposed(*wishes: Wish) -> Any:
        change = Change(wishes)
        made = campaigns.propose(plan.code, change, actor=plan.author, now=NOW)
        return [(row.sku, row.after.regular_price) for row in made.changes if row.after]

    new = {"sale_price": D(1700), "units": 3}
    assert proposed(Wish("B", **new)) == [("B", 2480)]
    with pytest.raises(BadLine) as refused:
        proposed(Wish("C", **new))
    assert refused.value.field == "regular_price"
    assert refused.value.detail == {"sku": "C"}
    assert proposed(Wish("C", regular_price=D(2000), **new)) == [("C", 2000)]


def test_the_page_asks_for_it_at_its_field(merchant: Client, plan: Campaign) -> None:
    there = reverse("campaigns:add_line", args=[plan.code])
    typed = {"sku": "C", "sale_price": "1700", "units": "3"}
    reply = merchant.post(there, typed, headers={"HX-Request": "true"})
    assert reply.status_code == 422
    said = reply.context["form"].errors["regular_price"]
    assert said == ["Say the list price of C in JPY."]
    merchant.post(there, typed | {"regular_price": "2000"})
    assert lines(plan) == {"C": (2000, 1700)}


def test_an_amendment_asks_for_it_in_its_row(merchant: Client, plan: Campaign) -> None:
    add(plan, "A", "8900")
    there = reverse("campaigns:amend", args=[armed(plan).code])
    row = {"sku": "C", "sale_price": "1700", "units": "3"}
    why = {"reason": "Asked for"}
    reply = merchant.post(there, posted(row) | why)
    (form,) = reply.context["rows"].forms
    assert form.errors == {"regular_price": ["Say the list price of C in JPY."]}
    merchant.post(there, posted(row | {"regular_price": "2000"}) | why)
    (change,) = plan.amendments.get().changes
    assert change.after is not None
    assert change.after.regular_price == 2000
