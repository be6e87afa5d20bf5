"""A large sheet and the same rows one by one come to the same."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from console.campaigns.models import Campaign, Line
from console.campaigns.operations import import_work, imports
from console.campaigns.tasks import run_import
from console.prices.operations import Note, note_all
from console.prices.rules import Reason
from console.stock.models import Sku
from tests import make
from tests.campaigns.sheetkit import counts, sheet, tried
from tests.campaigns.test_bulk import fates, lines
from tests.examples import examples
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

CODES = st.sampled_from(["A", "B", "C", "D", "Z", "", " B ", "a"])
ODD = st.sampled_from(
    ["", "0", "-5", "NaN", "1e1", "1,234.50", "70,5", "70,500", "1,2,3", ".5", "5.",
     "+7", "1_0", "٣", "12.3456", "12.3400", "abc", "=1+1", "5.0", "5.0.0", "--5",
     "99999999999", "100000000000", "10000001", "1 0", "Infinity", "007",
     "1.200,00", "1.2,0", "1.200", "119.000", "1.2345", "0.500", "1,200.000",
     "0,500", "00,5", "0,500,000", "0,500.00", ",500", "12,500", "-0,500"]
)  # fmt: skip
PRICES = ODD | st.decimals(1, 130, places=2).map(str)
UNITS = ODD | st.integers(-1, 12).map(str)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
ROW = st.tuples(CODES, PRICES, UNITS, UNITS, st.just("") | PRICES)


def quoted(cells: tuple[str, ...]) -> str:
    return ",".join(f'"{cell}"' for cell in cells)


class EqualPaths(TestCase):
    """Random rows through both paths: the same fates, and the same lines after."""

    @examples(20)
    @given(rows=st.lists(ROW, min_size=1, max_size=12), currency=CURRENCIES)
    def test_large_and_small_sheets_are_one_truth(
        self, rows: list[tuple[str, ...]], currency: str
    ) -> None:
        head = "sku,sale_price,units,buffer,regular_price"
        body = sheet(*map(quoted, rows), head=head)
        told = [self._through(body, small, currency) for small in (2000, 0)]
        assert told[0] == told[1]

    def _through(self, body: bytes, small: int, currency: str) -> tuple[Any, ...]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(import_work, "SMALL", small)
            patch.setattr(imports, "ring", lambda _job_id: None)
            campaign = _planned(currency)
            job = tried(campaign, body)
            said = (job.state, job.error, counts(job), fates(job))
            if job.state == "checked" and (job.created or job.updated):
                imports.confirm(job.pk, mode="valid", actor=campaign.author)
                run_import(job.pk)
                job.refresh_from_db()
            return *said, job.state, job.error, lines(campaign)


def _planned(currency: str) -> Campaign:
    """A draft that has A and D already, with prices in D that hold three decimals.

    In yen the list price of B is known, on the web, and that of C is not.
    """
    campaign = make.campaign(lines=0, currency=currency)
    for code, price in {"A": "100", "B": "100", "C": "12.345", "D": "1500.5"}.items():
        Sku.objects.get_or_create(
            code=code, defaults={"name": code, "regular_price": Decimal(price)}
        )
    then = NOW - timedelta(days=9)
    note_all([
        Note("B", Decimal(90), then, currency="JPY"),
        Note("B", Decimal(60), NOW, Reason.SALE, currency="JPY"),
        Note("C", Decimal(90), then, currency="JPY", channel="app"),
    ])  # fmt: skip
    for place, code in enumerate("AD", 1):
        sku = Sku.objects.get(code=code)
        Line.objects.create(campaign=campaign, sku=sku, sale_price=Decimal("70.5"),
                            regular_price=sku.regular_price, units=10,
                            position=place)  # fmt: skip
    return campaign
