"""What an amendment adds to a sale keeps clear of freezes; what it had stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import Wish
from console.campaigns.rules import NotAllowedYet
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_amendments import CHEAPER, approve, propose, sale
from tests.make import NOW

__all__ = ["sale"]
pytestmark = pytest.mark.django_db


def frozen(sale: Campaign, name: str, begins: float, **terms: Any) -> None:
    """A freeze from so many hours after its end, for a day."""
    assert sale.closes_at
    starts = sale.closes_at + timedelta(hours=begins)
    campaigns.freeze(
        name, starts_at=starts, ends_at=starts + timedelta(days=1),
        actor=make.user("operator"), now=NOW, **terms,
    )  # fmt: skip


def test_an_extension_into_a_freeze_is_shown_and_refused(sale: Campaign) -> None:
    frozen(sale, "ERP migration", 0.5)
    fits = propose(sale, closes_local=sale.closes_local + timedelta(hours=0.5))
    assert fits.verdict == []
    made = propose(sale, closes_local=sale.closes_local + timedelta(hours=1))
    assert made.verdict == [["bad", "It would run into a freeze: ERP migration"]]
    with pytest.raises(NotAllowedYet, match="into a freeze: ERP migration"):
        approve(made)
    sale.refresh_from_db()
    assert sale.closes_at == sale.opens_at + timedelta(hours=2)


def test_a_freeze_that_came_after_the_proposal_refuses_it_as_well(
    sale: Campaign,
) -> None:
    made = propose(sale, closes_local=sale.closes_local + timedelta(hours=1))
    assert made.verdict == []
    frozen(sale, "Stocktaking", 0.5)
    with pytest.raises(NotAllowedYet, match="into a freeze: Stocktaking"):
        approve(made)


def test_only_what_is_new_of_the_sale_meets_a_freeze(sale: Campaign) -> None:
    """The freeze of its own hours was passed over, or came with the sale suspended."""
    frozen(sale, "ERP migration", -25)
    made = propose(sale, CHEAPER, closes_local=sale.closes_local + timedelta(hours=1))
    assert made.verdict == []
    frozen(sale, "Code freeze", -0.5)
    assert propose(sale, CHEAPER).verdict == []
    longer = propose(sale, closes_local=sale.closes_local + timedelta(hours=1))
    assert longer.verdict == [["bad", "It would run into a freeze: Code freeze"]]


def test_a_product_of_a_frozen_category_is_not_added(sale: Campaign) -> None:
    Sku.objects.filter(code="C").update(category="Boots")
    frozen(sale, "Stocktaking of boots", -1, category="Boots")
    assert propose(sale, CHEAPER).verdict == []
    made = propose(sale, Wish("C", sale_price=Decimal(50), units=5))
    assert ["bad", "It would run into a freeze: Stocktaking of boots"] in made.verdict
    with pytest.raises(NotAllowedYet, match="into a freeze"):
        approve(made)
