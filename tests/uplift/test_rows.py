"""What one row says, and why it is left out, without any database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.uplift.rules.rows import NEEDED, Bought, Form, Reason, instant, names, read

LONDON = ZoneInfo("Europe/London")
FORM = Form({name: n for n, name in enumerate(NEEDED)}, len(NEEDED), LONDON)
GOOD = ["536365", "85123A", "6", "2010-12-01 08:26:00", "2.55"]


def said(**changes: str) -> Bought | Reason:
    cells = dict(zip(NEEDED, GOOD, strict=True)) | changes
    return read(list(cells.values()), FORM)


def bought(**changes: str) -> Bought:
    found = said(**changes)
    assert isinstance(found, Bought)
    return found


def test_a_row_is_what_was_bought() -> None:
    at = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert said() == Bought("85123A", at, 6, Decimal("2.550"), "536365", "", "")


@pytest.mark.parametrize(
    "changes,reason",
    [
        ({"invoiceno": " "}, Reason.INVOICE),
        ({"stockcode": ""}, Reason.CODE),
        ({"stockcode": "x" * 65}, Reason.LONG),
        ({"quantity": "six"}, Reason.UNITS),
        ({"quantity": "1,000"}, Reason.UNITS),
        ({"quantity": "1.5"}, Reason.UNITS),
        ({"quantity": "0"}, Reason.NO_UNITS),
        ({"invoicedate": "2010-12-01"}, Reason.DATE),
        ({"invoicedate": "13/13/2010 10:00"}, Reason.DATE),
        ({"invoicedate": "0001-01-01T00:00+14:00"}, Reason.DATE),
        ({"invoicedate": "9999-12-31 23:59:59"}, Reason.DATE),
        ({"unitprice": "free"}, Reason.PRICE),
        ({"unitprice": "NaN"}, Reason.PRICE),
        ({"unitprice": "0.00"}, Reason.FREE),
        ({"unitprice": "0.0004"}, Reason.FREE),
        ({"unitprice": "-11062.06"}, Reason.BELOW_ZERO),
    ],
)
def test_a_row_is_left_out_for_one_reason(
    changes: dict[str, str], reason: Reason
) -> None:
    assert said(**changes) is reason
    assert reason.label


def test_a_row_with_too_few_cells_is_left_out() -> None:
    assert read(GOOD[:-1], FORM) is Reason.CELLS


def test_a_cancellation_and_a_negative_quantity_are_returns() -> None:
    assert bought(invoiceno="C536379", quantity="-1").units == -1
    assert bought(invoiceno="C536379", quantity="1").units == -1
    assert bought(quantity="-9").units == -9


def test_numbers_may_be_written_as_a_spreadsheet_does() -> None:
    assert bought(quantity="6.0").units == 6
    assert bought(unitprice="2,55").price == Decimal("2.55")


def test_dates_of_the_data_set_and_iso_mean_the_same_instant() -> None:
    expected = datetime(2011, 8, 3, 7, 5, tzinfo=UTC)
    for text in ("2011-08-03 08:05:00", "2011-08-03T07:05:00Z", "8/3/2011 8:05"):
        assert instant(text, LONDON, False) == expected
    assert instant("03.08.2011 08:05:00", LONDON, True) == expected


def test_the_hour_that_is_there_twice_is_the_first_and_the_missing_one_moves_on() -> (
    None
):
    autumn = instant("2011-10-30 01:30:00", LONDON, False)
    assert autumn == datetime(2011, 10, 30, 0, 30, tzinfo=UTC)
    spring = instant("2011-03-27 01:30:00", LONDON, False)
    assert spring == datetime(2011, 3, 27, 1, 30, tzinfo=UTC)


def test_columns_are_known_by_either_of_their_names() -> None:
    spelled = ["Invoice", "Stock Code", "unit_price", "Price", "Colour"]
    assert names(spelled) == ["invoiceno", "stockcode", "unitprice", "unitprice", ""]


def test_the_key_is_of_what_the_row_says_however_it_is_written() -> None:
    same = bought(invoicedate="12/1/2010 8:26", unitprice="2,550", quantity="6.00")
    assert same.key(0) == bought().key(0)
    others = [
        bought(quantity="7"),
        bought(invoiceno="536366"),
        bought(stockcode="85123B"),
        bought(unitprice="2.56"),
        bought(invoicedate="2010-12-01 08:27:00"),
    ]
    keys = {bought().key(0), bought().key(1), *(one.key(0) for one in others)}
    assert len(keys) == 7


@given(st.lists(st.text(max_size=30), min_size=len(NEEDED), max_size=len(NEEDED)))
def test_no_row_breaks_the_reader(cells: list[str]) -> None:
    found = read(cells, FORM)
    assert isinstance(found, Reason) or (found.units and found.price > 0)
