"""Writing the lines of a campaign, and what the database refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from console.campaigns import operations as campaigns
from console.campaigns.models import Line
from console.campaigns.operations import LineTerms
from console.campaigns.rules import (
    BadLine,
    SalePriceAboveList,
    StaleEdit,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "values,field",
    [
        (LineTerms(sale_price=Decimal(100)), "sale_price"),
        (LineTerms(sale_price=Decimal(0)), "sale_price"),
        (LineTerms(units=-1), "units"),
        (LineTerms(units=0), "units"),
        (LineTerms(buffer=-1), "buffer"),
        (LineTerms(buffer=10), "buffer"),
    ],
)
def test_a_line_that_cannot_be_is_refused(values: LineTerms, field: str) -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    with pytest.raises((BadLine, SalePriceAboveList)) as refused:
        campaigns.edit_line(
            line.pk, values=values, version=1, actor=campaign.author, now=NOW
        )
    assert refused.value.field == field
    assert Line.objects.get().version == 1


@pytest.mark.parametrize(
    "change",
    [
        "sale_price = 100",
        "sale_price = 0",
        "buffer = units",
    ],
)
def test_the_database_refuses_a_line_that_cannot_be(change: str) -> None:
    make.campaign()
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"update campaigns_line set {change}")


def test_a_line_edited_from_an_old_version_is_refused() -> None:
    campaign = make.campaign()
    line = campaign.lines.get()
    edit = {"version": 1, "actor": campaign.author, "now": NOW}
    campaigns.edit_line(line.pk, values=LineTerms(units=20), **edit)
    with pytest.raises(StaleEdit) as refused:
        campaigns.edit_line(line.pk, values=LineTerms(units=30), **edit)
    assert refused.value.detail["newer"] == {"units": 20}


def test_the_same_sku_twice_is_refused() -> None:
    campaign = make.campaign()
    code = campaign.lines.get().sku.code
    values = LineTerms(sale_price=Decimal(1), units=1)
    with pytest.raises(BadLine) as refused:
        campaigns.add_line(
            campaign.code, sku_code=code, values=values, actor=campaign.author, now=NOW
        )
    assert refused.value.field == "sku"
