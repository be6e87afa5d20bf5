"""Bringing a catalogue in: SKUs and their price histories, all rows or none."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.operations import BadRows, Brought
from console.campaigns.operations.catalogue import PricesMoved
from console.people.rules import OutOfScope
from console.prices import operations as prices
from console.prices import queries
from console.prices.models import PricePoint
from console.prices.operations import Note
from console.prices.rules import Reason
from console.stock.models import Sku
from tests import make
from tests.campaigns.cataloguekit import FULL, PAST, bring, refused, sku
from tests.campaigns.scopekit import limited
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + timedelta(hours=1)


def told(code: str, **scope: str) -> list[tuple[Decimal, str]]:
    return [(p.amount, p.reason) for p in queries.history(code, **scope)]


def test_a_row_makes_a_sku_and_begins_its_history() -> None:
    did = bring(FULL, "TENT-2,Tent,Two,Tents,Fjell,219.00,,88.50")
    made = sku("TENT-2")
    assert (made.name, made.variant, made.category, made.brand) == (
        "Tent", "Two", "Tents", "Fjell",
    )  # fmt: skip
    assert (made.regular_price, made.cost, made.currency) == (
        219,
        Decimal("88.5"),
        "EUR",
    )
    (point,) = queries.history("TENT-2")
    assert (point.amount, point.reason, point.from_at) == (219, "regular", NOW)
    assert did == Brought(rows=1, made=1, changed=0, same=0, prices=1, past=0)


def test_a_row_changes_what_it_says_and_leaves_what_is_blank() -> None:
    make.sku("A", category="Tents", brand="Fjell", cost=Decimal(40))
    did = bring(FULL, "A,,,Boots,,,,")
    assert (sku("A").category, sku("A").brand, sku("A").cost) == ("Boots", "Fjell", 40)
    assert (sku("A").name, sku("A").regular_price) == ("Product A", 100)
    assert (did.changed, did.prices, told("A")) == (1, 0, [])


def test_a_new_list_price_is_noted_in_the_history() -> None:
    bring(FULL, "A,Product,,,,100,,")
    did = bring("sku,list_price", "A,120", now=LATER)
    assert sku("A").regular_price == 120
    assert told("A") == [(100, "regular"), (120, "regular")]
    assert (did.changed, did.prices) == (1, 1)


def test_a_sku_of_another_currency_keeps_its_list_price_and_a_history_beside() -> None:
    bring(FULL, "A,Product,,,,100,,")
    bring("sku,list_price,currency", "A,16000,jpy")
    assert (sku("A").regular_price, sku("A").currency) == (100, "EUR")
    assert told("A", currency="JPY") == [(16000, "regular")]
    bring(FULL, "B,Product,,,,16000,JPY,")
    assert (sku("B").regular_price, sku("B").currency) == (16000, "JPY")


def test_the_same_sheet_again_changes_nothing() -> None:
    make.sku("OLD")
    rows = [
        "sku,name,list_price,currency,cost,from_at,net,remark",
        "A,Anorak,100,,40,,84.03,",
        "A,,90,,,2026-06-01,,Old shop",
        "A,,16000,JPY,,,,",
        "OLD,Other,120,,,2026-06-01,,Old shop",
    ]
    first = bring(rows[0], *rows[1:])
    assert (first.made, first.changed, first.prices, first.past) == (1, 1, 4, 2)
    said = [list(Sku.objects.values()), PricePoint.objects.count()]
    again = bring(rows[0], *rows[1:], now=LATER)
    assert again == Brought(rows=4, made=0, changed=0, same=2, prices=0, past=0)
    assert [list(Sku.objects.values()), PricePoint.objects.count()] == said
    assert Entry.objects.filter(verb="catalogue.update").count() == 1


def test_a_price_from_now_on_follows_one_of_the_past_in_the_same_sheet() -> None:
    """What the sheet itself noted before counts, not only what was there."""
    make.sku("A")
    bring(PAST, "A,100,USD,2026-05-01,Old shop")
    rows = ["A,90,USD,2026-06-01,Old shop", "A,100,USD,,"]
    assert bring(PAST, *rows).prices == 2
    said = [(100, "backfill"), (90, "backfill"), (100, "regular")]
    assert told("A", currency="USD") == said
    assert bring(PAST, *rows, now=LATER).prices == 0
    assert told("A", currency="USD") == said


def test_a_price_of_the_past_is_a_backfill_and_leaves_a_later_list_price() -> None:
    bring(FULL, "A,Product,,,,100,,")
    did = bring(PAST, "A,80,,2026-06-01,Old shop")
    assert (sku("A").regular_price, did.past, did.changed) == (100, 1, 1)
    assert told("A") == [(80, "backfill"), (100, "regular")]


def test_the_latest_price_of_the_past_is_the_list_price() -> None:
    make.sku("A")
    bring(PAST, "A,90,,2026-06-01,Old shop", "A,95,,2026-07-01T09:00+02:00,Old shop")
    assert sku("A").regular_price == 95
    assert told("A") == [(90, "backfill"), (95, "backfill")]


@pytest.mark.parametrize("table", ["prices_pricepoint", "audit_entry"])
def test_sku_and_history_are_one_transaction(table: str) -> None:
    """Where the last write fails, nothing of the ones before it is left."""
    make.sku("A")
    with connection.cursor() as cursor:
        cursor.execute(
            "create function pg_temp.no() returns trigger language plpgsql as"
            " 'begin raise check_violation using message = ''no''; end'"
        )
        cursor.execute(
            f"create trigger no before insert on {table} execute function pg_temp.no()"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        bring(FULL, "NEW,Tent,,,,219,,", "A,,,,,120,,50")
    assert not Sku.objects.filter(code="NEW").exists()
    assert (sku("A").regular_price, sku("A").cost) == (100, None)
    assert not PricePoint.objects.exists()


def test_every_bad_row_is_named_and_none_is_kept() -> None:
    make.sku("A")
    wrong = refused(
        "sku,name,list_price,currency,cost,from_at,net,channel,remark",
        "A,,90,,,,,,",
        ",,90,,,,,,",
        "B,,,,,,,,",
        "A,,x,euro,-1,,,,",
        "A,,90.005,,,,,,",
        "A,,91,,,2026-06-01,,,",
        "A,,91,,,2027-06-01,,,Old",
        "A,,91,,,1.6.2026,,,Old",
        "A,,,,,,80,,",
        "A,,91,,,,,fax,",
        "A,,12.5,JPY,,,,,",
        "A,,80,USD,4,,90,,",
    )
    assert [(row, field) for row, field, _ in wrong] == [
        (3, "sku"), (4, "list_price"), (4, "name"), (5, "list_price"), (5, "currency"),
        (5, "cost"), (6, "list_price"), (7, "remark"), (8, "from_at"), (9, "from_at"),
        (10, "net"), (11, "channel"), (12, "list_price"), (13, "cost"), (13, "net"),
    ]  # fmt: skip
    sentences = {sentence for *_, sentence in wrong}
    assert "“x” is not a list price. Enter it like 119.00." in sentences
    assert "B is new. Give it a list price, or correct the SKU." in sentences
    assert "There is no channel fax. Use web, or add it below Settings, Markets." in (
        sentences
    )
    assert "The cost of A is kept in EUR. Put it on a row in EUR." in sentences
    assert (sku("A").regular_price, PricePoint.objects.count()) == (100, 0)


def test_a_comma_behind_a_point_is_refused_and_the_other_ways_are_read() -> None:
    """1.200,00 is 1,200.00 to some; it must not become 1.20."""
    make.sku("A")
    assert refused("sku;list_price;cost", "A;1.200,00;1.234,00", "A;1.200.000,00;") == [
        (row, field, f"The {name}, {text}, has a comma behind a point, so it may mean "
         "two numbers. Enter it like 1,200.00.")
        for row, field, name, text in [
            (2, "list_price", "list price", "1.200,00"),
            (2, "cost", "cost", "1.234,00"),
            (3, "list_price", "list price", "1.200.000,00"),
        ]
    ]  # fmt: skip
    bring("sku;list_price;cost", "A;1,200.00;1234,50")
    assert (sku("A").regular_price, sku("A").cost) == (1200, Decimal("1234.5"))


def test_rows_that_contradict_each_other_are_named() -> None:
    wrong = refused(
        "sku,name,list_price,cost", "A,Anorak,100,4", "A,Parka,,5", "A,,90,"
    )
    assert wrong == [
        (3, "name", "Row 2 says something else about A. Keep one of them."),
        (3, "cost", "Row 2 says something else about A. Keep one of them."),
        (4, "list_price",
         "Row 2 gives A a list price for the same time. Keep one of them."),
    ]  # fmt: skip


def test_a_refusal_names_the_first_bad_row_and_a_bounded_list() -> None:
    with pytest.raises(BadRows) as bad:
        bring("sku,list_price", *["A,x"] * 150)
    assert bad.value.message.startswith("150 rows are wrong, so nothing was changed. ")
    assert "Row 2, list_price: “x” is not a list price" in bad.value.message
    assert (bad.value.detail["wrong"], len(bad.value.detail["rows"])) == (150, 100)


def test_a_look_tells_what_would_happen_and_keeps_nothing() -> None:
    make.sku("A")
    did = bring(FULL, "NEW,Tent,,,,219,,", "A,,,,,120,,50", only_look=True)
    assert (did.made, did.changed, did.prices) == (1, 1, 2)
    assert (Sku.objects.count(), sku("A").regular_price) == (1, 100)
    assert not PricePoint.objects.exists()
    assert not Entry.objects.filter(verb="catalogue.update").exists()


def test_the_trail_keeps_counts_and_what_was_before() -> None:
    make.sku("A", cost=Decimal(40))
    aino = make.user("merchandiser")
    bring("sku,cost", "A,50", actor=aino, file="costs.csv")
    entry = Entry.objects.get(verb="catalogue.update")
    assert entry.actor_id == aino.pk
    assert entry.after["file"] == "costs.csv"
    assert (entry.after["rows"], entry.after["changed"]) == (1, 1)
    assert Decimal(entry.before["A"]["cost"]) == 40
    assert Decimal(entry.after["skus"]["A"]["cost"]) == 50


def test_a_list_price_does_not_change_under_a_sale_that_is_on() -> None:
    """What shoppers are asked is the sale's; another row would end it in the books."""
    bring(FULL, "A,Product,,,,100,,")
    prices.note_all(
        [Note("A", Decimal(70), NOW + DAY, Reason.SALE, campaign="FS-0041")]
    )
    with pytest.raises(BadRows, match="A is on sale in FS-0041"):
        bring("sku,list_price", "A,120", now=NOW + 2 * DAY)
    same = bring("sku,list_price,cost", "A,100,40", now=NOW + 2 * DAY)
    assert (same.prices, sku("A").cost) == (0, 40)
    past = bring(PAST, "A,110,,2026-06-01,Old shop", now=NOW + 2 * DAY)
    assert (past.past, sku("A").regular_price) == (1, 100)
    assert told("A")[-1] == (70, "sale")


def test_a_sale_behind_the_clock_of_the_sheet_keeps_its_list_price() -> None:
    """The sheet waited for others, and read its clock before the sale opened."""
    bring(FULL, "A,Product,,,,100,,")
    seconds = timedelta(seconds=5)
    opened = Note("A", Decimal(70), LATER + seconds, Reason.SALE, campaign="FS-0041")
    prices.note_all([opened])
    with pytest.raises(BadRows, match="A is on sale in FS-0041"):
        bring("sku,list_price", "A,75", now=LATER)
    over = Note("A", Decimal(100), LATER + 2 * seconds, Reason.REVERT)
    prices.note_all([over])
    with pytest.raises(PricesMoved, match="The price of A changed while"):
        bring("sku,list_price", "A,75", now=LATER)
    assert told("A") == [(100, "regular"), (70, "sale"), (100, "revert")]
    assert bring("sku,list_price", "A,75", now=LATER + DAY).prices == 1


def test_a_channel_has_a_history_of_its_own() -> None:
    make.sku("A")
    campaigns.add_channel("App", actor=make.user("admin"), now=NOW)
    bring("sku,list_price,channel", "A,95,app")
    assert (told("A"), told("A", channel="app")) == ([], [(95, "regular")])
    assert sku("A").regular_price == 100


def test_nobody_changes_a_sku_of_another_category_or_leads_one_there() -> None:
    make.sku("A", category="Tents")
    make.sku("B")
    for role in ("merchandiser", "admin"):
        boots = limited(role, categories=["Boots"])
        for head, row in [
            ("sku,cost", "A,4"),
            ("sku,category", "A,Boots"),
            ("sku,category", "B,Tents"),
            (FULL, "NEW,Tent,,Tents,,100,,"),
        ]:  # fmt: skip
            with pytest.raises(OutOfScope, match="concerns Tents"):
                bring(head, row, actor=boots)
    assert (Sku.objects.count(), sku("A").cost, sku("B").category) == (2, None, "")
    tents = limited("merchandiser", categories=["Tents"])
    assert bring("sku,cost", "A,4", actor=tents).changed == 1


def _queries(count: int, name: str) -> int:
    rows = [f"{name}{n},Name,,,,{100 + n},,{n}" for n in range(count)]
    with CaptureQueriesContext(
        connection,
    ) as seen:
        bring(FULL, *rows)
    return len(seen)


def test_a_thousand_rows_take_the_statements_of_one() -> None:
    bring(FULL, "WARM,Name,,,,100,,")
    assert _queries(1, "ONE") == _queries(1000, "MANY")
