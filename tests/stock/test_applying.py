"""Policies applied in parts by the bell."""

from __future__ import annotations

import pytest

from console.stock import operations as stock
from console.stock.models import Level, Sku
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_the_bell_takes_no_more_than_its_part_of_many_skus() -> None:
    Sku.objects.bulk_create(
        Sku(code=f"X{n:04}", name="X", regular_price=1) for n in range(400)
    )
    place = make.location()
    skus = Sku.objects.order_by("pk")
    Level.objects.bulk_create(Level(sku=x, location=place, on_hand=9) for x in skus)
    assert [stock.apply_due(now=NOW, most=150) for _ in range(4)] == [150, 150, 100, 0]
