"""A price of which nobody can tell whether its point parts thousands: 1.200."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from console.campaigns.columns import check_written, coins
from console.campaigns.models import Campaign
from console.campaigns.operations import import_work
from console.campaigns.resources import export
from console.shell.files import download
from tests import make
from tests.campaigns.cataloguekit import bring, refused, sku
from tests.campaigns.sheetkit import counts, sheet, tried

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.mark.parametrize(
    ("written", "currency", "either"),
    [("1.200", "EUR", "1,200 or 1.20"), ("119.000", "USD", "119,000 or 119.00"),
     ("1.234", "EUR", "1,234 or 1.23"), ("1.000", "JPY", "1,000 or 1")],
)  # fmt: skip
def test_it_is_refused_with_both_amounts(
    written: str, currency: str, either: str
) -> None:
    with pytest.raises(ValueError, match=f"Enter it as {either}."):
        check_written(Decimal(written), currency, name="list price")


@pytest.mark.parametrize(
    ("written", "currency"),
    [("1.200", "KWD"), ("0.500", "EUR"), ("1200.000", "EUR"), ("1.20", "EUR"),
     ("1.2000", "EUR"), ("1200", "EUR")],
)  # fmt: skip
def test_what_can_only_be_one_number_is_taken(written: str, currency: str) -> None:
    check_written(Decimal(written), currency, name="list price")


def test_a_catalogue_names_each_such_cell_and_how_to_write_it() -> None:
    make.sku("A")
    make.sku("B")
    wrong = refused("sku;list_price;cost;net", "A;1.200;1.000;", "B;90.00;;70.000")
    assert [(row, field) for row, field, _ in wrong] == [
        (2, "cost"), (2, "list_price"), (3, "net"),
    ]  # fmt: skip
    assert wrong[1][2] == (
        "The list price, 1.200, has three digits behind a point, so it may mean two "
        "numbers. Enter it as 1,200 or 1.20."
    )
    bring("sku;list_price;cost;net", 'A;"1,200";1.00;', "B;90.00;;70")
    assert (sku("A").regular_price, sku("A").cost) == (1200, 1)


def test_a_currency_of_three_decimals_is_read_even_where_only_its_sku_says_so() -> None:
    make.sku("A", currency="KWD")
    bring("sku,list_price,cost", "A,12.500,1.250")
    assert (sku("A").regular_price, sku("A").cost) == (
        Decimal("12.5"), Decimal("1.25"),
    )  # fmt: skip


@pytest.mark.parametrize("small", [2000, 0])
def test_a_sheet_of_lines_says_it_at_the_cell_however_large_it_is(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(import_work, "SMALL", small)
    job = tried(campaign, sheet("A,1.200,10,0", "B,70.00,5,0"))
    assert counts(job)[4] == 1
    (row,) = job.rows.filter(outcome="failed")
    assert row.errors == {
        "sale_price": "The sale price, 1.200, has three digits behind a point, so it "
        "may mean two numbers. Enter it as 1,200 or 1.20."
    }


def test_an_export_writes_coins_so_that_it_comes_in_again(campaign: Campaign) -> None:
    body = b"".join(download("lines.csv", "csv", *export(campaign)))
    rows = list(csv.DictReader(body.decode("utf-8-sig").splitlines()))
    prices = {row[name] for row in rows for name in ("regular_price", "sale_price")}
    assert rows and all(price[-3] == "." for price in prices)
    *changing, failed = counts(tried(campaign, body))
    assert (changing, failed) == ([0, 0, len(rows), 0], 0)


def test_what_is_finer_than_a_coin_goes_out_as_it_is() -> None:
    assert str(coins(Decimal("119.000"), "EUR")) == "119.00"
    assert str(coins(Decimal("119.005"), "EUR")) == "119.005"
